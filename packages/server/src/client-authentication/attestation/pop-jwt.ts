import { OAuthError } from '@holdfast/protocol/oauth-error'
import { secretHash } from '@holdfast/protocol/secret'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { isJwsAlgorithm, type ParsedJws } from '@holdfast/proof'
import { importPublicKey, thumbprint, verifyJws } from '@holdfast/proof/node'
import type { ServerChange } from '../../records.ts'
import { ATTESTATION_ALGORITHMS, type Instance, refused } from './attestation-jwt.ts'
import type { AttestationTrust } from './trust.ts'

/** As for DPoP proofs: a minute back, 10 s ahead (§11.1, FAPI 2.0 SP §5.3.2.1-13). */
const BACK = 60
const AHEAD = 10

type Claims = { readonly [name in 'aud' | 'jti' | 'iat' | 'nbf' | 'exp' | 'challenge']?: unknown }

/** The Client Attestation PoP JWT (§5.1, §7.2). @returns the change that burns its `jti`, held until its time is over */
export function checkPop(
  pop: ParsedJws,
  { jwk }: Instance,
  issuer: string,
  trust: AttestationTrust,
  now: EpochSeconds,
): ServerChange | OAuthError {
  const { typ, alg } = pop.header
  if (typ !== 'oauth-client-attestation-pop+jwt')
    return refused('typ of the client attestation proof must be oauth-client-attestation-pop+jwt', 'ABCA-06')
  if (!isJwsAlgorithm(alg) || !ATTESTATION_ALGORITHMS.includes(alg))
    return refused('alg of the client attestation proof is not supported', 'ABCA-06')
  const { aud, jti, iat, nbf, exp, challenge } = pop.payload as Claims
  if (aud !== issuer && !(Array.isArray(aud) && aud.length === 1 && aud[0] === issuer))
    return refused(`aud of the client attestation proof must be ${issuer}`, 'ABCA-07')
  if (typeof jti !== 'string' || jti === '' || jti.length > 256)
    return refused('jti of the client attestation proof must be 1 to 256 characters', 'ABCA-06')
  // The window first, the memory last (ABCA-12): what is outside cannot be remembered, and need not be.
  if (typeof iat !== 'number' || iat < now - BACK || iat > now + AHEAD)
    return refused(`iat of the client attestation proof must be within ${BACK} s`, 'ABCA-12')
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf > now + AHEAD))
    return refused('nbf of the client attestation proof is not a time that has come', 'ABCA-12')
  if (exp !== undefined && (typeof exp !== 'number' || exp <= now)) return refused('exp of the client attestation proof is past', 'ABCA-12')
  const key = importPublicKey(jwk)
  if (key === undefined || !verifyJws(pop, alg, key))
    return refused('the client attestation proof is not signed by the key in the attestation', 'ABCA-06')
  if (!trust.knows(challenge, now))
    return new OAuthError('use_attestation_challenge', 'challenge of the client attestation proof is missing or not a current one', {
      rule: 'ABCA-08',
    })
  const id = secretHash(`${thumbprint(jwk)}\n${jti}`)
  return { op: 'insert', kind: 'assertion_jti', id, value: {}, expiresAt: Math.ceil(iat) + BACK + AHEAD }
}
