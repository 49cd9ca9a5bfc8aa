import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { ClaimsRequest } from './authorization/claims-request.ts'
import type { Challenge } from '@holdfast/protocol/pkce'
import type { Change, Kinds, Outcome, Store, StoreReader } from '@holdfast/store'
import type { Client, MayAct } from './config/client.ts'
import type { InteractionRecord, AuthSessionRecord, SessionRecord, ConsentRecord } from './records/sign-in.ts'
import type { EndedSessionRecord, LogoutDeliveryRecord, SessionClientRecord } from './records/sign-out.ts'
import type { PushedRequestRecord, DeviceRequestRecord, BackchannelRequestRecord } from './records/waiting.ts'

export type { AuthSessionRecord, ConsentRecord, InteractionRecord, PendingSignIn, Place, SessionRecord, Visit } from './records/sign-in.ts'
export type { EndedSessionRecord, LogoutDeliveryRecord, SessionClientRecord } from './records/sign-out.ts'
export type { BackchannelRequestRecord, DeviceRequestRecord, PolledRequest, PushedRequestRecord } from './records/waiting.ts'

/** Every kind of record that the server keeps: name → shape. `serverKinds` describes them to an engine. */
export type Records = {
  /** Clients that an operator added at run time; id: client_id. */
  readonly client: { readonly kind: 'client'; readonly client: Client; readonly createdAt: EpochSeconds }
  /** What belongs to a client that registered itself (RFC 7591), beside its `client` record; id: client_id. */
  readonly registration: RegistrationRecord
  readonly initial_access_token: InitialAccessTokenRecord
  /** One row for each thing that caches follow; its version moves with every change. */
  readonly revision: { readonly changedAt: EpochSeconds }
  readonly signing_key: SigningKeyRecord
  /** What pairwise subjects are made with: one row. */
  readonly pairwise_key: PairwiseKeyRecord
  readonly pushed_request: PushedRequestRecord
  readonly interaction: InteractionRecord
  readonly session: SessionRecord
  readonly auth_session: AuthSessionRecord
  /** Who is told when a session ends; id: hash of `sid` and client. */
  readonly session_client: SessionClientRecord
  readonly ended_session: EndedSessionRecord
  readonly logout_delivery: LogoutDeliveryRecord
  readonly authorization_code: AuthorizationCodeRecord
  readonly grant: GrantRecord
  readonly refresh_family: RefreshFamilyRecord
  /** Opaque access tokens. */
  readonly access_token: AccessTokenRecord
  /** A token that was revoked by itself before its end; id: its `jti`. */
  readonly revoked_token: object
  readonly consent: ConsentRecord
  readonly device_request: DeviceRequestRecord
  readonly backchannel_request: BackchannelRequestRecord
  /** The live user codes (RFC 8628 §6.1): one row each, so that no two are the same. id: HMAC of the code. */
  readonly user_code: { readonly requestId: string }
  /** A DPoP proof that was used; id: its time and replay key, so that rows arrive in order. */
  readonly dpop_jti: object
  /** A client assertion that was used; id: client and hash of its `jti`. */
  readonly assertion_jti: object
  /** An assertion of a trusted issuer that was used; id: hash of issuer and `jti`. */
  readonly grant_assertion: object
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

export interface RegistrationRecord {
  /** SHA-256 of the registration access token (RFC 7592 §3). Replaced with every update. */
  readonly tokenHash: string
  readonly by: 'open' | 'initial_access_token' | 'software_statement'
  /** `unproven`: anybody could have made it and no person has used it yet; it ends by itself. */
  readonly standing: 'unproven' | 'kept'
  /** As registered, in the names of RFC 7591 §2. */
  readonly metadata: Readonly<Record<string, unknown>>
  /** As it was sent: the answer repeats it (RFC 7591 §3.2.1). */
  readonly softwareStatement: string | undefined
  readonly createdAt: EpochSeconds
}

/** RFC 7591 §3: lets its holder register so many clients. An operator made it. */
export interface InitialAccessTokenRecord {
  readonly secretHash: string
  readonly usesLeft: number
}

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

/** Made once, and never another: every `sub` of a pairwise client hangs on it. */
export interface PairwiseKeyRecord {
  /** AES-256-GCM under a key derived from the master secret named by `secretId`. */
  readonly sealedKey: string
  readonly secretId: string
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
  /** OpenID Connect Core §5.5: claims that were asked for by name, and allowed. */
  readonly claims?: ClaimsRequest | undefined
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

/** An opaque access token: what a JWT would say. */
export interface AccessTokenRecord {
  readonly secretHash: string
  /** Its name for others, independent of the record's id. */
  readonly jti: string
  readonly clientId: string
  readonly subject: string
  /** Undefined where a client acts for itself. */
  readonly grantId: string | undefined
  readonly audience: readonly string[]
  readonly scopes: readonly string[]
  readonly jkt: string | undefined
  readonly x5t: string | undefined
  readonly authentication:
    | { readonly authTime: EpochSeconds; readonly acr: string | undefined; readonly amr: readonly string[] }
    | undefined
  readonly authorizationDetails: readonly AuthorizationDetail[] | undefined
  readonly actor: ActorRecord | undefined
  /** RFC 8693 §4.4. Absent from records of before there was token exchange, like the next. */
  readonly mayAct?: MayAct | undefined
  /** Names (`jti`) of the tokens that it was exchanged from, the nearest first. */
  readonly exchangedFrom?: readonly string[] | undefined
  readonly issuedAt: EpochSeconds
  readonly endsAt: EpochSeconds
}

/** RFC 8693 §4.1. */
export interface ActorRecord {
  readonly sub: string
  readonly client_id?: string
  readonly act?: ActorRecord
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
  registration: { indexes: ['standing'], id: 'given', expires: false },
  initial_access_token: { indexes: [], id: 'time-ordered', expires: true },
  revision: { indexes: [], id: 'given', expires: false },
  signing_key: { indexes: ['alg'], id: 'given', expires: true },
  pairwise_key: { indexes: [], id: 'given', expires: false },
  pushed_request: { indexes: [], id: 'time-ordered', expires: true },
  interaction: { indexes: [], id: 'time-ordered', expires: true },
  session: { indexes: ['subject'], id: 'time-ordered', expires: true },
  auth_session: { indexes: ['subject', 'clientId'], id: 'time-ordered', expires: true },
  session_client: { indexes: ['sid'], id: 'given', expires: true },
  ended_session: { indexes: ['state'], id: 'time-ordered', expires: false },
  logout_delivery: { indexes: ['state'], id: 'time-ordered', expires: true },
  authorization_code: { indexes: [], id: 'time-ordered', expires: true },
  grant: { indexes: ['subject', 'clientId', 'sid'], id: 'time-ordered', expires: true },
  refresh_family: { indexes: ['grantId', 'clientId'], id: 'time-ordered', expires: true },
  access_token: { indexes: [], id: 'time-ordered', expires: true },
  revoked_token: { indexes: [], id: 'given', expires: true },
  consent: { indexes: ['subject', 'clientId'], id: 'given', expires: false },
  device_request: { indexes: [], id: 'time-ordered', expires: true },
  backchannel_request: { indexes: ['pendingFor', 'pendingFrom'], id: 'time-ordered', expires: true },
  user_code: { indexes: [], id: 'given', expires: true },
  dpop_jti: { indexes: [], id: 'given', expires: true },
  assertion_jti: { indexes: [], id: 'given', expires: true },
  grant_assertion: { indexes: [], id: 'given', expires: true },
  audit_event: { indexes: [], id: 'time-ordered', expires: true },
  replay: { indexes: [], id: 'given', expires: true },
  counter: { indexes: [], id: 'given', expires: true },
}
