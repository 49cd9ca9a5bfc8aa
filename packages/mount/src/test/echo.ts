import { type Handler, type HttpRequest, json, type Reply } from '@holdfast/protocol/http'

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

const ROUTES: Readonly<Record<string, (request: HttpRequest) => Promise<Reply>>> = {
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
  '/auth/rejects': async () => Promise.reject(new Error('the database password is hunter2')),
  '/auth/throws': () => {
    throw new Error('the database password is hunter2')
  },
}

/** The handler that every mount is tried with, under `/auth`. */
export const echo: Handler = (request) => {
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
