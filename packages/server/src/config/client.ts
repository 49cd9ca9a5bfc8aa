import type { ResponseMode } from '@holdfast/protocol/response-mode'
import type { EpochSeconds } from '@holdfast/protocol/time'

/** Named bundles of rules that a client is held to (design §6). */
export type Profile = 'oauth21' | 'strong' | 'fapi2' | 'fapi2-message-signing'

/** RFC 7591 §2 and OpenID Connect Core §9: how a client proves who it is. */
export type AuthMethod =
  | 'none'
  | 'client_secret_basic'
  | 'client_secret_post'
  | 'private_key_jwt'
  | 'tls_client_auth'
  | 'self_signed_tls_client_auth'
  | 'attest_jwt_client_auth'
  | 'attest_jwt_client_auth_dpop'

/** RFC 7516 §4.1: the key management and content algorithms that a client registered for what is sent to it. */
export interface Encryption {
  readonly alg: KeyManagementAlgorithm
  readonly enc: ContentEncryption
}

/** RFC 7518 §4.1 with RFC 8037: those that need a public key of the receiver. RSA1_5 is not among them (RFC 8725 §3.2). */
export type KeyManagementAlgorithm = 'RSA-OAEP-256' | 'RSA-OAEP' | 'ECDH-ES' | 'ECDH-ES+A128KW' | 'ECDH-ES+A256KW'
/** RFC 7518 §5.1. */
export type ContentEncryption = 'A128CBC-HS256' | 'A256CBC-HS512' | 'A128GCM' | 'A256GCM'

/** RFC 8705 §2.1.2: the one name that the client's certificate must have. */
export interface TlsClientSubject {
  readonly kind: 'subject_dn' | 'san_dns' | 'san_uri' | 'san_ip' | 'san_email'
  readonly value: string
}

/** CIBA Core §4: how a client learns that its request was answered. */
export interface BackchannelDelivery {
  readonly mode: 'poll' | 'ping'
  /** `backchannel_client_notification_endpoint`: there with `ping`. */
  readonly notificationEndpoint: string | undefined
}

/** RFC 8693: what an operator allows a client that exchanges tokens, beyond what every one of them may. */
export interface TokenExchangePolicy {
  /** Its tokens may look as if the person used them directly: no `act` is added (RFC 8693 §1.1). */
  readonly impersonation: boolean
  /** Scope of a subject token → scopes of other APIs that it may become. */
  readonly scopes: Readonly<Record<string, readonly string[]>>
}

/** RFC 8693 §4.4: who alone may become the actor by a token. At least one of the two is there; all that are there must match. */
export interface MayAct {
  readonly sub?: string
  readonly client_id?: string
}

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
  /** Who made it: an operator, the client itself by RFC 7591, or a document at its client_id. Only an operator's is trusted beyond its own word. */
  readonly origin: 'operator' | 'machine' | 'document'
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
  readonly idTokenEncryptedResponse?: Encryption | undefined
  /** OpenID Connect Registration §2: undefined, with the next undefined too: userinfo answers with plain JSON. */
  readonly userinfoSignedResponseAlg?: SigningAlgorithm | undefined
  readonly userinfoEncryptedResponse?: Encryption | undefined
  /** OpenID Connect Core §8.1: the sector that a pairwise client belongs to, a host; undefined: it knows people by their public `sub`. */
  readonly pairwiseSector?: string | undefined
  /** `sector_identifier_uri`, which lists the redirect URIs of all clients of the sector. */
  readonly sectorIdentifierUri?: string | undefined
  readonly dpopBoundAccessTokens: boolean
  readonly requirePushedAuthorizationRequests: boolean
  /** Seconds; OpenID Connect Registration §2. */
  readonly defaultMaxAge: number | undefined
  /** `default_acr_values` (OpenID Connect Registration §2): where the request names none. */
  readonly defaultAcrValues?: readonly string[] | undefined
  /** RFC 8705 §2.1.2; there with `tls_client_auth`. */
  readonly tlsClientAuth: TlsClientSubject | undefined
  /** RFC 8705 §3.4: every access token is bound to the certificate of its request. */
  readonly certificateBoundAccessTokens: boolean
  /** The only algorithm its request objects may have (RFC 9101 §6.2); undefined: any of the server's list. */
  readonly requestObjectSigningAlg: SigningAlgorithm | undefined
  /** OpenID Connect Core §6.1: what stands outside a request object counts too, where nothing inside says otherwise. */
  readonly mergesRequestObject?: boolean | undefined
  /** RFC 9101 §10.5: requests must be signed. */
  readonly requireSignedRequestObject: boolean
  /** JARM §3. */
  readonly authorizationSignedResponseAlg: SigningAlgorithm
  readonly authorizationEncryptedResponse: Encryption | undefined
  /** RFC 9701 §6: how introspection answers it as a resource server. */
  readonly introspectionSignedResponseAlg: SigningAlgorithm
  readonly introspectionEncryptedResponse: Encryption | undefined
  /** FAPI 2.0 Message Signing §5.3.3: the modes it may ask for; undefined: all that the server has. */
  readonly responseModes: readonly ResponseMode[] | undefined
  /** RP-Initiated Logout §3.1: compared character by character. Absent, like the next five, from clients that were stored before. */
  readonly postLogoutRedirectUris?: readonly string[] | undefined
  /** Back-Channel Logout §2.2: told when a session ends. */
  readonly backchannelLogoutUri?: string | undefined
  readonly backchannelLogoutSessionRequired?: boolean | undefined
  /** Front-Channel Logout §2: loaded in a frame when a person signs out. */
  readonly frontchannelLogoutUri?: string | undefined
  readonly frontchannelLogoutSessionRequired?: boolean | undefined
  /** OpenID Connect Core §4. */
  readonly initiateLoginUri?: string | undefined
  /** RFC 9396 §10: types of `authorization_details` it may ask for. */
  readonly authorizationDetailsTypes: readonly string[]
  /** Identifiers of the resources that this client stands for: it may introspect tokens that are meant for them (INT-02). */
  readonly protectedResources: readonly string[]
  /** Present for a client that may use CIBA. */
  readonly backchannel: BackchannelDelivery | undefined
  /** Undefined: it delegates only, and never to more than the subject token says. */
  readonly tokenExchange: TokenExchangePolicy | undefined
  /** Its access tokens say so (RFC 8693 §4.4). */
  readonly mayAct: MayAct | undefined
  /** An application of the operator's own, which may use the authorization challenge endpoint (FIPA-05). */
  readonly firstParty: boolean
  /** OAuth 2.1 §7.5.1: a confidential OpenID Connect client that always sends `nonce` may leave PKCE out. Weakens; named so. */
  readonly unsafeWithoutPkce: boolean
  /** Accepts the token endpoint's URL as `aud` of an assertion (CAUTH-25). Weakens; named so. */
  readonly unsafeLegacyAssertionAudience: boolean
  readonly disabled: boolean
}

export type AccessTokenFormat = 'jwt' | 'opaque'

/** A protected resource (RFC 8707, RFC 9728) that this server issues tokens for. */
export interface Resource {
  /** The `resource` parameter's value and the token's `aud`. */
  readonly identifier: string
  readonly name: string
  readonly scopes: readonly ScopeDescription[]
  /** `opaque`: a handle that only introspection explains. */
  readonly accessTokenFormat: AccessTokenFormat
  /** Seconds: 30 to 3600. */
  readonly accessTokenLifetime: number
}

/** A scope and the sentence that tells a person what it allows. */
export interface ScopeDescription {
  readonly name: string
  readonly description: string
}
