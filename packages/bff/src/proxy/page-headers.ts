/**
 * What a page may tell an API: a list of what may pass and none of what may not, for an API behind a gateway often believes
 * headers of names that no list has (`x-remote-user`, `x-original-url`). A route adds its own by `requestHeaders`.
 */
export const PASSED: readonly Lowercase<string>[] = [
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
