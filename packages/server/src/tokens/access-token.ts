import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { parseJws } from '@holdfast/proof'
import { sha256Base64url, verifyJws } from '@holdfast/proof/node'
import type { KeyRing } from '../keys/key-ring.ts'
import type { GrantReferences } from './grant-reference.ts'
import type { Confirmation } from './sender-constraint.ts'
import { GRANT_CLAIM } from './sign.ts'

/** What one of our own access tokens says; its signature is ours and it has not expired. */
export interface ReadAccessToken {
  readonly subject: string
  readonly clientId: string
  readonly audience: readonly string[]
  readonly scopes: readonly string[]
  /** RFC 9396 §9.2: what introspection answers. */
  readonly authorizationDetails: readonly AuthorizationDetail[]
  /** The keys it is bound to; undefined for a bearer token. */
  readonly confirmation: Confirmation | undefined
  readonly expiresAt: EpochSeconds
  /** Undefined when the reference is not readable any more. */
  readonly grantId: string | undefined
}

const MAX_LENGTH = 8192
/** Verdicts kept: a token is shown many times, and its signature stays what it was. */
const CACHED = 20_000

/** Reads the access tokens that this server signed. */
export class AccessTokenReader {
  readonly #issuer: string
  readonly #keys: KeyRing
  readonly #references: GrantReferences
  readonly #verdicts: Map<string, ReadAccessToken> = new Map()

  constructor(issuer: string, keys: KeyRing, references: GrantReferences) {
    this.#issuer = issuer
    this.#keys = keys
    this.#references = references
  }

  read(token: string, now: EpochSeconds): ReadAccessToken | OAuthError {
    const key = sha256Base64url(token)
    const known = this.#verdicts.get(key)
    const verdict = known ?? this.#verify(token)
    if (verdict instanceof OAuthError) return verdict
    if (verdict.expiresAt <= now) {
      this.#verdicts.delete(key)
      return new OAuthError('invalid_token', 'the access token has expired', { rule: 'TOK-12' })
    }
    if (known === undefined) {
      if (this.#verdicts.size >= CACHED) this.#verdicts.delete(this.#verdicts.keys().next().value as string)
      this.#verdicts.set(key, verdict)
    }
    return verdict
  }

  #verify(token: string): ReadAccessToken | OAuthError {
    const jws = parseJws(token, { maxLength: MAX_LENGTH })
    const kid = jws?.header['kid']
    const key = typeof kid === 'string' ? this.#keys.find(kid) : undefined
    if (
      jws === undefined ||
      key === undefined ||
      jws.header['typ'] !== 'at+jwt' ||
      jws.header['alg'] !== key.alg ||
      !verifyJws(jws, key.alg, key.publicKey)
    ) {
      return new OAuthError('invalid_token', 'the access token is not one that this server signed', { rule: 'TOK-12' })
    }
    // Our own signature: the claims are as `TokenSigner` wrote them.
    const claims = jws.payload as {
      iss: string
      sub: string
      client_id: string
      aud: string | readonly string[]
      exp: number
      scope?: string
      authorization_details?: readonly AuthorizationDetail[]
      cnf?: { jkt?: string; 'x5t#S256'?: string }
      [GRANT_CLAIM]?: string
    }
    if (claims.iss !== this.#issuer) return new OAuthError('invalid_token', 'the access token is of another issuer', { rule: 'TOK-12' })
    const audience = typeof claims.aud === 'string' ? [claims.aud] : claims.aud
    const reference = claims[GRANT_CLAIM]
    return {
      subject: claims.sub,
      clientId: claims.client_id,
      audience,
      scopes: claims.scope?.split(' ') ?? [],
      authorizationDetails: claims.authorization_details ?? [],
      confirmation: claims.cnf === undefined ? undefined : { jkt: claims.cnf.jkt, x5t: claims.cnf['x5t#S256'] },
      expiresAt: claims.exp,
      grantId: reference === undefined ? undefined : this.#references.read(reference, audience[0] ?? ''),
    }
  }
}
