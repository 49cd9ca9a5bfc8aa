import type { Reply } from '@holdfast/protocol/http'
import { privately, varyByCookie } from './cache-control.ts'
import { locationHere } from './location.ts'
import type { Route, RouteTable } from './routes.ts'

/**
 * What an API may not say to a browser, since it would be said by our origin: about the connection (RFC 9110 §7.6.1), about
 * credentials (a `Basic` challenge opens a browser's own window for passwords), about the whole origin and its other pages,
 * to servers in between (`x-accel-redirect` would have nginx send a file of its own), and of what it runs on.
 */
const DROPPED: ReadonlySet<string> = new Set(
  [
    ['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
    ['www-authenticate', 'authentication-info', 'dpop-nonce', 'set-cookie', 'set-cookie2', 'set-login'],
    ['accept-ch', 'alt-svc', 'clear-site-data', 'critical-ch', 'expect-ct', 'nel', 'origin-agent-cluster', 'origin-trial'],
    ['permissions-policy', 'public-key-pins', 'refresh', 'report-to', 'reporting-endpoints', 'service-worker-allowed'],
    ['speculation-rules', 'use-as-dictionary', 'strict-transport-security', 'supports-loading-mode', 'timing-allow-origin'],
    ['content-security-policy', 'content-security-policy-report-only', 'cross-origin-embedder-policy', 'cross-origin-opener-policy'],
    ['cross-origin-resource-policy', 'x-content-type-options', 'x-frame-options', 'x-xss-protection'],
    ['cache-control', 'edge-control', 'expires', 'pragma', 'surrogate-control', 'surrogate-key', 'vary', 'x-cache'],
    ['x-accel-charset', 'x-accel-expires', 'x-accel-limit-rate', 'x-accel-redirect', 'x-reproxy-url', 'x-sendfile'],
    ['location', 'content-location', 'content-encoding', 'sourcemap', 'x-sourcemap'],
    ['server', 'via', 'x-aspnet-version', 'x-powered-by'],
  ].flat(),
)
const DROPPED_BEGINNING = /^(?:access-control-|proxy-|sec-|secure-session-|x-holdfast-|x-lighttpd-|x-litespeed-)|cdn-cache-control$/

/** What every answer of an API is here: data. A document or script of it would run with our cookie. */
const DATA = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  'cross-origin-resource-policy': 'same-origin',
}

/** What `fetch` has taken off the content by now. */
const DECODED: ReadonlySet<string> = new Set(['br', 'deflate', 'gzip', 'identity', 'x-gzip'])
/** Sessions are in cookies of this prefix: no API may put one in their place. */
const OURS = /^\s*__Host-/i
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * The headers for the browser (BFF-33, BFF-43, BFF-44, BFF-47).
 *
 * @returns what is wrong with the answer, when it can not be handed on at all
 */
export function responseHeaders(
  response: Response,
  url: URL,
  route: Route,
  table: RouteTable,
  ourCookies: readonly string[],
): Reply['headers'] | Error {
  const { headers, status } = response
  const theirs = new Set((headers.get('connection') ?? '').split(',').map((name) => name.trim().toLowerCase()))
  const codings = (headers.get('content-encoding') ?? '').split(',').map((name) => name.trim().toLowerCase())
  const coded = codings.some((name) => name !== '' && name !== 'identity')
  if (codings.some((name) => name !== '' && !DECODED.has(name))) return new Error('the API sends a content coding that was not accepted')
  const kept: Record<string, string | readonly string[]> = {}
  for (const [name, value] of headers) {
    if (DROPPED.has(name) || DROPPED_BEGINNING.test(name) || theirs.has(name)) continue
    // Of what was sent, and not of what was decoded; without content of what there would be.
    if (name === 'content-length' && (coded || response.body === null)) continue
    kept[name] = value
  }
  const location = headers.get('location')
  const here = location === null ? undefined : locationHere(location, url, table)
  if (location !== null && here === undefined && REDIRECTS.has(status)) return new Error('the API redirects to where browsers may not go')
  if (here !== undefined) kept['location'] = here
  const contentLocation = headers.get('content-location')
  const contentHere = contentLocation === null ? undefined : locationHere(contentLocation, url, table)
  if (contentHere !== undefined) kept['content-location'] = contentHere
  const cookies = [
    ...(route.api.unsafeUpstreamCookies === true ? headers.getSetCookie().filter((cookie) => !OURS.test(cookie)) : []),
    ...ourCookies,
  ]
  if (cookies.length > 0) kept['set-cookie'] = cookies
  const cacheControl = privately(headers.get('cache-control'))
  const vary = headers.get('vary')
  return { ...kept, ...DATA, 'cache-control': cacheControl, vary: varyByCookie(vary) }
}
