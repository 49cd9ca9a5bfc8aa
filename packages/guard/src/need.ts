/** What a route asks of a token, beyond being valid for this API. */
export interface Need {
  /** Every one of these scopes. */
  readonly scopes?: readonly string[]
}

/** Who may come in, as the access token says it. */
export interface Access {
  readonly subject: string
  readonly clientId: string
  readonly scopes: readonly string[]
  /** Epoch seconds. */
  readonly expiresAt: number
  /** The thumbprint of the key that the sender proved to hold; undefined for a bearer token. */
  readonly jkt: string | undefined
  /** The thumbprint of the client's certificate, where the token is bound to it (RFC 8705 §3.1). */
  readonly x5t?: string | undefined
  /** Every claim of the token (RFC 9068 §2.2). */
  readonly claims: Readonly<Record<string, unknown>>
}
