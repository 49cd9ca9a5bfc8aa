import { createHash } from 'node:crypto'
import { OAuthError } from './oauth-error.ts'
import { equalSecrets } from './secret.ts'

/** RFC 7636 §4.1 and §4.2: 43 to 128 unreserved characters, for the verifier and for the challenge. */
const UNRESERVED = /^[A-Za-z0-9\-._~]{43,128}$/

export interface Challenge {
  readonly value: string
  readonly method: 'S256'
}

/**
 * Reads `code_challenge` and `code_challenge_method`. Only S256 is known: a missing method would mean
 * `plain` (RFC 7636 §4.3) and is refused like it.
 *
 * @returns undefined when no challenge was sent
 */
export function parseChallenge(challenge: string | undefined, method: string | undefined): Challenge | OAuthError | undefined {
  if (challenge === undefined) {
    return method === undefined ? undefined : new OAuthError('invalid_request', 'code_challenge_method is sent without code_challenge')
  }
  if (method !== 'S256') return new OAuthError('invalid_request', 'code_challenge_method must be S256 (RFC 7636 §4.2)', { rule: 'OA-21' })
  if (!UNRESERVED.test(challenge))
    return new OAuthError('invalid_request', 'code_challenge must be 43 to 128 unreserved characters (RFC 7636 §4.2)', { rule: 'OA-22' })
  return { value: challenge, method }
}

/** RFC 7636 §4.6. The grammar is checked before anything is hashed (OA-54). */
export function checkVerifier(verifier: string | undefined, challenge: Challenge | undefined): OAuthError | undefined {
  if (challenge === undefined) {
    return verifier === undefined
      ? undefined
      : new OAuthError('invalid_request', 'code_verifier is sent for a code that was requested without code_challenge', { rule: 'OA-53' })
  }
  if (verifier === undefined) return new OAuthError('invalid_grant', 'code_verifier is missing', { rule: 'OA-53' })
  if (!UNRESERVED.test(verifier))
    return new OAuthError('invalid_grant', 'code_verifier must be 43 to 128 unreserved characters (RFC 7636 §4.1)', { rule: 'OA-54' })
  const computed = createHash('sha256').update(verifier).digest('base64url')
  return equalSecrets(computed, challenge.value)
    ? undefined
    : new OAuthError('invalid_grant', 'code_verifier does not match code_challenge', { rule: 'OA-53' })
}
