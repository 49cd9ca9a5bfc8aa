import type { PasskeyPlace } from '@holdfast/server'
import type { Store } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { type AuthenticatorKind, type CredentialJson, type Misbehaviour, SoftwareAuthenticator } from '@holdfast/testing/authenticator'
import { type BuiltInAccounts, createAccounts } from '../accounts.ts'
import { accountKinds, type AccountRecords } from '../records.ts'

export const PLACE: PasskeyPlace = { rpId: 'as.example', rpName: 'Example', origin: 'https://as.example' }
export const NOW = 1_800_000_000

/** Somebody with a passkey, and the ways in which one answers. */
export class Enrolled {
  readonly store: Store<AccountRecords>
  readonly accounts: BuiltInAccounts
  readonly sub: string
  readonly authenticator: SoftwareAuthenticator

  constructor(store: Store<AccountRecords>, accounts: BuiltInAccounts, sub: string, kind?: AuthenticatorKind) {
    this.store = store
    this.accounts = accounts
    this.sub = sub
    this.authenticator = new SoftwareAuthenticator(PLACE.origin, kind)
  }

  /** From the question to the answer's fate. */
  async add(name = 'My laptop', knobs: Misbehaviour = {}, authenticator = this.authenticator): Promise<unknown> {
    const { challenge, options } = await this.accounts.passkeys.creationOptions(PLACE, this.sub)
    return this.take(challenge, authenticator.create(options, knobs), name)
  }

  take(challenge: string, credential: CredentialJson, name = 'My laptop', subject = this.sub, now = NOW): Promise<unknown> {
    return this.accounts.passkeys.add(PLACE, subject, challenge, JSON.stringify(credential), name, now)
  }

  /** @returns the challenge, and the text of the answer */
  async answer(knobs: Misbehaviour = {}, subject?: string): Promise<readonly [string, string]> {
    const { challenge, options } = await this.accounts.passkeys.requestOptions(PLACE, subject)
    return [challenge, JSON.stringify(this.authenticator.get(options, knobs))]
  }

  async signIn(knobs: Misbehaviour = {}, subject?: string, now = NOW): Promise<unknown> {
    return this.accounts.passkeys.verify(PLACE, ...(await this.answer(knobs, subject)), now)
  }
}

/** Dana, without a passkey yet. */
export async function dana(kind?: AuthenticatorKind, store: Store<AccountRecords> = openMemoryStore(accountKinds)): Promise<Enrolled> {
  const accounts = createAccounts({ store, secrets: [{ id: 's1', value: new Uint8Array(32).fill(1) }] })
  return new Enrolled(store, accounts, await person(accounts, 'dana'), kind)
}

/** Dana, with one. */
export async function danaWithPasskey(kind?: AuthenticatorKind, store?: Store<AccountRecords>): Promise<Enrolled> {
  const her = await dana(kind, store)
  const outcome = await her.add()
  if (outcome !== 'added') throw new Error(JSON.stringify(outcome))
  return her
}

export async function person(accounts: BuiltInAccounts, username: string): Promise<string> {
  const made = await accounts.createAccount({ username, password: 'correct horse', claims: { name: 'Dana Demo' } })
  if (!('sub' in made)) throw new Error(made.message)
  return made.sub
}
