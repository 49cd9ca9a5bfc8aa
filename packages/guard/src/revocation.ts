import { OAuthError } from '@holdfast/protocol/oauth-error'
import { type Witness, witnessed } from '@holdfast/protocol/witness'
import type { Access } from './need.ts'
import type { GuardOptions } from './options.ts'

/** `revoked` failed: the caller answers 503. */
export class RevocationUnknown extends Error {
  override readonly name = 'RevocationUnknown'
}

const REVOKED = { about: 'revocation', check: 'revoked', rule: 'FAPI-61' }

/** @throws RevocationUnknown, as a rejection, nobody knows: what cannot be checked is not let in */
export async function checkNotRevoked(
  revoked: NonNullable<GuardOptions['revoked']>,
  access: Access,
  witness?: Witness,
): Promise<OAuthError | undefined> {
  let answer: unknown
  try {
    answer = await revoked(access)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new RevocationUnknown(`whether tokens are revoked cannot be found out: ${message}`, { cause })
  }
  // A function that forgot to answer must not open the door.
  const refusal = answer === false ? undefined : new OAuthError('invalid_token', 'the access token was revoked', { rule: 'FAPI-61' })
  return witnessed(witness, REVOKED, refusal)
}
