import type { Form } from '@holdfast/protocol/form'
import type { HttpRequest } from '@holdfast/protocol/http'
import type { Log } from '../../config/options.ts'
import { event } from '../../events.ts'
import type { DerivedKeys } from '../../keys/derived.ts'
import type { ServerChange, ServerStore } from '../../records.ts'
import type { Account, Accounts } from '../accounts.ts'
import type { KnownDevices } from '../known-devices.ts'
import type { SignInLimit } from '../sign-in-limit.ts'
import type { InteractionState } from '../state.ts'

/** Whom the person signs in for: a client's request, or a page of our own. */
export type SignInFor = Pick<InteractionState, 'now'> & { readonly client: { readonly clientId: string } | undefined }

export interface SignInContext {
  readonly accounts: Accounts
  readonly store: ServerStore
  readonly signInLimit: SignInLimit
  readonly devices: KnownDevices
  readonly derived: DerivedKeys
  readonly log: Log
}

export type SignedIn =
  | { readonly account: Account; readonly event: ServerChange; readonly deviceCookie: string }
  | { readonly fault: string; readonly username: string; readonly status: number }

/** Checks a name and a password. One sentence for every way to be wrong: it tells nobody which names exist (A58). */
export async function signIn(context: SignInContext, http: HttpRequest, form: Form, { now, client }: SignInFor): Promise<SignedIn> {
  const username = form.one('username')
  const password = form.one('password')
  if (typeof username !== 'string' || typeof password !== 'string') {
    return { fault: 'Enter your user name and your password.', username: typeof username === 'string' ? username : '', status: 400 }
  }
  const attempt = await context.signInLimit.attempt(username, http.clientAddress, context.devices.knows(http, username), now)
  if (!attempt.allowed) {
    if (attempt.first)
      await context.store.commit([event('person.sign_in_locked', now, { clientId: client?.clientId }, { scope: attempt.scope })])
    return { fault: 'Too many attempts. Wait a quarter of an hour, then try again.', username, status: 429 }
  }
  const account = await context.accounts.verifyPassword(username, password)
  if (account === undefined || account.disabled) return { fault: 'The user name or the password is wrong.', username, status: 400 }
  await attempt.forgive()
  return {
    account,
    event: event('person.signed_in', now, { clientId: client?.clientId, subject: account.sub }, { amr: ['pwd'] }),
    deviceCookie: context.devices.cookie(username),
  }
}
