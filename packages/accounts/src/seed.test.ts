import type { Store } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { describe, expect, test } from 'vitest'
import { type BuiltInAccounts, createAccounts } from './accounts.ts'
import { accountKinds, type AccountRecords } from './records.ts'

const dana = { username: 'Dana', password: 'seeded horse', claims: { name: 'Dana', nickname: undefined } }
const eve = { username: 'eve', password: 'seeded mouse' }

function scene(): { readonly accounts: BuiltInAccounts; readonly store: Store<AccountRecords>; commits(): number } {
  const memory = openMemoryStore(accountKinds)
  let commits = 0
  const store: Store<AccountRecords> = {
    read: (kind, id) => memory.read(kind, id),
    list: (kind, index, value, page) => memory.list(kind, index, value, page),
    commit: (changes) => (commits++, memory.commit(changes)),
  }
  return { accounts: createAccounts({ store }), store, commits: () => commits }
}

async function subOf(accounts: BuiltInAccounts, username: string, password: string): Promise<string | undefined> {
  return (await accounts.verifyPassword(username, password))?.sub
}

describe('seed', () => {
  test('creates who is missing; twice the same writes nothing', async () => {
    const { accounts, commits } = scene()
    expect(await accounts.seed([dana, eve])).toEqual({ created: ['Dana', 'eve'], updated: [] })
    const sub = await subOf(accounts, 'dana', dana.password)
    expect(sub).toBeDefined()
    const before = commits()
    expect(await accounts.seed([{ ...dana, username: ' DANA' }, eve])).toEqual({ created: [], updated: [] })
    expect(commits()).toBe(before)
    expect(await subOf(accounts, 'dana', dana.password)).toBe(sub)
  })

  test('brings claims up to date, and leaves the rest', async () => {
    const { accounts } = scene()
    await accounts.seed([dana])
    const sub = (await subOf(accounts, 'dana', dana.password)) ?? ''
    await accounts.setDisabled(sub, true)
    expect(await accounts.seed([{ ...dana, claims: { name: 'Dana D.', email: 'd@example.com' } }])).toEqual({
      created: [],
      updated: ['Dana'],
    })
    expect(await accounts.find(sub)).toMatchObject({
      displayName: 'Dana D.',
      claims: { name: 'Dana D.', email: 'd@example.com' },
      disabled: true,
    })
  })

  test('leaves a password that was changed since, until the seed has another', async () => {
    const { accounts } = scene()
    await accounts.seed([dana])
    const sub = (await subOf(accounts, 'dana', dana.password)) ?? ''
    await accounts.setPassword(sub, 'my own horse')
    expect(await accounts.seed([dana])).toEqual({ created: [], updated: [] })
    expect(await subOf(accounts, 'dana', 'my own horse')).toBe(sub)
    expect(await subOf(accounts, 'dana', dana.password)).toBeUndefined()

    expect(await accounts.seed([{ ...dana, password: 'another seed' }])).toEqual({ created: [], updated: ['Dana'] })
    expect(await subOf(accounts, 'dana', 'another seed')).toBe(sub)
    expect(await subOf(accounts, 'dana', 'my own horse')).toBeUndefined()
  })

  test('leaves the password of somebody whom no seed made, and follows the seed from then on', async () => {
    const { accounts } = scene()
    const made = await accounts.createAccount({ username: 'dana', password: 'her own horse' })
    expect(await accounts.seed([dana])).toEqual({ created: [], updated: ['Dana'] })
    expect(await subOf(accounts, 'dana', 'her own horse')).toBe('sub' in made && made.sub)
    expect(await accounts.seed([dana])).toEqual({ created: [], updated: [] })
    await accounts.seed([{ ...dana, password: 'another seed' }])
    expect(await subOf(accounts, 'dana', 'another seed')).toBeDefined()
  })

  test('two processes at once seed each person once', async () => {
    const { store } = scene()
    const reports = await Promise.all(Array.from({ length: 4 }, () => createAccounts({ store }).seed([dana, eve])))
    expect(reports.flatMap(({ created }) => created).sort()).toEqual(['Dana', 'eve'])
    expect(reports.flatMap(({ updated }) => updated)).toEqual([])
    expect(await subOf(createAccounts({ store }), 'eve', eve.password)).toBeDefined()
  })

  test('a fault in the last entry is told with its path, and nothing was written', async () => {
    const { accounts, commits } = scene()
    await expect(accounts.seed([dana, { ...eve, password: 'mouse' }])).rejects.toThrow(
      'accounts.seed[1].password must have 8 to 1024 characters',
    )
    await expect(accounts.seed([{ ...dana, claims: { sub: 'u_eve' } }])).rejects.toThrow('accounts.seed[0].claims must not have sub')
    expect(commits()).toBe(0)
  })
})
