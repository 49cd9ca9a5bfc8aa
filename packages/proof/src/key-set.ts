import { isJwsAlgorithm, type JwsAlgorithm, sameAlgorithm } from './algorithms.ts'
import { checkPublicJwk, isJwkFault, jwkFits, type PublicJwk } from './jwk.ts'
import { isJsonObject } from './jws.ts'

/** One key of a set, for verification. */
export interface VerificationKey {
  readonly kid: string | undefined
  /** The only algorithm the key is for, when its owner says so. */
  readonly alg: JwsAlgorithm | undefined
  readonly jwk: PublicJwk
}

/** A JWK Set (RFC 7517 §5), read. Keep it: imported keys are remembered by the identity of `jwk`. */
export interface KeySet {
  readonly keys: readonly VerificationKey[]
}

/** More keys than this are not read. */
const MAX_KEYS = 100
/** More keys than this are not tried for one signature: a set full of one `kid` must not multiply the verifier's work. */
const MAX_CANDIDATES = 4

/**
 * Reads a JWK Set. A key that cannot verify here (another kind, symmetric, for encryption, malformed, showing its
 * private half) is left out, not an error (RFC 7517 §5).
 *
 * @returns undefined when the value is not a JWK Set at all
 */
export function parseKeySet(value: unknown): KeySet | undefined {
  if (!isJsonObject(value) || !Array.isArray(value['keys'])) return undefined
  const members: readonly unknown[] = value['keys']
  return { keys: members.slice(0, MAX_KEYS).flatMap(readKey) }
}

/**
 * The keys to try for a signature, first to last: those for `alg` and, when the header names one, of that `kid`.
 * Owners are known to use one `kid` for several keys (RFC 7517 §4.5), so there may be more than one; at most 4.
 */
export function selectKeys(
  set: KeySet,
  wanted: { readonly kid: string | undefined; readonly alg: JwsAlgorithm },
): readonly VerificationKey[] {
  const fitting = set.keys.filter(
    (key) =>
      jwkFits(key.jwk, wanted.alg) &&
      (key.alg === undefined || sameAlgorithm(key.alg, wanted.alg)) &&
      (wanted.kid === undefined || key.kid === wanted.kid),
  )
  return fitting.slice(0, MAX_CANDIDATES)
}

function readKey(value: unknown): readonly VerificationKey[] {
  if (!isJsonObject(value)) return []
  const { use, key_ops: operations, alg, kid } = value
  if (use !== undefined && use !== 'sig') return []
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return []
  if (alg !== undefined && !isJwsAlgorithm(alg)) return []
  if (kid !== undefined && typeof kid !== 'string') return []
  const jwk = checkPublicJwk(value)
  if (isJwkFault(jwk) || (alg !== undefined && !jwkFits(jwk, alg))) return []
  return [{ kid, alg, jwk }]
}
