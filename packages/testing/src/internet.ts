import type { Handler, Reply } from '@holdfast/protocol/http'
import { toFetch } from '@holdfast/mount/fetch'
import { ANYONE, bytesOf, type Exchange, type Line, linesOf, type Outgoing, requestOf } from './exchange.ts'

export { type Exchange, headerOf, type Line, type Outgoing } from './exchange.ts'

/** RFC 9110 §15.4: the statuses that send a client elsewhere. */
export const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
/** Fetch §4.4. */
const MOST_REDIRECTS = 20

/** `RequestInit`, where an option may also be undefined and the bytes any `Uint8Array`, as clients pass it. */
export type FetchInit = { readonly [K in Exclude<keyof RequestInit, 'body'>]?: RequestInit[K] | undefined } & {
  readonly body?: RequestInit['body'] | Uint8Array | undefined
}

/** Hosts in one process, by origin. Whatever speaks through it is recorded; nothing opens a socket. */
export class Internet {
  readonly #hosts = new Map<string, Handler>()
  readonly #traffic: Exchange[] = []
  readonly #faults: unknown[] = []

  /** Everything that was answered, oldest first. */
  get traffic(): readonly Exchange[] {
    return this.#traffic
  }

  /** What handlers threw. Each was answered 500, as a mount would; a test that expects none looks here. */
  get faults(): readonly unknown[] {
    return this.#faults
  }

  /**
   * Puts a handler at an origin, in place of the one before.
   *
   * @throws {TypeError} the text is more than an origin
   */
  host(origin: string, handler: Handler): this {
    if (new URL(origin).origin !== origin) throw new TypeError(`${origin} is not an origin such as https://as.example`)
    this.#hosts.set(origin, handler)
    return this
  }

  /** Takes a host off the net: a request to it is a network error from now on. */
  cut(origin: string): void {
    this.#hosts.delete(origin)
  }

  reaches(url: string): boolean {
    return this.#hosts.has(new URL(url).origin)
  }

  /**
   * Sends one request as it is and follows nothing.
   *
   * @throws {TypeError} nobody is at that origin, as `fetch` says it
   */
  async send(url: string, sent: Outgoing = {}): Promise<Reply> {
    const target = new URL(url)
    target.hash = '' // A fragment stays with its reader.
    const handler = this.#hosts.get(target.origin)
    if (handler === undefined) throw new TypeError('fetch failed', { cause: new Error(`nobody is at ${target.origin}`) })
    let reply: Reply
    try {
      reply = await handler(requestOf(target, sent))
    } catch (error) {
      this.#faults.push(error)
      reply = { status: 500, headers: { 'content-type': 'application/json' }, body: '{"error":"server_error"}' }
    }
    this.#traffic.push({
      method: sent.method ?? 'GET',
      url: target.href,
      from: sent.from ?? ANYONE,
      requestHeaders: sent.headers ?? [],
      requestBody: new TextDecoder().decode(bytesOf(sent.body)),
      status: reply.status,
      responseHeaders: linesOf(reply.headers),
      responseBody: reply.body,
    })
    return reply
  }

  /** `fetch` on this net, without cookies; give it to openid-client or oauth4webapi as `customFetch`. Needs no `this`. */
  readonly fetch: (input: string | URL | Request, init?: FetchInit) => Promise<Response> = async (input, init) => {
    let request = new Request(input, init as RequestInit)
    for (let count = 0; ; count++) {
      request.signal.throwIfAborted()
      const body = new Uint8Array(await request.clone().arrayBuffer())
      const reply = await this.send(request.url, { method: request.method, headers: headersOf(request, body), body })
      request.signal.throwIfAborted()
      const response = await asResponse(reply, request)
      const location = response.headers.get('location')
      if (location === null || !REDIRECTS.has(response.status) || request.redirect === 'manual')
        return seenAs(response, request.url, count > 0)
      if (request.redirect === 'error' || count === MOST_REDIRECTS)
        throw new TypeError('fetch failed', { cause: new Error('unexpected redirect') })
      request = redirected(request, body, response.status, new URL(location, request.url))
    }
  }
}

/** Fetch §4.4: 303 makes all but HEAD a GET, 301 and 302 a POST; another origin gets no Authorization. */
function redirected(request: Request, body: Uint8Array, status: number, to: URL): Request {
  const dropsBody = (status === 303 && request.method !== 'HEAD') || (status < 303 && request.method === 'POST')
  const headers = new Headers(request.headers)
  if (dropsBody) for (const name of ['content-type', 'content-length', 'content-encoding', 'content-language']) headers.delete(name)
  if (to.origin !== new URL(request.url).origin) headers.delete('authorization')
  const kept = dropsBody || body.byteLength === 0 ? {} : { body: new Uint8Array(body) }
  return new Request(to, {
    method: dropsBody ? 'GET' : request.method,
    headers,
    redirect: request.redirect,
    signal: request.signal,
    ...kept,
  })
}

function headersOf(request: Request, body: Uint8Array): readonly Line[] {
  const lines: Line[] = [...request.headers]
  return body.byteLength === 0 ? lines : [...lines, ['content-length', String(body.byteLength)]]
}

/** By the mount's own code, so that a reply which no server could send fails here too. */
function asResponse(reply: Reply, request: Request): Promise<Response> {
  return toFetch(() => Promise.resolve(reply))(new Request(request.url, { method: request.method === 'HEAD' ? 'HEAD' : 'GET' }))
}

function seenAs(response: Response, url: string, redirected: boolean): Response {
  return Object.defineProperties(response, { url: { value: url }, redirected: { value: redirected } })
}
