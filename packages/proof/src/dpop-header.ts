import { type JwsAlgorithm, isJwsAlgorithm } from './algorithms.ts'
import { type DpopInput, MAX_PROOF_LENGTH, type PresentedProof } from './dpop-input.ts'
import { isJwkFault, jwkFits, privateMemberOf } from './jwk.ts'
import { isJsonObject } from './jws.ts'

/** Rules for the header line and for the JOSE header (RFC 9449 §4.1, §4.2). Each gives the reason it refuses, or undefined. */

type Input = DpopInput<unknown>
type Proof = PresentedProof<unknown>

/** Node joins repeated header lines with a comma, and no JWS has one. */
export function checkOneHeader({ headers }: Input): string | undefined {
  if (headers.length === 0) return 'the DPoP header is missing'
  return headers.length > 1 || headers[0]?.includes(',') ? 'the DPoP header must be sent exactly once' : undefined
}

export function checkLength({ headers }: Input): string | undefined {
  return (headers[0]?.length ?? 0) > MAX_PROOF_LENGTH ? `the DPoP header is longer than ${MAX_PROOF_LENGTH} characters` : undefined
}

export function checkTyp({ jws }: Proof): string | undefined {
  return jws.header['typ'] === 'dpop+jwt' ? undefined : 'typ in the proof must be dpop+jwt'
}

/** Before any key is looked at: what is not on the list is not tried (RFC 8725 §3.1). */
export function checkAlg({ jws, input }: Proof): string | undefined {
  const alg = jws.header['alg']
  return isJwsAlgorithm(alg) && input.algorithms.includes(alg) ? undefined : `alg in the proof must be one of ${input.algorithms.join(' ')}`
}

export function checkJwkPresent({ jws }: Proof): string | undefined {
  return isJsonObject(jws.header['jwk']) ? undefined : 'jwk in the proof must be a JSON object: the public key'
}

export function checkJwkPublic({ jws }: Proof): string | undefined {
  const jwk = jws.header['jwk']
  const member = isJsonObject(jwk) ? privateMemberOf(jwk) : undefined
  return member === undefined ? undefined : `jwk in the proof must be a public key, and holds the private member ${member}`
}

export function checkJwkFitsAlg({ jws, jwk }: Proof): string | undefined {
  if (isJwkFault(jwk)) return `jwk in the proof ${jwk.reason}`
  const alg = jws.header['alg'] as JwsAlgorithm
  return isJwsAlgorithm(alg) && jwkFits(jwk, alg) ? undefined : 'alg in the proof does not fit its jwk'
}
