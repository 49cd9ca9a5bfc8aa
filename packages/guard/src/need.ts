import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'

/** What a route asks of a token, beyond being valid for this API. */
export interface Need {
  /** Every one of these scopes. */
  readonly scopes?: readonly string[]
  /**
   * Whether one of the token's `authorization_details` allows this very request (RFC 9396 §9): look at type, action,
   * location and values, such as the amount that is to be paid. Called with all of them, none included; not called
   * for a token that is refused for another reason. `false` answers 403 `insufficient_scope`.
   */
  readonly details?: (granted: readonly AuthorizationDetail[]) => boolean
}

/** Who may come in, as the access token says it. */
export interface Access {
  readonly subject: string
  readonly clientId: string
  readonly scopes: readonly string[]
  /** RFC 9396 §9.1; empty when the token has none. */
  readonly authorizationDetails: readonly AuthorizationDetail[]
  /** Epoch seconds. */
  readonly expiresAt: number
  /** The thumbprint of the key that the sender proved to hold; undefined for a bearer token. */
  readonly jkt: string | undefined
  /** The thumbprint of the client's certificate, where the token is bound to it (RFC 8705 §3.1). */
  readonly x5t?: string | undefined
  /** Every claim of the token (RFC 9068 §2.2). */
  readonly claims: Readonly<Record<string, unknown>>
}
