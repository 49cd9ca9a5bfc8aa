import type { HttpRequest } from '@holdfast/protocol/http'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Witness } from '@holdfast/protocol/witness'
import type { Failure } from '../authorization-server/failure.ts'
import type { Contents } from './contents.ts'

/** A live session of the browser that sent a request. */
export interface Session {
  readonly id: string
  readonly contents: Contents
  readonly idleAt: EpochSeconds
  readonly endsAt: EpochSeconds
}

/** What came of a renewal. With a failure there may still be something to keep: a rotated refresh token is the only one that works. */
export interface Outcome {
  readonly contents: Contents
  readonly failure: Failure | undefined
}

/** Makes a session's contents anew with the authorization server's help. Called for one at a time. */
export type Renew = (contents: Contents) => Promise<Outcome>
/** Whether contents are good as they are: somebody else may have renewed them meanwhile. */
export type Settled = (contents: Contents) => boolean

export type Renewed =
  | { readonly kind: 'renewed'; readonly session: Session; readonly setCookie: readonly string[] }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly setCookie: readonly string[] }
  /** Just now, since its grant is gone. */
  | { readonly kind: 'ended'; readonly by: 'grant' }
  /** By a sign-out or another sign-in. What is left was brought for a session that was ended meanwhile: to revoke. */
  | { readonly kind: 'ended'; readonly by: 'somebody'; readonly left: Contents | undefined }

/** Where sessions are: in a store, or in the browser's sealed cookie. */
export interface Sessions {
  /** @param witness hears of each check where the lack of a session is a refusal; only in development */
  find(request: HttpRequest, witness?: Witness): Promise<Session | undefined>
  /**
   * Begins a session under an id that nobody has seen (BFF-07).
   *
   * @returns the cookies to set, or undefined when the session was ended before it began, or does not fit
   */
  start(request: HttpRequest, contents: Contents, endsAt: EpochSeconds): Promise<readonly string[] | undefined>
  /** Moves the idle end, at most once a minute. @returns the cookies to set */
  touch(session: Session): Promise<readonly string[]>
  /** Renews contents unless they are settled: once, however many ask in however many processes. */
  renew(session: Session, topic: string, settled: Settled, renew: Renew): Promise<Renewed>
  /** @returns what it held, for who revokes it; undefined when it is gone, or held by its browser alone */
  end(id: string): Promise<Contents | undefined>
  /** The cookies that make a browser forget its session. */
  forget(request: HttpRequest): readonly string[]
  /** Absent where sessions cannot be found by anything but their cookie. */
  readonly endBy?: (notice: LogoutNotice) => Promise<'ended' | 'replayed'>
}

/** What a back-channel logout names: a session of the authorization server, or all of a person's. */
export interface LogoutNotice {
  readonly jti: string
  readonly sub: string | undefined
  readonly sid: string | undefined
  /** When the authorization server said it, by the clock that its ID tokens have. */
  readonly at: EpochSeconds
  /** Until when the same notice could come again. */
  readonly until: EpochSeconds
}
