import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { tellerOf, type Witness } from '@holdfast/protocol/witness'
import { parseJws } from '@holdfast/proof'
import { sha256Base64url, verifyJws } from '@holdfast/proof/node'
import type { MayAct } from '../config/client.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { ServerReader } from '../records.ts'
import type { GrantReferences } from './grant-reference.ts'
import type { Actor } from './issuance.ts'
import { isOpaqueToken, readOpaqueToken } from './opaque-token.ts'
import type { ReadAccessToken } from './read-access-token.ts'
import { EXCHANGED_CLAIM, GRANT_CLAIM } from './sign.ts'

const MAX_LENGTH = 8192
/** Verdicts kept: a token is shown many times, and its signature stays what it was. */
const CACHED = 20_000

/** Reads the access tokens that this server made, of either form. */
export class AccessTokenReader {
  readonly #issuer: string
  readonly #keys: KeyRing
  readonly #references: GrantReferences
  readonly #store: ServerReader
  readonly #verdicts: Map<string, ReadAccessToken> = new Map()

  constructor(issuer: string, keys: KeyRing, references: GrantReferences, store: ServerReader) {
    this.#issuer = issuer
    this.#keys = keys
    this.#references = references
    this.#store = store
  }

  /** At once for a JWT; an opaque token is read from the store every time, so that one that is deleted is gone at once. */
  read(token: string, now: EpochSeconds, witness?: Witness): ReadAccessToken | OAuthError | Promise<ReadAccessToken | OAuthError> {
    return isOpaqueToken(token) ? this.#lookUp(token, now, witness) : this.#check(token, now, witness)
  }

  async #lookUp(token: string, now: EpochSeconds, witness: Witness | undefined): Promise<ReadAccessToken | OAuthError> {
    return tellerOf('access token', witness)('known', 'TOK-12', (await readOpaqueToken(this.#store, token, now)) ?? notThere())
  }

  #check(token: string, now: EpochSeconds, witness: Witness | undefined): ReadAccessToken | OAuthError {
    const tell = tellerOf('access token', witness)
    const key = sha256Base64url(token)
    const known = this.#verdicts.get(key)
    const verdict = tell('signature and issuer', 'TOK-12', known ?? this.#verify(token))
    if (verdict instanceof OAuthError) return verdict
    const over = tell('exp', 'TOK-12', checkExp(verdict, now))
    if (over !== undefined) {
      this.#verdicts.delete(key)
      return over
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
    const claims = jws.payload as unknown as Claims
    if (claims.iss !== this.#issuer) return new OAuthError('invalid_token', 'the access token is of another issuer', { rule: 'TOK-12' })
    const audience = typeof claims.aud === 'string' ? [claims.aud] : claims.aud
    const reference = claims[GRANT_CLAIM]
    const { auth_time: authTime, acr, amr = [] } = claims
    return {
      jti: claims.jti,
      sub: claims.sub,
      clientId: claims.client_id,
      audience,
      scopes: claims.scope?.split(' ') ?? [],
      authorizationDetails: claims.authorization_details ?? [],
      confirmation: claims.cnf === undefined ? undefined : { jkt: claims.cnf.jkt, x5t: claims.cnf['x5t#S256'] },
      issuedAt: claims.iat,
      expiresAt: claims.exp,
      grantId: reference === undefined ? undefined : this.#references.read(reference, audience[0] ?? ''),
      ofClient: reference === undefined,
      authentication: authTime === undefined ? undefined : { authTime, acr, amr },
      actor: claims.act,
      mayAct: claims.may_act,
      exchangedFrom: claims[EXCHANGED_CLAIM] ?? [],
      recordId: undefined,
    }
  }
}

function notThere(): OAuthError {
  return new OAuthError('invalid_token', 'the access token is unknown, expired or revoked', { rule: 'TOK-12' })
}

function checkExp({ expiresAt }: ReadAccessToken, now: EpochSeconds): OAuthError | undefined {
  return expiresAt <= now ? new OAuthError('invalid_token', 'the access token has expired', { rule: 'TOK-12' }) : undefined
}

interface Claims {
  readonly iss: string
  readonly sub: string
  readonly client_id: string
  readonly aud: string | readonly string[]
  readonly iat: number
  readonly exp: number
  readonly jti: string
  readonly scope?: string
  readonly cnf?: { readonly jkt?: string; readonly 'x5t#S256'?: string }
  readonly auth_time?: number
  readonly acr?: string
  readonly amr?: readonly string[]
  readonly authorization_details?: readonly AuthorizationDetail[]
  readonly act?: Actor
  readonly may_act?: MayAct
  readonly [EXCHANGED_CLAIM]?: readonly string[]
  readonly [GRANT_CLAIM]?: string
}
