import { SoftwareAuthenticator } from '@holdfast/testing/authenticator'
import { StoreUnavailable } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { describe, expect, test } from 'vitest'
import { accountKinds, type PasskeyRecord } from './records.ts'
import { dana, danaWithPasskey, type Enrolled, NOW, person, PLACE } from './test/enrolled.ts'

describe('a passkey', () => {
  test('WebAuthn §5.4: is asked for as a discoverable one, with user verification and without attestation', async () => {
    const { accounts, sub } = await dana()
    const { challenge, options } = await accounts.passkeys.creationOptions(PLACE, sub)
    expect(options).toEqual({
      challenge,
      rp: { id: 'as.example', name: 'Example' },
      user: { id: Buffer.from(sub).toString('base64url'), name: 'dana', displayName: 'Dana Demo' },
      pubKeyCredParams: [-8, -7, -257].map((alg) => ({ alg, type: 'public-key' })),
      timeout: 300_000,
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      excludeCredentials: [],
    })
    expect(Buffer.from(challenge, 'base64url').length).toBeGreaterThanOrEqual(32)
    expect((await accounts.passkeys.creationOptions(PLACE, sub)).challenge).not.toBe(challenge)
    await expect(accounts.passkeys.creationOptions(PLACE, 'u_other')).rejects.toThrow(TypeError)
  })

  test.each([
    ['on its device', {}, ['hwk', 'mfa'], false],
    ['copied by a provider', { synced: true }, ['swk', 'mfa'], true],
    ['with EdDSA', { algorithm: -8 }, ['hwk', 'mfa'], false],
    ['with RS256', { algorithm: -257 }, ['hwk', 'mfa'], false],
  ] as const)('RFC 8176: %s it signs its person in, again and again', async (_case, kind, amr, synced) => {
    const her = await danaWithPasskey(kind)
    const { accounts, sub } = her
    for (const now of [NOW + 1, NOW + 2]) {
      expect(await her.signIn({}, undefined, now)).toEqual({ account: await accounts.find(sub), amr })
      expect(await her.signIn({}, sub, now)).toMatchObject({ account: { sub } })
    }
    expect(await accounts.passkeys.list(sub)).toEqual([
      { id: expect.any(String), name: 'My laptop', createdAt: NOW, usedAt: NOW + 2, synced },
    ])
  })

  test('is a second factor of its account as long as there is one', async () => {
    const her = await danaWithPasskey()
    const { accounts, sub } = her
    expect((await accounts.find(sub))?.secondFactors).toEqual(['passkey'])
    expect((await accounts.verifyPassword('dana', 'correct horse'))?.secondFactors).toEqual(['passkey'])
    await accounts.setTotpSecret(sub, 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
    expect((await accounts.find(sub))?.secondFactors).toEqual(['otp', 'passkey'])
    await accounts.setTotpSecret(sub, undefined)
    const [one] = await accounts.passkeys.list(sub)
    expect(await accounts.passkeys.remove(sub, one?.id ?? '')).toBe(true)
    expect((await accounts.find(sub))?.secondFactors).toBeUndefined()
    expect(await accounts.passkeys.list(sub)).toEqual([])
  })

  test('is asked for by name only of its person; nobody is named to a stranger', async () => {
    const { accounts, sub, store } = await danaWithPasskey({ synced: true })
    const [record] = (await store.list('passkey', 'subject', sub, { limit: 9 })).items
    const { credentialId = '' } = record?.value ?? {}
    const descriptor = { id: credentialId, type: 'public-key', transports: ['hybrid', 'internal'] }
    const asked = { rpId: 'as.example', userVerification: 'required', timeout: 300_000 }
    expect((await accounts.passkeys.requestOptions(PLACE, sub)).options).toMatchObject({ ...asked, allowCredentials: [descriptor] })
    expect((await accounts.passkeys.requestOptions(PLACE)).options).toMatchObject({ ...asked, allowCredentials: [] })
    expect((await accounts.passkeys.creationOptions(PLACE, sub)).options['excludeCredentials']).toEqual([descriptor])
    const [summary] = await accounts.passkeys.list(sub)
    expect(JSON.stringify(summary)).not.toContain(credentialId)
    for (const nobody of ['u_other', '', '\0', 'x'.repeat(2000)]) {
      expect((await accounts.passkeys.requestOptions(PLACE, nobody)).options['allowCredentials']).toEqual([])
      expect(await accounts.passkeys.list(nobody)).toEqual([])
    }
  })

  test('an authenticator that holds one makes no second for the same person', async () => {
    const her = await danaWithPasskey()
    await expect(her.add()).rejects.toThrow('holds one of them already')
  })

  test('has a name of 1 to 60 characters, trimmed', async () => {
    const her = await dana()
    for (const name of ['', '  ', 'x'.repeat(61), 'two\nlines', '\u2028', 'half \ud800', '\0'])
      expect(await her.add(name), name).toEqual({ field: 'name', message: 'must have 1 to 60 characters' })
    for (const name of [' x ', '🗝️'.repeat(30), 'é'.repeat(60)])
      expect(await her.add(name, {}, new SoftwareAuthenticator(PLACE.origin))).toBe('added')
    expect((await her.accounts.passkeys.list(her.sub)).map(({ name }) => name)).toContain('x')
  })

  test('nobody has more than twenty; two at once for the last place: one has it', async () => {
    const her = await dana()
    const more = (): Promise<unknown> => her.add('one more', {}, new SoftwareAuthenticator(PLACE.origin))
    for (let n = 0; n < 19; n++) expect(await more()).toBe('added')
    const full = { field: 'subject', message: 'has 20 passkeys, and nobody may have more' }
    expect(new Set(await Promise.all([more(), more()]))).toEqual(new Set(['added', full]))
    expect(await more()).toEqual(full)
    expect(await her.accounts.passkeys.list(her.sub)).toHaveLength(20)
  })

  test('is kept through all other changes of the account, and a seed leaves it', async () => {
    const her = await danaWithPasskey()
    await her.accounts.setPassword(her.sub, 'another horse')
    await her.accounts.seed([{ username: 'dana', password: 'seeded horse', claims: { name: 'D' } }])
    expect((await her.accounts.find(her.sub))?.secondFactors).toEqual(['passkey'])
    expect(await her.signIn()).toMatchObject({ account: { sub: her.sub, displayName: 'D' } })
  })
})

describe('two at once', () => {
  test.each([{}, { synced: true }])('of twenty with one answer of %j exactly one hears of the person', async (kind) => {
    const her = await danaWithPasskey(kind)
    const [challenge, response] = await her.answer()
    const [, ...outcomes] = await Promise.all([
      her.accounts.setPassword(her.sub, 'another horse'),
      ...Array.from({ length: 20 }, () => her.accounts.passkeys.verify(PLACE, challenge, response, NOW)),
    ])
    expect(outcomes.filter((outcome) => outcome !== undefined)).toHaveLength(1)
    expect((await her.accounts.passkeys.list(her.sub))[0]?.copySuspectedAt).toBeUndefined()
  })

  test('A54: of ten with one enrolment, for one person and another, exactly one adds it', async () => {
    const her = await dana()
    const eve = await person(her.accounts, 'eve')
    const { challenge, options } = await her.accounts.passkeys.creationOptions(PLACE, her.sub)
    const made = her.authenticator.create(options)
    const outcomes = await Promise.all(Array.from({ length: 10 }, (_, n) => her.take(challenge, made, 'x', n % 2 === 0 ? her.sub : eve)))
    expect(outcomes.filter((outcome) => outcome === 'added')).toHaveLength(1)
    expect(await her.accounts.passkeys.list(eve)).toEqual([])
    expect(await her.accounts.passkeys.list(her.sub)).toHaveLength(1)
  })

  test('two removals: one is told true, and the count stays right', async () => {
    const her = await danaWithPasskey()
    await her.add('second', {}, new SoftwareAuthenticator(PLACE.origin))
    const id = (await her.accounts.passkeys.list(her.sub)).find(({ name }) => name === 'second')?.id ?? ''
    const outcomes = await Promise.all([her.accounts.passkeys.remove(her.sub, id), her.accounts.passkeys.remove(her.sub, id)])
    expect(outcomes.sort()).toEqual([false, true])
    expect((await her.store.read('account', her.sub))?.value.passkeys).toBe(1)
  })

  test.each([
    ['removed', ({ accounts, sub }: Enrolled, id: string) => accounts.passkeys.remove(sub, id)],
    ['disabled', ({ accounts, sub }: Enrolled) => accounts.setDisabled(sub, true)],
    ['made anew, with another key', (her: Enrolled) => madeAnew(her, (value) => ({ ...value, publicKey: 'AAAA' }))],
    ['made anew, by another person', (her: Enrolled) => madeAnew(her, (value) => ({ ...value, subject: 'u_eve' }))],
  ])('%s between the check of the signature and the write: refused', async (_case, change) => {
    const memory = openMemoryStore(accountKinds)
    let before: (() => Promise<unknown>) | undefined
    const her = await danaWithPasskey(
      {},
      {
        read: (kind, id) => memory.read(kind, id),
        list: (kind, index, value, page) => memory.list(kind, index, value, page),
        commit: async (changes) => {
          const first = before
          before = undefined
          await first?.()
          return memory.commit(changes)
        },
      },
    )
    const [one] = await her.accounts.passkeys.list(her.sub)
    before = () => change(her, one?.id ?? '')
    expect(await her.signIn()).toBeUndefined()
  })

  test('a store that cannot write lets nobody in and adds nothing', async () => {
    const memory = openMemoryStore(accountKinds)
    let down = false
    const her = await danaWithPasskey(
      {},
      {
        read: (kind, id) => memory.read(kind, id),
        list: (kind, index, value, page) => memory.list(kind, index, value, page),
        commit: (changes) => (down ? Promise.reject(new StoreUnavailable('down')) : memory.commit(changes)),
      },
    )
    down = true
    await expect(her.signIn()).rejects.toThrow(StoreUnavailable)
    await expect(her.add('x', {}, new SoftwareAuthenticator(PLACE.origin))).rejects.toThrow(StoreUnavailable)
    down = false
    expect(await her.accounts.passkeys.list(her.sub)).toHaveLength(1)
    expect(await her.signIn()).toMatchObject({ account: { sub: her.sub } })
  })
})

/** Its record begins at version 1 again: the one that was read looks unchanged. */
async function madeAnew({ accounts, store, sub }: Enrolled, changed: (value: PasskeyRecord) => PasskeyRecord): Promise<unknown> {
  const [one] = (await store.list('passkey', 'subject', sub, { limit: 1 })).items
  if (one === undefined) throw new Error('no record')
  await accounts.passkeys.remove(sub, one.value.reference)
  return store.commit([{ op: 'insert', kind: 'passkey', id: one.id, value: changed(one.value) }])
}
