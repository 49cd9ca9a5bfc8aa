import { SoftwareAuthenticator } from '@holdfast/testing/authenticator'
import { describe, expect, test } from 'vitest'
import { newChallenge } from './passkey-challenge.ts'
import { isUnattested } from './webauthn.ts'
import { dana, danaWithPasskey, type Enrolled, NOW, person, PLACE } from './test/enrolled.ts'

const REFUSED = { field: 'response', message: 'was refused' }

/** What makes any answer wrong, to either question. */
const WRONG = [
  ['without user verification', { userVerified: false }],
  ['without anybody there', { userPresent: false }],
  ['for another origin', { origin: 'https://as.example.evil.example' }],
  ['for the same host over http', { origin: 'http://as.example' }],
  ['for another port', { origin: 'https://as.example:8443' }],
  ['for another host', { rpId: 'evil.example' }],
  ['for a host above', { rpId: 'example' }],
  ['to another challenge', { challenge: newChallenge({ ceremony: 'get', rpId: PLACE.rpId }) }],
  ['in a frame', { crossOrigin: true }],
  ['in a frame of somebody', { crossOrigin: true, topOrigin: 'https://evil.example' }],
  ['with an impossible state of backup', { backupEligible: false, backedUp: true }],
] as const

describe('an enrolment is refused, and nothing is written', () => {
  async function untouched(her: Enrolled): Promise<void> {
    expect(await her.accounts.passkeys.list(her.sub)).toEqual([])
    expect((await her.store.read('account', her.sub))?.version).toBe(1)
  }

  test.each([
    ...WRONG,
    ['that answers another question', { type: 'webauthn.get' }],
    ['that is attested in a format nobody asked for', { attestation: 'fido-u2f' }],
  ] as const)('%s', async (_case, knobs) => {
    const her = await dana()
    expect(await her.add('My laptop', knobs)).toEqual(REFUSED)
    await untouched(her)
  })

  test('with a key of an algorithm that was not offered', async () => {
    const her = await dana({ algorithm: -35 })
    expect(await her.add()).toEqual(REFUSED)
    await untouched(her)
  })

  test('under another id than the attested one: it could never be asked for, or would be another’s', async () => {
    const her = await dana()
    const { challenge, options } = await her.accounts.passkeys.creationOptions(PLACE, her.sub)
    expect(await her.take(challenge, { ...her.authenticator.create(options), id: 'AAAA', rawId: 'AAAA' })).toEqual(REFUSED)
    await untouched(her)
  })

  test('one that attests itself is taken: it says no more than none', async () => {
    const her = await dana()
    expect(await her.add('x', { attestation: 'packed' })).toBe('added')
    expect(await her.signIn()).toMatchObject({ account: { sub: her.sub } })
  })

  test.each([
    ['none', false, true],
    ['packed', false, true],
    ['packed', true, false],
    ['apple', true, false],
    ['android-key', false, false],
    [undefined, false, false],
  ])('A51: whatever could make us fetch a list that a stranger names: %s, certificate %s', (format, certified, right) => {
    const statement = new Map(certified ? [['x5c', []]] : [])
    expect(
      isUnattested(
        new Map<string, unknown>([
          ['fmt', format],
          ['attStmt', statement],
        ]) as Parameters<typeof isUnattested>[0],
      ),
    ).toBe(right)
  })

  test('A54 CVE-2026-37982: used twice, with another challenge, for another person, with a challenge for signing in', async () => {
    const her = await dana()
    const eve = await person(her.accounts, 'eve')
    const first = await her.accounts.passkeys.creationOptions(PLACE, her.sub)
    const second = await her.accounts.passkeys.creationOptions(PLACE, her.sub)
    const made = her.authenticator.create(first.options)
    expect(await her.take(second.challenge, made)).toEqual(REFUSED)
    expect(await her.take(first.challenge, made, 'x', eve)).toEqual(REFUSED)
    const signIn = await her.accounts.passkeys.requestOptions(PLACE, her.sub)
    const enticed = new SoftwareAuthenticator(PLACE.origin).create(first.options, { challenge: signIn.challenge })
    expect(await her.take(signIn.challenge, enticed)).toEqual(REFUSED)
    for (const own of ['', 'A'.repeat(43), 'A'.repeat(64)]) {
      const chosen = new SoftwareAuthenticator(PLACE.origin).create(first.options, { challenge: own })
      expect(await her.take(own, chosen)).toEqual(REFUSED)
    }
    await untouched(her)
    expect(await her.take(first.challenge, made)).toBe('added')
    expect(await her.take(first.challenge, made)).toEqual(REFUSED)
    expect(await her.accounts.passkeys.list(her.sub)).toHaveLength(1)
  })

  test('of a credential that somebody else has', async () => {
    const her = await danaWithPasskey()
    const eve = await person(her.accounts, 'eve')
    // The same credential, answered to the other person's question: only its own authenticator can.
    const { challenge } = await her.accounts.passkeys.creationOptions(PLACE, eve)
    const [record] = (await her.store.list('passkey', 'subject', her.sub, { limit: 1 })).items
    const again = withCredentialId(new SoftwareAuthenticator(PLACE.origin), challenge, record?.value.credentialId ?? '')
    expect(await her.accounts.passkeys.add(PLACE, eve, challenge, again, 'x', NOW)).toEqual(REFUSED)
    expect(await her.accounts.passkeys.list(eve)).toEqual([])
    expect((await her.accounts.find(eve))?.secondFactors).toBeUndefined()
    expect(await her.signIn()).toMatchObject({ account: { sub: her.sub } })
  })

  test('for a disabled person and for nobody', async () => {
    const her = await dana()
    const { challenge, options } = await her.accounts.passkeys.creationOptions(PLACE, her.sub)
    const made = her.authenticator.create(options)
    await her.accounts.setDisabled(her.sub, true)
    expect(await her.take(challenge, made)).toEqual({ field: 'subject', message: 'is unknown or disabled' })
    const nobodys = newChallenge({ ceremony: 'create', rpId: PLACE.rpId, subject: 'u_other' })
    const other = new SoftwareAuthenticator(PLACE.origin).create(options, { challenge: nobodys })
    expect(await her.take(nobodys, other, 'x', 'u_other')).toEqual({ field: 'subject', message: 'is unknown or disabled' })
  })
})

/** An enrolment whose attested credential id is another's: its bytes are put in the place of the own ones. */
function withCredentialId(authenticator: SoftwareAuthenticator, challenge: string, id: string): string {
  const made = authenticator.create({ challenge, rp: {}, user: { id: 'eve' } })
  const object = Buffer.from(String(made.response['attestationObject']), 'base64url')
  const at = object.indexOf(Buffer.from(made.id, 'base64url'))
  Buffer.from(id, 'base64url').copy(object, at)
  return JSON.stringify({ ...made, id, rawId: id, response: { ...made.response, attestationObject: object.toString('base64url') } })
}

describe('a sign-in is refused', () => {
  const evilHandle = Buffer.from('u_other').toString('base64url')
  test.each([
    ...WRONG,
    ['that answers another question', { type: 'webauthn.create' }],
    ['by another key', { wrongSignature: true }],
    ['of another person, as it says', { userHandle: evilHandle }],
    ['of a passkey that could not be copied before', { backupEligible: true }],
  ] as const)('%s', async (_case, knobs) => {
    const her = await danaWithPasskey()
    expect(await her.signIn(knobs)).toBeUndefined()
    expect((await her.accounts.passkeys.list(her.sub))[0]?.usedAt).toBeUndefined()
    // Nothing of it stays behind, and an authenticator need not name the person.
    expect(await her.signIn({ userHandle: null })).toMatchObject({ account: { sub: her.sub } })
  })

  test('with an answer that was used, whether the authenticator counts or not', async () => {
    for (const synced of [true, false]) {
      const her = await danaWithPasskey({ synced })
      const [challenge, response] = await her.answer()
      expect(await her.accounts.passkeys.verify(PLACE, challenge, response, NOW)).toBeDefined()
      expect(await her.accounts.passkeys.verify(PLACE, challenge, response, NOW + 1)).toBeUndefined()
      const [other] = await her.answer()
      expect(await her.accounts.passkeys.verify(PLACE, other, response, NOW + 1)).toBeUndefined()
    }
  })

  test('to a question that was for somebody else, for enrolment, for another host or of nobody’s making', async () => {
    const her = await danaWithPasskey()
    const eve = await person(her.accounts, 'eve')
    const foreign = [
      (await her.accounts.passkeys.requestOptions(PLACE, eve)).challenge,
      (await her.accounts.passkeys.creationOptions(PLACE, her.sub)).challenge,
      (await her.accounts.passkeys.requestOptions({ ...PLACE, rpId: 'example' })).challenge,
      'A'.repeat(43),
    ]
    for (const challenge of foreign) {
      const response = her.authenticator.get({ challenge, rpId: PLACE.rpId })
      expect(await her.accounts.passkeys.verify(PLACE, challenge, JSON.stringify(response), NOW)).toBeUndefined()
    }
    expect(await her.signIn({}, her.sub)).toMatchObject({ account: { sub: her.sub } })
  })

  test('WebAuthn §7.2: with a counter that does not go on, which is written down', async () => {
    const her = await danaWithPasskey()
    expect(await her.signIn({ counter: 5 })).toBeDefined()
    for (const counter of [5, 4, 0]) expect(await her.signIn({ counter }, undefined, NOW + 7)).toBeUndefined()
    expect(await her.accounts.passkeys.list(her.sub)).toMatchObject([{ usedAt: NOW, copySuspectedAt: NOW + 7 }])
    // A wrong signature with an old counter proves nothing about the key.
    const other = await danaWithPasskey()
    await other.signIn({ counter: 5 })
    expect(await other.signIn({ counter: 1, wrongSignature: true })).toBeUndefined()
    expect((await other.accounts.passkeys.list(other.sub))[0]?.copySuspectedAt).toBeUndefined()
    // In the same second the right one is let in all the same.
    expect(await her.signIn({ counter: 6 }, undefined, NOW + 7)).toMatchObject({ account: { sub: her.sub } })
  })

  test('with a passkey that was removed, of a disabled person, and of another person’s id nobody removes any', async () => {
    const her = await danaWithPasskey()
    const eve = await person(her.accounts, 'eve')
    const [one] = await her.accounts.passkeys.list(her.sub)
    for (const [subject, id] of [
      [eve, one?.id],
      [her.sub, 'unknown'],
      ['u_other', one?.id],
    ] as const)
      expect(await her.accounts.passkeys.remove(subject, id ?? '')).toBe(false)
    await her.accounts.setDisabled(her.sub, true)
    expect(await her.signIn()).toBeUndefined()
    await her.accounts.setDisabled(her.sub, false)
    const [challenge, response] = await her.answer()
    expect(await her.accounts.passkeys.remove(her.sub, one?.id ?? '')).toBe(true)
    expect(await her.accounts.passkeys.verify(PLACE, challenge, response, NOW)).toBeUndefined()
    expect(await her.accounts.passkeys.remove(her.sub, one?.id ?? '')).toBe(false)
  })
})
