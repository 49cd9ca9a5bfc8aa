import { certificateThumbprint, checkDpopProof, createNonces, importPublicKey, verifyJws } from '@holdfast/proof/web'
import { type Guard, guardWith } from './guard.ts'
import type { GuardOptions } from './options.ts'

export type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
export type { Guard, Verdict } from './guard.ts'
export { type IntrospectionOptions, IntrospectionUnavailable } from './introspection.ts'
export { KeysUnavailable } from './keys.ts'
export type { Access, Need } from './need.ts'
export type { GuardOptions, TrustedIssuer } from './options.ts'
export type { Comparison, Refusal } from './refusal.ts'
export type { ScopeImplications } from './scopes.ts'

/**
 * As `createGuard` of `@holdfast/guard`, by WebCrypto and `fetch` alone: for Deno, Bun, Cloudflare Workers and browsers. The
 * same checks in the same order. Where processes come and go, pass a shared `memory`, or a proof comes in once in each.
 */
export function createGuard(options: GuardOptions): Guard {
  return guardWith(
    {
      checkProof: checkDpopProof,
      certificateThumbprint,
      nonces: (secret) => createNonces({ key: secret }),
      async verify(jws, alg, jwk) {
        const key = await importPublicKey(jwk, alg)
        return key !== undefined && verifyJws(jws, alg, key)
      },
    },
    options,
  )
}
