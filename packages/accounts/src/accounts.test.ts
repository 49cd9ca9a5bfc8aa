import type { Store } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { describe, expect, test } from 'vitest'
import { type BuiltInAccounts, createAccounts } from './accounts.ts'
import { argon2id, type PasswordHasher } from './argon2id.ts'
import { accountKinds, type AccountRecords } from './records.ts'
import { Overloaded } from './turnstile.ts'

const PASSWORD = 'correct horse'

/** The real argon2id, with a tally. */
class Counted implements PasswordHasher {
  readonly nobody: string = argon2id.nobody
  readonly verified: string[] = []
  hashed = 0
  /** Runs once, in the middle of the next verification. */
  meanwhile: (() => Promise<unknown>) | undefined

  hash(password: string): Promise<string> {
    this.hashed++
    return argon2id.hash(password)
  }

  async verify(password: string, passwordHash: string): Promise<boolean> {
    this.verified.push(passwordHash)
    const right = await argon2id.verify(password, passwordHash)
    const { meanwhile } = this
    this.meanwhile = undefined
    await meanwhile?.()
    return right
  }

  outdated(passwordHash: string): boolean {
    return argon2id.outdated(passwordHash)
  }
}

interface Scene {
  readonly accounts: BuiltInAccounts
  readonly hasher: Counted
  readonly store: Store<AccountRecords>
  readonly reads: string[]
}

function scene(): Scene {
  const memory = openMemoryStore(accountKinds)
  const reads: string[] = []
  const store: Store<AccountRecords> = {
    read: (kind, id) => (reads.push(kind), memory.read(kind, id)),
    list: (kind, index, value, page) => memory.list(kind, index, value, page),
    commit: (changes) => memory.commit(changes),
  }
  const hasher = new Counted()
  return { accounts: createAccounts({ store, hasher }), hasher, store, reads }
}

async function withDana(): Promise<Scene & { readonly sub: string }> {
  const made = scene()
  const dana = await made.accounts.createAccount({
    username: ' Dana ',
    password: PASSWORD,
    claims: { name: 'Dana Demo', email: 'dana@example.com' },
  })
  if (!('sub' in dana)) throw new Error(dana.message)
  made.reads.length = 0
  made.hasher.hashed = 0
  return { ...made, sub: dana.sub }
}

describe('an account', () => {
  test('is found by sub and by password, in whatever form the name is typed', async () => {
    const { accounts, sub } = await withDana()
    const dana = {
      sub,
      username: 'Dana',
      displayName: 'Dana Demo',
      claims: { name: 'Dana Demo', email: 'dana@example.com' },
      disabled: false,
    }
    expect(await accounts.find(sub)).toEqual(dana)
    for (const username of ['dana', 'DANA', ' Dana\u3000', 'ｄａｎａ']) {
      expect(await accounts.verifyPassword(username, PASSWORD)).toEqual(dana)
      expect(await accounts.findByUsername?.(username)).toEqual(dana)
    }
    for (const username of ['', 'nobody', sub]) expect(await accounts.findByUsername?.(username)).toBeUndefined()
    expect(await accounts.find('u_other')).toBeUndefined()
    // Text from outside that no store takes as an id: a hint of CIBA, the subject of an assertion.
    for (const text of ['', '\0', 'u_\0', '\ud800', 'x'.repeat(2000)]) {
      expect(await accounts.find(text)).toBeUndefined()
      expect(await accounts.findByUsername?.(text)).toBeUndefined()
    }
  })

  test('OA-73: its sub is random, in a namespace of its own', async () => {
    const { accounts, sub } = await withDana()
    const other = await accounts.createAccount({ username: 'eve', password: PASSWORD })
    expect(sub).toMatch(/^u_[\w-]{22}$/)
    expect(other).not.toEqual({ sub })
  })

  test('its password is stored as argon2id with OWASP’s parameters only', async () => {
    const { store, sub } = await withDana()
    const record = await store.read('account', sub)
    expect(record?.value.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
    expect(JSON.stringify(record)).not.toContain(PASSWORD)
  })

  test('of twenty with one name at once exactly one is made', async () => {
    const { accounts } = scene()
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, n) => accounts.createAccount({ username: n % 2 === 0 ? 'Dana' : 'dana', password: `password ${n}` })),
    )
    const made = outcomes.flatMap((outcome, n) => ('sub' in outcome ? [{ ...outcome, n }] : []))
    expect(made).toHaveLength(1)
    expect(outcomes.filter((outcome) => 'message' in outcome)).toEqual(
      Array.from({ length: 19 }, () => ({ field: 'username', message: 'is taken' })),
    )
    expect(await accounts.verifyPassword('dana', `password ${made[0]?.n}`)).toMatchObject({ sub: made[0]?.sub })
  })

  test('a name without a name claim is its own display name', async () => {
    const { accounts } = scene()
    for (const [username, claims] of [
      ['a', {}],
      ['b', { name: ' ' }],
      ['c', { name: 7 }],
    ] as const) {
      await accounts.createAccount({ username, password: PASSWORD, claims })
      expect(await accounts.verifyPassword(username, PASSWORD)).toMatchObject({ displayName: username })
    }
  })
})

describe('A58: a refusal tells nothing', () => {
  test.each([
    ['an unknown name', 'nobody', PASSWORD],
    ['a wrong password', 'dana', 'wrong horse'],
    ['an empty password', 'dana', ''],
    ['a password that is too long', 'dana', 'x'.repeat(1025)],
    ['a password that is no text', 'dana', `${PASSWORD}\ud800`],
    ['a long password for an unknown name', 'nobody', 'x'.repeat(1_000_000)],
  ])('%s: the same reads, one verification, undefined', async (_case, username, password) => {
    const { accounts, hasher, reads } = await withDana()
    expect(await accounts.verifyPassword(username, password)).toBeUndefined()
    expect(reads).toEqual(['login', 'account'])
    expect(hasher.verified).toHaveLength(1)
    expect(hasher.hashed).toBe(0)
  })

  test('a disabled account is refused in the same way, until it is enabled', async () => {
    const { accounts, hasher, reads, sub } = await withDana()
    expect(await accounts.setDisabled(sub, true)).toBe(true)
    reads.length = 0
    expect(await accounts.verifyPassword('dana', PASSWORD)).toBeUndefined()
    expect(reads).toEqual(['login', 'account'])
    expect(hasher.verified).toHaveLength(1)
    expect(await accounts.find(sub)).toMatchObject({ disabled: true })
    await accounts.setDisabled(sub, false)
    expect(await accounts.verifyPassword('dana', PASSWORD)).toMatchObject({ sub })
    expect(await accounts.setDisabled('u_other', true)).toBe(false)
  })

  test('a name that cannot be anybody’s is verified against nobody’s hash, like an unknown one', async () => {
    const { accounts, hasher } = await withDana()
    for (const username of ['', '\u200b', 'x'.repeat(5000), 'da\u0000na', '\ud800', 'nobody'])
      expect(await accounts.verifyPassword(username, PASSWORD)).toBeUndefined()
    expect(hasher.verified).toEqual(Array.from({ length: 6 }, () => argon2id.nobody))
  })

  test('a password that can be nobody’s is refused even where a hash of the empty one was stored', async () => {
    const { accounts, store } = await withDana()
    await store.commit([
      { op: 'insert', kind: 'login', id: 'odd', value: { sub: 'u_odd' } },
      {
        op: 'insert',
        kind: 'account',
        id: 'u_odd',
        value: { username: 'odd', passwordHash: await argon2id.hash(''), passwordGeneration: 1, claims: {}, disabled: false },
      },
    ])
    expect(await accounts.verifyPassword('odd', 'x'.repeat(1025))).toBeUndefined()
  })
})

describe('while a password is verified', () => {
  test('a password that was changed meanwhile counts no more', async () => {
    const { accounts, hasher, sub } = await withDana()
    hasher.meanwhile = () => accounts.setPassword(sub, 'another horse')
    expect(await accounts.verifyPassword('dana', PASSWORD)).toBeUndefined()
    expect(await accounts.verifyPassword('dana', 'another horse')).toMatchObject({ sub })
  })

  test('an account that was disabled meanwhile is refused', async () => {
    const { accounts, hasher, sub } = await withDana()
    hasher.meanwhile = () => accounts.setDisabled(sub, true)
    expect(await accounts.verifyPassword('dana', PASSWORD)).toBeUndefined()
  })

  test('too many at once are turned away, known and unknown alike, and the rest are answered', async () => {
    const { store } = await withDana()
    const accounts = createAccounts({ store, limits: { atOnce: 2, waiting: 3 } })
    for (const username of ['dana', 'nobody']) {
      const outcomes = await Promise.allSettled(Array.from({ length: 9 }, () => accounts.verifyPassword(username, PASSWORD)))
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
      for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(Overloaded)
    }
    // A rush leaves nothing behind: afterwards everybody is answered as before.
    expect(await accounts.verifyPassword('nobody', PASSWORD)).toBeUndefined()
    expect(await accounts.verifyPassword('dana', PASSWORD)).toMatchObject({ username: 'Dana' })
  })
})

describe('a new password', () => {
  test('replaces the old one; a fault or an unknown person changes nothing', async () => {
    const { accounts, sub } = await withDana()
    expect(await accounts.setPassword(sub, 'short')).toEqual({ field: 'password', message: 'must have 8 to 1024 characters' })
    expect(await accounts.setPassword('u_other', 'another horse')).toEqual({ field: 'username', message: 'is unknown' })
    expect(await accounts.verifyPassword('dana', PASSWORD)).toMatchObject({ sub })
    expect(await accounts.setPassword(sub, 'another horse')).toBeUndefined()
    expect(await accounts.verifyPassword('dana', PASSWORD)).toBeUndefined()
    expect(await accounts.verifyPassword('dana', 'another horse')).toMatchObject({ sub })
  })

  test('two changes at once are both made, one after the other', async () => {
    const { accounts, store, sub } = await withDana()
    await Promise.all([
      accounts.setPassword(sub, 'first horse'),
      accounts.setDisabled(sub, true),
      accounts.setPassword(sub, 'second horse'),
    ])
    expect((await store.read('account', sub))?.value).toMatchObject({ disabled: true, passwordGeneration: 3 })
  })
})

describe('a hash with older parameters', () => {
  const OLD = '$argon2id$v=19$m=4096,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$'

  async function withOldHash(): Promise<Scene & { readonly sub: string }> {
    const { hashRawSync } = await import('@node-rs/argon2')
    const made = await withDana()
    const raw = hashRawSync(PASSWORD, {
      algorithm: 2,
      memoryCost: 4096,
      timeCost: 1,
      parallelism: 1,
      salt: Buffer.from('somesaltsomesalt'),
    })
    const record = await made.store.read('account', made.sub)
    if (record === undefined) throw new Error('no record')
    await made.store.commit([
      {
        op: 'replace',
        kind: 'account',
        id: made.sub,
        expected: record.version,
        value: { ...record.value, passwordHash: OLD + raw.toString('base64').replace(/=+$/, '') },
      },
    ])
    return made
  }

  test('is made anew when the password is right, and only then; the password stays the same one', async () => {
    const { accounts, hasher, store, sub } = await withOldHash()
    expect(await accounts.verifyPassword('dana', 'wrong horse')).toBeUndefined()
    expect((await store.read('account', sub))?.value.passwordHash.startsWith(OLD)).toBe(true)
    // Two at once: one of them replaces the record under the other, and both are right.
    expect(await Promise.all([accounts.verifyPassword('dana', PASSWORD), accounts.verifyPassword('dana', PASSWORD)])).toEqual([
      expect.objectContaining({ sub }),
      expect.objectContaining({ sub }),
    ])
    const renewed = await store.read('account', sub)
    expect(argon2id.outdated(renewed?.value.passwordHash ?? '')).toBe(false)
    expect(renewed?.value.passwordGeneration).toBe(1)
    hasher.hashed = 0
    expect(await accounts.verifyPassword('dana', PASSWORD)).toMatchObject({ sub })
    expect(hasher.hashed).toBe(0)
  })

  test('stays as it is when too many are hashing: the sign-in succeeds all the same', async () => {
    const { store, sub } = await withOldHash()
    const busy: PasswordHasher = { ...argon2id, hash: () => Promise.reject(new Overloaded()) }
    expect(await createAccounts({ store, hasher: busy }).verifyPassword('dana', PASSWORD)).toMatchObject({ sub })
    expect((await store.read('account', sub))?.value.passwordHash.startsWith(OLD)).toBe(true)
  })
})
