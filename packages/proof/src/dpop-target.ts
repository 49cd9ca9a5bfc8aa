/** A scheme and an authority, then visible ASCII without a backslash: what `new URL` would repair is refused instead. */
const HTTP_URL = /^https?:\/\/[^/?#\\][\x21-\x5b\x5d-\x7e]*$/i

const ESCAPE = /%[0-9a-f]{2}/gi
const UNRESERVED = /[A-Za-z0-9\-._~]/

/**
 * The target of a request as `htu` is compared (RFC 9449 §4.3-9): without query and fragment, normalised by
 * RFC 3986 §6.2.2 and §6.2.3: scheme and host in lower case, no default port, `/` for an empty path, no dot segments,
 * unreserved characters not escaped, escapes in upper case. The case of the path matters.
 *
 * @returns undefined for what is not an absolute http or https URL, or carries a user name
 */
export function normaliseTarget(url: string): string | undefined {
  const end = url.search(/[?#]/)
  const bare = end === -1 ? url : url.slice(0, end)
  if (!HTTP_URL.test(bare) || !URL.canParse(bare)) return undefined
  const { protocol, username, password, host, pathname } = new URL(bare)
  if (username !== '' || password !== '') return undefined
  const path = pathname.includes('%') ? pathname.replace(ESCAPE, normaliseEscape) : pathname
  return `${protocol}//${host}${path}`
}

function normaliseEscape(escape: string): string {
  const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16))
  return UNRESERVED.test(character) ? character : escape.toUpperCase()
}

const MAX_REMEMBERED = 512
const remembered = new Map<string, string | undefined>()

/** As `normaliseTarget`, remembered for this endpoint's own URL, which is asked for at every request. */
export function normaliseOwnTarget(url: string): string | undefined {
  const known = remembered.get(url)
  if (known !== undefined) return known
  const target = normaliseTarget(url)
  // An API's URLs hold identifiers without end; the map starts anew rather than growing with them.
  if (remembered.size >= MAX_REMEMBERED) remembered.clear()
  if (target !== undefined) remembered.set(url, target)
  return target
}
