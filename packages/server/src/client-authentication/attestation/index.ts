import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { HttpRequest } from '@holdfast/protocol/http'
import { tellerOf } from '@holdfast/protocol/witness'
import { parseJws, type ParsedJws } from '@holdfast/proof'
import { thumbprint } from '@holdfast/proof/node'
import type { Client } from '../../config/client.ts'
import type { SenderConstraint } from '../../tokens/sender-constraint.ts'
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
  const tell = tellerOf('client attestation', request.witness)
  const sent = tell('one header', 'ABCA-01', only(attestations, 'there must be one OAuth-Client-Attestation header', 'ABCA-01'))
  if (sent instanceof OAuthError) return sent
  const attestationJws = tell('compact JWS', 'ABCA-01', parsed(sent, MAX_ATTESTATION, 'OAuth-Client-Attestation', 'ABCA-01'))
  if (attestationJws instanceof OAuthError) return attestationJws
  const clientId = tell('sub', 'ABCA-02', subOf(attestationJws))
  if (clientId instanceof OAuthError) return clientId
  if (mode === 'attest_jwt_client_auth_dpop')
    return { clientId, verify: (client, context) => verifyCombined(attestationJws, client, context) }
  const proof = tell('one proof', 'ABCA-06', only(pops, 'there must be one OAuth-Client-Attestation-PoP header', 'ABCA-06'))
  if (proof instanceof OAuthError) return proof
  const pop = tell('proof compact JWS', 'ABCA-06', parsed(proof, MAX_POP, 'OAuth-Client-Attestation-PoP', 'ABCA-06'))
  if (pop instanceof OAuthError) return pop
  return { clientId, verify: (client, context) => verifyWithPop(attestationJws, pop, client, context) }
}

function only([sent, ...others]: readonly string[], otherwise: string, rule: string): string | OAuthError {
  return sent === undefined || others.length > 0 ? refused(otherwise, rule) : sent
}

function parsed(text: string, maxLength: number, header: string, rule: string): ParsedJws | OAuthError {
  return parseJws(text, { maxLength }) ?? refused(`${header} is not a compact JWS`, rule)
}

function subOf({ payload }: ParsedJws): string | OAuthError {
  const { sub } = payload
  return typeof sub === 'string' && sub !== '' ? sub : refused('sub of the client attestation must be the client_id', 'ABCA-02')
}

function verifyWithPop(sent: ParsedJws, pop: ParsedJws, client: Client, context: VerificationContext): Authentication | OAuthError {
  const trust = trustOf(context)
  const instance = checkAttestation(sent, client.clientId, trust, context.now, context.witness)
  if (instance instanceof OAuthError) return instance
  const burn = checkPop(pop, instance, context.audience.issuer, trust, context.now, context.witness)
  return burn instanceof OAuthError ? burn : { burn: [burn], instance: thumbprint(instance.jwk) }
}

/** §7.3: one DPoP proof, valid as anywhere, by the very key of the attestation. Its `jti` is burnt, also where nothing is bound (ABCA-12). */
function verifyCombined(sent: ParsedJws, client: Client, context: VerificationContext): Authentication | OAuthError {
  const trust = trustOf(context)
  const instance = checkAttestation(sent, client.clientId, trust, context.now, context.witness)
  if (instance instanceof OAuthError) return instance
  // The challenge of this mode is the proof's nonce, whatever the nonce policy of other requests is.
  const proof = context.proof(trust.challenges)
  if (proof instanceof OAuthError) return proof
  const key = thumbprint(instance.jwk)
  const stranger = tellerOf('client attestation', context.witness)('DPoP key', 'ABCA-09', checkSameKey(proof, key))
  if (stranger !== undefined) return stranger
  return { burn: proof?.proof === undefined ? [] : [proof.proof.burn], instance: key }
}

function checkSameKey(proof: SenderConstraint | undefined, key: string): OAuthError | undefined {
  if (proof?.jkt === undefined) return refused('the client attestation stands without a proof of its key', 'ABCA-09')
  if (proof.jkt !== key) return refused('the DPoP proof is by another key than that of the client attestation', 'ABCA-09')
  return undefined
}

function trustOf({ attestation: trust }: VerificationContext): AttestationTrust {
  if (trust === undefined) throw new Error('the method is not available without attesters')
  return trust
}
