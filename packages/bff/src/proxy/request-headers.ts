import { type HttpRequest, json, type Reply } from '@holdfast/protocol/http'
import type { Route } from './routes.ts'

/**
 * What a page may tell an API: a list of what may pass and none of what may not, for an API behind a gateway often believes
 * headers of names that no list has (`x-remote-user`, `x-original-url`). A route adds its own by `requestHeaders`.
 */
const PASSED: readonly Lowercase<string>[] = [
  'accept',
  'accept-language',
  'baggage',
  'cache-control',
  'content-digest',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'last-event-id',
  'prefer',
  'range',
  'repr-digest',
  'traceparent',
  'tracestate',
  'user-agent',
  'x-request-id',
  'x-requested-with',
]
const ABOUT_CONTENT = /^(?:content-|repr-digest$)/

/** Who asks, by which method, through whom, for how long the connection lives: that is said here, and by nobody before (BFF-43, RFC 9110 §7.6.1). */
const FORBIDDEN: ReadonlySet<string> = new Set([
  'accept-encoding',
  'authorization',
  'cdn-loop',
  'client-cert',
  'client-cert-chain',
  'connection',
  'content-length',
  'cookie',
  'cookie2',
  'dpop',
  'expect',
  'forwarded',
  'host',
  'http2-settings',
  'keep-alive',
  'max-forwards',
  'te',
  'trailer',
  'transfer-encoding',
  'true-client-ip',
  'upgrade',
  'via',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-real-ip',
  'x-rewrite-url',
])
const FORBIDDEN_BEGINNING = /^(?:cf-|fastly-|oauth-client-attestation|proxy-|sec-|x-forwarded|x-holdfast-)/

export function isForbiddenRequestHeader(name: string): boolean {
  return FORBIDDEN.has(name) || FORBIDDEN_BEGINNING.test(name)
}

/** The headers of a request for the API, without credential. */
export function requestHeaders(request: HttpRequest, route: Route, publicUrl: string, content: boolean): Headers | Reply {
  if (request.headers('content-type').length > 1)
    return json(400, { error: 'invalid_request', error_description: 'content-type is there more than once', rule: 'BFF-43' })
  // What `Connection` names is meant for us alone.
  const ours = new Set(request.headers('connection').flatMap((line) => line.split(',').map((name) => name.trim().toLowerCase())))
  const headers = new Headers()
  for (const name of [...PASSED, ...route.requestHeaders]) {
    if (ours.has(name) || headers.has(name) || (!content && ABOUT_CONTENT.test(name))) continue
    for (const value of request.headers(name)) headers.append(name, value)
  }
  // Compression saves nothing on the way to an API nearby, and would hold back the events of a stream.
  headers.set('accept-encoding', 'identity')
  if (route.api.forwarded === true) headers.set('forwarded', forwarded(request.clientAddress, publicUrl))
  return headers
}

/** RFC 7239 §4, §6: IPv6 in brackets and quotes. */
function forwarded(address: string, publicUrl: string): string {
  const { protocol, host } = new URL(publicUrl)
  const node = address === '' ? 'unknown' : address.includes(':') ? `"[${address.replace(/%.*/, '')}]"` : address
  return `for=${node};host="${host}";proto=${protocol.slice(0, -1)}`
}
