import type { Form } from '@holdfast/protocol/form'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { event } from '../../events.ts'
import type { PendingSignIn, ServerChange } from '../../records.ts'
import type { Account } from '../accounts.ts'
import type { InteractionState } from '../state.ts'
import type { CompleteSignIn, SignInContext } from './login.ts'

/** Wrong codes for one right password; then the password is asked for again. */
const CODES_PER_PASSWORD = 5

/** A code that did not go through: what is said, and what is left of the sign-in. */
export interface RefusedCode {
  readonly fault: string
  readonly status: number
  /** Undefined: back to the password. */
  readonly pending: PendingSignIn | undefined
  readonly changes: readonly ServerChange[]
}

/** Checks the one-time code that somebody owes whose password was right. */
export async function secondFactor(
  context: SignInContext,
  form: Form,
  { now, client }: InteractionState,
  pending: PendingSignIn,
): Promise<CompleteSignIn | RefusedCode> {
  const code = form.one('code')
  if (typeof code !== 'string') return { fault: 'Enter the code that your app shows.', status: 400, pending, changes: [] }
  const { subject, username } = pending
  const { clientId } = client
  const account = await checkOneTimeCode(context, subject, code, clientId, now)
  if (account === 'locked')
    return { fault: 'Too many wrong codes. Wait a quarter of an hour, then try again.', status: 429, pending, changes: [] }
  if (account !== 'wrong')
    return {
      account,
      amr: ['pwd', 'otp'],
      event: event('person.signed_in', now, { clientId, subject }, { amr: ['pwd', 'otp'] }),
      deviceCookie: context.devices.cookie(username),
    }
  const attempts = pending.attempts + 1
  const over = attempts >= CODES_PER_PASSWORD
  return {
    fault: over ? 'Too many wrong codes. Sign in again.' : 'This code is wrong, too old, or was used before.',
    status: 400,
    pending: over ? undefined : { ...pending, attempts },
    changes: [event('person.second_factor_refused', now, { clientId, subject }, { factor: 'otp' })],
  }
}

/** The one way to check a one-time code. It is counted first, and spent when it is right. */
export async function checkOneTimeCode(
  { accounts, store, codeLimit }: Pick<SignInContext, 'accounts' | 'store' | 'codeLimit'>,
  subject: string,
  code: string,
  clientId: string,
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
