import type { Memory } from '@holdfast/proof/memory'
import type { Form } from '@holdfast/protocol/form'
import type { HttpRequest } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { type Tell, tellerOf, type Witness } from '@holdfast/protocol/witness'
import type { Log } from '../../config/options.ts'
import { event } from '../../events.ts'
import type { DerivedKeys } from '../../keys/derived.ts'
import type { PendingSignIn, ServerChange, ServerStore } from '../../records.ts'
import type { Account, Accounts, SecondFactor } from '../accounts.ts'
import type { AuthenticationPolicy } from '../../config/authentication-policy.ts'
import type { KnownDevices } from '../known-devices.ts'
import type { OneTimeCodeLimit } from '../one-time-code-limit.ts'
import type { SignInLimit } from '../sign-in-limit.ts'
import { provenPasskey } from './passkey.ts'

/** Whom the person signs in for. */
export interface SignInFor {
  readonly now: EpochSeconds
  /** Undefined for a page of ours. */
  readonly clientId: string | undefined
  /** One of these `acr` is asked for. */
  readonly acrs: readonly string[]
  /** What a passkey's challenge is bound to. */
  readonly bound: string
  /** Hears what is checked; only in development. */
  readonly witness?: Witness | undefined
}

export interface SignInContext {
  readonly issuer: string
  readonly origin: string
  readonly accounts: Accounts
  readonly authentication: AuthenticationPolicy
  readonly store: ServerStore
  readonly memory: Memory
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

/** Checks a passkey, or a name and a password. One sentence for every way to be wrong: it tells nobody which names exist (A58). */
export async function signIn(context: SignInContext, http: HttpRequest, form: Form, about: SignInFor): Promise<SignedIn> {
  const tell = tellerOf('interaction', about.witness)
  if (form.has('passkey')) return signInByPasskey(context, form, about, tell)
  const { now, clientId, acrs } = about
  const typed = tell('user name and password sent', 'OIDC-12', typedIn(form))
  if (typed instanceof OAuthError) return { fault: typed.description, username: nameIn(form) ?? '', status: 400 }
  const { username, password } = typed
  const knownDevice = context.devices.knows(http, username)
  const checked = await checkPassword(context, username, password, { address: http.clientAddress, knownDevice, clientId, now })
  const looked = tell(
    'attempts left',
    'OA-49',
    checked === 'locked' ? refused('Too many attempts. Wait a quarter of an hour, then try again.') : checked,
  )
  if (looked instanceof OAuthError) return { fault: looked.description, username, status: 429 }
  const account = tell('password', 'OIDC-12', looked === 'wrong' ? refused('The user name or the password is wrong.') : looked)
  if (account instanceof OAuthError) return { fault: account.description, username, status: 400 }
  if (!context.authentication.enough(account, ['pwd'])) {
    const factors = owedFactors(context.authentication, account, acrs)
    const pending = { subject: account.sub, username, provenAt: now, attempts: 0, factors }
    return { pending, event: passwordVerified(account, clientId, now) }
  }
  return completeSignIn(context, account, username, ['pwd'], about)
}

function typedIn(form: Form): { readonly username: string; readonly password: string } | OAuthError {
  const username = nameIn(form)
  const password = form.one('password')
  return username === undefined || typeof password !== 'string'
    ? refused('Enter your user name and your password.')
    : { username, password }
}

function nameIn(form: Form): string | undefined {
  const username = form.one('username')
  return typeof username === 'string' ? username : undefined
}

/** In the words that the person is told. */
export function refused(fault: string): OAuthError {
  return new OAuthError('access_denied', fault, { rule: 'OIDC-12' })
}

/** The factors that come after the password: those that reach what is asked for, or any when none does. */
function owedFactors(policy: AuthenticationPolicy, account: Account, acrs: readonly string[]): readonly SecondFactor[] {
  const helpful = policy.helpful(account, ['pwd'], acrs)
  return helpful.length > 0 ? helpful : policy.helpful(account, ['pwd'], [])
}

async function signInByPasskey(context: SignInContext, form: Form, about: SignInFor, tell: Tell): Promise<SignedIn> {
  const shown = await provenPasskey(context, form, about.bound, about.now)
  const fault = 'This passkey was not accepted, or the page was open for too long. Try again.'
  const proven = tell('passkey', 'OIDC-12', shown ?? refused(fault))
  if (proven instanceof OAuthError) return { fault, username: '', status: 400 }
  return completeSignIn(context, proven.account, proven.account.username, proven.amr, about)
}

export function completeSignIn(
  { devices }: Pick<SignInContext, 'devices'>,
  account: Account,
  username: string,
  amr: readonly string[],
  { now, clientId }: SignInFor,
): CompleteSignIn {
  const signedIn = event('person.signed_in', now, { clientId, subject: account.sub }, { amr })
  return { account, amr, event: signedIn, deviceCookie: devices.cookie(username) }
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
