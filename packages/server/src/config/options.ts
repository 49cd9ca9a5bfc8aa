import type { Clock, Seconds } from '@holdfast/protocol/time'
import type { Memory } from '@holdfast/proof/memory'
import type { Store } from '@holdfast/store'
import type { Accounts } from '../interaction/accounts.ts'
import type { SecondFactorPolicy } from './authentication-policy.ts'
import type { Records } from '../records.ts'
import type { AttestationOptions } from './attestation.ts'
import type { AuthenticationLevel } from './authentication-levels.ts'
import type { AuthorizationDetailsType } from './authorization-details.ts'
import type { Client, Resource } from './client.ts'
import type { TrustedIssuer } from './trusted-issuers.ts'
import type { Outbound } from './outbound.ts'
import type { RegistrationOptions } from './registration.ts'

/** One secret from the environment or a file: what private keys are encrypted under and derived keys come from. */
export interface MasterSecret {
  /** 1 to 32 of `A-Za-z0-9_-`; goes into refresh tokens, so that the key of each is known. */
  readonly id: string
  /** At least 32 bytes. */
  readonly value: Uint8Array
}

/** @typeParam R the records of the server, and of grants that keep their own */
export interface ServerOptions<R extends Records = Records> {
  /** RFC 8414 §2: https, or http on loopback; no query, no fragment, no trailing slash. */
  readonly issuer: string
  readonly store: Store<R>
  readonly accounts: Accounts
  /** Read-only; they win over stored ones, and a clash stops the start. */
  readonly clients: readonly Client[]
  readonly resources: readonly Resource[]
  /** RFC 9396: types of `authorization_details` that clients may be allowed to ask for. Default: none. */
  readonly authorizationDetailsTypes?: readonly AuthorizationDetailsType[]
  /** The first is used for what is new; the others still verify. At least one. */
  readonly secrets: readonly MasterSecret[]
  readonly memory: Memory
  /** Trusted attesters; absent: no client authenticates by attestation. */
  readonly attestation?: AttestationOptions | undefined
  /** Parties whose assertions are good for tokens (RFC 7523 §2.1). */
  readonly trustedIssuers?: readonly TrustedIssuer[]
  readonly clock?: Clock
  readonly log?: Log
  readonly lifetimes?: Partial<Lifetimes>
  /** `required` (default) or `off`: nothing between, or a proof without a nonce would be a way down (DPOP-40). */
  readonly dpopNonce?: 'required' | 'off'
  /**
   * Mutual TLS (RFC 8705): announces its two client authentication methods and certificate-bound tokens. The mount gives
   * the certificates (`HttpRequest.clientCertificate`). Absent: certificates authenticate nobody.
   */
  readonly mutualTls?: MutualTls
  /**
   * What the server may ask of others beside the public internet: hosts (`keys.internal`, `localhost:8443`), addresses and
   * networks (`10.20.0.0/16`); or a client of your own, which then has to keep private addresses out itself (REG-13).
   * Default: nothing private.
   */
  readonly outbound?: Outbound | { readonly allow: readonly string[] }
  /** Every authorization request must be pushed (RFC 9126 §5), whatever the client's own metadata say. Default: false. */
  readonly requirePushedAuthorizationRequests?: boolean
  /** Every authorization request must be signed (RFC 9101 §10.5), whatever the client's own metadata say. Default: false. */
  readonly requireSignedRequestObject?: boolean
  /** Clients that no operator creates. Default: there are none. */
  readonly registration?: RegistrationOptions | undefined
  /**
   * Named ways to sign in, the strongest last. With them `acr_values` and `max_age` are conditions that a client may set
   * (RFC 9470 §5), and announced. Default: none, and `acr_values` is a wish that is not granted.
   */
  readonly authenticationLevels?: readonly AuthenticationLevel[]
  /** Whether who has a second factor is asked for it at every sign-in, or only where a level asks for it. Default: `always`. */
  readonly secondFactor?: SecondFactorPolicy
  /** What signing out ends. */
  readonly logout?: LogoutOptions | undefined
  readonly sessions?: SessionOptions | undefined
  /** Shows the explanation of an error on its page, for developers. Default: false. */
  readonly development?: boolean
}

export interface LogoutOptions {
  /** Refresh tokens of the session end with it, unless `offline_access` was granted (Back-Channel Logout §2.7). @default true */
  readonly endsRefreshTokens?: boolean | undefined
}

export interface SessionOptions {
  /**
   * The session is known in frames that applications of other sites have: `check_session_iframe`, and `prompt=none` in a
   * frame. The session cookie is then SameSite=None. @default false
   */
  readonly thirdPartyFrames?: boolean | undefined
}

export interface MutualTls {
  /** The https origin of the listener that asks for certificates, where it is not that of the issuer: announced as `mtls_endpoint_aliases` (RFC 8705 §5). */
  readonly publicUrl?: string | undefined
}

/** All in seconds. */
export interface Lifetimes {
  /** 10 to 60. @default 60 */
  readonly authorizationCode: Seconds
  /** 5 to 599. @default 300 */
  readonly pushedRequest: Seconds
  /** How long a device waits for its person: 60 to 1800. @default 600 */
  readonly deviceCode: Seconds
  /** How long a backchannel request waits for its person: 30 to 1800. @default 300 */
  readonly backchannelRequest: Seconds
  /** How long a person may take to sign in and consent: 60 to 3600. @default 1800 */
  readonly interaction: Seconds
  /** @default 300 */
  readonly accessToken: Seconds
  /** @default 300 */
  readonly idToken: Seconds
  /**
   * How long a rotated refresh token may be presented again: 0 to 120. Within it a second use is a retry
   * and is answered; after it the second use is theft and the family is revoked (RFC 9700 §4.14.2).
   * @default 10
   */
  readonly refreshTokenGrace: Seconds
  /** From the grant on; rotation never moves it. @default 2592000 (30 days) */
  readonly refreshTokenAbsolute: Seconds
  /** From the last use on. @default 604800 (7 days) */
  readonly refreshTokenIdle: Seconds
  /** @default 43200 (12 hours) */
  readonly sessionAbsolute: Seconds
  /** @default 7200 (2 hours) */
  readonly sessionIdle: Seconds
}

/** Structured lines for the operator. A log never holds tokens, secrets, proofs or passwords. */
export interface Log {
  info(event: string, fields?: Readonly<Record<string, unknown>>): void
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void
  error(event: string, fields?: Readonly<Record<string, unknown>>): void
}
