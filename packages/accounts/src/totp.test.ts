import type { Store } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { TOTP } from 'otpauth'
import { describe, expect, test } from 'vitest'
import { type BuiltInAccounts, createAccounts } from './accounts.ts'
import { accountKinds, type AccountRecords } from './records.ts'
import { stepOf } from './totp.ts'

/** RFC 6238 App. B: the ASCII text 12345678901234567890. */
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const OTHER = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
const NOW = 1_800_000_000
const PASSWORD = 'correct horse'
const MASTER = { id: 's1', value: new Uint8Array(32).fill(1) }

const codeAt = (now: number, secret = SECRET): string => new TOTP({ secret }).generate({ timestamp: now * 1000 })

interface Scene {
  readonly accounts: BuiltInAccounts
  readonly store: Store<AccountRecords>
  readonly sub: string
}

async function withDana(totpSecret: string | undefined = SECRET): Promise<Scene> {
  const store = openMemoryStore(accountKinds)
  const accounts = createAccounts({ store, secrets: [MASTER] })
  const made = await accounts.createAccount({ username: 'dana', password: PASSWORD, totpSecret })
  if (!('sub' in made)) throw new Error(made.message)
  return { accounts, store, sub: made.sub }
}

describe('RFC 6238: time-based one-time codes', () => {
  test.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ])('App. B: at %i the code is %s', (now, code) => {
    expect(stepOf(SECRET, code, now)).toBe(Math.floor(now / 30))
    expect(stepOf(SECRET, `${code.slice(0, 3)} ${code.slice(3)}`, now)).toBe(Math.floor(now / 30))
  })
  test.each(['', '1', '28708', '2870820', '94287082', 'abcdef', '２８７０８２', '-87082', '1e5'])('%j is none', (code) => {
    expect(stepOf(SECRET, code, 59)).toBeUndefined()
  })
})

describe('an account with one-time codes', () => {
  test('says that it has the factor; one without does not', async () => {
    const { accounts, sub } = await withDana()
    expect((await accounts.find(sub))?.secondFactors).toEqual(['otp'])
    expect((await accounts.verifyPassword('dana', PASSWORD))?.secondFactors).toEqual(['otp'])
    const plain = await accounts.createAccount({ username: 'eve', password: PASSWORD })
    expect((await accounts.find('sub' in plain ? plain.sub : ''))?.secondFactors).toBeUndefined()
  })

  test('§5.2: the codes of now, of the step before and of the next are right; all others are not', async () => {
    for (const [seconds, right] of [
      [-60, false],
      [-30, true],
      [0, true],
      [30, true],
      [60, false],
    ] as const) {
      const { accounts, sub } = await withDana()
      expect(await accounts.verifyOneTimeCode(sub, codeAt(NOW + seconds), NOW), String(seconds)).toBe(right)
    }
  })

  test('§5.2: a code counts once, and none that is older counts after it', async () => {
    const { accounts, sub } = await withDana()
    expect(await accounts.verifyOneTimeCode(sub, codeAt(NOW), NOW)).toBe(true)
    expect(await accounts.verifyOneTimeCode(sub, codeAt(NOW), NOW)).toBe(false)
    expect(await accounts.verifyOneTimeCode(sub, codeAt(NOW - 30), NOW)).toBe(false)
    expect(await accounts.verifyOneTimeCode(sub, codeAt(NOW + 30), NOW)).toBe(true)
    expect(await accounts.verifyOneTimeCode(sub, codeAt(NOW), NOW)).toBe(false)
  })

  test('of fifty at once with one code exactly one is right, also when the account changes meanwhile', async () => {
    const { accounts, store, sub } = await withDana()
    const [, ...outcomes] = await Promise.all([
      accounts.setPassword(sub, 'another horse'),
      ...Array.from({ length: 50 }, () => accounts.verifyOneTimeCode(sub, codeAt(NOW), NOW)),
    ])
    expect(outcomes.filter(Boolean)).toHaveLength(1)
    expect((await store.read('account', sub))?.value).toMatchObject({ passwordGeneration: 2, totp: { lastStep: NOW / 30 } })
  })

  test('another person’s code, a disabled person and an unknown one are refused', async () => {
    const { accounts, sub } = await withDana()
    expect(await accounts.verifyOneTimeCode(sub, codeAt(NOW, OTHER), NOW)).toBe(false)
    expect(await accounts.verifyOneTimeCode('u_other', codeAt(NOW), NOW)).toBe(false)
    await accounts.setDisabled(sub, true)
    expect(await accounts.verifyOneTimeCode(sub, codeAt(NOW), NOW)).toBe(false)
    const plain = await accounts.createAccount({ username: 'eve', password: PASSWORD })
    expect(await accounts.verifyOneTimeCode('sub' in plain ? plain.sub : '', codeAt(NOW), NOW)).toBe(false)
  })

  test('another secret takes over at once, and a used code does not come back with the old one', async () => {
    const { accounts, sub } = await withDana()
    await accounts.verifyOneTimeCode(sub, codeAt(NOW), NOW)
    expect(await accounts.setTotpSecret(sub, OTHER)).toBeUndefined()
    expect(await accounts.verifyOneTimeCode(sub, codeAt(NOW + 30), NOW)).toBe(false)
    expect(await accounts.setTotpSecret(sub, SECRET)).toBeUndefined()
    expect(await accounts.verifyOneTimeCode(sub, codeAt(NOW), NOW)).toBe(false)
    expect(await accounts.setTotpSecret(sub, undefined)).toBeUndefined()
    expect((await accounts.find(sub))?.secondFactors).toBeUndefined()
    expect(await accounts.setTotpSecret('u_other', SECRET)).toEqual({ field: 'username', message: 'is unknown' })
  })
})

describe('its secret', () => {
  test('is stored sealed, for this person and under a master secret that is there', async () => {
    const { store, sub } = await withDana()
    const record = await store.read('account', sub)
    expect(JSON.stringify(record)).not.toMatch(/GEZDGN|1234567890/)
    const again = createAccounts({ store, secrets: [{ id: 's2', value: new Uint8Array(32).fill(2) }, MASTER] })
    expect(await again.verifyOneTimeCode(sub, codeAt(NOW), NOW)).toBe(true)
    const retired = createAccounts({ store, secrets: [{ id: 's2', value: new Uint8Array(32).fill(2) }] })
    expect(await retired.verifyOneTimeCode(sub, codeAt(NOW + 30), NOW + 30)).toBe(false)
    expect((await retired.find(sub))?.secondFactors).toEqual(['otp'])
  })

  test('that of one person does not open as that of another', async () => {
    const { accounts, store, sub } = await withDana()
    const eve = await accounts.createAccount({ username: 'eve', password: PASSWORD, totpSecret: OTHER })
    const eveSub = 'sub' in eve ? eve.sub : ''
    const [hers, his] = [await store.read('account', sub), await store.read('account', eveSub)]
    if (hers?.value.totp === undefined || his === undefined) throw new Error('no record')
    await store.commit([
      { op: 'replace', kind: 'account', id: eveSub, expected: his.version, value: { ...his.value, totp: hers.value.totp } },
    ])
    expect(await accounts.verifyOneTimeCode(eveSub, codeAt(NOW), NOW)).toBe(false)
  })

  test('without a master secret there can be none', async () => {
    const accounts = createAccounts({ store: openMemoryStore(accountKinds) })
    await expect(accounts.createAccount({ username: 'dana', password: PASSWORD, totpSecret: SECRET })).rejects.toThrow(
      'need the option secrets',
    )
  })

  test('RFC 4226 §4 R6: base32 of at least 128 bits, however it is grouped', async () => {
    for (const totpSecret of ['', 'GEZDGNBVGY3TQOJQ', SECRET.slice(0, 25), `${SECRET}1`, `${SECRET}A`, 'é'.repeat(32), 'A'.repeat(129)]) {
      const { accounts } = await withDana()
      expect(await accounts.createAccount({ username: 'eve', password: PASSWORD, totpSecret })).toMatchObject({ field: 'totpSecret' })
    }
    const { accounts, sub } = await withDana('gezd gnbv gy3t qojq-gezd gnbv gy3t qojq====')
    expect(await accounts.verifyOneTimeCode(sub, codeAt(NOW), NOW)).toBe(true)
  })
})

describe('seeding', () => {
  const dana = { username: 'dana', password: PASSWORD }

  test('the secret comes, changes and goes with its line; twice the same writes nothing, and a used code stays used', async () => {
    const store = openMemoryStore(accountKinds)
    const accounts = createAccounts({ store, secrets: [MASTER] })
    await accounts.seed([{ ...dana, totpSecret: SECRET }])
    const sub = (await accounts.verifyPassword('dana', PASSWORD))?.sub ?? ''
    expect(await accounts.verifyOneTimeCode(sub, codeAt(NOW), NOW)).toBe(true)
    expect(await accounts.seed([{ ...dana, totpSecret: SECRET.toLowerCase() }])).toEqual({ created: [], updated: [] })
    expect(await accounts.verifyOneTimeCode(sub, codeAt(NOW), NOW)).toBe(false)
    expect((await accounts.seed([{ ...dana, totpSecret: OTHER }])).updated).toEqual(['dana'])
    expect(await accounts.verifyOneTimeCode(sub, codeAt(NOW + 30, OTHER), NOW + 30)).toBe(true)
    expect((await accounts.seed([dana])).updated).toEqual(['dana'])
    expect((await accounts.find(sub))?.secondFactors).toBeUndefined()
  })

  test('one that was set since then stays when the line goes', async () => {
    const accounts = createAccounts({ store: openMemoryStore(accountKinds), secrets: [MASTER] })
    await accounts.seed([dana])
    const sub = (await accounts.verifyPassword('dana', PASSWORD))?.sub ?? ''
    await accounts.setTotpSecret(sub, OTHER)
    expect(await accounts.seed([dana])).toEqual({ created: [], updated: [] })
    expect((await accounts.find(sub))?.secondFactors).toEqual(['otp'])
  })
})
