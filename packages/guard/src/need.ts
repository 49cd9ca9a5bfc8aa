import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import type { EpochSeconds, Seconds } from '@holdfast/protocol/time'

/** What a route asks of a token, beyond being valid for this API. */
export interface Need {
  /** Every one of these scopes. Told in the challenge, also to who shows no token (MCP). */
  readonly scopes?: readonly string[]
  /** Beside `scopes`, at least one of these. A challenge names the first of them: let it be the one that a client should ask for. */
  readonly anyScope?: readonly string[]
  /**
   * Any one of these authentication context classes, the preferred first (RFC 9470 §3). They are names without an order:
   * what also counts as `mfa` must be listed beside it. A token that names none, or another, is answered 401
   * `insufficient_user_authentication`. The list is told to whoever holds a token: let it depend on the route, not on the
   * person (§9). At least one; printable ASCII without space, `"` and `\`.
   */
  readonly acr?: readonly string[]
  /**
   * How long ago the person may have authenticated, in seconds, 0 or more (RFC 9470 §3): counted from `auth_time`, at each
   * request, and never from when the token was made. A token without `auth_time`, such as a machine's, is answered 401
   * `insufficient_user_authentication`. With 0 a person must have done it in this very second.
   */
  readonly maxAge?: Seconds
  /**
   * Whether one of the token's `authorization_details` allows this very request (RFC 9396 §9): look at type, action,
   * location and values, such as the amount that is to be paid. Called with all of them, none included; not called
   * for a token that is refused for another reason. `false` answers 403 `insufficient_scope`.
   */
  readonly details?: (granted: readonly AuthorizationDetail[]) => boolean
}

/** Who may come in, as the access token says it. */
export interface Access {
  /** Who issued the token. A `subject` is unique within its issuer only. */
  readonly issuer: string
  readonly subject: string
  readonly clientId: string
  /** Those of the token, and what they imply here (`scopeImplies`). As the token has them: `claims.scope`. */
  readonly scopes: readonly string[]
  /** RFC 9396 §9.1; empty when the token has none. */
  readonly authorizationDetails: readonly AuthorizationDetail[]
  /** Epoch seconds. */
  readonly expiresAt: number
  /** The authentication context class that the person met (RFC 9068 §2.2.1); undefined when the token does not say. */
  readonly acr: string | undefined
  /** The ways in which the person authenticated, such as `pwd` and `otp` (RFC 8176); empty when the token does not say. */
  readonly amr: readonly string[]
  /** When the person last authenticated, which may be long before the token was made; undefined when the token does not say. */
  readonly authTime: EpochSeconds | undefined
  /** The thumbprint of the key that the sender proved to hold; undefined for a bearer token. */
  readonly jkt: string | undefined
  /** The thumbprint of the client's certificate, where the token is bound to it (RFC 8705 §3.1). */
  readonly x5t?: string | undefined
  /** Every claim of the token (RFC 9068 §2.2). */
  readonly claims: Readonly<Record<string, unknown>>
}
