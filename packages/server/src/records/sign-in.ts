import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import type { ValidRedirectUri } from '@holdfast/protocol/redirect-uri'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { AskedAuthorization, AuthorizationRequest } from '../authorization/request.ts'

/** An authorization request while the person signs in and consents. */
export interface InteractionRecord {
  readonly secretHash: string
  readonly sessionId: string
  readonly request: AuthorizationRequest
  /** The pushed request it came from: deleted when the code is issued or the person refuses (PAR-17). */
  readonly pushedRequestId: string | undefined
  /** When the person signed in within this interaction: answers `prompt=login`. */
  readonly signedInAt: EpochSeconds | undefined
  readonly consented: boolean
  /** Within this interaction the password was right, and a second factor is still owed. */
  readonly pending?: PendingSignIn | undefined
  /** What the client was when it began (`clientHash`): the person is asked about that one. */
  readonly clientHash?: string | undefined
}

/** Somebody who typed the right password and owes a second factor. It opens nothing: there is no session before both. */
export interface PendingSignIn {
  readonly subject: string
  /** As it was typed. */
  readonly username: string
  readonly provenAt: EpochSeconds
  /** Wrong codes so far. */
  readonly attempts: number
}

/** OAuth for First-Party Applications §5.3.1: a sign-in that an app of the operator's own leads, and who signed in by it. */
export interface AuthSessionRecord {
  /** Another one after every step: what was shown once is worth nothing (FIPA-23). */
  readonly secretHash: string
  readonly clientId: string
  /** The device: the DPoP key of its requests, and its attested instance (FIPA-21). */
  readonly jkt: string | undefined
  readonly instance: string | undefined
  /** What is asked for; undefined once it was answered, so that one request gives one code. */
  readonly request: AskedAuthorization | undefined
  /** Where a browser would be sent back to, should the person have to go on there. */
  readonly redirectUri: ValidRedirectUri | undefined
  readonly pending: PendingSignIn | undefined
  /** Answers to a step since somebody last signed in by it. */
  readonly attempts: number
  /** Who signed in on this device, all factors proven; undefined until then. */
  readonly subject: string | undefined
  readonly username: string | undefined
  readonly authTime: EpochSeconds | undefined
  readonly amr: readonly string[]
  readonly startedAt: EpochSeconds
}

/** A browser, and who is signed in there. */
export interface SessionRecord {
  readonly secretHash: string
  /** Undefined until somebody signs in. */
  readonly subject: string | undefined
  /** The public name of the session in tokens: independent of the record's id. */
  readonly sid: string
  readonly authTime: EpochSeconds | undefined
  readonly acr: string | undefined
  readonly amr: readonly string[]
  /** Of somebody who signs in for a page of ours; nobody is signed in by it. */
  readonly pending?: PendingSignIn | undefined
  readonly createdAt: EpochSeconds
  readonly seenAt: EpochSeconds
}

export interface ConsentRecord {
  readonly subject: string
  readonly clientId: string
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  readonly authorizationDetails: readonly AuthorizationDetail[]
  /** Names of claims that were asked for beyond the scopes. */
  readonly claims?: readonly string[] | undefined
  readonly givenAt: EpochSeconds
  /** What the client was then, where it can change by itself: another redirect URI or key needs another consent (CIMD-13). */
  readonly clientHash?: string | undefined
}
