import type { Memory } from '@holdfast/proof/memory'
import type { Form } from '@holdfast/protocol/form'
import { secretHash } from '@holdfast/protocol/secret'
import type { EpochSeconds, Seconds } from '@holdfast/protocol/time'
import { type DerivedKeys, seal, unseal } from '../../keys/derived.ts'
import type { Accounts, PasskeyOptions, PasskeyPlace, Passkeys, ProvenPasskey } from '../accounts.ts'

/** How long a page's challenge is good. */
const WINDOW: Seconds = 600

export interface PasskeyContext {
  readonly accounts: Pick<Accounts, 'passkeys'>
  readonly memory: Memory
  readonly derived: DerivedKeys
  readonly issuer: string
  readonly origin: string
}

/** What a page needs to ask the browser for a passkey, or to make one. */
export interface PasskeyAsked {
  /** JSON for `PublicKeyCredential.parseRequestOptionsFromJSON` or `parseCreationOptionsFromJSON`. */
  readonly options: string
  /** The challenge, sealed for this page alone: it comes back with the answer, and the server keeps nothing. */
  readonly ticket: string
}

/** @returns undefined where there are none: accounts without them, or an address, which browsers take for no name of a site */
export function passkeysAt({
  accounts,
  issuer,
  origin,
}: PasskeyContext): { readonly passkeys: Passkeys; readonly place: PasskeyPlace } | undefined {
  const { hostname, host } = new URL(issuer)
  const named = !hostname.startsWith('[') && !/^[\d.]+$/.test(hostname)
  return accounts.passkeys === undefined || !named
    ? undefined
    : { passkeys: accounts.passkeys, place: { rpId: hostname, rpName: host, origin } }
}

/** @param context what the page is bound to: session, interaction, person */
export function askPasskey(
  { derived }: PasskeyContext,
  { challenge, options }: PasskeyOptions,
  context: string,
  now: EpochSeconds,
): PasskeyAsked {
  return { options: JSON.stringify(options), ticket: seal(derived.current('passkey'), `${now} ${challenge}`, context) }
}

/** The challenge of the page that this form came from, for one use: a second answer to it is none (A54). */
export async function challengeOf(
  { derived, memory }: PasskeyContext,
  form: Form,
  context: string,
  now: EpochSeconds,
): Promise<{ readonly challenge: string; readonly response: string } | undefined> {
  const ticket = form.one('passkey_ticket')
  const response = form.one('passkey')
  if (typeof ticket !== 'string' || typeof response !== 'string') return undefined
  const plain = derived
    .all('passkey')
    .map((key) => unseal(key, ticket, context))
    .find((one) => one !== undefined)
  const space = plain?.indexOf(' ') ?? -1
  if (plain === undefined || space === -1) return undefined
  const until = Number(plain.slice(0, space)) + WINDOW
  const challenge = plain.slice(space + 1)
  if (until <= now) return undefined
  return (await memory.add(`passkey ${secretHash(challenge)}`, until)) === 'new' ? { challenge, response } : undefined
}

/** Whoever holds the passkey that answered; undefined for every way to be wrong. */
export async function provenPasskey(
  context: PasskeyContext,
  form: Form,
  bound: string,
  now: EpochSeconds,
): Promise<ProvenPasskey | undefined> {
  const here = passkeysAt(context)
  const answered = here === undefined ? undefined : await challengeOf(context, form, bound, now)
  if (here === undefined || answered === undefined) return undefined
  const proven = await here.passkeys.verify(here.place, answered.challenge, answered.response, now)
  return proven === undefined || proven.account.disabled ? undefined : proven
}
