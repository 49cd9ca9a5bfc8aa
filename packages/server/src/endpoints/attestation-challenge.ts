import { json, type Reply } from '@holdfast/protocol/http'
import { ATTESTATION_ALGORITHMS } from '../client-authentication/attestation/attestation-jwt.ts'
import type { AuthorizationServer } from '../authorization-server.ts'

/** POST /attestation-challenge (§6.1): nobody is authenticated and nothing is stored, since a challenge is a keyed time. */
export function attestationChallenge(as: AuthorizationServer): Promise<Reply> {
  return Promise.resolve(json(200, { attestation_challenge: as.attestation?.challenge(as.clock.now()) }))
}

export function hasChallenges(as: AuthorizationServer): boolean {
  return as.attestation?.challenges === true
}

/** §8. Announced with the methods, whether challenges are on or not. */
export function attestationMetadata(as: AuthorizationServer): Readonly<Record<string, unknown>> {
  if (as.attestation === undefined) return {}
  return {
    client_attestation_signing_alg_values_supported: ATTESTATION_ALGORITHMS,
    client_attestation_pop_signing_alg_values_supported: ATTESTATION_ALGORITHMS,
  }
}
