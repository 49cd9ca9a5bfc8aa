import type { HttpRequest } from '@holdfast/protocol/http'
import { formatHandle, newRecordId, newSecret, parseHandle, secretHash, secretMatches } from '@holdfast/protocol/secret'
import type { EpochSeconds, Seconds } from '@holdfast/protocol/time'
import type { Witness } from '@holdfast/protocol/witness'
import { decodeJwt } from 'jose'
import { type Change, OutcomeUnknown, type Store, type Stored, StoreUnavailable } from '@holdfast/store'
import { firstReason, told } from '../checks.ts'
import { clearCookie, cookiesOf, setCookie } from '../cookies.ts'
import type { BffRecords, SessionRecord } from '../records.ts'
import type { Settings } from '../settings.ts'
import type { Contents } from './contents.ts'
import { Flights } from './flights.ts'
import { Lease } from './lease.ts'
import type { StoredSession } from './stored-session.ts'
import { COOKIE_KNOWN, NOBODY, OPENS, sessionChecks } from './session-checks.ts'
import type { LogoutNotice, Renew, Renewed, Session, Sessions, Settled } from './sessions.ts'

/** How far the idle end may lag behind: a store is not written to at every request. */
const STEP: Seconds = 60
/** How long a logout is remembered against a sign-in that was under way when it came. */
const REMEMBERED: Seconds = 900
const MOST_CONFLICTS = 20

/** Sessions as records: the browser holds a handle, and everything else stays here. */
export class StoredSessions implements Sessions {
  readonly #settings: Settings
  readonly #store: Store<BffRecords>
  readonly #flights = new Flights()
  readonly #lease: Lease

  constructor(settings: Settings, store: Store<BffRecords>) {
    this.#settings = settings
    this.#store = store
    this.#lease = new Lease(settings, store, (id) => this.read(id))
  }

  async find(request: HttpRequest, witness?: Witness): Promise<StoredSession | undefined> {
    const handle = parseHandle(cookiesOf(request).get(this.#settings.cookie.name) ?? '')
    const stored = handle && (await this.#store.read('bff_session', handle.id))
    // An unknown id and a wrong secret take the same path.
    const known = handle !== undefined && secretMatches(handle.secret, stored?.value.secretHash)
    return told(witness, COOKIE_KNOWN, known ? undefined : NOBODY) === undefined ? this.#opened(stored, witness) : undefined
  }

  async start(_request: HttpRequest, contents: Contents, endsAt: EpochSeconds): Promise<readonly string[] | undefined> {
    const { clock, idle, seals, application, cookie } = this.#settings
    const now = clock.now()
    const handle = { id: newRecordId(now * 1000), secret: newSecret() }
    const [sid, subject] = [this.#sidOf(contents), this.#named('sub', contents.sub)]
    const value: SessionRecord = {
      secretHash: secretHash(handle.secret),
      application,
      sid,
      subject,
      sealed: await seals.seal('session', handle.id, contents),
      endsAt,
    }
    await this.#store.commit([{ op: 'insert', kind: 'bff_session', id: handle.id, value, expiresAt: Math.min(now + idle, endsAt) }])
    // A logout that came between the code and this record found nothing to end: it left a mark, and from here on it finds the record.
    if (await this.#wasEnded([sid, subject], contents)) {
      await this.end(handle.id)
      return undefined
    }
    return [setCookie(cookie, cookie.name, formatHandle(handle), cookie.sameSite)]
  }

  async touch(session: Session): Promise<readonly string[]> {
    const { stored } = session as StoredSession
    const { clock, idle } = this.#settings
    const expiresAt = Math.min(clock.now() + idle, session.endsAt)
    if (expiresAt - session.idleAt < STEP || stored.value.refreshing !== undefined) return []
    try {
      // On a conflict somebody was quicker, and moved it, renewed it or ended it: each is as good.
      await this.#store.commit([
        { op: 'replace', kind: 'bff_session', id: session.id, expected: stored.version, value: stored.value, expiresAt },
      ])
    } catch (error) {
      // The request is in order; the next one moves it.
      if (!(error instanceof StoreUnavailable || error instanceof OutcomeUnknown)) throw error
    }
    return []
  }

  renew(session: Session, topic: string, settled: Settled, renew: Renew): Promise<Renewed> {
    const look = async (): Promise<Renewed | undefined> => {
      const now = await this.read(session.id)
      if (now === undefined) return { kind: 'ended', by: 'somebody', left: undefined }
      return settled(now.contents) ? { kind: 'renewed', session: now, setCookie: [] } : undefined
    }
    return this.#flights.join(session.id, topic, look, () => this.#lease.renew(session as StoredSession, settled, renew))
  }

  async end(id: string): Promise<Contents | undefined> {
    for (let tries = 1; ; tries++) {
      const session = await this.read(id)
      if (session === undefined) return undefined
      // Exactly what was read: what a renewal writes in between has the refresh token that is to be revoked.
      const same = tries < MOST_CONFLICTS ? [{ op: 'require', kind: 'bff_session', id, expected: session.stored.version } as const] : []
      if ((await this.#store.commit([...same, { op: 'delete', kind: 'bff_session', id }])) === 'committed') return session.contents
    }
  }

  forget(): readonly string[] {
    return [clearCookie(this.#settings.cookie, this.#settings.cookie.name)]
  }

  /** One commit: a notice that was heard has ended the sessions, and works no second time. */
  readonly endBy = async ({ jti, sub, sid, at, until }: LogoutNotice): Promise<'ended' | 'replayed'> => {
    const once = this.#named('jti', jti)
    const bySid = sid === undefined ? [] : [this.#named('sid', sid), ...(sub === undefined ? [] : [this.#sidOf({ sid: undefined, sub })])]
    const bySub = sid === undefined && sub !== undefined ? [this.#named('sub', sub)] : []
    for (;;) {
      const marks = await Promise.all([...bySid, ...bySub].map((named) => this.#marking(named, at)))
      const outcome = await this.#store.commit([
        { op: 'insert', kind: 'bff_logout', id: once, value: { at }, expiresAt: until },
        ...marks.flat(),
        ...bySid.map((value) => ({ op: 'deleteBy', kind: 'bff_session', index: 'sid', value }) as const),
        ...bySub.map((value) => ({ op: 'deleteBy', kind: 'bff_session', index: 'subject', value }) as const),
      ])
      if (outcome === 'committed') return 'ended'
      if (outcome.conflict.id === once) return 'replayed'
    }
  }

  async #marking(id: string, at: EpochSeconds): Promise<readonly Change<BffRecords>[]> {
    const mark = await this.#store.read('bff_logout', id)
    const written = { kind: 'bff_logout', id, value: { at }, expiresAt: this.#settings.clock.now() + REMEMBERED } as const
    if (mark === undefined) return [{ op: 'insert', ...written }]
    return mark.value.at < at ? [{ op: 'replace', expected: mark.version, ...written }] : []
  }

  /**
   * Whether a notice came between the code and the record. A `sid` is not used again. A person may sign in after a sign-out: the
   * server's clock made both times, and within one second there is no order.
   */
  async #wasEnded(names: readonly string[], { sid, idToken }: Contents): Promise<boolean> {
    const { iat = 0 } = decodeJwt(idToken)
    const marks = await Promise.all(names.map((named) => this.#store.read('bff_logout', named)))
    return marks.some((mark, i) => mark !== undefined && ((i === 0 && sid !== undefined) || mark.value.at >= iat))
  }

  async read(id: string): Promise<StoredSession | undefined> {
    return this.#opened(await this.#store.read('bff_session', id))
  }

  async #opened(stored: Stored<SessionRecord> | undefined, witness?: Witness): Promise<StoredSession | undefined> {
    if (stored === undefined) return undefined
    const settings = this.#settings
    const { value, id, expiresAt: idleAt = 0 } = stored
    const { application, endsAt } = value
    if (firstReason('session', sessionChecks, { application, idleAt, endsAt, settings }, witness) !== undefined) return undefined
    const contents = (await settings.seals.open('session', id, value.sealed)) as Contents | undefined
    told(witness, OPENS, contents === undefined ? 'the key that sealed the session is no more, or the record was changed' : undefined)
    return contents === undefined ? undefined : { id, contents, idleAt, endsAt, stored }
  }

  /** Where ID tokens have no `sid`, a notice that has one is about all sessions of its person that have none (Back-Channel Logout §2.7). */
  #sidOf({ sid, sub }: Pick<Contents, 'sid' | 'sub'>): string {
    return sid === undefined ? this.#named('without sid', sub) : this.#named('sid', sid)
  }

  #named(what: 'sid' | 'without sid' | 'sub' | 'jti', value: string): string {
    return secretHash(JSON.stringify([this.#settings.application, this.#settings.issuer, what, value]))
  }
}
