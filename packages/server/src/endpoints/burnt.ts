import type { OAuthError } from '@holdfast/protocol/oauth-error'
import { type Finding, type Witness, witnessed } from '@holdfast/protocol/witness'
import type { AuthenticatedClient } from '../client-authentication/authenticated-client.ts'
import type { ServerChange, ServerOutcome } from '../records.ts'
import type { SenderConstraint } from '../tokens/sender-constraint.ts'

type Check = Omit<Finding, 'refused'>

export const PROOF_IS_NEW: Check = { about: 'DPoP proof', check: 'jti is new', rule: 'DPOP-16' }
const ASSERTION_IS_NEW: Check = { about: 'client_assertion', check: 'jti is new', rule: 'CAUTH-27' }
const ATTESTATION_IS_NEW: Check = { about: 'client attestation', check: 'jti is new', rule: 'ABCA-12' }
const CLIENT_IS_THERE: Check = { about: 'client', check: 'unchanged', rule: 'PAR-21' }

/** What a request burns. Each once: with a client attestation the DPoP proof may be what authenticated the client, and what binds (ABCA-09). */
export function burntBy({ burn }: AuthenticatedClient, binding: SenderConstraint | undefined): readonly ServerChange[] {
  const proof = binding?.proof?.burn
  const told = proof === undefined || burn.some((one) => one.op === 'insert' && proof.op === 'insert' && one.id === proof.id)
  return told ? burn : [...burn, proof]
}

/**
 * Tells what nobody but the commit knows: that what was burnt was new, and the client as it was. Of a commit that failed it
 * is known of one record alone, the one that was refused.
 */
export function tellCommit(
  witness: Witness | undefined,
  client: AuthenticatedClient,
  committed: readonly ServerChange[],
  outcome: ServerOutcome,
  refusal?: OAuthError,
): void {
  if (witness === undefined) return
  const conflict = outcome === 'committed' ? undefined : outcome.conflict.kind
  const kinds = new Set(committed.map(({ kind }) => kind))
  for (const kind of kinds) {
    const check = checkOf(kind, client)
    if (check === undefined || (conflict !== undefined && conflict !== kind)) continue
    // Told before, when the memory was asked.
    if (check === PROOF_IS_NEW && client.method === 'none' && refusal === undefined) continue
    witnessed(witness, check, refusal)
  }
}

function checkOf(kind: ServerChange['kind'], { instance }: AuthenticatedClient): Check | undefined {
  switch (kind) {
    case 'client':
      return CLIENT_IS_THERE
    case 'dpop_jti':
      return PROOF_IS_NEW
    case 'assertion_jti':
      return instance === undefined ? ASSERTION_IS_NEW : ATTESTATION_IS_NEW
    default:
      return undefined
  }
}
