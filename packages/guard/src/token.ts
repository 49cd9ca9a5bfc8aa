import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { Clock, EpochSeconds } from '@holdfast/protocol/time'
import { isJwsAlgorithm, type JwsAlgorithm, parseJws, type ParsedJws, type PublicJwk } from '@holdfast/proof'
import { authenticationOf } from './authentication.ts'
import type { IssuerKeys } from './keys.ts'
import type { Access } from './need.ts'

const MAX_LENGTH = 8192
/** Verdicts kept at most; the oldest goes first. */
const CACHED = 10_000
/** Clocks may differ so much, in seconds. */
export const LEEWAY = 10

/** What verifies a signature: node:crypto at once, WebCrypto later. */
export type Verify = (jws: ParsedJws, alg: JwsAlgorithm, jwk: PublicJwk) => boolean | Promise<boolean>

export interface TokenRules {
  readonly issuer: string
  readonly resource: string
  readonly algorithms: readonly JwsAlgorithm[]
}

/**
 * Checks JWT access tokens (RFC 9068 §4). The verdict on a signature is kept until the token ends: a token is
 * shown many times, and its text does not change. Revocation before that is the issuer's short lifetime.
 */
export class AccessTokens {
  readonly #rules: TokenRules
  readonly #keys: IssuerKeys
  readonly #verify: Verify
  readonly #clock: Clock
  readonly #verdicts: Map<string, Access> = new Map()

  constructor(rules: TokenRules, keys: IssuerKeys, verify: Verify, clock: Clock) {
    this.#rules = rules
    this.#keys = keys
    this.#verify = verify
    this.#clock = clock
  }

  /** At once for a token seen before; else after its signature was verified. */
  check(token: string): Access | OAuthError | Promise<Access | OAuthError> {
    const known = this.#verdicts.get(token)
    if (known === undefined) return this.#verified(token)
    if (known.expiresAt + LEEWAY > this.#clock.now()) return known
    this.#verdicts.delete(token)
    return expired()
  }

  async #verified(token: string): Promise<Access | OAuthError> {
    const jws = parseJws(token, { maxLength: MAX_LENGTH })
    if (jws === undefined) return invalid('the access token is not a compact JWS')
    const fault = headerFault(jws, this.#rules) ?? claimsFault(jws, this.#rules, this.#clock.now())
    if (fault !== undefined) return fault
    const alg = jws.header['alg'] as JwsAlgorithm
    for (const jwk of await this.#keys.for(jws, alg)) {
      if (await this.#verify(jws, alg, jwk)) return this.#keep(token, accessOf(jws))
    }
    return invalid('the signature of the access token is by no key of the issuer')
  }

  #keep(token: string, access: Access): Access {
    if (this.#verdicts.size >= CACHED) this.#verdicts.delete(this.#verdicts.keys().next().value as string)
    this.#verdicts.set(token, access)
    return access
  }
}

/** RFC 9068 §4: the type keeps an ID token, which the issuer signs too, from passing as an access token. */
function headerFault({ header }: ParsedJws, { algorithms }: TokenRules): OAuthError | undefined {
  const { typ, alg } = header as { readonly typ?: unknown; readonly alg?: unknown }
  const type = typeof typ === 'string' ? typ.toLowerCase() : undefined
  if (type !== 'at+jwt' && type !== 'application/at+jwt') return invalid('typ of the access token must be at+jwt (RFC 9068 §4)', 'TOK-03')
  if (!isJwsAlgorithm(alg) || !algorithms.includes(alg)) return invalid('alg of the access token is not allowed here')
  return undefined
}

function claimsFault({ payload }: ParsedJws, { issuer, resource }: TokenRules, now: EpochSeconds): OAuthError | undefined {
  const {
    iss,
    aud,
    exp,
    iat,
    nbf,
    sub,
    client_id: clientId,
    jti,
  } = payload as Readonly<Record<string, unknown>> & { readonly client_id?: unknown }
  if (iss !== issuer) return invalid('iss of the access token is not the issuer configured here')
  const audience: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (!audience.includes(resource)) return invalid(`aud of the access token does not have ${resource}`)
  if (typeof sub !== 'string' || typeof clientId !== 'string' || typeof jti !== 'string' || typeof iat !== 'number')
    return invalid('the access token lacks sub, client_id, jti or iat (RFC 9068 §2.2)', 'TOK-04')
  if (typeof exp !== 'number') return invalid('the access token lacks exp', 'TOK-04')
  if (exp + LEEWAY <= now) return expired()
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf > now + LEEWAY)) return invalid('the access token is not valid yet')
  return undefined
}

function accessOf({ payload }: ParsedJws): Access {
  const claims = payload as { sub: string; client_id: string; exp: number; scope?: unknown; authorization_details?: unknown }
  return {
    subject: claims.sub,
    clientId: claims.client_id,
    scopes: typeof claims.scope === 'string' ? claims.scope.split(' ') : [],
    authorizationDetails: detailsOf(claims.authorization_details),
    expiresAt: claims.exp,
    ...authenticationOf(payload),
    jkt: undefined,
    claims: payload,
  }
}

/** Anything but a list of objects with a type allows nothing. */
export function detailsOf(claim: unknown): readonly AuthorizationDetail[] {
  const typed = (one: unknown): one is AuthorizationDetail => typeof (one as { readonly type?: unknown } | null)?.type === 'string'
  return Array.isArray(claim) && claim.every(typed) ? claim : []
}

function expired(): OAuthError {
  return invalid('the access token has expired')
}

function invalid(description: string, rule = 'TOK-12'): OAuthError {
  return new OAuthError('invalid_token', description, { rule })
}
