import { createDpopValidator, type DpopRefusal } from './dpop.ts'
import type { DpopInput, DpopProof } from './dpop-input.ts'
import type { AsyncNonceCheck } from './nonce.ts'
import { importPublicKey, sha256Base64url, verifyJws } from './web-engine.ts'

export { certificateThumbprint, importPublicKey, sha256Base64url, thumbprint, verifyJws } from './web-engine.ts'
export { createJwtSigner, generateKeyPair, type JwtSigner, type JwtSignerOptions, type KeyPair, signJws } from './web-sign.ts'
export { createNonces } from './web-nonce.ts'

const validate = createDpopValidator({ importPublicKey, verifyJws, sha256Base64url })

/** As `checkDpopProof` of the Node path, by WebCrypto: the same checks in the same order. */
export async function checkDpopProof(input: DpopInput<AsyncNonceCheck>): Promise<DpopProof | DpopRefusal> {
  return validate(input)
}
