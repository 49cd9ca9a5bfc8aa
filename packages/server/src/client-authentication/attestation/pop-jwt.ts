import { OAuthError } from '@holdfast/protocol/oauth-error'
import { secretHash } from '@holdfast/protocol/secret'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { firstRefusal, type NamedCheck, type Witness } from '@holdfast/protocol/witness'
import { isJwsAlgorithm, type ParsedJws } from '@holdfast/proof'
import { importPublicKey, thumbprint, verifyJws } from '@holdfast/proof/node'
import type { ServerChange } from '../../records.ts'
import { ATTESTATION_ALGORITHMS, type Instance, refused } from './attestation-jwt.ts'
import type { AttestationTrust } from './trust.ts'

/** As for DPoP proofs: a minute back, 10 s ahead (§11.1, FAPI 2.0 SP §5.3.2.1-13). */
const BACK = 60
const AHEAD = 10

/** The Client Attestation PoP JWT (§5.1, §7.2). @returns the change that burns its `jti`, held until its time is over */
export function checkPop(
  pop: ParsedJws,
  { jwk }: Instance,
  issuer: string,
  trust: AttestationTrust,
  now: EpochSeconds,
  witness?: Witness,
): ServerChange | OAuthError {
  const fault = firstRefusal('client attestation', popChecks, { pop, claims: pop.payload, jwk, issuer, trust, now }, witness)
  if (fault !== undefined) return fault
  const { jti, iat } = pop.payload as { readonly jti: string; readonly iat: number }
  const id = secretHash(`${thumbprint(jwk)}\n${jti}`)
  return { op: 'insert', kind: 'assertion_jti', id, value: {}, expiresAt: Math.ceil(iat) + BACK + AHEAD }
}

interface Shown {
  readonly pop: ParsedJws
  readonly claims: { readonly [name in 'aud' | 'jti' | 'iat' | 'nbf' | 'exp' | 'challenge']?: unknown }
  readonly jwk: Instance['jwk']
  readonly issuer: string
  readonly trust: AttestationTrust
  readonly now: EpochSeconds
}

/** The window before the memory (ABCA-12): what is outside cannot be remembered, and need not be. */
const popChecks: readonly NamedCheck<Shown, OAuthError>[] = [
  { name: 'proof typ', rule: 'ABCA-06', check: checkTyp },
  { name: 'proof alg', rule: 'ABCA-06', check: checkAlg },
  { name: 'proof aud', rule: 'ABCA-07', check: checkAud },
  { name: 'proof jti', rule: 'ABCA-06', check: checkJti },
  { name: 'proof iat', rule: 'ABCA-12', check: checkIat },
  { name: 'proof nbf', rule: 'ABCA-12', check: checkNbf },
  { name: 'proof exp', rule: 'ABCA-12', check: checkExp },
  { name: 'proof signature', rule: 'ABCA-06', check: checkSignature },
  { name: 'challenge', rule: 'ABCA-08', check: checkChallenge },
]

function checkTyp({ pop: { header } }: Shown): OAuthError | undefined {
  if (header['typ'] !== 'oauth-client-attestation-pop+jwt')
    return refused('typ of the client attestation proof must be oauth-client-attestation-pop+jwt', 'ABCA-06')
  return undefined
}

function checkAlg({ pop: { header } }: Shown): OAuthError | undefined {
  const { alg } = header
  if (!isJwsAlgorithm(alg) || !ATTESTATION_ALGORITHMS.includes(alg))
    return refused('alg of the client attestation proof is not supported', 'ABCA-06')
  return undefined
}

function checkAud({ claims: { aud }, issuer }: Shown): OAuthError | undefined {
  if (aud !== issuer && !(Array.isArray(aud) && aud.length === 1 && aud[0] === issuer))
    return refused(`aud of the client attestation proof must be ${issuer}`, 'ABCA-07')
  return undefined
}

function checkJti({ claims: { jti } }: Shown): OAuthError | undefined {
  if (typeof jti !== 'string' || jti === '' || jti.length > 256)
    return refused('jti of the client attestation proof must be 1 to 256 characters', 'ABCA-06')
  return undefined
}

function checkIat({ claims: { iat }, now }: Shown): OAuthError | undefined {
  if (typeof iat !== 'number' || iat < now - BACK || iat > now + AHEAD)
    return refused(`iat of the client attestation proof must be within ${BACK} s`, 'ABCA-12')
  return undefined
}

function checkNbf({ claims: { nbf }, now }: Shown): OAuthError | undefined {
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf > now + AHEAD))
    return refused('nbf of the client attestation proof is not a time that has come', 'ABCA-12')
  return undefined
}

function checkExp({ claims: { exp }, now }: Shown): OAuthError | undefined {
  if (exp !== undefined && (typeof exp !== 'number' || exp <= now)) return refused('exp of the client attestation proof is past', 'ABCA-12')
  return undefined
}

function checkSignature({ pop, jwk }: Shown): OAuthError | undefined {
  const { alg } = pop.header
  const key = importPublicKey(jwk)
  if (key === undefined || !isJwsAlgorithm(alg) || !verifyJws(pop, alg, key))
    return refused('the client attestation proof is not signed by the key in the attestation', 'ABCA-06')
  return undefined
}

function checkChallenge({ claims: { challenge }, trust, now }: Shown): OAuthError | undefined {
  if (trust.knows(challenge, now)) return undefined
  return new OAuthError('use_attestation_challenge', 'challenge of the client attestation proof is missing or not a current one', {
    rule: 'ABCA-08',
  })
}
