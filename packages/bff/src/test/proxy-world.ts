import { createServer, type IncomingMessage, Server as HttpServer, type ServerResponse } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { toNodeListener } from '@holdfast/mount/node'
import { type HttpRequest, json, type Reply, type StreamedReply } from '@holdfast/protocol/http'
import type { CredentialAnswer, CredentialFor } from '../credential.ts'
import type { ApiRoute, BffEvent } from '../options.ts'
import { createProxy, type Proxy, type ProxyOptions } from '../proxy/index.ts'

export const PUBLIC_URL = 'https://shop.example'

/** What reached an API. */
export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}
export type Answer = (request: Seen, response: ServerResponse, incoming: IncomingMessage) => void

const opened: Server[] = []
/** Ends every server of a test: give it to `afterEach`. */
export function closeAll(): void {
  for (const server of opened.splice(0)) {
    server.close()
    if (server instanceof HttpServer) server.closeAllConnections()
  }
}

export async function listening(server: Server): Promise<number> {
  opened.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

export interface World {
  readonly proxy: Proxy
  readonly seen: Seen[]
  readonly events: BffEvent[]
  /** Each call of the seam: which session, which API, whether anew. */
  readonly asked: string[]
  /** What the server in front told its operator. */
  readonly faults: unknown[]
  readonly apiOrigin: string
  /** What the API does with a request whose body has come. */
  answer: Answer
  /** What the API does with a request whose body has not: true when that was all. */
  early: (incoming: IncomingMessage, response: ServerResponse) => boolean
  handle(sent: Sent): Promise<Handled>
  /** The port of a server in front of the proxy, for what needs a socket. */
  front(): Promise<number>
}

export interface Sent {
  readonly method?: string
  readonly path?: string
  readonly query?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string
  /** Without a length that was told. */
  readonly stream?: ReadableStream<Uint8Array>
  readonly signal?: AbortSignal
  readonly clientAddress?: string
}
export interface Handled {
  readonly status: number
  readonly headers: Reply['headers']
  readonly text: string
  readonly json: Readonly<Record<string, unknown>>
}

export interface Setup {
  readonly route?: Partial<ApiRoute>
  readonly routes?: (apiOrigin: string) => readonly ApiRoute[]
  readonly credentialFor?: CredentialFor
  readonly options?: Partial<ProxyOptions>
}

/** One API behind one proxy. Sessions are a cookie `session=name`; their tokens are `name-1`, and `name-2` when asked for anew. */
export async function world({ route, routes, credentialFor, options }: Setup = {}): Promise<World> {
  const asked: string[] = []
  const seen: Seen[] = []
  const events: BffEvent[] = []
  const faults: unknown[] = []
  const it: { answer: Answer; early: World['early'] } = {
    answer: (_request, response) => response.end('fine'),
    early: () => false,
  }
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.on('error', () => {})
    if (it.early(incoming, response)) return
    let body = ''
    try {
      for await (const chunk of incoming) body += chunk
    } catch {
      return
    }
    const request = { method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.headers, body }
    seen.push(request)
    it.answer(request, response, incoming)
  }
  const api = createServer((incoming, response) => void serve(incoming, response))
  const apiOrigin = `http://127.0.0.1:${await listening(api)}`
  const seam: CredentialFor = async (request, api, renew) => {
    const name = /session=(\w+)/.exec(request.headers('cookie').join('; '))?.[1]
    asked.push(`${name} ${api.path}${renew ? ' anew' : ''}`)
    return name === undefined ? nobody(api) : signedIn(name, renew)
  }
  const proxy = createProxy({
    routes: routes?.(apiOrigin) ?? [{ path: '/api/orders', upstream: `${apiOrigin}/v1`, ...route }],
    publicUrl: PUBLIC_URL,
    credentialFor: credentialFor ?? seam,
    checkCsrf: (request) => (request.headers('x-holdfast-csrf')[0] === '1' ? undefined : json(403, { error: 'csrf' })),
    checkCsrfOfUpgrade: (request) => (request.headers('origin')[0] === PUBLIC_URL ? undefined : json(403, { error: 'csrf' })),
    loginUrl: '/bff/login',
    fetch,
    sleep: async () => {},
    onEvent: (event) => events.push(event),
    ...options,
  })
  return Object.assign(it, {
    proxy,
    seen,
    events,
    asked,
    faults,
    apiOrigin,
    handle: async (sent: Sent) => handled(await proxy.handle(requestOf(sent))),
    front: () =>
      listening(
        createServer(
          toNodeListener(async (request) => (await proxy.handle(request)) ?? json(404, { error: 'not_found' }), {
            onError: (error) => faults.push(error),
          }),
        ),
      ),
  })
}

function nobody(api: ApiRoute): CredentialAnswer {
  return api.anonymous === 'pass' ? { kind: 'anonymous' } : { kind: 'refused', reply: json(401, { error: 'login_required' }) }
}

function signedIn(name: string, renew: boolean): CredentialAnswer {
  let nonce = ''
  return {
    kind: 'credential',
    setCookie: renew ? [`session=${name}; renewed`] : [],
    credential: {
      headers: async (method, url) => ({
        authorization: `DPoP ${name}-${renew ? 2 : 1}`,
        dpop: [`${method} ${url.origin}${url.pathname}`, nonce].filter((part) => part !== '').join(' '),
      }),
      learn(response) {
        nonce = response.headers.get('dpop-nonce') ?? nonce
        return response.headers.get('www-authenticate')?.includes('use_dpop_nonce') ?? false
      },
    },
  }
}

/** The headers that let a request in. */
export const IN = { cookie: 'session=ada', 'x-holdfast-csrf': '1' } as const

export function requestOf(sent: Sent): HttpRequest {
  const { method = 'GET', path = '/api/orders', query = '', headers = {}, body, stream, signal, clientAddress = '192.0.2.7' } = sent
  const bytes = new TextEncoder().encode(body ?? '')
  const all: Readonly<Record<string, string | readonly string[]>> = {
    ...IN,
    ...(body !== undefined && { 'content-length': String(bytes.byteLength) }),
    ...headers,
  }
  return {
    method,
    path,
    query,
    clientAddress,
    signal,
    headers: (name) => [all[name] ?? []].flat(),
    body: async (limit) => (bytes.byteLength > limit ? 'too_large' : bytes),
    stream: () =>
      stream ??
      new ReadableStream({
        start(controller) {
          if (bytes.byteLength > 0) controller.enqueue(bytes)
          controller.close()
        },
      }),
  }
}

export async function handled(reply: Reply | StreamedReply | undefined): Promise<Handled> {
  if (reply === undefined) return { status: 0, headers: {}, text: '', json: {} }
  const text = await new Response(reply.body).text()
  const isJson = reply.headers['content-type'] === 'application/json'
  return { status: reply.status, headers: reply.headers, text, json: isJson ? (JSON.parse(text) as Handled['json']) : {} }
}
