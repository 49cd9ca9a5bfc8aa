import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Client } from '../config/client.ts'

/** What a grant decided to issue: plain data, not signed yet. */
export interface Issuance {
  readonly client: Client
  readonly subject: string
  readonly grantId: string
  readonly audience: readonly string[]
  readonly scopes: readonly string[]
  /** Present for a token bound to a DPoP key (RFC 9449 §6.1); then `token_type` is DPoP. */
  readonly jkt: string | undefined
  readonly issuedAt: EpochSeconds
  /** Never after the grant's end (RT-11). */
  readonly expiresAt: EpochSeconds
  readonly authentication: Authentication
  /** Present when an ID token goes with it. */
  readonly idToken: { readonly nonce: string | undefined; readonly sid: string; readonly expiresAt: EpochSeconds } | undefined
  /** Present when a refresh token goes with it: what its text is made from. */
  readonly refreshToken:
    | { readonly familyId: string; readonly generation: number; readonly salt: string; readonly keyId: string }
    | undefined
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
}
