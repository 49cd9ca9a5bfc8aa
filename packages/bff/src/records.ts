import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Kinds } from '@holdfast/store'

/** What the backend keeps, where sessions are in a store. */
export type BffRecords = {
  readonly bff_session: SessionRecord
  readonly bff_logout: LogoutRecord
}

/** One signed-in browser. The browser holds a handle: the record's id and a secret, of which only the hash is here. The record expires when the session is idle. */
export interface SessionRecord {
  readonly secretHash: string
  /** Which application's it is, where several share a store: hash of public URL and client. */
  readonly application: string
  /** Hash of application, issuer and `sid`, or of `sub` where the ID token had no `sid`: what a back-channel logout names. */
  readonly sid?: string | undefined
  /** Hash of application, issuer and `sub`. */
  readonly subject: string
  /** Tokens, key and claims: encrypted under the first of the secrets, whose id stands in front. */
  readonly sealed: string
  readonly endsAt: EpochSeconds
  /** Who refreshes now, and until when nobody else does. */
  readonly refreshing?: { readonly by: string; readonly until: EpochSeconds } | undefined
}

/** A back-channel logout that was heard: its `jti`, which works once, or whom it named, under whom no sign-in from before begins a session. */
export interface LogoutRecord {
  readonly at: EpochSeconds
}

/** Hand this to the engine that keeps sessions: `openSqliteStore({ kinds: bffKinds, … })`. */
export const bffKinds: Kinds<BffRecords> = {
  bff_session: { indexes: ['sid', 'subject'], id: 'time-ordered', expires: true },
  bff_logout: { indexes: [], id: 'given', expires: true },
}
