import type { Form } from '@holdfast/protocol/form'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { event } from '../../events.ts'
import type { PendingSignIn, ServerChange } from '../../records.ts'
import type { Account } from '../accounts.ts'
import type { CompleteSignIn, SignInContext, SignInFor } from './login.ts'

/** Wrong codes for one right password; then the password is asked for again. */
const CODES_PER_PASSWORD = 5

/** An answer that is to be checked, and what is left of the sign-in should it be wrong. */
export interface ClaimedCode {
  readonly code: string
  readonly subject: string
  readonly username: string
  /** To be stored before the check. Undefined: back to the password. */
  readonly pending: PendingSignIn | undefined
}

/** A code that did not go through. */
export interface RefusedCode {
  readonly fault: string
  readonly status: number
  readonly changes: readonly ServerChange[]
}

export function claimed(form: Form, pending: PendingSignIn): ClaimedCode | RefusedCode {
  const code = form.one('code')
  if (typeof code !== 'string') return { fault: 'Enter the code that your app shows.', status: 400, changes: [] }
  const attempts = pending.attempts + 1
  const { subject, username } = pending
  return { code, subject, username, pending: attempts < CODES_PER_PASSWORD ? { ...pending, attempts } : undefined }
}

/** Checks the one-time code of somebody whose password was right. */
export async function secondFactor(
  context: SignInContext,
  { code, subject, username, pending }: ClaimedCode,
  { now, client }: SignInFor,
): Promise<CompleteSignIn | RefusedCode> {
  const clientId = client?.clientId
  const account = await checkOneTimeCode(context, subject, code, clientId, now)
  if (account === 'locked') return { fault: 'Too many wrong codes. Wait a quarter of an hour, then try again.', status: 429, changes: [] }
  if (account === 'wrong')
    return {
      fault: pending === undefined ? 'Too many wrong codes. Sign in again.' : 'This code is wrong, too old, or was used before.',
      status: 400,
      changes: [event('person.second_factor_refused', now, { clientId, subject }, { factor: 'otp' })],
    }
  return {
    account,
    amr: ['pwd', 'otp'],
    event: event('person.signed_in', now, { clientId, subject }, { amr: ['pwd', 'otp'] }),
    deviceCookie: context.devices.cookie(username),
  }
}

/** The one way to check a one-time code. It is counted first, and spent when it is right. */
export async function checkOneTimeCode(
  { accounts, store, codeLimit }: Pick<SignInContext, 'accounts' | 'store' | 'codeLimit'>,
  subject: string,
  code: string,
  clientId: string | undefined,
  now: EpochSeconds,
): Promise<Account | 'wrong' | 'locked'> {
  const attempt = await codeLimit.attempt(subject, now)
  if (!attempt.allowed) {
    if (attempt.first) await store.commit([event('person.sign_in_locked', now, { clientId, subject }, { scope: attempt.scope })])
    return 'locked'
  }
  if ((await accounts.verifyOneTimeCode?.(subject, code, now)) !== true) return 'wrong'
  const account = await accounts.find(subject)
  if (account === undefined || account.disabled) return 'wrong'
  await attempt.forgive()
  return account
}
