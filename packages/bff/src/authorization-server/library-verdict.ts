import type { NamedCheck, Witness } from '@holdfast/protocol/witness'
import * as oauth from 'oauth4webapi'
import { told } from '../checks.ts'
import { failureOf } from './failure.ts'

/** Something that the library checks, told apart by what it throws: undefined where all is right. */
interface LibraryCheck extends NamedCheck<unknown, string> {
  readonly about: string
}

/** In the order of the library (RFC 9207 §2.4: an error of another server is not looked at). The last row refuses whatever it threw. */
export const responseChecks: readonly LibraryCheck[] = [
  { about: 'authorization response', name: 'iss and state', rule: 'MCP-51', check: (thrown) => (saysNo(thrown) ? undefined : why(thrown)) },
  { about: 'authorization response', name: 'error', rule: 'OA-34', check: why },
]

export const tokenResponseChecks: readonly LibraryCheck[] = [
  { about: 'token response', name: 'error', rule: 'OA-34', check: (thrown) => (saysNo(thrown) ? why(thrown) : undefined) },
  { about: 'ID token', name: 'claims', rule: 'OIDC-37', check: why },
]

export const signatureChecks: readonly LibraryCheck[] = [{ about: 'ID token', name: 'signature', rule: 'OIDC-37', check: why }]

/**
 * Where the library decides in one go, a witness hears of its verdict. An outage is none, and neither is that a request must be
 * made again for a nonce.
 *
 * @throws what the library throws
 */
export async function librarySays<Value>(
  witness: Witness | undefined,
  checks: readonly LibraryCheck[],
  decide: () => Promise<Value>,
): Promise<Value> {
  try {
    const value = await decide()
    tell(witness, checks, undefined)
    return value
  } catch (thrown) {
    if (!oauth.isDPoPNonceError(thrown) && failureOf(thrown).kind !== 'away') tell(witness, checks, thrown)
    throw thrown
  }
}

function tell(witness: Witness | undefined, checks: readonly LibraryCheck[], thrown: unknown): void {
  for (const { about, name, rule, check } of checks) if (told(witness, { about, check: name, rule }, check(thrown)) !== undefined) return
}

/** Whether the server itself answered with an error, in an answer that is its own. */
function saysNo(thrown: unknown): boolean {
  return (
    thrown instanceof oauth.AuthorizationResponseError ||
    thrown instanceof oauth.ResponseBodyError ||
    thrown instanceof oauth.WWWAuthenticateChallengeError
  )
}

function why(thrown: unknown): string | undefined {
  if (thrown === undefined) return undefined
  const { code, detail } = failureOf(thrown)
  return saysNo(thrown) ? `the authorization server says ${code}` : detail
}
