import type { HttpRequest } from '@holdfast/protocol/http'
import { secretHash } from '@holdfast/protocol/secret'
import type { EpochSeconds, Seconds } from '@holdfast/protocol/time'
import type { NamedCheck } from '@holdfast/protocol/witness'
import type { Expected } from './authorization-server/sign-in.ts'
import { firstReason, told } from './checks.ts'
import { clearCookie, cookiesOf, setCookie } from './cookies.ts'
import type { ReturnPath } from './return-path.ts'
import type { Settings } from './settings.ts'

/** How long a person may take at the authorization server. */
const LIFE: Seconds = 600
/** Sign-ins of one browser at once, such as several tabs: a cookie each would else fill the request's header. */
const MOST = 4
/** Of all of them: proxies take a line of 8 kB, and other sites may begin sign-ins with long targets. */
const MOST_CHARACTERS = 5500
/** RFC 6265 §6.1: browsers take 4096 bytes of a cookie, and drop a longer one without a word. */
const LONGEST = 4000

/** A sign-in that has begun: bound to this browser, and to one issuer (BFF-07, MCP-51). */
export interface Transaction extends Expected {
  readonly issuer: string
  readonly returnTo: ReturnPath
  /** The session that this browser had. It ends when another begins. */
  readonly former: string | undefined
  readonly expiresAt: EpochSeconds
}

export function transactionEnd(now: EpochSeconds): EpochSeconds {
  return now + LIFE
}

/**
 * The cookies that begin it. `Lax`, since the authorization server's redirect is a navigation from another site; its name comes
 * from `state`, so that tabs do not overwrite each other's; sealed, since it holds the verifier and a private key.
 *
 * @returns undefined when there is more to remember than a cookie holds
 */
export async function begin(settings: Settings, request: HttpRequest, transaction: Transaction): Promise<readonly string[] | undefined> {
  const { cookie, seals } = settings
  const name = nameFor(settings, transaction.state)
  const text = await seals.seal('transaction', name, transaction)
  let size = name.length + text.length
  if (size > LONGEST) return undefined
  // The browser sends older ones first: from the newest on they stay while there is room.
  const others = [...cookiesOf(request)].filter(([one]) => one.startsWith(prefix(settings)) && one !== name).reverse()
  const full = others.findIndex(([one, value], i) => i >= MOST - 1 || (size += one.length + value.length) > MOST_CHARACTERS)
  const old = full === -1 ? [] : others.slice(full)
  return [setCookie(cookie, name, text, 'Lax', LIFE), ...old.map(([one]) => clearCookie(cookie, one))]
}

interface Found {
  readonly transaction: Transaction
  readonly state: string
  readonly settings: Pick<Settings, 'issuer' | 'clock'>
}

const BEGUN_HERE = { about: 'authorization response', check: 'transaction cookie', rule: 'BFF-07' }

export const transactionChecks: readonly NamedCheck<Found, string>[] = [
  { name: 'state', rule: 'BFF-07', check: checkState },
  { name: 'issuer of the transaction', rule: 'MCP-51', check: checkIssuer },
  { name: 'age of the transaction', rule: 'BFF-07', check: checkAge },
]

function checkState({ transaction, state }: Found): string | undefined {
  return transaction.state === state ? undefined : 'state is that of another sign-in'
}

function checkIssuer({ transaction, settings }: Found): string | undefined {
  return transaction.issuer === settings.issuer ? undefined : 'the sign-in was begun with another issuer'
}

function checkAge({ transaction, settings }: Found): string | undefined {
  return transaction.expiresAt > settings.clock.now() ? undefined : 'the sign-in was begun too long ago'
}

/** @returns undefined when this browser did not begin it, or too long ago, or it is over */
export async function find(settings: Settings, request: HttpRequest, state: string): Promise<Transaction | undefined> {
  const name = nameFor(settings, state)
  const text = cookiesOf(request).get(name)
  const found = text === undefined ? undefined : ((await settings.seals.open('transaction', name, text)) as Transaction | undefined)
  told(request.witness, BEGUN_HERE, found === undefined ? 'this browser has begun no such sign-in' : undefined)
  if (found === undefined) return undefined
  const subject = { transaction: found, state, settings }
  return firstReason('authorization response', transactionChecks, subject, request.witness) === undefined ? found : undefined
}

/** It works once. */
export function over(settings: Settings, state: string): string {
  return clearCookie(settings.cookie, nameFor(settings, state))
}

function nameFor(settings: Settings, state: string): string {
  return prefix(settings) + secretHash(state).slice(0, 16)
}

function prefix({ cookie }: Settings): string {
  return `${cookie.name}-t-`
}
