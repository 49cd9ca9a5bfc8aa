import type { HttpRequest } from '@holdfast/protocol/http'
import { newRecordId } from '@holdfast/protocol/secret'
import type { EpochSeconds, Seconds } from '@holdfast/protocol/time'
import type { Witness } from '@holdfast/protocol/witness'
import { Failure } from '../authorization-server/failure.ts'
import { firstReason, told } from '../checks.ts'
import { clearCookie } from '../cookies.ts'
import type { Settings } from '../settings.ts'
import type { Contents } from './contents.ts'
import { chunkNames, readChunks, writeChunks } from './cookie-chunks.ts'
import { Flights } from './flights.ts'
import { Recent } from './recent.ts'
import { COOKIE_KNOWN, NOBODY, NOT_ENDED, sessionChecks } from './session-checks.ts'
import type { Renew, Renewed, Session, Sessions, Settled } from './sessions.ts'

const STEP: Seconds = 60

/** What is sealed in the cookie. */
interface Sealed {
  readonly id: string
  /** Of which application: another one with the same secrets is another audience. */
  readonly application: string
  readonly contents: Contents
  readonly idleAt: EpochSeconds
  readonly endsAt: EpochSeconds
  /** One more at every renewal. */
  readonly generation: number
}

interface CookieSession extends Session {
  readonly sealed: Sealed
  /** The cookies that the browser has. */
  readonly present: readonly string[]
  /** This process has renewed it meanwhile: the browser needs the newer cookie. */
  readonly behind: boolean
}

/**
 * Sessions that their browsers hold, encrypted, for a deployment without a store (BFF-08). What it cannot do: end a session of
 * another browser (so there is no back-channel logout), take back a cookie that was copied before sign-out, and renew once across
 * processes. Sign-out leans on the revocation of tokens.
 */
export class CookieSessions implements Sessions {
  readonly #settings: Settings
  readonly #flights = new Flights()
  /** Requests that left before a renewal arrive after it, with the older cookie. */
  readonly #newest: Recent<Sealed>
  readonly #ended: Recent<true>

  constructor(settings: Settings) {
    this.#settings = settings
    this.#newest = new Recent(settings.clock, 120)
    this.#ended = new Recent(settings.clock, settings.absolute)
  }

  async find(request: HttpRequest, witness?: Witness): Promise<CookieSession | undefined> {
    const { seals, cookie } = this.#settings
    const text = readChunks(request, cookie)
    const sealed = text === undefined ? undefined : ((await seals.open('session', cookie.name, text)) as Sealed | undefined)
    told(witness, COOKIE_KNOWN, sealed === undefined ? NOBODY : undefined)
    if (sealed === undefined) return undefined
    const ended = this.#ended.get(sealed.id) === true ? 'the session was ended' : undefined
    if (told(witness, NOT_ENDED, ended) !== undefined) return undefined
    const newest = this.#newest.get(sealed.id)
    const behind = newest !== undefined && newest.generation > sealed.generation
    const held = behind ? newest : sealed
    if (firstReason('session', sessionChecks, { ...held, settings: this.#settings }, witness) !== undefined) return undefined
    return sessionOf(held, chunkNames(request, cookie), behind)
  }

  async start(request: HttpRequest, contents: Contents, endsAt: EpochSeconds): Promise<readonly string[] | undefined> {
    const { clock, idle, application, cookie } = this.#settings
    const now = clock.now()
    const sealed = { id: newRecordId(now * 1000), application, contents, idleAt: Math.min(now + idle, endsAt), endsAt, generation: 1 }
    return this.#written(sealed, chunkNames(request, cookie))
  }

  async touch(session: Session): Promise<readonly string[]> {
    const { sealed, present, behind } = session as CookieSession
    const idleAt = this.#idleAt(sealed)
    if (idleAt - sealed.idleAt < STEP && !behind) return []
    return (await this.#written({ ...sealed, idleAt }, present)) ?? []
  }

  renew(session: Session, topic: string, settled: Settled, renew: Renew): Promise<Renewed> {
    const { present, sealed, id } = session as CookieSession
    const look = async (): Promise<Renewed | undefined> => {
      if (this.#ended.get(id) === true) return { kind: 'ended', by: 'somebody', left: undefined }
      const held = this.#newest.get(id) ?? sealed
      return settled(held.contents) ? this.#renewed(held, present) : undefined
    }
    return this.#flights.join(
      id,
      topic,
      look,
      async () => (await look()) ?? this.#renewedBy(this.#newest.get(id) ?? sealed, present, renew),
    )
  }

  async end(id: string): Promise<Contents | undefined> {
    const held = this.#newest.get(id)
    this.#ended.set(id, true)
    return held?.contents
  }

  forget(request: HttpRequest): readonly string[] {
    const { cookie } = this.#settings
    return [...new Set([cookie.name, ...chunkNames(request, cookie)])].map((name) => clearCookie(cookie, name))
  }

  async #renewedBy(held: Sealed, present: readonly string[], renew: Renew): Promise<Renewed> {
    const { contents, failure } = await renew(held.contents)
    if (failure?.kind === 'grant_ended') {
      this.#ended.set(held.id, true)
      return { kind: 'ended', by: 'grant' }
    }
    // Signed out meanwhile: a cookie that was set now would sign in again, in every process that has not heard of it.
    if (this.#ended.get(held.id) === true) return { kind: 'ended', by: 'somebody', left: contents === held.contents ? undefined : contents }
    if (failure !== undefined && contents === held.contents) return { kind: 'failed', failure, setCookie: [] }
    const next = { ...held, contents, idleAt: this.#idleAt(held), generation: held.generation + 1 }
    this.#newest.set(held.id, next)
    const renewed = await this.#renewed(next, present)
    return failure === undefined || renewed.kind !== 'renewed' ? renewed : { kind: 'failed', failure, setCookie: renewed.setCookie }
  }

  async #renewed(held: Sealed, present: readonly string[]): Promise<Renewed> {
    const setCookie = await this.#written(held, present)
    if (setCookie === undefined) return { kind: 'failed', failure: tooLarge(), setCookie: [] }
    return { kind: 'renewed', session: sessionOf(held, present, false), setCookie }
  }

  async #written(sealed: Sealed, present: readonly string[]): Promise<readonly string[] | undefined> {
    const { seals, cookie, tell } = this.#settings
    const cookies = writeChunks(cookie, await seals.seal('session', cookie.name, sealed), present)
    if (cookies === undefined) tell({ type: 'session.too_large', detail: tooLarge().detail })
    return cookies
  }

  #idleAt({ endsAt }: Sealed): EpochSeconds {
    return Math.min(this.#settings.clock.now() + this.#settings.idle, endsAt)
  }
}

function sessionOf(sealed: Sealed, present: readonly string[], behind: boolean): CookieSession {
  const { id, contents, idleAt, endsAt } = sealed
  return { id, contents, idleAt, endsAt, sealed, present, behind }
}

function tooLarge(): Failure {
  return new Failure('unsound', 'session_too_large', 'tokens and claims do not fit into cookies: keep sessions in a store, or ask for less')
}
