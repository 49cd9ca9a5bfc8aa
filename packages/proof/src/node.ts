import { createDpopValidator, type DpopRefusal } from './dpop.ts'
import type { DpopInput, DpopProof } from './dpop-input.ts'
import { importPublicKey, sha256Base64url, verifyJws } from './node-engine.ts'

export { certificateThumbprint, importPublicKey, sha256Base64url, thumbprint, verifyJws } from './node-engine.ts'
export { createJwtSigner, generateKeyPair, type JwtSigner, type JwtSignerOptions, type KeyPair, signJws } from './node-sign.ts'
export { createNonces } from './node-nonce.ts'

const validate = createDpopValidator({ importPublicKey, verifyJws, sha256Base64url })

/**
 * Checks a DPoP proof (RFC 9449 §4.3), at once. Nothing is spent: burn `replayKey` until `replayUntil` when the rest of
 * the request is in order too, and compare `jkt` with whatever the token or the code is bound to.
 *
 * @returns the proof, or the refusal: `invalid_dpop_proof`, or `use_dpop_nonce` to be sent with a fresh `DPoP-Nonce`
 */
export function checkDpopProof(input: DpopInput): DpopProof | DpopRefusal {
  const outcome = validate(input)
  if (outcome instanceof Promise) throw new TypeError('the nonce check of the synchronous path must answer at once')
  return outcome
}
