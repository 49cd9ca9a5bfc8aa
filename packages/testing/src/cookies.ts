import type { Clock, EpochSeconds } from '@holdfast/protocol/time'

export interface Cookie {
  readonly name: string
  readonly value: string
  readonly host: string
  /** Sent to sub-domains too, since it came with Domain. */
  readonly domain: boolean
  readonly path: string
  readonly secure: boolean
  readonly httpOnly: boolean
  readonly sameSite: 'Strict' | 'Lax' | 'None'
  /** Ends with the browser's session when undefined. */
  readonly expires: EpochSeconds | undefined
}

/** How a request came about, for `SameSite`. */
export interface Occasion {
  /** Initiator and target are one site, or a person typed the address. */
  readonly sameSite: boolean
  /** A top-level navigation by GET or HEAD, to which `Lax` goes along across sites. */
  readonly safeNavigation: boolean
}

/** RFC 6265bis §5.7: longer ones are ignored. Characters of name and value together, and of one attribute. */
const MOST = 4096

/** Cookies as RFC 6265bis has them: no public suffix list, and `Secure` only over https (as Safari, also on localhost). */
export class CookieJar {
  readonly #clock: Clock
  #cookies: Cookie[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** All that are alive, in the order they were first set. */
  all(): readonly Cookie[] {
    const now = this.#clock.now()
    return this.#cookies.filter((cookie) => cookie.expires === undefined || cookie.expires > now)
  }

  /** The value of the cookie that would be sent to this address from the same site. */
  get(url: string, name: string): string | undefined {
    return this.#for(new URL(url), { sameSite: true, safeNavigation: true }).find((cookie) => cookie.name === name)?.value
  }

  /** @returns whether the line was taken (RFC 6265bis §5.7); a line that deletes a cookie is */
  set(url: string, line: string): boolean {
    const cookie = read(new URL(url), line, this.#clock.now())
    if (cookie === undefined) return false
    const old = this.#cookies.findIndex(
      (one) => one.name === cookie.name && one.host === cookie.host && one.domain === cookie.domain && one.path === cookie.path,
    )
    if (cookie.expires !== undefined && cookie.expires <= this.#clock.now()) {
      if (old !== -1) this.#cookies.splice(old, 1)
    } else if (old === -1) this.#cookies.push(cookie)
    else this.#cookies[old] = cookie
    return true
  }

  /** The `Cookie` header; undefined when there is none to send. */
  header(url: URL, occasion: Occasion): string | undefined {
    const cookies = this.#for(url, occasion)
    return cookies.length === 0 ? undefined : cookies.map(({ name, value }) => (name === '' ? value : `${name}=${value}`)).join('; ')
  }

  /** What a script on this page reads as `document.cookie`. */
  toScripts(url: string): string {
    return this.#for(new URL(url), { sameSite: true, safeNavigation: true })
      .flatMap((cookie) => (cookie.httpOnly ? [] : [`${cookie.name}=${cookie.value}`]))
      .join('; ')
  }

  clear(): void {
    this.#cookies = []
  }

  #for(url: URL, { sameSite, safeNavigation }: Occasion): readonly Cookie[] {
    return this.all()
      .filter((cookie) => (cookie.domain ? isWithin(url.hostname, cookie.host) : url.hostname === cookie.host))
      .filter((cookie) => pathMatches(url.pathname, cookie.path) && (!cookie.secure || url.protocol === 'https:'))
      .filter((cookie) => sameSite || cookie.sameSite === 'None' || (cookie.sameSite === 'Lax' && safeNavigation))
      .sort((a, b) => b.path.length - a.path.length)
  }
}

function read(url: URL, line: string, now: EpochSeconds): Cookie | undefined {
  const [pair = '', ...rest] = line.split(';')
  const equals = pair.indexOf('=')
  const name = equals === -1 ? '' : pair.slice(0, equals).trim()
  const value = pair.slice(equals + 1).trim()
  if (name.length + value.length > MOST || (name === '' && value === '') || hasControls(line)) return undefined
  const attributes = new Map(
    rest.map((part) => [
      part.replace(/=.*$/s, '').trim().toLowerCase(),
      part.includes('=') ? part.slice(part.indexOf('=') + 1).trim() : '',
    ]),
  )
  const secure = attributes.has('secure')
  const domain = (attributes.get('domain') ?? '').replace(/^\./, '').toLowerCase()
  const path = attributes.get('path') ?? ''
  const sameSite = ({ strict: 'Strict', none: 'None' } as const)[attributes.get('samesite')?.toLowerCase() ?? ''] ?? 'Lax'
  const cookie: Cookie = {
    name,
    value,
    host: domain === '' ? url.hostname : domain,
    domain: domain !== '',
    path: path.startsWith('/') ? path : defaultPath(url.pathname),
    secure,
    httpOnly: attributes.has('httponly'),
    sameSite,
    expires: expiry(attributes, now),
  }
  if (secure && url.protocol !== 'https:') return undefined
  if (sameSite === 'None' && !secure) return undefined
  if (domain !== '' && !isWithin(url.hostname, domain)) return undefined
  const prefix = (name === '' ? value : name).toLowerCase()
  if (prefix.startsWith('__secure-') && !secure) return undefined
  if (prefix.startsWith('__host-') && (!secure || domain !== '' || path !== '/')) return undefined
  return cookie
}

/** RFC 6265bis §5.6 step 1: control characters other than the tab. */
function hasControls(text: string): boolean {
  return [...text].some((letter) => (letter < ' ' && letter !== '\t') || letter === '\u007f')
}

/** `Max-Age` wins over `Expires`; both may lie in the past. */
function expiry(attributes: ReadonlyMap<string, string>, now: EpochSeconds): EpochSeconds | undefined {
  const maxAge = attributes.get('max-age')
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return now + Number(maxAge)
  const expires = Date.parse(attributes.get('expires') ?? '')
  return Number.isNaN(expires) ? undefined : Math.floor(expires / 1000)
}

function isWithin(host: string, domain: string): boolean {
  return host === domain || (host.endsWith(`.${domain}`) && !/^[\d.]+$/.test(host))
}

function pathMatches(path: string, cookiePath: string): boolean {
  return path === cookiePath || (path.startsWith(cookiePath) && (cookiePath.endsWith('/') || path[cookiePath.length] === '/'))
}

function defaultPath(path: string): string {
  return path.lastIndexOf('/') <= 0 ? '/' : path.slice(0, path.lastIndexOf('/'))
}
