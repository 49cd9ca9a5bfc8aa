import { certificateThumbprint, checkDpopProof, createNonces, importPublicKey, verifyJws } from '@holdfast/proof/node'
import { type Guard, guardWith } from './guard.ts'
import type { GuardOptions } from './options.ts'

export type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
export type { GuardEngine } from './engine.ts'
export { type Guard, guardWith, type Verdict } from './guard.ts'
export { type IntrospectionOptions, IntrospectionUnavailable } from './introspection.ts'
export { KeysUnavailable } from './keys.ts'
export type { Access, Need } from './need.ts'
export type { GuardOptions, TrustedIssuer } from './options.ts'
export type { Comparison, Refusal } from './refusal.ts'
export type { ScopeImplications } from './scopes.ts'

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
