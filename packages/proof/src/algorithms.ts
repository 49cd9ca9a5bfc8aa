/** The signature algorithms that are used anywhere: asymmetric only, never `none` (RFC 8725 §3.1, RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2). */
export type JwsAlgorithm = 'ES256' | 'EdDSA' | 'Ed25519' | 'PS256' | 'RS256'

/** Which key an algorithm takes, and how it signs. */
export interface AlgorithmRule {
  readonly kty: 'EC' | 'OKP' | 'RSA'
  /** The curve; undefined for RSA. */
  readonly crv: 'P-256' | 'Ed25519' | undefined
  /** The hash that is signed; undefined where the scheme hashes for itself (RFC 8032 §5.1). */
  readonly hash: 'SHA-256' | undefined
  /** Bytes of a signature; undefined where it is the length of the modulus. */
  readonly signatureLength: number | undefined
}

const ED25519: AlgorithmRule = { kty: 'OKP', crv: 'Ed25519', hash: undefined, signatureLength: 64 }

/** A null prototype, so that `constructor` is no algorithm. */
const RULES: Readonly<Record<JwsAlgorithm, AlgorithmRule>> = Object.freeze({
  __proto__: null,
  ES256: { kty: 'EC', crv: 'P-256', hash: 'SHA-256', signatureLength: 64 },
  // RFC 9864 §2.2 names the curve and deprecates the polymorphic `EdDSA`, which most clients still send.
  EdDSA: ED25519,
  Ed25519: ED25519,
  PS256: { kty: 'RSA', crv: undefined, hash: 'SHA-256', signatureLength: undefined },
  RS256: { kty: 'RSA', crv: undefined, hash: 'SHA-256', signatureLength: undefined },
} as Record<JwsAlgorithm, AlgorithmRule>)

/** Every algorithm known, in the order of preference. */
export const JWS_ALGORITHMS: readonly JwsAlgorithm[] = ['ES256', 'Ed25519', 'EdDSA', 'PS256', 'RS256']

/** What proofs may be signed with; RS256 is left to signatures that old systems demand (FAPI 2.0 SP §5.4.1). */
export const DPOP_ALGORITHMS: readonly JwsAlgorithm[] = ['ES256', 'EdDSA', 'Ed25519', 'PS256']

/** Bits of an RSA modulus: below is weak (RFC 7518 §3.3), above costs the verifier more than it protects. */
export const RSA_BITS: { readonly min: number; readonly max: number } = { min: 2048, max: 4096 }

export function isJwsAlgorithm(name: unknown): name is JwsAlgorithm {
  return typeof name === 'string' && name in RULES
}

export function ruleOf(alg: JwsAlgorithm): AlgorithmRule {
  return RULES[alg]
}

/** `EdDSA` and `Ed25519` are one algorithm under two names. */
export function sameAlgorithm(a: JwsAlgorithm, b: JwsAlgorithm): boolean {
  return a === b || (RULES[a] === ED25519 && RULES[b] === ED25519)
}
