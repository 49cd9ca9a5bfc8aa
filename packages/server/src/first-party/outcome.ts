import type { OAuthError } from '@holdfast/protocol/oauth-error'
import type { AuthSessionRecord, ServerChange } from '../records.ts'

/** What a person is asked for next, in the words of our answers; passkeys will be another. */
export type Factor = 'password' | 'otp'

/** What a request to the challenge endpoint came to, and what must be written for it to be true. */
export type Outcome = { readonly changes: readonly ServerChange[] } & (
  | { readonly kind: 'refused'; readonly error: OAuthError }
  /** More is needed of the person (FIPA-14). `wrong`: since what was sent was not right. */
  | { readonly kind: 'insufficient'; readonly handle: string; readonly next: Factor; readonly wrong: boolean }
  /** The person goes on in a browser (FIPA-18). */
  | { readonly kind: 'web'; readonly why: string; readonly from: Pick<AuthSessionRecord, 'request' | 'redirectUri'> }
  | { readonly kind: 'code'; readonly handle: string; readonly code: string }
)

export function refused(error: OAuthError): Outcome {
  return { kind: 'refused', error, changes: [] }
}
