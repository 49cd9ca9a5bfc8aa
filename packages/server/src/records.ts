import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Challenge } from '@holdfast/protocol/pkce'
import type { Change, Kinds, Outcome, Store, StoreReader } from '@holdfast/store'
import type { Client } from './config/client.ts'
import type { ValidRedirectUri } from '@holdfast/protocol/redirect-uri'
import type { AskedAuthorization, AuthorizationRequest } from './authorization/request.ts'

/** Every kind of record that the server keeps: name → shape. `serverKinds` describes them to an engine. */
export type Records = {
  /** Clients that an operator added at run time; id: client_id. */
  readonly client: { readonly kind: 'client'; readonly client: Client; readonly createdAt: EpochSeconds }
  /** One row for each thing that caches follow; its version moves with every change. */
  readonly revision: { readonly changedAt: EpochSeconds }
  readonly signing_key: SigningKeyRecord
  readonly pushed_request: PushedRequestRecord
  readonly interaction: InteractionRecord
  readonly session: SessionRecord
  readonly auth_session: AuthSessionRecord
  readonly authorization_code: AuthorizationCodeRecord
  readonly grant: GrantRecord
  readonly refresh_family: RefreshFamilyRecord
  readonly consent: ConsentRecord
  /** A DPoP proof that was used; id: its time and replay key, so that rows arrive in order. */
  readonly dpop_jti: object
  /** A client assertion that was used; id: client and hash of its `jti`. */
  readonly assertion_jti: object
  readonly audit_event: AuditEventRecord
  /** A proof that was used where nothing else is committed; id: its hash. */
  readonly replay: object
  /** Attempts in a window of time. */
  readonly counter: { readonly count: number }
}

export type ServerStore = Store<Records>
export type ServerReader = StoreReader<Records>
export type ServerChange = Change<Records>
export type ServerOutcome = Outcome

export interface SigningKeyRecord {
  readonly alg: string
  readonly kid: string
  readonly publicJwk: Readonly<Record<string, unknown>>
  /** AES-256-GCM under a key derived from the master secret named by `secretId`: nonce, tag, ciphertext; base64url. */
  readonly sealedPrivateKey: string
  readonly secretId: string
  readonly publishedAt: EpochSeconds
  /** Signs from then on; published before. */
  readonly activeFrom: EpochSeconds
}

/** RFC 9126: a request that waits for its browser. */
export interface PushedRequestRecord {
  readonly secretHash: string
  readonly clientId: string
  readonly request: AuthorizationRequest
}

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
  readonly createdAt: EpochSeconds
  readonly seenAt: EpochSeconds
}

export interface AuthorizationCodeRecord {
  readonly secretHash: string
  readonly grantId: string
  readonly clientId: string
  /** Undefined for a code of the authorization challenge endpoint, where nobody was redirected (FIPA-27). */
  readonly redirectUri: string | undefined
  /** Undefined only for a client that may leave PKCE out (`unsafe_without_pkce`). */
  readonly challenge: Challenge | undefined
  readonly dpopJkt: string | undefined
  /** The attested instance that asked (ABCA-14): only it may redeem. */
  readonly instance: string | undefined
  readonly nonce: string | undefined
  readonly issuedAt: EpochSeconds
  /** Set by the one redemption; the record stays as long as the grant, so that a late replay still revokes. */
  readonly redeemedAt: EpochSeconds | undefined
}

/** What a person allowed a client. Revoking deletes it, and everything under it dies with it. */
export interface GrantRecord {
  readonly clientId: string
  readonly subject: string
  /** The browser session it was given in; undefined where its end must not end the grant, as on another device. */
  readonly sid: string | undefined
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  readonly authorizationDetails: readonly AuthorizationDetail[]
  readonly authTime: EpochSeconds
  readonly acr: string | undefined
  readonly amr: readonly string[]
  readonly createdAt: EpochSeconds
}

/** One line of refresh tokens (design §6). */
export interface RefreshFamilyRecord {
  readonly grantId: string
  readonly clientId: string
  readonly generation: number
  /** When `generation` replaced the one before; never moved by a retry. */
  readonly rotatedAt: EpochSeconds | undefined
  readonly salt: string
  /** The key that the current generation's MAC is under. */
  readonly keyId: string
  /** The key a public client's tokens are bound to (RFC 9449 §5). */
  readonly jkt: string | undefined
  /** The certificate a public client's tokens are bound to (RFC 8705 §4). */
  readonly x5t: string | undefined
  /** Thumbprint of the attested instance's key (ABCA-13). */
  readonly instance: string | undefined
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  readonly authorizationDetails: readonly AuthorizationDetail[]
  readonly endsAt: EpochSeconds
  readonly usedAt: EpochSeconds
}

export interface ConsentRecord {
  readonly subject: string
  readonly clientId: string
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  readonly authorizationDetails: readonly AuthorizationDetail[]
  readonly givenAt: EpochSeconds
}

export interface AuditEventRecord {
  readonly type: string
  readonly at: EpochSeconds
  readonly clientId: string | undefined
  readonly subject: string | undefined
  readonly detail: Readonly<Record<string, string | number | boolean | readonly string[]>>
}

export const serverKinds: Kinds<Records> = {
  client: { indexes: ['kind'], id: 'given', expires: false },
  revision: { indexes: [], id: 'given', expires: false },
  signing_key: { indexes: ['alg'], id: 'given', expires: true },
  pushed_request: { indexes: [], id: 'time-ordered', expires: true },
  interaction: { indexes: [], id: 'time-ordered', expires: true },
  session: { indexes: ['subject'], id: 'time-ordered', expires: true },
  auth_session: { indexes: ['subject', 'clientId'], id: 'time-ordered', expires: true },
  authorization_code: { indexes: [], id: 'time-ordered', expires: true },
  grant: { indexes: ['subject', 'clientId', 'sid'], id: 'time-ordered', expires: true },
  refresh_family: { indexes: ['grantId', 'clientId'], id: 'time-ordered', expires: true },
  consent: { indexes: ['subject'], id: 'given', expires: false },
  dpop_jti: { indexes: [], id: 'given', expires: true },
  assertion_jti: { indexes: [], id: 'given', expires: true },
  audit_event: { indexes: [], id: 'time-ordered', expires: true },
  replay: { indexes: [], id: 'given', expires: true },
  counter: { indexes: [], id: 'given', expires: true },
}
