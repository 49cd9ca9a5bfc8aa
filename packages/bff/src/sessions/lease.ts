import { newSecret } from '@holdfast/protocol/secret'
import type { Seconds } from '@holdfast/protocol/time'
import { OutcomeUnknown, type Store, StoreUnavailable } from '@holdfast/store'
import { Failure } from '../authorization-server/failure.ts'
import type { BffRecords, SessionRecord } from '../records.ts'
import type { Settings } from '../settings.ts'
import type { Contents } from './contents.ts'
import type { Outcome, Renew, Renewed, Settled } from './sessions.ts'
import type { StoredSession } from './stored-session.ts'

/** How long a process may take to renew. One that died is not waited for any longer. */
export const LEASE: Seconds = 10
/** Milliseconds between looks at what another process is doing: together a little more than a lease. */
const WAITS: readonly number[] = [25, 50, 100, 200, 400, ...Array.from({ length: 20 }, () => 500)]
const MOST_CONFLICTS = 20
const MOST_OUTAGES = 5
const ENDED = { kind: 'ended', by: 'somebody', left: undefined } as const

/**
 * One renewal at a time across processes. The lock is taken by replacing exactly the version that was read: so what its holder
 * has in hand is the newest there is, and never a refresh token that somebody else used meanwhile.
 */
export class Lease {
  readonly #settings: Settings
  readonly #store: Store<BffRecords>
  readonly #read: (id: string) => Promise<StoredSession | undefined>
  /** Tells this process from the others. */
  readonly #me = newSecret()

  constructor(settings: Settings, store: Store<BffRecords>, read: (id: string) => Promise<StoredSession | undefined>) {
    this.#settings = settings
    this.#store = store
    this.#read = read
  }

  async renew(found: StoredSession, settled: Settled, renew: Renew): Promise<Renewed> {
    const { clock, sleep } = this.#settings
    let waits = 0
    let session: StoredSession | undefined = found
    for (let conflicts = 0; conflicts < MOST_CONFLICTS; session = await this.#read(found.id)) {
      if (session === undefined) return ENDED
      if (settled(session.contents)) return { kind: 'renewed', session, setCookie: [] }
      const { refreshing } = session.stored.value
      // A lock of our own is one whose commit was in doubt: no other renewal is under way in this process.
      if (refreshing !== undefined && refreshing.by !== this.#me && refreshing.until > clock.now()) {
        const wait = WAITS[waits++]
        if (wait === undefined) return busy('another process renews the session and does not end')
        await sleep(wait)
        continue
      }
      const locked = await this.#locked(session)
      if (locked === undefined) conflicts++
      else return this.#written(locked, await this.#renewed(locked, renew), settled)
    }
    return busy('the session is written to all the time')
  }

  async #locked(session: StoredSession): Promise<StoredSession | undefined> {
    const refreshing = { by: this.#me, until: this.#settings.clock.now() + LEASE }
    return this.#replaced(session, { ...session.stored.value, refreshing })
  }

  /** A bug must not leave the lock behind for others to wait at. */
  async #renewed(locked: StoredSession, renew: Renew): Promise<Outcome> {
    try {
      return await renew(locked.contents)
    } catch (error) {
      await this.#replaced(locked, this.#unlocked(locked))
      throw error
    }
  }

  /** Writes what came of it, until it is written: a rotated refresh token that is lost here is the end of the session. */
  async #written(locked: StoredSession, outcome: Outcome, settled: Settled): Promise<Renewed> {
    for (let tries = 0; tries < MOST_CONFLICTS; tries++) {
      try {
        const session = tries === 0 ? locked : await this.#read(locked.id)
        const done = session === undefined ? endedMeanwhile(locked, outcome) : await this.#writtenOver(session, locked, outcome, settled)
        if (done !== undefined) return done
      } catch (error) {
        const wait = WAITS[tries]
        if (!(error instanceof StoreUnavailable) || tries >= MOST_OUTAGES || wait === undefined) throw error
        await this.#settings.sleep(wait)
      }
    }
    return busy('the session is written to all the time')
  }

  /** The record may have moved: a request extended it, or our lease ran out. @returns undefined when it moved again */
  async #writtenOver(
    session: StoredSession,
    locked: StoredSession,
    { contents, failure }: Outcome,
    settled: Settled,
  ): Promise<Renewed | undefined> {
    const { sealed: now } = session.stored.value
    // Our lease ran out and another process has renewed: what it wrote is newer, even where the server told us that all is over.
    const overtaken = now !== locked.stored.value.sealed
    if (overtaken && settled(session.contents)) return { kind: 'renewed', session, setCookie: [] }
    // It renewed for another API, and what was refused is the refresh token from before.
    if (overtaken && failure?.kind === 'grant_ended') return busy('another process has renewed the session for another API')
    if (failure?.kind === 'grant_ended') return (await this.#deleted(session)) ? { kind: 'ended', by: 'grant' } : undefined
    const sealed = contents === locked.contents ? now : await this.#settings.seals.seal('session', session.id, contents)
    const written = await this.#replaced(session, { ...this.#unlocked(session), sealed }, contents)
    if (written === undefined) return undefined
    return failure === undefined ? { kind: 'renewed', session: written, setCookie: [] } : { kind: 'failed', failure, setCookie: [] }
  }

  /** @returns undefined when the record moved */
  async #replaced(
    { stored, ...session }: StoredSession,
    value: SessionRecord,
    contents: Contents = session.contents,
  ): Promise<StoredSession | undefined> {
    const { clock, idle } = this.#settings
    const idleAt = Math.max(session.idleAt, Math.min(clock.now() + idle, session.endsAt))
    try {
      const outcome = await this.#store.commit([
        { op: 'replace', kind: 'bff_session', id: stored.id, expected: stored.version, value, expiresAt: idleAt },
      ])
      if (outcome !== 'committed') return undefined
    } catch (error) {
      // Read again: it is there, or it is not.
      if (error instanceof OutcomeUnknown) return undefined
      throw error
    }
    return { ...session, contents, idleAt, stored: { ...stored, version: stored.version + 1, value, expiresAt: idleAt } }
  }

  async #deleted({ stored: { id, version } }: StoredSession): Promise<boolean> {
    const outcome = await this.#store.commit([
      { op: 'require', kind: 'bff_session', id, expected: version },
      { op: 'delete', kind: 'bff_session', id },
    ])
    return outcome === 'committed'
  }

  /** A lock of somebody else stays. */
  #unlocked({ stored: { value } }: StoredSession): SessionRecord {
    const { refreshing, ...rest } = value
    return refreshing === undefined || refreshing.by === this.#me ? rest : value
  }
}

/** Nobody else knows the tokens that the renewal brought. */
function endedMeanwhile(locked: StoredSession, { contents }: Outcome): Renewed {
  return contents === locked.contents ? ENDED : { ...ENDED, left: contents }
}

function busy(detail: string): Renewed {
  return { kind: 'failed', failure: new Failure('away', 'busy', detail), setCookie: [] }
}
