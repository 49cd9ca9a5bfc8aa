import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import type { ValidRedirectUri } from '@holdfast/protocol/redirect-uri'
import type { EpochSeconds, Seconds } from '@holdfast/protocol/time'
import type { SecondFactor } from '../interaction/accounts.ts'
import type { AskedAuthorization, AuthorizationRequest } from '../authorization/request.ts'

/** A person's way through the pages: for an authorization request, or for a page of ours. One of the two is there. */
export interface InteractionRecord {
  readonly secretHash: string
  /** The session that it is about: that of the browser that began it, or of the person who was chosen or signed in. */
  readonly sessionId: string
  /** Who was chosen or signed in within it; what is noted below is about them alone. Their session may be another one by now. */
  readonly subject?: string | undefined
  /** The browser that began it: its sessions change while people sign in, also in another tab. */
  readonly browser?: string | undefined
  readonly request?: AuthorizationRequest | undefined
  /** The pushed request it came from: deleted when the code is issued or the person refuses (PAR-17). */
  readonly pushedRequestId?: string | undefined
  readonly visit?: Visit | undefined
  /** When the person signed in within this interaction: answers `prompt=login`. */
  readonly signedInAt: EpochSeconds | undefined
  readonly selected?: boolean
  readonly choosing?: boolean
  readonly creating?: boolean
  readonly signInAgain?: boolean
  /** Within this interaction the password was right, and a second factor is still owed. */
  readonly pending?: PendingSignIn | undefined
  /** The client that was answered: nothing else is left of an interaction that is over, and it opens nothing. */
  readonly answered?: string | undefined
  /** What the client was when it began (`clientHash`): the person is asked about that one. */
  readonly clientHash?: string | undefined
}

/** A page of ours that people sign in for. */
export type Place = 'device' | 'approve' | 'account' | 'account/factors'

/** A sign-in for a page of ours. */
export interface Visit {
  readonly place: Place
  /** Goes along, and nothing else of the address. */
  readonly userCode: string | undefined
  readonly maxAge: Seconds | undefined
  /** A second factor is asked of whoever has one, whatever the policy asks by itself (A54). */
  readonly allFactors?: boolean | undefined
}

/** Somebody who typed the right password and owes a second factor. It opens nothing: there is no session before both. */
export interface PendingSignIn {
  readonly subject: string
  /** As it was typed. */
  readonly username: string
  readonly provenAt: EpochSeconds
  /** Wrong answers so far. */
  readonly attempts: number
  /** What is proven already (RFC 8176). Absent: the password. */
  readonly amr?: readonly string[] | undefined
  /** Any one of these is owed. Absent: a one-time code. */
  readonly factors?: readonly SecondFactor[] | undefined
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
  /** The same for all sessions of one browser, and through every new one there. A name for us alone; it opens nothing. */
  readonly browser?: string | undefined
  /** Undefined until somebody signs in. */
  readonly subject: string | undefined
  /** The public name of the session in tokens: independent of the record's id. */
  readonly sid: string
  readonly authTime: EpochSeconds | undefined
  readonly acr: string | undefined
  readonly amr: readonly string[]
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
  /** Which client they were shown (`clientVersion`). Absent from records of before it was kept. */
  readonly clientVersion?: string | undefined
  /** What the client was then, where it can change by itself: another redirect URI or key needs another consent (CIMD-13). */
  readonly clientHash?: string | undefined
}
