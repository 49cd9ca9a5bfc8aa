import type { HttpRequest } from '@holdfast/protocol/http'
import { equalSecrets } from '@holdfast/protocol/secret'
import { type DerivedKeys, mac } from '../keys/derived.ts'
import { cookieOf } from '../sessions/session-cookie.ts'

/** A year, in seconds. */
const KEPT = 365 * 24 * 60 * 60

/**
 * Remembers in the browser that somebody signed in from it: strangers who use up a name's attempts do not lock
 * that browser out. The cookie says nothing by itself and opens nothing.
 */
export class KnownDevices {
  readonly #keys: DerivedKeys
  readonly #secure: boolean

  constructor(keys: DerivedKeys, issuer: string) {
    this.#keys = keys
    this.#secure = issuer.startsWith('https:')
  }

  knows(request: HttpRequest, username: string): boolean {
    const sent = cookieOf(request, this.#name)
    return sent !== undefined && equalSecrets(sent, this.#value(username))
  }

  cookie(username: string): string {
    return `${this.#name}=${this.#value(username)}; Path=/; Max-Age=${KEPT}; HttpOnly; SameSite=Lax${this.#secure ? '; Secure' : ''}`
  }

  get #name(): string {
    return this.#secure ? '__Host-holdfast-device' : 'holdfast-device'
  }

  #value(username: string): string {
    return mac(this.#keys.current('device'), username.normalize('NFKC').trim().toLowerCase())
  }
}
