import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { firstRefusal, type NamedCheck, tellerOf, type Witness } from '@holdfast/protocol/witness'
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

/** The Client Attestation JWT (§4, §7.1): its type, its times, its instance key, and last its signature by a trusted attester. */
export function checkAttestation(
  attestation: ParsedJws,
  clientId: string,
  trust: AttestationTrust,
  now: EpochSeconds,
  witness?: Witness,
): Instance | OAuthError {
  const shown = { attestation, claims: attestation.payload, clientId, trust, now }
  const tell = tellerOf('client attestation', witness)
  const fault = firstRefusal('client attestation', attestationChecks, shown, witness)
  if (fault !== undefined) return fault
  const jwk = tell('cnf.jwk', 'ABCA-02', instanceKey(shown))
  if (jwk instanceof OAuthError) return jwk
  const stranger = tell('trusted attester', 'ABCA-03', checkAttester(shown))
  if (stranger !== undefined) return stranger
  // After the signature: only who is attested learns what this server asks of an attestation's age.
  const old = tell('fresh', 'ABCA-05', checkAge(shown))
  return old ?? { jwk }
}

interface Shown {
  readonly attestation: ParsedJws
  readonly claims: { readonly [name in 'exp' | 'nbf' | 'iat' | 'cnf']?: unknown }
  readonly clientId: string
  readonly trust: AttestationTrust
  readonly now: EpochSeconds
}

const attestationChecks: readonly NamedCheck<Shown, OAuthError>[] = [
  { name: 'typ', rule: 'ABCA-02', check: checkTyp },
  { name: 'alg', rule: 'ABCA-02', check: checkAlg },
  { name: 'exp', rule: 'ABCA-02', check: checkExp },
  { name: 'nbf', rule: 'ABCA-02', check: checkNbf },
  { name: 'iat', rule: 'ABCA-02', check: checkIat },
]

function checkTyp({ attestation: { header } }: Shown): OAuthError | undefined {
  if (header['typ'] !== 'oauth-client-attestation+jwt')
    return refused('typ of the client attestation must be oauth-client-attestation+jwt', 'ABCA-02')
  return undefined
}

function checkAlg({ attestation: { header } }: Shown): OAuthError | undefined {
  const alg = header['alg']
  if (!ATTESTATION_ALGORITHMS.some((one) => one === alg)) return refused('alg of the client attestation is not supported', 'ABCA-02')
  return undefined
}

function checkExp({ claims: { exp }, now }: Shown): OAuthError | undefined {
  if (typeof exp !== 'number' || exp <= now) return refused('exp of the client attestation is missing or past', 'ABCA-02')
  return undefined
}

function checkNbf({ claims: { nbf }, now }: Shown): OAuthError | undefined {
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf > now + AHEAD))
    return refused('nbf of the client attestation is not a time that has come', 'ABCA-02')
  return undefined
}

function checkIat({ claims: { iat }, now }: Shown): OAuthError | undefined {
  if (iat !== undefined && (typeof iat !== 'number' || iat > now + AHEAD))
    return refused('iat of the client attestation is ahead of our clock', 'ABCA-02')
  return undefined
}

function instanceKey({ claims: { cnf } }: Shown): PublicJwk | OAuthError {
  const jwk = checkPublicJwk((cnf as { readonly jwk?: unknown } | undefined)?.jwk)
  return isJwkFault(jwk) ? refused(`cnf.jwk of the client attestation ${jwk.reason}`, 'ABCA-02') : jwk
}

function checkAttester({ attestation, clientId, trust }: Shown): OAuthError | undefined {
  if (!trust.vouchedFor(attestation, clientId)) return refused('the client attestation is by no attester that is trusted here', 'ABCA-03')
  return undefined
}

function checkAge({ claims: { iat }, trust: { maxAge }, now }: Shown): OAuthError | undefined {
  if (maxAge !== undefined && (typeof iat !== 'number' || iat < now - maxAge))
    return new OAuthError('use_fresh_attestation', `the client attestation must be younger than ${maxAge} s`, { rule: 'ABCA-05' })
  return undefined
}

export function refused(description: string, rule: string): OAuthError {
  return new OAuthError('invalid_client', description, { rule })
}
