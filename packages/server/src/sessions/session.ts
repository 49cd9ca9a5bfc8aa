import type { HttpRequest } from '@holdfast/protocol/http'
import { formatHandle, newRecordId, newSecret, parseHandle, secretHash, secretMatches } from '@holdfast/protocol/secret'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Stored } from '@holdfast/store'
import type { Lifetimes } from '../config/options.ts'
import type { ServerChange, ServerReader, SessionRecord } from '../records.ts'

/** A session as the browser's cookie leads to it. */
export type Session = Stored<SessionRecord>

export interface NewSession {
  readonly id: string
  readonly value: SessionRecord
  readonly insert: ServerChange
  readonly cookie: string
}

/** Browser sessions: a handle in a cookie, a hash in the store. */
export class Sessions {
  readonly #store: ServerReader
  readonly #lifetimes: Lifetimes
  /** `__Host-` binds the cookie to this host over TLS; a plain loopback issuer cannot have it (design §6, Browsers). */
  readonly #name: string
  readonly #secure: boolean
  /** `None` lets the cookie go along in frames of other sites; plain loopback cannot have it, where every port is one site anyway. */
  readonly #sameSite: 'Lax' | 'None'

  constructor(store: ServerReader, lifetimes: Lifetimes, issuer: string, thirdPartyFrames = false) {
    this.#store = store
    this.#lifetimes = lifetimes
    this.#secure = issuer.startsWith('https:')
    this.#sameSite = thirdPartyFrames && this.#secure ? 'None' : 'Lax'
    this.#name = this.#secure ? '__Host-holdfast-as' : 'holdfast-as'
  }

  /** @returns undefined for no cookie, an unknown one, another's secret and an ended session alike */
  async of(request: HttpRequest, now: EpochSeconds): Promise<Session | undefined> {
    const handle = parseHandle(cookieOf(request, this.#name) ?? '')
    if (handle === undefined) return undefined
    const session = await this.#store.read('session', handle.id)
    if (!secretMatches(handle.secret, session?.value.secretHash) || session === undefined) return undefined
    return this.#endOf(session.value) > now ? session : undefined
  }

  /** Everybody's session in this browser, the current one first. */
  async all(request: HttpRequest, now: EpochSeconds): Promise<readonly Session[]> {
    const current = await this.of(request, now)
    return current === undefined ? [] : [current]
  }

  /** The cookie without the handles of these records, which have ended. */
  without(request: HttpRequest, ended: readonly string[]): string {
    const value = cookieOf(request, this.#name) ?? ''
    const left = ended.includes(parseHandle(value)?.id ?? '') ? '' : value
    return left === '' ? `${this.#cookie('')}; Max-Age=0` : this.#cookie(left)
  }

  /** A new browser, or the same one at a change of privilege: the id and the secret are new, so a fixed cookie is worth nothing. */
  open(
    now: EpochSeconds,
    person?: { readonly subject: string; readonly acr: string | undefined; readonly amr: readonly string[] },
  ): NewSession {
    const id = newRecordId()
    const secret = newSecret()
    const value: SessionRecord = {
      secretHash: secretHash(secret),
      subject: person?.subject,
      sid: newSecret(),
      authTime: person === undefined ? undefined : now,
      acr: person?.acr,
      amr: person?.amr ?? [],
      createdAt: now,
      seenAt: now,
    }
    return {
      id,
      value,
      insert: { op: 'insert', kind: 'session', id, value, expiresAt: this.#endOf(value) },
      cookie: this.#cookie(formatHandle({ id, secret })),
    }
  }

  /**
   * What a code that is issued in a session writes: the session must still be there. The idle end moves at most once in
   * a twentieth of it, so that a session in use costs no write for each request.
   */
  used(session: Session, now: EpochSeconds): readonly ServerChange[] {
    const { id, version } = session
    if (now - session.value.seenAt < this.#lifetimes.sessionIdle / 20) return [{ op: 'require', kind: 'session', id, expected: version }]
    const value = { ...session.value, seenAt: now }
    return [{ op: 'replace', kind: 'session', id, expected: version, value, expiresAt: this.#endOf(value) }]
  }

  /** The same session as it is now; undefined when it ended or is another person's. */
  async again(session: Session): Promise<Session | undefined> {
    const now = await this.#store.read('session', session.id)
    return now?.value.subject === session.value.subject ? now : undefined
  }

  #endOf(value: SessionRecord): EpochSeconds {
    return Math.min(value.createdAt + this.#lifetimes.sessionAbsolute, value.seenAt + this.#lifetimes.sessionIdle)
  }

  #cookie(value: string): string {
    return `${this.#name}=${value}; Path=/; HttpOnly; SameSite=${this.#sameSite}${this.#secure ? '; Secure' : ''}`
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
