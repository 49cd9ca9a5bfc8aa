import type { HttpRequest } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { type Finding, type Witness, witnessed } from '@holdfast/protocol/witness'
import { type AsyncNonceCheck, type DpopProof, DpopRefusal, type JwsAlgorithm } from '@holdfast/proof'
import type { Memory } from '@holdfast/proof/memory'
import type { GuardEngine } from './engine.ts'
import { explained } from './proof-refusal.ts'

/** How proofs are checked at one API. */
export interface ProofRules<Nonces extends AsyncNonceCheck> {
  readonly engine: Pick<GuardEngine<Nonces>, 'checkProof'>
  /** Where this API is, as it is configured, the first one first. */
  readonly origins: readonly [string, ...string[]]
  readonly algorithms: readonly JwsAlgorithm[]
  readonly nonces: Nonces | undefined
  readonly memory: Memory
}

const SENT = { about: 'DPoP proof', check: 'sent', rule: 'DPOP-51' }
const BOUND_KEY = { about: 'binding', check: 'cnf.jkt', rule: 'DPOP-48' }
const NEW_JTI = { about: 'DPoP proof', check: 'jti is new', rule: 'DPOP-16' }
const STILL_KNOWN = { about: 'DPoP proof', check: 'iat since start, again', rule: 'DPOP-18' }
const OTHER_KEY = 'the access token is bound to another DPoP key (cnf.jkt)'

/** The proof by the key that the token is bound to. Not yet burnt. */
export async function checkShownProof<Nonces extends AsyncNonceCheck>(
  rules: ProofRules<Nonces>,
  request: HttpRequest,
  { token, bound, now }: { readonly token: string; readonly bound: string; readonly now: EpochSeconds },
): Promise<DpopProof | OAuthError> {
  const { method, witness } = request
  const headers = request.headers('dpop')
  const missing = witnessed(
    witness,
    SENT,
    headers.length === 0 ? refused('the DPoP header is missing (RFC 9449 §7.1)', 'DPOP-51') : undefined,
  )
  if (missing !== undefined) return missing
  const [origin, ...otherOrigins] = rules.origins
  const url = origin + request.path
  const otherUrls = otherOrigins.map((other) => other + request.path)
  const { algorithms, nonces, memory } = rules
  const notBefore = memory.startedAt
  let fault: Finding | undefined
  const proof = await rules.engine.checkProof({
    headers,
    method,
    url,
    otherUrls,
    now,
    algorithms,
    accessToken: token,
    nonce: nonces,
    notBefore,
    // The refusal waits for its explanation: that of `htu` is what a developer needs most.
    witness: witness && ((finding) => (finding.refused === undefined ? witness(finding) : (fault = finding))),
  })
  if (proof instanceof OAuthError) {
    const compared = { header: headers[0] ?? '', method, urls: [url, ...otherUrls], now }
    const refusal = proof instanceof DpopRefusal ? explained(proof, compared) : proof
    if (fault !== undefined) witness?.({ ...fault, refused: refusal.description })
    return refusal
  }
  const stranger = proof.jkt === bound ? undefined : new OAuthError('invalid_token', OTHER_KEY, { rule: 'DPOP-48' })
  return witnessed(witness, BOUND_KEY, stranger) ?? proof
}

/** Burns a proof. Of twenty at once one is new (DPOP-16). */
export async function checkNewProof(memory: Memory, proof: DpopProof, witness: Witness | undefined): Promise<OAuthError | undefined> {
  const seen = await memory.add(`dpop ${proof.replayKey}`, proof.replayUntil)
  const used = seen === 'seen' ? refused('jti of the DPoP proof was already used (RFC 9449 §11.1)', 'DPOP-16') : undefined
  // Asked again: a shared memory may have been restarted while this request waited, and what is new to it may have been used before.
  const late = proof.iat < (memory.startedAt ?? 0)
  const old = late ? refused('the DPoP proof is from before the replay memory began (iat)', 'DPOP-18') : undefined
  return witnessed(witness, NEW_JTI, used) ?? witnessed(witness, STILL_KNOWN, old)
}

function refused(description: string, rule: string): OAuthError {
  return new OAuthError('invalid_dpop_proof', description, { rule })
}
