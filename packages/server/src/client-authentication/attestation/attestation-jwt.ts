import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { checkPublicJwk, DPOP_ALGORITHMS, isJwkFault, type JwsAlgorithm, type ParsedJws, type PublicJwk } from '@holdfast/proof'
import type { AttestationTrust } from './trust.ts'

/** Of attestations and of their proofs: asymmetric, and none that FAPI 2.0 forbids. */
export const ATTESTATION_ALGORITHMS: readonly JwsAlgorithm[] = DPOP_ALGORITHMS
/** Clocks may differ so much. */
const AHEAD = 10

/** What the attester says: this key is an instance of that client. */
export interface Instance {
  readonly jwk: PublicJwk
}

type Claims = { readonly [name in 'exp' | 'nbf' | 'iat' | 'cnf']?: unknown }

/** The Client Attestation JWT (§4, §7.1): its type, its times, its instance key, and last its signature by a trusted attester. */
export function checkAttestation(
  attestation: ParsedJws,
  clientId: string,
  trust: AttestationTrust,
  now: EpochSeconds,
): Instance | OAuthError {
  const { typ, alg } = attestation.header
  if (typ !== 'oauth-client-attestation+jwt')
    return refused('typ of the client attestation must be oauth-client-attestation+jwt', 'ABCA-02')
  if (!ATTESTATION_ALGORITHMS.some((one) => one === alg)) return refused('alg of the client attestation is not supported', 'ABCA-02')
  const { exp, nbf, iat, cnf } = attestation.payload as Claims
  if (typeof exp !== 'number' || exp <= now) return refused('exp of the client attestation is missing or past', 'ABCA-02')
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf > now + AHEAD))
    return refused('nbf of the client attestation is not a time that has come', 'ABCA-02')
  if (iat !== undefined && (typeof iat !== 'number' || iat > now + AHEAD))
    return refused('iat of the client attestation is ahead of our clock', 'ABCA-02')
  const jwk = checkPublicJwk((cnf as { readonly jwk?: unknown } | undefined)?.jwk)
  if (isJwkFault(jwk)) return refused(`cnf.jwk of the client attestation ${jwk.reason}`, 'ABCA-02')
  if (!trust.vouchedFor(attestation, clientId)) return refused('the client attestation is by no attester that is trusted here', 'ABCA-03')
  // After the signature: only who is attested learns what this server asks of an attestation's age.
  if (trust.maxAge !== undefined && (typeof iat !== 'number' || iat < now - trust.maxAge))
    return new OAuthError('use_fresh_attestation', `the client attestation must be younger than ${trust.maxAge} s`, { rule: 'ABCA-05' })
  return { jwk }
}

export function refused(description: string, rule: string): OAuthError {
  return new OAuthError('invalid_client', description, { rule })
}
