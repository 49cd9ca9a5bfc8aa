import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import type { OAuthError } from '@holdfast/protocol/oauth-error'
import type { Clock } from '@holdfast/protocol/time'
import { firstRefusal, type Witness, witnessed } from '@holdfast/protocol/witness'
import { type JwsAlgorithm, parseJws, type ParsedJws, type PublicJwk } from '@holdfast/proof'
import { authenticationOf } from './authentication.ts'
import { type IssuerKeys, kidOf, type UsedKey } from './keys.ts'
import type { Access } from './need.ts'
import { expired, invalid, LEEWAY, tokenChecks, type TokenRules } from './token-checks.ts'

export const MAX_LENGTH = 8192
/** Verdicts kept at most; the oldest goes first. */
const CACHED = 10_000
/** Steps that make the next value: they stand in no table. */
const COMPACT_JWS = { about: 'access token', check: 'compact jws', rule: 'TOK-12' }
const SIGNATURE = { about: 'access token', check: 'signature', rule: 'TOK-12' }
const NO_KEY_OF_ISSUER = 'the signature of the access token is by no key of the issuer'

/** What verifies a signature: node:crypto at once, WebCrypto later. */
export type Verify = (jws: ParsedJws, alg: JwsAlgorithm, jwk: PublicJwk) => boolean | Promise<boolean>

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
  check(token: string, witness?: Witness): Access | OAuthError | Promise<Access | OAuthError> {
    // A witness hears what is checked, and of a verdict that is kept only the end is: it has the token checked anew. Keys stay.
    const known = witness === undefined ? this.#verdicts.get(token) : undefined
    if (known === undefined) return this.#verified(token, witness)
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
        return this.#verified(token, undefined)
      }
      verdict.generation = generation
    }
    return verdict.access
  }

  async #verified(token: string, witness: Witness | undefined): Promise<Access | OAuthError> {
    const jws = parseJws(token, { maxLength: MAX_LENGTH })
    const unread = witnessed(witness, COMPACT_JWS, jws === undefined ? invalid('the access token is not a compact JWS') : undefined)
    if (jws === undefined) return unread as OAuthError
    const rules = this.#rules
    const fault = firstRefusal(
      'access token',
      tokenChecks,
      { header: jws.header, claims: jws.payload, rules, now: this.#clock.now() },
      witness,
    )
    if (fault !== undefined) return fault
    const alg = jws.header['alg'] as JwsAlgorithm
    const keys = await this.#keys.for(jws, alg)
    // Of the set that the keys are from: a newer one that comes while a signature is verified must be asked again.
    const { generation } = this.#keys
    let signedBy: PublicJwk | undefined
    for (const jwk of keys) {
      if (!(await this.#verify(jws, alg, jwk))) continue
      signedBy = jwk
      break
    }
    const forged = witnessed(witness, SIGNATURE, signedBy === undefined ? invalid(NO_KEY_OF_ISSUER) : undefined)
    if (signedBy === undefined) return forged as OAuthError
    return this.#keep(token, { access: accessOf(jws, rules), key: { kid: kidOf(jws), alg, jwk: signedBy }, generation })
  }

  #keep(token: string, verdict: Verdict): Access {
    if (this.#verdicts.size >= CACHED) this.#verdicts.delete(this.#verdicts.keys().next().value as string)
    this.#verdicts.set(token, verdict)
    return verdict.access
  }
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
