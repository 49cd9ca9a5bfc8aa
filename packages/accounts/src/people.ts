import type { Account, SecondFactor } from '@holdfast/server'
import type { Change, Store, Stored } from '@holdfast/store'
import { normalisedUsername, readUsername } from './credentials.ts'
import type { AccountRecord, AccountRecords } from './records.ts'

/** No account has this id. */
const NOBODY = 'u_nobody'

/** Where accounts are kept, in the words of accounts. */
export class People {
  readonly #store: Store<AccountRecords>

  constructor(store: Store<AccountRecords>) {
    this.#store = store
  }

  /** Also for text from outside, such as a `login_hint` or the `sub` of somebody's assertion: what no account can be called is nobody. */
  async find(sub: string): Promise<Stored<AccountRecord> | undefined> {
    return isSub(sub) ? this.#store.read('account', sub) : undefined
  }

  /** Reads twice for an unknown name too, so that the store takes as long for both (A58). */
  async byName(username: string): Promise<Stored<AccountRecord> | undefined> {
    const name = readUsername(username)
    const login = name === undefined ? undefined : await this.#store.read('login', name)
    return this.#store.read('account', login?.value.sub ?? NOBODY)
  }

  /** @returns false when the name belongs to somebody: of two at once with one name exactly one is inserted */
  async insert(sub: string, value: AccountRecord): Promise<boolean> {
    return this.#commit([
      { op: 'insert', kind: 'login', id: normalisedUsername(value.username), value: { sub } },
      { op: 'insert', kind: 'account', id: sub, value },
    ])
  }

  /** @returns false when the record moved: read and decide again */
  replace({ id, version }: Stored<AccountRecord>, value: AccountRecord): Promise<boolean> {
    return this.#commit([{ op: 'replace', kind: 'account', id, expected: version, value }])
  }

  /** Changes an account however often it moves meanwhile: each time it did, somebody else's change was stored. */
  async change(sub: string, changed: (value: AccountRecord) => AccountRecord): Promise<boolean> {
    for (;;) {
      const record = await this.find(sub)
      if (record === undefined) return false
      if (await this.replace(record, changed(record.value))) return true
    }
  }

  async #commit(changes: readonly Change<AccountRecords>[]): Promise<boolean> {
    return (await this.#store.commit(changes)) === 'committed'
  }
}

/** OpenID Connect Core §2: at most 255 characters. A store takes no id that is longer or has U+0000 or half a surrogate pair. */
function isSub(text: string): boolean {
  return text !== '' && text.length <= 255 && !text.includes('\0') && text.isWellFormed()
}

export function toAccount({ id, value }: Stored<AccountRecord>): Account {
  const { username, claims, disabled, totp, passkeys = 0 } = value
  const name = claims['name']
  const displayName = typeof name === 'string' && name.trim() !== '' ? name : username
  const secondFactors: readonly SecondFactor[] = [
    ...(totp === undefined ? [] : (['otp'] as const)),
    ...(passkeys > 0 ? (['passkey'] as const) : []),
  ]
  return { sub: id, username, displayName, claims, disabled, ...(secondFactors.length === 0 ? {} : { secondFactors }) }
}
