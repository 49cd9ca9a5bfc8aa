import { type HttpRequest, json, type Reply, type StreamedReply, type StreamingHandler } from '@holdfast/protocol/http'

/** The limit that `/auth/echo` reads its body with, in bytes. */
export const LIMIT = 1024

const ASKED = ['authorization', 'dpop', 'cookie', 'x-forwarded-for', 'x-many', 'x-none', 'x-latin'] as const

/** What the handler was given, as JSON. */
export interface Echo {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly clientAddress: string
  readonly headers: Readonly<Record<(typeof ASKED)[number], readonly string[]>>
  /** Hexadecimal, or `too_large`. */
  readonly body: string
}

const ROUTES: Readonly<Record<string, StreamingHandler>> = {
  '/auth/unread': async () => json(200, { unread: true }),
  '/auth/cookies': async () => ({
    status: 200,
    headers: { 'set-cookie': ['a=1; Path=/', 'b=2; Path=/'], 'content-type': 'text/plain' },
    body: 'two',
  }),
  '/auth/see-other': async () => ({ status: 303, headers: { location: 'https://app.example/cb?code=a%20b' }, body: '' }),
  '/auth/method': async ({ method }) => ({ status: 200, headers: { 'x-method': method }, body: '' }),
  '/auth/empty': async () => ({ status: 204, headers: {}, body: '' }),
  '/auth/same': async () => ({ status: 304, headers: { etag: '"1"' }, body: '' }),
  '/auth/unicode': async () => ({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: 'smørrebrød 🥪' }),
  '/auth/untyped': async () => ({ status: 200, headers: {}, body: 'no type' }),
  '/auth/split': async () => ({ status: 200, headers: { 'x-value': 'a\r\nset-cookie: evil=1' }, body: '' }),
  '/auth/relayed': async (request) => streamed(200, request.stream?.()),
  '/auth/streamed': async () => streamed(200, pieces('one ', 'two ', 'three')),
  '/auth/streamed-empty': async () => streamed(204, pieces('x')),
  '/auth/streamed-same': async () => streamed(304, pieces('x')),
  '/auth/streamed-split': async () => ({ ...streamed(200, pieces('x')), headers: { 'x-value': 'a\r\nset-cookie: evil=1' } }),
  '/auth/streamed-locked': async () => {
    const body = pieces('x')
    body.getReader()
    return streamed(200, body)
  },
  '/auth/rejects': async () => Promise.reject(new Error('the database password is hunter2')),
  '/auth/throws': () => {
    throw new Error('the database password is hunter2')
  },
}

function streamed(status: number, body: ReadableStream<Uint8Array> | undefined): StreamedReply {
  if (body === undefined) throw new Error('the mount gives no stream')
  return { status, headers: { 'content-type': 'text/plain' }, body }
}

export function pieces(...texts: readonly string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const text of texts) controller.enqueue(new TextEncoder().encode(text))
      controller.close()
    },
  })
}

/** The handler that every mount is tried with, under `/auth`. */
export const echo: StreamingHandler = (request) => {
  const route = ROUTES[request.path]
  if (route !== undefined) return route(request)
  if (!request.path.startsWith('/auth/echo') && request.path !== '/auth' && request.path !== '/auth/')
    return Promise.resolve(json(404, { error: 'not_found' }))
  return reflect(request)
}

async function reflect(request: HttpRequest): Promise<Reply> {
  const bytes = await request.body(LIMIT)
  const { method, path, query, clientAddress } = request
  const headers = Object.fromEntries(ASKED.map((name) => [name, request.headers(name)]))
  return json(bytes === 'too_large' ? 413 : 200, {
    method,
    path,
    query,
    clientAddress,
    headers,
    body: bytes === 'too_large' ? bytes : Buffer.from(bytes).toString('hex'),
  })
}
