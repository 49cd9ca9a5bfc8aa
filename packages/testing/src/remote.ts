import type { Handler, HttpRequest } from '@holdfast/protocol/http'
import { sentAsIs } from './sent-as-is.ts'

/** Headers that belong to a connection, which `fetch` makes for itself. */
const OF_CONNECTIONS: ReadonlySet<string> = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'accept-encoding'])
/** Those that browsers and clients here send. A `HttpRequest` answers for names only, so they are asked for one by one. */
const SENT = [
  'accept',
  'accept-language',
  'authorization',
  'content-type',
  'cookie',
  'dpop',
  'origin',
  'referer',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-fetch-user',
  'x-holdfast-csrf',
] as const
const MOST_BYTES = 1024 * 1024

/**
 * A server that really runs, as a host of the simulated internet: a `Browser` on that net uses its pages over HTTP.
 * Nothing is followed and no cookie is kept here. What a browser sends arrives as it is, Sec-Fetch-Mode included.
 */
export function remote(origin: string, send: typeof fetch = sentAsIs): Handler {
  return async (request) => {
    const body = request.method === 'GET' || request.method === 'HEAD' ? undefined : await bodyOf(request)
    const response = await send(`${origin}${request.path}${request.query === '' ? '' : `?${request.query}`}`, {
      method: request.method,
      headers: SENT.flatMap((name) => request.headers(name).map((value): [string, string] => [name, value])),
      redirect: 'manual',
      ...(body === undefined ? {} : { body }),
    })
    const headers: Record<string, string | readonly string[]> = {}
    for (const [name, value] of response.headers) if (!OF_CONNECTIONS.has(name) && name !== 'content-encoding') headers[name] = value
    const cookies = response.headers.getSetCookie()
    if (cookies.length > 0) headers['set-cookie'] = cookies
    return { status: response.status, headers, body: await response.text() }
  }
}

async function bodyOf(request: HttpRequest): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await request.body(MOST_BYTES)
  if (bytes === 'too_large') throw new TypeError(`a body of more than ${MOST_BYTES} bytes`)
  return new Uint8Array(bytes)
}
