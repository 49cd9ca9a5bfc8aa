import type { Store } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { TOTP, URI } from 'otpauth'
import { describe, expect, test } from 'vitest'
import { type BuiltInAccounts, createAccounts } from './accounts.ts'
import { accountKinds, type AccountRecords } from './records.ts'
import type { StoredAuthenticatorApps } from './authenticator-apps.ts'
import { NOW, person } from './test/enrolled.ts'

const MASTER = { id: 's1', value: new Uint8Array(32).fill(1) }
const SEEDED = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const OTHER = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
const codeAt = (secret: string, now = NOW): string => new TOTP({ secret }).generate({ timestamp: now * 1000 })

interface Scene {
  readonly store: Store<AccountRecords>
  readonly accounts: BuiltInAccounts
  readonly apps: StoredAuthenticatorApps
  readonly sub: string
}

async function scene(): Promise<Scene> {
  const store = openMemoryStore(accountKinds)
  const accounts = createAccounts({ store, secrets: [MASTER] })
  const apps = accounts.authenticatorApps as StoredAuthenticatorApps
  return { store, accounts, apps, sub: await person(accounts, 'dana') }
}

async function enrolled(): Promise<Scene & { readonly secret: string }> {
  const made = await scene()
  const { secret } = await made.apps.begin(made.sub, 'Example', NOW - 30)
  expect(await made.apps.confirm(made.sub, codeAt(secret, NOW - 30), NOW - 30)).toBe(true)
  return { ...made, secret }
}

describe('an authenticator app that a person sets up', () => {
  test('RFC 4226 §4: is given 160 random bits and what RFC 6238 lets it assume', async () => {
    const { apps, sub } = await scene()
    const { secret, uri } = await apps.begin(sub, 'Bank & Söhne: Example', NOW)
    expect(secret).toMatch(/^[A-Z2-7]{32}$/)
    expect(URI.parse(uri)).toMatchObject({ issuer: 'Bank & Söhne Example', label: 'dana', algorithm: 'SHA1', digits: 6, period: 30 })
    expect(new URL(uri).searchParams.get('secret')).toBe(secret)
    expect((await apps.begin(sub, 'Example', NOW)).secret).not.toBe(secret)
  })

  test('counts for nothing until a code of it is confirmed, and that code is spent', async () => {
    const { accounts, apps, sub } = await scene()
    const { secret } = await apps.begin(sub, 'Example', NOW)
    expect(await accounts.verifyOneTimeCode(sub, codeAt(secret), NOW)).toBe(false)
    expect([await apps.has(sub), (await accounts.find(sub))?.secondFactors]).toEqual([false, undefined])
    for (const wrong of ['', '000000x', codeAt(OTHER), codeAt(secret, NOW + 90)]) expect(await apps.confirm(sub, wrong, NOW)).toBe(false)
    expect(await apps.has(sub)).toBe(false)

    expect(await apps.confirm(sub, codeAt(secret), NOW)).toBe(true)
    expect([await apps.has(sub), (await accounts.find(sub))?.secondFactors]).toEqual([true, ['otp']])
    expect(await apps.confirm(sub, codeAt(secret), NOW)).toBe(false)
    expect(await accounts.verifyOneTimeCode(sub, codeAt(secret), NOW)).toBe(false)
    expect(await accounts.verifyOneTimeCode(sub, codeAt(secret, NOW - 30), NOW)).toBe(false)
    expect(await accounts.verifyOneTimeCode(sub, codeAt(secret, NOW + 30), NOW + 30)).toBe(true)
  })

  test('waits for ten minutes; a second takes its place', async () => {
    const { apps, sub } = await scene()
    const first = await apps.begin(sub, 'Example', NOW)
    expect(await apps.pending(sub, 'Example', NOW + 599)).toEqual(first)
    expect(await apps.pending(sub, 'Example', NOW + 600)).toBeUndefined()
    expect(await apps.confirm(sub, codeAt(first.secret, NOW + 600), NOW + 600)).toBe(false)
    const second = await apps.begin(sub, 'Example', NOW)
    expect(await apps.confirm(sub, codeAt(first.secret), NOW)).toBe(false)
    expect(await apps.pending(sub, 'Example', NOW)).toEqual(second)
    expect(await apps.confirm(sub, codeAt(second.secret), NOW)).toBe(true)
    expect(await apps.pending(sub, 'Example', NOW)).toBeUndefined()
  })

  test('takes over from the one before: its codes count no more', async () => {
    const { accounts, apps, sub, secret: old } = await enrolled()
    const { secret } = await apps.begin(sub, 'Example', NOW)
    expect(await accounts.verifyOneTimeCode(sub, codeAt(old), NOW)).toBe(true)
    expect(await apps.confirm(sub, codeAt(secret), NOW)).toBe(true)
    expect(await accounts.verifyOneTimeCode(sub, codeAt(old, NOW + 30), NOW + 30)).toBe(false)
    expect(await accounts.verifyOneTimeCode(sub, codeAt(secret, NOW + 30), NOW + 30)).toBe(true)
  })

  test('of twenty confirmations at once exactly one is told true, and none of twenty sign-ins with that code', async () => {
    const { accounts, apps, sub } = await scene()
    const { secret } = await apps.begin(sub, 'Example', NOW)
    const twenty = (each: () => Promise<boolean>): Promise<boolean>[] => Array.from({ length: 20 }, each)
    const confirmed = twenty(() => apps.confirm(sub, codeAt(secret), NOW))
    const signedIn = twenty(() => accounts.verifyOneTimeCode(sub, codeAt(secret), NOW))
    await accounts.setPassword(sub, 'another horse')
    expect((await Promise.all(confirmed)).filter(Boolean)).toHaveLength(1)
    expect((await Promise.all(signedIn)).filter(Boolean)).toHaveLength(0)
  })

  test('is taken away by its person, with one that waits', async () => {
    const { accounts, apps, sub, secret } = await enrolled()
    const waiting = await apps.begin(sub, 'Example', NOW)
    expect([await apps.remove(sub), await apps.remove(sub)]).toEqual([true, false])
    expect([await apps.has(sub), (await accounts.find(sub))?.secondFactors]).toEqual([false, undefined])
    expect(await accounts.verifyOneTimeCode(sub, codeAt(secret), NOW)).toBe(false)
    expect(await apps.confirm(sub, codeAt(waiting.secret), NOW)).toBe(false)
    await apps.begin(sub, 'Example', NOW)
    expect(await apps.remove(sub)).toBe(false)
    expect(await apps.pending(sub, 'Example', NOW)).toBeUndefined()
  })

  test('is for nobody who is disabled or unknown; an operator’s secret ends one that waits', async () => {
    const { accounts, apps, sub } = await scene()
    const { secret } = await apps.begin(sub, 'Example', NOW)
    await accounts.setDisabled(sub, true)
    expect(await apps.confirm(sub, codeAt(secret), NOW)).toBe(false)
    await accounts.setDisabled(sub, false)
    await accounts.setTotpSecret(sub, OTHER)
    expect(await apps.confirm(sub, codeAt(secret), NOW)).toBe(false)
    await expect(apps.begin('u_other', 'Example', NOW)).rejects.toThrow(TypeError)
    expect([await apps.pending('u_other', 'Example', NOW), await apps.has('u_other'), await apps.remove('u_other')]).toEqual([
      undefined,
      false,
      false,
    ])
    expect(await apps.confirm('u_other', codeAt(secret), NOW)).toBe(false)
  })
})

describe('its secret', () => {
  test('is stored sealed while it waits, and opens for nobody else', async () => {
    const { accounts, store, apps, sub } = await scene()
    const eve = await person(accounts, 'eve')
    const { secret } = await apps.begin(sub, 'Example', NOW)
    const [hers, his] = [await store.read('account', sub), await store.read('account', eve)]
    expect(JSON.stringify(hers)).not.toContain(secret)
    if (hers?.value.pendingTotp === undefined || his === undefined) throw new Error('no record')
    const value = { ...his.value, pendingTotp: hers.value.pendingTotp }
    await store.commit([{ op: 'replace', kind: 'account', id: eve, expected: his.version, value }])
    expect(await apps.pending(eve, 'Example', NOW)).toBeUndefined()
    expect(await apps.confirm(eve, codeAt(secret), NOW)).toBe(false)
  })

  test('needs a master secret: without one only the operator’s word is there, and nobody sets up any', () => {
    const accounts = createAccounts({ store: openMemoryStore(accountKinds) })
    expect(accounts.authenticatorApps).toBeUndefined()
  })
})

describe('a seed with a secret', () => {
  const dana = { username: 'dana', password: 'correct horse', totpSecret: SEEDED }

  test('leaves the app that the person set up in its place, and that in its place too, until the line has another', async () => {
    const { accounts, apps, sub } = await scene()
    await accounts.seed([dana])
    let secret = ''
    for (const now of [NOW, NOW + 60]) {
      secret = (await apps.begin(sub, 'Example', now)).secret
      expect(await apps.confirm(sub, codeAt(secret, now), now)).toBe(true)
      expect(await accounts.seed([dana])).toEqual({ created: [], updated: [] })
    }
    expect(await accounts.verifyOneTimeCode(sub, codeAt(secret, NOW + 90), NOW + 90)).toBe(true)
    expect(await accounts.verifyOneTimeCode(sub, codeAt(SEEDED, NOW + 120), NOW + 120)).toBe(false)
    expect((await accounts.seed([{ ...dana, totpSecret: OTHER }])).updated).toEqual(['dana'])
    expect(await accounts.verifyOneTimeCode(sub, codeAt(OTHER, NOW + 150), NOW + 150)).toBe(true)
  })

  test('puts its own back when the person has taken all away, and leaves the person’s when the line goes', async () => {
    const { accounts, apps, sub } = await scene()
    await accounts.seed([dana])
    expect(await apps.remove(sub)).toBe(true)
    await accounts.seed([dana])
    expect(await apps.has(sub)).toBe(true)
    const { secret } = await apps.begin(sub, 'Example', NOW)
    await apps.confirm(sub, codeAt(secret), NOW)
    await accounts.seed([{ username: 'dana', password: 'correct horse' }])
    expect(await apps.has(sub)).toBe(true)
  })
})
