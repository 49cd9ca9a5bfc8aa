import { newSecret } from '@holdfast/protocol/secret'
import type { Account, Accounts } from '@holdfast/server'
import type { Store, Stored } from '@holdfast/store'
import { Passwords } from './password.ts'
import type { AccountRecord, AccountRecords } from './records.ts'

/** A password that is typed or seeded: 8 to 1024 characters. */
const SHORTEST = 8
const LONGEST = 1024
const MAX_USERNAME = 256

export interface NewAccount {
  readonly username: string
  readonly password: string
  /** OpenID Connect Core §5.1. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined
}

/** Why an account was not made: the field, and what is allowed. */
export interface AccountFault {
  readonly field: 'username' | 'password'
  readonly message: string
}

export interface BuiltInAccounts extends Accounts {
  /** @returns the new `sub`, or the fault; of two at once with one name exactly one succeeds */
  createAccount(account: NewAccount): Promise<{ readonly sub: string } | AccountFault>
  setPassword(sub: string, password: string): Promise<AccountFault | undefined>
  /** Creates who is missing and brings claims up to date. A password that was changed since is left as it is. */
  seed(accounts: readonly NewAccount[]): Promise<void>
}

/** The built-in people: user name and password, kept in the store. */
export function createAccounts({ store }: { readonly store: Store<AccountRecords> }): BuiltInAccounts {
  return new StoredAccounts(store)
}

class StoredAccounts implements BuiltInAccounts {
  readonly #store: Store<AccountRecords>
  readonly #passwords: Passwords = new Passwords()
  /** Verified against when there is nobody of that name: made once, of a password that nobody has. */
  #nobody: Promise<string> | undefined

  constructor(store: Store<AccountRecords>) {
    this.#store = store
  }

  async find(sub: string): Promise<Account | undefined> {
    const record = await this.#store.read('account', sub)
    return record === undefined ? undefined : toAccount(record)
  }

  async verifyPassword(username: string, password: string): Promise<Account | undefined> {
    const record = await this.#byName(username)
    const hash = record?.value.passwordHash ?? (await (this.#nobody ??= this.#passwords.hash(newSecret())))
    const right = password.length <= LONGEST && (await this.#passwords.verify(password, hash))
    if (!right || record === undefined) return undefined
    if (this.#passwords.outdated(hash)) await this.#replace(record, { ...record.value, passwordHash: await this.#passwords.hash(password) })
    return toAccount(record)
  }

  async createAccount({ username, password, claims = {} }: NewAccount): Promise<{ readonly sub: string } | AccountFault> {
    const name = normalised(username)
    const fault = usernameFault(name) ?? passwordFault(password)
    if (fault !== undefined) return fault
    // Its own namespace: no client_id begins so (OA-73).
    const sub = `u_${newSecret().slice(0, 22)}`
    const outcome = await this.#store.commit([
      { op: 'insert', kind: 'login', id: name, value: { sub } },
      { op: 'insert', kind: 'account', id: sub, value: { username: username.trim(), passwordHash: await this.#passwords.hash(password), claims, disabled: false } },
    ])
    return outcome === 'committed' ? { sub } : { field: 'username', message: 'is taken' }
  }

  async setPassword(sub: string, password: string): Promise<AccountFault | undefined> {
    const fault = passwordFault(password)
    if (fault !== undefined) return fault
    const passwordHash = await this.#passwords.hash(password)
    for (;;) {
      const record = await this.#store.read('account', sub)
      if (record === undefined) return { field: 'username', message: 'is unknown' }
      if (await this.#replace(record, { ...record.value, passwordHash })) return undefined
    }
  }

  async seed(accounts: readonly NewAccount[]): Promise<void> {
    for (const account of accounts) await this.#seedOne(account)
  }

  async #seedOne(account: NewAccount): Promise<void> {
    for (;;) {
      const record = await this.#byName(account.username)
      if (record === undefined) {
        const made = await this.createAccount(account)
        if ('sub' in made) return
        if (made.message !== 'is taken') throw new TypeError(`accounts.seed ${account.username}: ${made.field} ${made.message}`)
        continue
      }
      const claims = account.claims ?? {}
      if (JSON.stringify(record.value.claims) === JSON.stringify(claims) || (await this.#replace(record, { ...record.value, claims }))) return
    }
  }

  async #byName(username: string): Promise<Stored<AccountRecord> | undefined> {
    const name = normalised(username)
    const login = usernameFault(name) === undefined ? await this.#store.read('login', name) : undefined
    return login === undefined ? undefined : this.#store.read('account', login.value.sub)
  }

  async #replace(record: Stored<AccountRecord>, value: AccountRecord): Promise<boolean> {
    return (await this.#store.commit([{ op: 'replace', kind: 'account', id: record.id, expected: record.version, value }])) === 'committed'
  }
}

function toAccount({ id, value }: Stored<AccountRecord>): Account {
  const { name } = value.claims as { readonly name?: unknown }
  return { sub: id, username: value.username, displayName: typeof name === 'string' && name !== '' ? name : value.username, claims: value.claims, disabled: value.disabled }
}

/** The form in which names are compared: what looks the same is the same. */
function normalised(username: string): string {
  return username.normalize('NFKC').trim().toLowerCase()
}

function usernameFault(name: string): AccountFault | undefined {
  return name.length >= 1 && name.length <= MAX_USERNAME && !/\p{C}/u.test(name) ? undefined : { field: 'username', message: `must have 1 to ${MAX_USERNAME} visible characters` }
}

function passwordFault(password: string): AccountFault | undefined {
  return password.length >= SHORTEST && password.length <= LONGEST ? undefined : { field: 'password', message: `must have ${SHORTEST} to ${LONGEST} characters` }
}
