import type { Form } from '@holdfast/protocol/form'
import type { HttpRequest } from '@holdfast/protocol/http'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Log } from '../../config/options.ts'
import { event } from '../../events.ts'
import type { DerivedKeys } from '../../keys/derived.ts'
import type { PendingSignIn, ServerChange, ServerStore } from '../../records.ts'
import type { Account, Accounts } from '../accounts.ts'
import type { KnownDevices } from '../known-devices.ts'
import { provenEnough } from '../next-step.ts'
import type { OneTimeCodeLimit } from '../one-time-code-limit.ts'
import type { SignInLimit } from '../sign-in-limit.ts'
import type { InteractionState } from '../state.ts'

/** Whom the person signs in for: a client's request, or a page of our own. */
export type SignInFor = Pick<InteractionState, 'now'> & { readonly client: { readonly clientId: string } | undefined }

export interface SignInContext {
  readonly accounts: Accounts
  readonly store: ServerStore
  readonly signInLimit: SignInLimit
  readonly codeLimit: OneTimeCodeLimit
  readonly devices: KnownDevices
  readonly derived: DerivedKeys
  readonly log: Log
}

export type SignedIn = CompleteSignIn | { readonly pending: PendingSignIn; readonly event: ServerChange } | RefusedSignIn

/** Every factor that the account asks for was proven. */
export interface CompleteSignIn {
  readonly account: Account
  /** RFC 8176. */
  readonly amr: readonly string[]
  readonly event: ServerChange
  readonly deviceCookie: string
}

export interface RefusedSignIn {
  readonly fault: string
  readonly username: string
  readonly status: number
}

/** Checks a name and a password. One sentence for every way to be wrong: it tells nobody which names exist (A58). */
export async function signIn(context: SignInContext, http: HttpRequest, form: Form, { now, client }: SignInFor): Promise<SignedIn> {
  const username = form.one('username')
  const password = form.one('password')
  if (typeof username !== 'string' || typeof password !== 'string') {
    return { fault: 'Enter your user name and your password.', username: typeof username === 'string' ? username : '', status: 400 }
  }
  const knownDevice = context.devices.knows(http, username)
  const clientId = client?.clientId
  const account = await checkPassword(context, username, password, { address: http.clientAddress, knownDevice, clientId, now })
  if (account === 'locked') return { fault: 'Too many attempts. Wait a quarter of an hour, then try again.', username, status: 429 }
  if (account === 'wrong') return { fault: 'The user name or the password is wrong.', username, status: 400 }
  if (!provenEnough(account, ['pwd']))
    return { pending: { subject: account.sub, username, provenAt: now, attempts: 0 }, event: passwordVerified(account, clientId, now) }
  return {
    account,
    amr: ['pwd'],
    event: event('person.signed_in', now, { clientId, subject: account.sub }, { amr: ['pwd'] }),
    deviceCookie: context.devices.cookie(username),
  }
}

export function passwordVerified({ sub }: Account, clientId: string | undefined, now: EpochSeconds): ServerChange {
  return event('person.password_verified', now, { clientId, subject: sub })
}

/** The one way to check a password, for the page and for apps of the operator's own: counted first, the same time for all (FIPA-25). */
export async function checkPassword(
  context: Pick<SignInContext, 'accounts' | 'store' | 'signInLimit'>,
  username: string,
  password: string,
  from: { readonly address: string; readonly knownDevice: boolean; readonly clientId: string | undefined; readonly now: EpochSeconds },
): Promise<Account | 'wrong' | 'locked'> {
  const { now, clientId } = from
  const attempt = await context.signInLimit.attempt(username, from.address, from.knownDevice, now)
  if (!attempt.allowed) {
    if (attempt.first) await context.store.commit([event('person.sign_in_locked', now, { clientId }, { scope: attempt.scope })])
    return 'locked'
  }
  const account = await context.accounts.verifyPassword(username, password)
  if (account === undefined || account.disabled) return 'wrong'
  await attempt.forgive()
  return account
}
