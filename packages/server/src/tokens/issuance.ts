import type { AuthorizationDetail, Json } from '@holdfast/protocol/authorization-details'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { AccessTokenFormat, Client } from '../config/client.ts'
import type { Confirmation } from './sender-constraint.ts'

/** What a grant decided to issue: plain data, not signed yet. */
export interface Issuance {
  readonly client: Client
  readonly subject: string
  /** The grant it stands under; undefined where a client acts for itself. */
  readonly grantId: string | undefined
  readonly audience: readonly string[]
  readonly scopes: readonly string[]
  readonly format: AccessTokenFormat
  /** Present for a bound token; with a `jkt` its `token_type` is DPoP. */
  readonly confirmation: Confirmation | undefined
  /** RFC 9396 §7: of those granted, the ones that the audience is to see; absent for none. */
  readonly authorizationDetails?: readonly AuthorizationDetail[] | undefined
  /** RFC 8693 §4.1. */
  readonly actor?: Actor | undefined
  /** Of a token that was exchanged: names (`jti`) of those it came from, the nearest first. It ends when one of them is revoked. */
  readonly exchangedFrom?: readonly string[] | undefined
  readonly issuedAt: EpochSeconds
  /** Never after the grant's end (RT-11). */
  readonly expiresAt: EpochSeconds
  /** Undefined where no person is involved. */
  readonly authentication: Authentication | undefined
  /** Present when an ID token goes with it. */
  readonly idToken:
    | {
        readonly nonce: string | undefined
        readonly sid: string | undefined
        readonly expiresAt: EpochSeconds
        /** About the person, for a client that asked for them there (OpenID Connect Core §5.5). Default: none (OIDC-33). */
        readonly claims?: Readonly<Record<string, unknown>> | undefined
      }
    | undefined
  /** Present when a refresh token goes with it: what its text is made from. */
  readonly refreshToken:
    | { readonly familyId: string; readonly generation: number; readonly salt: string; readonly keyId: string }
    | undefined
  /** Members of the response that only this grant has, such as `issued_token_type`; they win over the usual ones. */
  readonly response?: Readonly<Record<string, Json>> | undefined
}

/** RFC 8693 §4.1: who acts for the subject; the nested one acted before. No `exp`, no `aud` (TEX-09). */
export interface Actor {
  readonly sub: string
  readonly client_id?: string
  readonly act?: Actor
}

/** How and when the person signed in: fixed at the authorization response, the same through every refresh (TOK-06). */
export interface Authentication {
  readonly authTime: EpochSeconds
  readonly acr: string | undefined
  readonly amr: readonly string[]
}

/** RFC 6749 §5.1, RFC 9449 §5. */
export interface TokenResponse {
  readonly access_token: string
  readonly token_type: 'Bearer' | 'DPoP'
  readonly expires_in: number
  readonly scope?: string
  readonly refresh_token?: string
  readonly id_token?: string
  /** RFC 9396 §7. */
  readonly authorization_details?: readonly AuthorizationDetail[]
}
