import { newSecret } from '@holdfast/protocol/secret'
import type { Account, Accounts, AuthenticatorApps, NewPerson, Passkeys, SignUpFault } from '@holdfast/server'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Store, Stored } from '@holdfast/store'
import { StoredAuthenticatorApps } from './authenticator-apps.ts'
import { argon2id, inTurn, type PasswordHasher } from './argon2id.ts'
import {
  accountFault,
  type AccountFault,
  type NewAccount,
  passwordFault,
  preparedPassword,
  preparedTotpSecret,
  totpSecretFault,
} from './credentials.ts'
import { StoredPasskeys } from './passkeys.ts'
import { People, toAccount } from './people.ts'
import type { AccountRecord, AccountRecords, TotpRecord } from './records.ts'
import { seedPeople, type SeedReport } from './seed.ts'
import { type SealingSecret, stepOf, TotpSecrets } from './totp.ts'
import { Overloaded, Turnstile, type TurnstileLimits } from './turnstile.ts'

export interface AccountsOptions {
  readonly store: Store<AccountRecords>
  readonly hasher?: PasswordHasher
  readonly limits?: TurnstileLimits
  /** Needed for one-time codes, also for those that people set up: their secrets are stored encrypted under the first; the others still open. */
  readonly secrets?: readonly SealingSecret[]
  /** Whether people may make accounts by themselves. @default false */
  readonly signUp?: boolean
}

/** Whatever hashes a password throws {@link Overloaded} when too many are at it, and nothing was written then. */
export interface BuiltInAccounts extends Accounts {
  /** @returns the new `sub`, or the fault; of two at once with one name exactly one succeeds */
  createAccount(account: NewAccount): Promise<{ readonly sub: string } | AccountFault>
  /** The old password counts no more, not even for a sign-in that has begun. Sessions and grants are the server's affair. */
  setPassword(sub: string, password: string): Promise<AccountFault | undefined>
  /**
   * From now on the person is asked for a one-time code of this secret (base32) after the password; with undefined for none.
   * An app that the person is setting up is forgotten.
   *
   * @throws {TypeError} the option `secrets` is missing
   */
  setTotpSecret(sub: string, secret: string | undefined): Promise<AccountFault | undefined>
  verifyOneTimeCode(sub: string, code: string, now: EpochSeconds): Promise<boolean>
  readonly passkeys: Passkeys
  /** Absent without the option `secrets`. */
  readonly authenticatorApps?: AuthenticatorApps
  /** A disabled account is refused like a wrong password. @returns false when there is no such person */
  setDisabled(sub: string, disabled: boolean): Promise<boolean>
  /**
   * Creates who is missing and brings claims up to date. A password that was changed since is left as it is, until
   * the seed itself has another. A secret for one-time codes is set, changed and taken away with its line; an app that the
   * person set up in its place stays until the line has another secret. Twice the same changes nothing.
   *
   * @throws {TypeError} an entry that `accountFault` refuses; nothing was written
   */
  seed(accounts: readonly NewAccount[]): Promise<SeedReport>
}

/** The built-in people: user name, password and one-time codes, kept in the store. */
export function createAccounts({ store, hasher = argon2id, limits, secrets = [], signUp = false }: AccountsOptions): BuiltInAccounts {
  const people = new People(store)
  const totp = new TotpSecrets(secrets)
  const apps = secrets.length === 0 ? undefined : new StoredAuthenticatorApps(people, totp)
  const accounts = new StoredAccounts(people, inTurn(hasher, new Turnstile(limits)), totp, new StoredPasskeys(store, people), apps)
  return signUp ? Object.assign(accounts, { signUp: (person: NewPerson) => signUpIn(accounts, person) }) : accounts
}

/** A name of one line: it stands on pages beside the words of the server. */
const PLAIN_NAME = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,100}$/u

async function signUpIn(accounts: StoredAccounts, { username, password, name }: NewPerson): Promise<Account | SignUpFault> {
  const displayName = name?.trim() ?? ''
  if (displayName !== '' && !PLAIN_NAME.test(displayName)) return { field: 'name', message: 'must be one line of at most 100 characters' }
  const made = await accounts.createAccount({ username, password, claims: displayName === '' ? {} : { name: displayName } })
  if ('sub' in made) {
    const account = await accounts.find(made.sub)
    if (account === undefined) throw new Error('an account that was just made is gone')
    return account
  }
  return { field: made.field === 'password' ? 'password' : 'username', message: made.message }
}

class StoredAccounts implements BuiltInAccounts {
  readonly #people: People
  readonly #hasher: PasswordHasher
  readonly #totp: TotpSecrets
  readonly passkeys: Passkeys
  readonly authenticatorApps?: AuthenticatorApps

  constructor(people: People, hasher: PasswordHasher, totp: TotpSecrets, passkeys: Passkeys, apps: AuthenticatorApps | undefined) {
    this.#people = people
    this.#hasher = hasher
    this.#totp = totp
    this.passkeys = passkeys
    if (apps !== undefined) this.authenticatorApps = apps
  }

  async find(sub: string): Promise<Account | undefined> {
    const record = await this.#people.find(sub)
    return record === undefined ? undefined : toAccount(record)
  }

  async findByUsername(username: string): Promise<Account | undefined> {
    const record = await this.#people.byName(username)
    return record === undefined ? undefined : toAccount(record)
  }

  /** One path for all: two reads and one verification, whatever is wrong; only a success does more (A58). */
  async verifyPassword(username: string, password: string): Promise<Account | undefined> {
    const record = await this.#people.byName(username)
    const prepared = preparedPassword(password)
    const right = await this.#hasher.verify(prepared ?? '', record?.value.passwordHash ?? this.#hasher.nobody)
    if (!right || prepared === undefined || record === undefined || record.value.disabled) return undefined
    await this.#renewHash(record, prepared)
    return this.#stillRight(record)
  }

  async createAccount(account: NewAccount): Promise<{ readonly sub: string } | AccountFault> {
    const { username, password, totpSecret, claims = {} } = account
    const fault = accountFault(account)
    if (fault !== undefined) return fault
    const passwordHash = await this.#hasher.hash(preparedPassword(password) ?? '')
    const sub = newSub()
    const inserted = await this.#people.insert(sub, {
      username: username.trim(),
      passwordHash,
      passwordGeneration: 1,
      ...(totpSecret === undefined ? {} : { totp: this.#newTotp(sub, totpSecret) }),
      claims,
      disabled: false,
    })
    return inserted ? { sub } : { field: 'username', message: 'is taken' }
  }

  async setPassword(sub: string, password: string): Promise<AccountFault | undefined> {
    const fault = passwordFault(password)
    if (fault !== undefined) return fault
    const passwordHash = await this.#hasher.hash(preparedPassword(password) ?? '')
    const changed = await this.#people.change(sub, (value) => ({
      ...value,
      passwordHash,
      passwordGeneration: value.passwordGeneration + 1,
    }))
    return changed ? undefined : { field: 'username', message: 'is unknown' }
  }

  async setTotpSecret(sub: string, secret: string | undefined): Promise<AccountFault | undefined> {
    const fault = secret === undefined ? undefined : totpSecretFault(secret)
    if (fault !== undefined) return fault
    const changed = await this.#people.change(sub, ({ totp: before, pendingTotp: _waiting, ...value }) =>
      secret === undefined ? value : { ...value, totp: this.#newTotp(sub, secret, before) },
    )
    return changed ? undefined : { field: 'username', message: 'is unknown' }
  }

  /** The step is stored before the answer is told, under the record's version: a code counts once (RFC 6238 §5.2). */
  async verifyOneTimeCode(sub: string, code: string, now: EpochSeconds): Promise<boolean> {
    for (;;) {
      const record = await this.#people.find(sub)
      const totp = record?.value.totp
      if (record === undefined || totp === undefined || record.value.disabled) return false
      const secret = this.#totp.open(sub, totp)
      const step = secret === undefined ? undefined : stepOf(secret, code, now)
      if (step === undefined || step <= totp.lastStep) return false
      if (await this.#people.replace(record, { ...record.value, totp: { ...totp, lastStep: step } })) return true
    }
  }

  #newTotp(sub: string, secret: string, before?: TotpRecord): TotpRecord {
    return { ...this.#totp.seal(sub, preparedTotpSecret(secret)), lastStep: before?.lastStep ?? 0, seeded: false }
  }

  setDisabled(sub: string, disabled: boolean): Promise<boolean> {
    return this.#people.change(sub, (value) => ({ ...value, disabled }))
  }

  seed(accounts: readonly NewAccount[]): Promise<SeedReport> {
    return seedPeople({ people: this.#people, hasher: this.#hasher, totp: this.#totp, newSub }, accounts)
  }

  /** Today's parameters for a hash made with older ones. Housekeeping: when it cannot be done now, it is at the next sign-in. */
  async #renewHash(record: Stored<AccountRecord>, prepared: string): Promise<void> {
    if (!this.#hasher.outdated(record.value.passwordHash)) return
    try {
      await this.#people.replace(record, { ...record.value, passwordHash: await this.#hasher.hash(prepared) })
    } catch (fault) {
      if (!(fault instanceof Overloaded)) throw fault
    }
  }

  /** While we verified, perhaps for seconds in a rush, the password may have been changed or the account disabled. */
  async #stillRight({ id, value }: Stored<AccountRecord>): Promise<Account | undefined> {
    const now = await this.#people.find(id)
    const same = now !== undefined && !now.value.disabled && now.value.passwordGeneration === value.passwordGeneration
    return same ? toAccount(now) : undefined
  }
}

/** A namespace of its own, which no client_id takes (OA-73), and 132 random bits: it tells neither name nor order. */
function newSub(): string {
  return `u_${newSecret().slice(0, 22)}`
}
