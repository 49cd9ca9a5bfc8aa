import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { tellerOf, type Witness, witnessed } from '@holdfast/protocol/witness'
import { event } from '../../events.ts'
import type { PendingSignIn, ServerChange } from '../../records.ts'
import type { Account, SecondFactor } from '../accounts.ts'
import { methodsOf } from '../../config/authentication-policy.ts'
import { type CompleteSignIn, completeSignIn, refused, type SignInContext, type SignInFor } from './login.ts'
import { provenPasskey } from './passkey.ts'

/** Wrong answers for one sign-in; then it begins anew. */
const TRIES = 5

/** An answer that is to be checked, and what is left of the sign-in should it be wrong. */
export interface ClaimedAnswer {
  /** Undefined: the form holds a passkey. */
  readonly code: string | undefined
  readonly subject: string
  readonly username: string
  readonly before: readonly string[]
  /** To be stored before the check. Undefined: the sign-in begins anew. */
  readonly pending: PendingSignIn | undefined
}

/** An answer that did not go through. */
export interface RefusedAnswer {
  readonly fault: string
  readonly status: number
  readonly changes: readonly ServerChange[]
}

export function claimed(form: Form, pending: PendingSignIn, witness?: Witness): ClaimedAnswer | RefusedAnswer {
  const { subject, username, amr = ['pwd'], factors = ['otp'] } = pending
  const code = form.one('code')
  const byPasskey = form.has('passkey') && factors.includes('passkey')
  const sent = byPasskey ? undefined : checkCodeSent(code, factors)
  const lacking = witnessed(witness, { about: 'interaction', check: 'second factor sent', rule: 'OIDC-12' }, sent)
  if (lacking !== undefined) return { fault: lacking.description, status: 400, changes: [] }
  const attempts = pending.attempts + 1
  return {
    code: byPasskey || typeof code !== 'string' ? undefined : code,
    subject,
    username,
    before: amr,
    pending: attempts < TRIES ? { ...pending, attempts } : undefined,
  }
}

function checkCodeSent(code: unknown, factors: readonly SecondFactor[]): OAuthError | undefined {
  if (!factors.includes('otp')) return refused('Use your passkey to go on.')
  return typeof code === 'string' ? undefined : refused('Enter the code that your app shows.')
}

/** Checks the second factor of somebody who proved the first. */
export async function secondFactor(
  context: SignInContext,
  form: Form,
  { code, subject, username, before, pending }: ClaimedAnswer,
  about: SignInFor,
): Promise<CompleteSignIn | RefusedAnswer> {
  const { clientId, now, witness } = about
  const tell = tellerOf('interaction', witness)
  const checked = code === undefined ? await byPasskey(context, form, subject, about) : await byCode(context, subject, code, about)
  const looked = tell(
    'attempts left',
    'OA-49',
    checked === 'locked' ? refused('Too many wrong codes. Wait a quarter of an hour, then try again.') : checked,
  )
  if (looked instanceof OAuthError) return { fault: looked.description, status: 429, changes: [] }
  const again = code === undefined ? 'This passkey was not accepted. Try again.' : 'This code is wrong, too old, or was used before.'
  const proven = tell('second factor', 'OIDC-12', looked === 'wrong' ? refused(again) : looked)
  if (proven instanceof OAuthError) {
    const factor = code === undefined ? 'passkey' : 'otp'
    return {
      fault: pending === undefined ? 'That did not work too many times. Sign in again.' : again,
      status: 400,
      changes: [event('person.second_factor_refused', now, { clientId, subject }, { factor })],
    }
  }
  return completeSignIn(context, proven.account, username, methodsOf(...before, ...proven.amr), about)
}

interface Proven {
  readonly account: Account
  readonly amr: readonly string[]
}

/** A passkey of somebody else proves nothing about this person. */
async function byPasskey(context: SignInContext, form: Form, subject: string, { bound, now }: SignInFor): Promise<Proven | 'wrong'> {
  const proven = await provenPasskey(context, form, bound, now)
  return proven === undefined || proven.account.sub !== subject ? 'wrong' : proven
}

async function byCode(
  context: SignInContext,
  subject: string,
  code: string,
  { clientId, now }: SignInFor,
): Promise<Proven | 'wrong' | 'locked'> {
  const account = await checkOneTimeCode(context, subject, code, clientId, now)
  return typeof account === 'string' ? account : { account, amr: ['otp'] }
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
