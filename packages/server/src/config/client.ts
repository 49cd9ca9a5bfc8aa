import type { EpochSeconds } from '@holdfast/protocol/time'

/** Named bundles of rules that a client is held to (design §6). */
export type Profile = 'oauth21' | 'strong' | 'fapi2' | 'fapi2-message-signing'

/** RFC 7591 §2 and OpenID Connect Core §9: how a client proves who it is. */
export type AuthMethod = 'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt'

export type SigningAlgorithm = 'ES256' | 'EdDSA' | 'PS256' | 'RS256'

/** SHA-256 of a client secret (`secretHash` of protocol), and when it ends. Two may overlap while one is replaced. */
export interface ClientSecret {
  readonly hash: string
  /** `client_secret_expires_at` (RFC 7591 §3.2.1); undefined: never. */
  readonly expiresAt: EpochSeconds | undefined
}

/** A registered client: RFC 7591 metadata, read and checked, in the names of the code. Plain JSON. */
export interface Client {
  readonly clientId: string
  readonly clientName: string
  readonly clientUri: string | undefined
  readonly logoUri: string | undefined
  readonly policyUri: string | undefined
  readonly tosUri: string | undefined
  readonly profile: Profile
  readonly applicationType: 'web' | 'native'
  readonly redirectUris: readonly string[]
  readonly grantTypes: readonly string[]
  /** Scopes it may ask for. */
  readonly scopes: readonly string[]
  /** Resources (RFC 8707) it may ask for; undefined: every configured one. */
  readonly resources: readonly string[] | undefined
  readonly tokenEndpointAuthMethod: AuthMethod
  /** The only algorithm its assertions may have; undefined: any of the server's list. */
  readonly tokenEndpointAuthSigningAlg: SigningAlgorithm | undefined
  readonly secrets: readonly ClientSecret[]
  /** Public keys by value. */
  readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] } | undefined
  readonly jwksUri: string | undefined
  readonly idTokenSignedResponseAlg: SigningAlgorithm
  readonly dpopBoundAccessTokens: boolean
  readonly requirePushedAuthorizationRequests: boolean
  /** Seconds; OpenID Connect Registration §2. */
  readonly defaultMaxAge: number | undefined
  /** Accepts the token endpoint's URL as `aud` of an assertion (CAUTH-25). Weakens; named so. */
  readonly unsafeLegacyAssertionAudience: boolean
  readonly disabled: boolean
}

/** A protected resource (RFC 8707, RFC 9728) that this server issues tokens for. */
export interface Resource {
  /** The `resource` parameter's value and the token's `aud`. */
  readonly identifier: string
  readonly name: string
  readonly scopes: readonly ScopeDescription[]
  readonly accessTokenFormat: 'jwt'
  /** Seconds: 30 to 3600. */
  readonly accessTokenLifetime: number
}

/** A scope and the sentence that tells a person what it allows. */
export interface ScopeDescription {
  readonly name: string
  readonly description: string
}
