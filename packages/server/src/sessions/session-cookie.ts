import type { HttpRequest } from '@holdfast/protocol/http'
import { formatHandle, type Handle, parseHandle } from '@holdfast/protocol/secret'

/** People who can be signed in in one browser at once; a sixth takes the place of the one who was current longest ago. */
export const PEOPLE_AT_ONCE = 5
/** A handle is base64url, and in a cookie this stands for itself. */
const BETWEEN = '~'

/** The cookie that holds the handles of a browser's sessions. It is for this host and for HTTP alone. */
export class SessionCookie {
  /** `__Host-` binds the cookie to this host over TLS; a plain loopback issuer cannot have it (design §6, Browsers). */
  readonly #name: string
  readonly #secure: boolean
  readonly #sameSite: 'Lax' | 'None'

  /** @param thirdPartyFrames `None` lets the cookie go along in frames of other sites; plain loopback cannot have it, where every port is one site anyway */
  constructor(issuer: string, thirdPartyFrames = false) {
    this.#secure = issuer.startsWith('https:')
    this.#sameSite = thirdPartyFrames && this.#secure ? 'None' : 'Lax'
    this.#name = this.#secure ? '__Host-holdfast-as' : 'holdfast-as'
  }

  /** The handles, the current one first. */
  read(request: HttpRequest): readonly Handle[] {
    const texts = cookieOf(request, this.#name)?.split(BETWEEN) ?? []
    return texts
      .map(parseHandle)
      .filter((handle) => handle !== undefined)
      .slice(0, PEOPLE_AT_ONCE)
  }

  /** A new handle before those that stay; all others go, also those of sessions that ended elsewhere. */
  with(request: HttpRequest, handle: Handle, stay: readonly string[]): string {
    return this.#line([handle, ...this.read(request).filter(({ id }) => stay.includes(id))])
  }

  without(request: HttpRequest, gone: readonly string[]): string {
    return this.#line(this.read(request).filter(({ id }) => !gone.includes(id)))
  }

  first(request: HttpRequest, id: string): string {
    const handles = this.read(request)
    return this.#line([...handles.filter((one) => one.id === id), ...handles.filter((one) => one.id !== id)])
  }

  #line(handles: readonly Handle[]): string {
    const end = handles.length === 0 ? '; Max-Age=0' : ''
    return `${this.#name}=${handles.slice(0, PEOPLE_AT_ONCE).map(formatHandle).join(BETWEEN)}; Path=/; HttpOnly; SameSite=${this.#sameSite}${this.#secure ? '; Secure' : ''}${end}`
  }
}

/** The value of a cookie sent once. A name sent twice is an attempt to put another's cookie first: it counts as none. */
export function cookieOf(request: HttpRequest, name: string): string | undefined {
  const found: string[] = []
  for (const line of request.headers('cookie')) {
    for (const pair of line.split(';')) {
      const equals = pair.indexOf('=')
      if (equals !== -1 && pair.slice(0, equals).trim() === name) found.push(pair.slice(equals + 1).trim())
    }
  }
  return found.length === 1 ? found[0] : undefined
}
