declare const valid: unique symbol

/** A redirect URI that this client registered. Only `matchRedirectUri` makes one, and a reply redirects to nothing else. */
export type ValidRedirectUri = string & { readonly [valid]: true }

/** Schemes that run or show what they carry; never a place to send a code, whoever registered them (OA-17). */
const FORBIDDEN_SCHEMES: ReadonlySet<string> = new Set([
  'javascript:',
  'data:',
  'file:',
  'blob:',
  'vbscript:',
  'about:',
  'view-source:',
  'ws:',
  'wss:',
  'ftp:',
])

/** A host written out, with nothing before it. `URL` also reads `https:evil.example` and `https://@evil.example`. */
const AUTHORITY = /^https?:\/\/[^/?@]+(?:[/?]|$)/i

/** `http`, a loopback literal, nothing before the host, an optional port, then path and query. */
const LOOPBACK = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(?::(\d{1,5}))?(\/[^#]*)?$/

/**
 * The registered URI that the requested one is, compared as plain strings (OAuth 2.1 §2.3.1): no case
 * folding, no decoding, no prefix. The one exception is a loopback URI, where the port is free and all else
 * is compared exactly; `localhost` only for native applications (§8.4.2, OA-13).
 */
export function matchRedirectUri(requested: string, registered: readonly string[], native: boolean): ValidRedirectUri | undefined {
  if (!isAcceptable(requested)) return undefined
  if (registered.includes(requested)) return requested as ValidRedirectUri
  const asked = LOOPBACK.exec(requested)
  if (asked === null || Number(asked[2] ?? 80) > 65535) return undefined
  if (asked[1] === 'localhost' && !native) return undefined
  const found = registered.some((uri) => {
    const known = LOOPBACK.exec(uri)
    return known !== null && known[1] === asked[1] && (known[3] ?? '') === (asked[3] ?? '')
  })
  return found ? (requested as ValidRedirectUri) : undefined
}

/** Why a redirect URI cannot be registered, or undefined when it can (OAuth 2.1 §2.3.1, §8.4.3). */
export function redirectUriFault(uri: string, native: boolean): string | undefined {
  if (!URL.canParse(uri) || !isAcceptable(uri)) return 'must be an absolute URI of printable ASCII without a fragment'
  const url = new URL(uri)
  if (FORBIDDEN_SCHEMES.has(url.protocol)) return `must not use the scheme ${url.protocol}`
  if (url.username !== '' || url.password !== '') return 'must not carry a user name or password'
  if (/^https?:$/.test(url.protocol) && !AUTHORITY.test(uri)) return 'must name its host after //, with nothing before it'
  if (url.protocol === 'https:') return undefined
  if (url.protocol === 'http:') return LOOPBACK.test(uri) ? undefined : 'may use http on 127.0.0.1, [::1] or localhost only'
  if (!native) return 'may use a private-use scheme for native applications only (application_type)'
  return url.protocol.includes('.')
    ? undefined
    : 'must use a private-use scheme with a dot, such as com.example.app:/callback (OAuth 2.1 §8.4.3)'
}

/** Control characters, spaces, backslashes and fragments never stand in a URI that a browser is sent to. */
function isAcceptable(uri: string): boolean {
  return (
    /^[\x21-\x7e]+$/.test(uri) && !/[#\\"<>`{}|^]/.test(uri) && !FORBIDDEN_SCHEMES.has(uri.slice(0, uri.indexOf(':') + 1).toLowerCase())
  )
}

/** The parameters as the fragment (Multiple Response Types §2.1). A registered URI has none of its own. */
export function withFragment(uri: ValidRedirectUri, parameters: Readonly<Record<string, string>>): string {
  return `${uri}#${new URLSearchParams(parameters).toString()}`
}

/** Whether a form can be posted there: the browser would run or open anything else (A09). */
export function canBePostedTo(uri: ValidRedirectUri): boolean {
  return /^https?:\/\//.test(uri)
}

/** Appends response parameters to the query, keeping what it has (OA-16). */
export function appendQuery(uri: ValidRedirectUri, parameters: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(parameters).toString()
  if (!uri.includes('?')) return `${uri}?${query}`
  return uri.endsWith('?') || uri.endsWith('&') ? uri + query : `${uri}&${query}`
}
