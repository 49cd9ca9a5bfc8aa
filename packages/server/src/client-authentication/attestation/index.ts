import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { HttpRequest } from '@holdfast/protocol/http'
import { parseJws, type ParsedJws } from '@holdfast/proof'
import { thumbprint } from '@holdfast/proof/node'
import type { Client } from '../../config/client.ts'
import type { Authentication, ClientAuthenticationMethod, Presented, VerificationContext } from '../method.ts'
import { checkAttestation, refused } from './attestation-jwt.ts'
import { checkPop } from './pop-jwt.ts'
import type { AttestationTrust } from './trust.ts'

/** OAuth Attestation-Based Client Authentication, drafts 9 and 10. */
const SPEC = 'draft-ietf-oauth-attestation-based-client-auth'
/** An attestation with device evidence may be long; header limits of the mounts are 32 kB for all. */
const MAX_ATTESTATION = 16_384
const MAX_POP = 8192

const MODES = ['attest_jwt_client_auth', 'attest_jwt_client_auth_dpop'] as const
type Mode = (typeof MODES)[number]

/** With a proof of its own: `OAuth-Client-Attestation-PoP` (§5.1). */
export const attestation: ClientAuthenticationMethod = methodOf('attest_jwt_client_auth')
/** Combined mode: the DPoP proof is the proof (§5.2). */
export const attestationWithDpop: ClientAuthenticationMethod = methodOf('attest_jwt_client_auth_dpop')

function methodOf(mode: Mode): ClientAuthenticationMethod {
  return {
    name: mode,
    spec: SPEC,
    available: ({ attestation: options }) => (options?.attesters.length ?? 0) > 0,
    accepts: ({ tokenEndpointAuthMethod: registered }, { attestation: trust }) =>
      registered === mode || (trust?.draft === 10 && MODES.some((one) => one === registered)),
    present: (request) => present(request, mode),
  }
}

/** The mode is told by the PoP header; a client that registered the other one is refused like one of another method. */
function present(request: HttpRequest, mode: Mode): Presented | OAuthError | undefined {
  const attestations = request.headers('oauth-client-attestation')
  const pops = request.headers('oauth-client-attestation-pop')
  if (attestations.length === 0 && pops.length === 0) return undefined
  if (mode !== (pops.length > 0 ? 'attest_jwt_client_auth' : 'attest_jwt_client_auth_dpop')) return undefined
  const [sent] = attestations
  if (sent === undefined || attestations.length > 1) return refused('there must be one OAuth-Client-Attestation header', 'ABCA-01')
  const attestationJws = parseJws(sent, { maxLength: MAX_ATTESTATION })
  if (attestationJws === undefined) return refused('OAuth-Client-Attestation is not a compact JWS', 'ABCA-01')
  const sub = attestationJws.payload['sub']
  if (typeof sub !== 'string' || sub === '') return refused('sub of the client attestation must be the client_id', 'ABCA-02')
  if (mode === 'attest_jwt_client_auth_dpop')
    return { clientId: sub, verify: (client, context) => verifyCombined(attestationJws, client, context) }
  const [proof] = pops
  if (proof === undefined || pops.length > 1) return refused('there must be one OAuth-Client-Attestation-PoP header', 'ABCA-06')
  const pop = parseJws(proof, { maxLength: MAX_POP })
  if (pop === undefined) return refused('OAuth-Client-Attestation-PoP is not a compact JWS', 'ABCA-06')
  return { clientId: sub, verify: (client, context) => verifyWithPop(attestationJws, pop, client, context) }
}

function verifyWithPop(sent: ParsedJws, pop: ParsedJws, client: Client, context: VerificationContext): Authentication | OAuthError {
  const trust = trustOf(context)
  const instance = checkAttestation(sent, client.clientId, trust, context.now)
  if (instance instanceof OAuthError) return instance
  const burn = checkPop(pop, instance, context.audience.issuer, trust, context.now)
  return burn instanceof OAuthError ? burn : { burn: [burn], instance: thumbprint(instance.jwk) }
}

/** §7.3: one DPoP proof, valid as anywhere, by the very key of the attestation. Its `jti` is burnt, also where nothing is bound (ABCA-12). */
function verifyCombined(sent: ParsedJws, client: Client, context: VerificationContext): Authentication | OAuthError {
  const trust = trustOf(context)
  const instance = checkAttestation(sent, client.clientId, trust, context.now)
  if (instance instanceof OAuthError) return instance
  // The challenge of this mode is the proof's nonce, whatever the nonce policy of other requests is.
  const proof = context.proof(trust.challenges)
  if (proof instanceof OAuthError) return proof
  if (proof?.jkt === undefined) return refused('the client attestation stands without a proof of its key', 'ABCA-09')
  const key = thumbprint(instance.jwk)
  if (proof.jkt !== key) return refused('the DPoP proof is by another key than that of the client attestation', 'ABCA-09')
  return { burn: proof.proof === undefined ? [] : [proof.proof.burn], instance: key }
}

function trustOf({ attestation: trust }: VerificationContext): AttestationTrust {
  if (trust === undefined) throw new Error('the method is not available without attesters')
  return trust
}
