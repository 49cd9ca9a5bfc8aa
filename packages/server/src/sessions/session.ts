import type { HttpRequest } from '@holdfast/protocol/http'
import { type Handle, newRecordId, newSecret, secretHash, secretMatches } from '@holdfast/protocol/secret'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Stored } from '@holdfast/store'
import type { Lifetimes } from '../config/options.ts'
import type { ServerChange, ServerReader, SessionRecord } from '../records.ts'
import { PEOPLE_AT_ONCE, type SessionCookie } from './session-cookie.ts'

/** A session as the browser's cookie leads to it. */
export type Session = Stored<SessionRecord>

/** Who signed in, and by which methods (RFC 8176). */
export interface SigningIn {
  readonly subject: string
  readonly amr: readonly string[]
  /** Only a factor was added to what a session of theirs proved: its absolute end stays. */
  readonly stepUp?: boolean
}

export interface NewSession {
  readonly id: string
  readonly value: SessionRecord
  /** The new session, and the end of those that it takes the place of. */
  readonly changes: readonly ServerChange[]
  readonly cookie: string
  /** For whom there is no place left in the cookie: to be ended in the same commit, or they would be alive and out of their person's reach. */
  readonly displaced: readonly Session[]
}

/**
 * Browser sessions: one record for each person who is signed in, and a cookie with their handles. The first is the one that
 * counts where nobody is chosen. A session that is nobody's lives only as long as a sign-in may take.
 */
export class Sessions {
  readonly #store: ServerReader
  readonly #lifetimes: Lifetimes
  readonly #cookie: SessionCookie

  constructor(store: ServerReader, lifetimes: Lifetimes, cookie: SessionCookie) {
    this.#store = store
    this.#lifetimes = lifetimes
    this.#cookie = cookie
  }

  /** @returns undefined for no cookie, an unknown one, another's secret and an ended session alike */
  async of(request: HttpRequest, now: EpochSeconds): Promise<Session | undefined> {
    for (const handle of this.#cookie.read(request)) {
      const session = await this.#find(handle, now)
      if (session !== undefined) return session
    }
    return undefined
  }

  /** All of this browser's sessions that are alive, the current one first. */
  async all(request: HttpRequest, now: EpochSeconds): Promise<readonly Session[]> {
    const found = await Promise.all(this.#cookie.read(request).map((handle) => this.#find(handle, now)))
    const alive = found.filter((session) => session !== undefined)
    return alive.filter(({ id }, at) => alive.findIndex((one) => one.id === id) === at)
  }

  /**
   * A new browser, or the same one at a change of privilege: the id and the secret are new, so a fixed cookie is worth nothing.
   *
   * @param here the sessions of this browser. Nobody's and an older one of the same person end with the new one, whose `sid`
   *   stays the person's: applications know it by that. Other people's stay.
   */
  open(http: HttpRequest, now: EpochSeconds, here: readonly Session[], person?: SigningIn): NewSession {
    const id = newRecordId()
    const secret = newSecret()
    const before = here.find(({ value }) => person !== undefined && value.subject === person.subject)
    const value: SessionRecord = {
      secretHash: secretHash(secret),
      browser: here.find((session) => session.value.browser !== undefined)?.value.browser ?? newSecret().slice(0, 22),
      subject: person?.subject,
      sid: before?.value.sid ?? newSecret(),
      authTime: person === undefined ? undefined : now,
      acr: undefined,
      amr: person?.amr ?? [],
      createdAt: person?.stepUp === true ? (before?.value.createdAt ?? now) : now,
      seenAt: now,
    }
    const ended = here.filter((session) => session === before || session.value.subject === undefined)
    const others = here.filter((session) => !ended.includes(session))
    const stay = others.slice(0, PEOPLE_AT_ONCE - 1)
    return {
      id,
      value,
      changes: [
        { op: 'insert', kind: 'session', id, value, expiresAt: this.#endOf(value) },
        // Required where its `sid` lives on: a logout in the same moment has told applications that it is over.
        ...(before === undefined ? [] : [{ op: 'require', kind: 'session', id: before.id, expected: before.version } as const]),
        ...ended.map((session) => ({ op: 'delete', kind: 'session', id: session.id }) as const),
      ],
      cookie: this.#cookie.with(
        http,
        { id, secret },
        stay.map((session) => session.id),
      ),
      displaced: others.slice(stay.length),
    }
  }

  /** The cookie in which a session of this browser is the current one. */
  chosen(http: HttpRequest, id: string): string {
    return this.#cookie.first(http, id)
  }

  /** The cookie without these sessions, which have ended. */
  without(http: HttpRequest, ids: readonly string[]): string {
    return this.#cookie.without(http, ids)
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

  /** By the lifetimes of now: a session that began under longer ones ends by these (A36). */
  isAlive({ value }: Session, now: EpochSeconds): boolean {
    return this.#endOf(value) > now
  }

  async #find(handle: Handle, now: EpochSeconds): Promise<Session | undefined> {
    const session = await this.#store.read('session', handle.id)
    if (!secretMatches(handle.secret, session?.value.secretHash) || session === undefined) return undefined
    return this.isAlive(session, now) ? session : undefined
  }

  #endOf({ subject, createdAt, seenAt }: SessionRecord): EpochSeconds {
    if (subject === undefined) return createdAt + this.#lifetimes.interaction
    return Math.min(createdAt + this.#lifetimes.sessionAbsolute, seenAt + this.#lifetimes.sessionIdle)
  }
}
