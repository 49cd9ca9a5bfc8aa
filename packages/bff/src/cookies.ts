import type { HttpRequest } from '@holdfast/protocol/http'
import type { Seconds } from '@holdfast/protocol/time'

export interface CookieSettings {
  /** Of the session. The other cookies have names that begin with it. */
  readonly name: string
  readonly sameSite: 'Strict' | 'Lax'
  /** False on http://localhost alone, where browsers take no prefix and some no `Secure`. */
  readonly secure: boolean
}

/** All cookies of a request, in the order the browser sent them: older ones first (RFC 6265 §5.4). Of two of one name the first counts. */
export function cookiesOf(request: HttpRequest): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const pair of request.headers('cookie').flatMap((line) => line.split(';'))) {
    const equals = pair.indexOf('=')
    const name = pair.slice(0, equals).trim()
    if (equals > 0 && !found.has(name)) found.set(name, pair.slice(equals + 1).trim())
  }
  return found
}

/** @param maxAge absent: until the browser is closed */
export function setCookie(
  { secure }: CookieSettings,
  name: string,
  value: string,
  sameSite: CookieSettings['sameSite'],
  maxAge?: Seconds,
): string {
  const age = maxAge === undefined ? '' : `; Max-Age=${maxAge}`
  return `${name}=${value}; Path=/${age}; HttpOnly; SameSite=${sameSite}${secure ? '; Secure' : ''}`
}

export function clearCookie(settings: CookieSettings, name: string): string {
  return setCookie(settings, name, '', 'Lax', 0)
}
