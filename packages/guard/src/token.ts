import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import type { OAuthError } from '@holdfast/protocol/oauth-error'
import type { Clock, EpochSeconds } from '@holdfast/protocol/time'
import { isJwsAlgorithm, type JwsAlgorithm, parseJws, type ParsedJws, type PublicJwk } from '@holdfast/proof'
import { authenticationOf } from './authentication.ts'
import { type IssuerKeys, kidOf, type UsedKey } from './keys.ts'
import type { Access } from './need.ts'
import { type Comparison, MismatchError, shown } from './refusal.ts'
import type { ScopeReader } from './scopes.ts'

export const MAX_LENGTH = 8192
/** Verdicts kept at most; the oldest goes first. */
const CACHED = 10_000
/** Clocks may differ so much, in seconds. */
export const LEEWAY = 10

/** What verifies a signature: node:crypto at once, WebCrypto later. */
export type Verify = (jws: ParsedJws, alg: JwsAlgorithm, jwk: PublicJwk) => boolean | Promise<boolean>

export interface TokenRules {
  readonly issuer: string
  /** What may stand in `aud`: this API's identifier in its canonical form, and as it is configured (MCP-42). */
  readonly audiences: readonly [string, ...string[]]
  readonly algorithms: readonly JwsAlgorithm[]
  readonly scopesOf: ScopeReader
}

interface Verdict {
  readonly access: Access
  readonly key: UsedKey
  /** The last key set that was seen to have the key. */
  generation: number
}

/**
 * Checks JWT access tokens (RFC 9068 §4). The verdict on a signature is kept until the token ends: a token is
 * shown many times, and its text does not change. It ends sooner when the issuer no longer publishes the key: what was signed
 * with a stolen key may have years to go. Of other revocations this class knows nothing.
 */
export class AccessTokens {
  readonly #rules: TokenRules
  readonly #keys: IssuerKeys
  readonly #verify: Verify
  readonly #clock: Clock
  readonly #verdicts: Map<string, Verdict> = new Map()

  constructor(rules: TokenRules, keys: IssuerKeys, verify: Verify, clock: Clock) {
    this.#rules = rules
    this.#keys = keys
    this.#verify = verify
    this.#clock = clock
  }

  knows(token: string): boolean {
    return this.#verdicts.has(token)
  }

  /** At once for a token seen before; else after its signature was verified. */
  check(token: string): Access | OAuthError | Promise<Access | OAuthError> {
    const known = this.#verdicts.get(token)
    if (known === undefined) return this.#verified(token)
    const now = this.#clock.now()
    const { expiresAt } = known.access
    if (expiresAt + LEEWAY <= now) {
      this.#verdicts.delete(token)
      return expired(expiresAt, now)
    }
    const refreshed = this.#keys.keepFresh(now)
    return refreshed === undefined ? this.#still(token, known) : refreshed.then(() => this.#still(token, known))
  }

  #still(token: string, verdict: Verdict): Access | Promise<Access | OAuthError> {
    const { generation } = this.#keys
    if (verdict.generation !== generation) {
      if (!this.#keys.has(verdict.key)) {
        this.#verdicts.delete(token)
        return this.#verified(token)
      }
      verdict.generation = generation
    }
    return verdict.access
  }

  async #verified(token: string): Promise<Access | OAuthError> {
    const jws = parseJws(token, { maxLength: MAX_LENGTH })
    if (jws === undefined) return invalid('the access token is not a compact JWS')
    const fault = headerFault(jws, this.#rules) ?? claimsFault(jws, this.#rules, this.#clock.now())
    if (fault !== undefined) return fault
    const alg = jws.header['alg'] as JwsAlgorithm
    const keys = await this.#keys.for(jws, alg)
    // Of the set that the keys are from: a newer one that comes while a signature is verified must be asked again.
    const { generation } = this.#keys
    for (const jwk of keys) {
      if (await this.#verify(jws, alg, jwk))
        return this.#keep(token, { access: accessOf(jws, this.#rules), key: { kid: kidOf(jws), alg, jwk }, generation })
    }
    return invalid('the signature of the access token is by no key of the issuer')
  }

  #keep(token: string, verdict: Verdict): Access {
    if (this.#verdicts.size >= CACHED) this.#verdicts.delete(this.#verdicts.keys().next().value as string)
    this.#verdicts.set(token, verdict)
    return verdict.access
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

function claimsFault({ payload }: ParsedJws, { issuer, audiences }: TokenRules, now: EpochSeconds): OAuthError | undefined {
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
  if (iss !== issuer) return foreign(iss, [issuer])
  if (!isFor(aud, audiences))
    return invalid(`aud of the access token is ${shown(aud)}, this API is ${audiences[0]}`, 'TOK-12', {
      received: shown(aud),
      expected: audiences,
    })
  if (typeof sub !== 'string' || typeof clientId !== 'string' || typeof jti !== 'string' || typeof iat !== 'number')
    return invalid('the access token lacks sub, client_id, jti or iat (RFC 9068 §2.2)', 'TOK-04')
  if (typeof exp !== 'number') return invalid('the access token lacks exp', 'TOK-04')
  if (exp + LEEWAY <= now) return expired(exp, now)
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf > now + LEEWAY)) return early(nbf, now)
  return undefined
}

/** `aud` as it is, compared with each form of this API's identifier: the token is never rewritten (MCP-42). */
export function isFor(aud: unknown, audiences: readonly string[]): boolean {
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  return audiences.some((audience) => named.includes(audience))
}

function accessOf({ payload }: ParsedJws, { issuer, scopesOf }: TokenRules): Access {
  const claims = payload as { sub: string; client_id: string; exp: number; scope?: unknown; authorization_details?: unknown }
  return {
    issuer,
    subject: claims.sub,
    clientId: claims.client_id,
    scopes: scopesOf(claims.scope),
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

export function foreign(iss: unknown, trusted: readonly string[]): OAuthError {
  return invalid(`iss of the access token is ${shown(iss)}, this API trusts ${trusted.join(' ')}`, 'TOK-12', {
    received: shown(iss),
    expected: trusted,
  })
}

export function expired(exp: EpochSeconds, now: EpochSeconds): OAuthError {
  const skewSeconds = Math.round(exp - now)
  return invalid(`the access token has expired ${-skewSeconds} s ago`, 'TOK-12', { skewSeconds })
}

export function early(nbf: unknown, now: EpochSeconds): OAuthError {
  const skewSeconds = typeof nbf === 'number' ? Math.round(nbf - now) : undefined
  return invalid(`the access token is not valid yet${skewSeconds === undefined ? '' : ` for ${skewSeconds} s`}`, 'TOK-12', { skewSeconds })
}

export function invalid(description: string, rule = 'TOK-12', compared: Comparison = {}): OAuthError {
  return new MismatchError('invalid_token', description, { rule, ...compared })
}
