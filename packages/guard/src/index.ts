import { certificateThumbprint, checkDpopProof, createNonces, importPublicKey, verifyJws } from '@holdfast/proof/node'
import { type Guard, type GuardOptions, guardWith } from './guard.ts'

export type { Guard, GuardOptions, Verdict } from './guard.ts'
export { KeysUnavailable } from './keys.ts'
export type { Access, Need } from './need.ts'

/** A guard for an API on Node: `createGuard({ issuer, resource }).check(request, { scopes: ['accounts:read'] })`. */
export function createGuard(options: GuardOptions): Guard {
  return guardWith(
    {
      checkProof: checkDpopProof,
      certificateThumbprint,
      nonces: (secret) => createNonces({ key: secret }),
      verify(jws, alg, jwk) {
        const key = importPublicKey(jwk)
        return key !== undefined && verifyJws(jws, alg, key)
      },
    },
    options,
  )
}
