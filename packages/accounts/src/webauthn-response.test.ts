import { describe, expect, test } from 'vitest'
import { danaWithPasskey, NOW, PLACE } from './test/enrolled.ts'
import { knownTransports, readAssertion, readRegistration } from './webauthn-response.ts'

const right = {
  id: 'AAAA',
  rawId: 'AAAA',
  type: 'public-key',
  response: { clientDataJSON: 'e30', attestationObject: 'oA', authenticatorData: 'AA', signature: 'AA', transports: ['usb', 'laser', 7] },
}

describe('the text of a credential', () => {
  test('is read for what it must have', () => {
    expect(readRegistration(JSON.stringify(right))).toEqual({
      id: 'AAAA',
      clientDataJSON: 'e30',
      attestationObject: 'oA',
      transports: ['usb'],
    })
    expect(readAssertion(JSON.stringify({ ...right, more: 1 }))).toMatchObject({ id: 'AAAA', userHandle: undefined })
    for (const given of [undefined, null, 'usb', {}]) expect(knownTransports(given)).toEqual([])
  })

  test.each([
    ['', 'null', '[]', '"text"', '{', '{}', '{"response":null}'],
    [
      { ...right, type: 'password' },
      { ...right, rawId: 'BBBB' },
      { ...right, id: 'AB', rawId: 'AB' },
      { ...right, id: 7, rawId: 7 },
    ],
    [
      { ...right, id: '', rawId: '' },
      { ...right, id: 'A'.repeat(1368), rawId: 'A'.repeat(1368) },
      { ...right, id: 'AA==', rawId: 'AA==' },
    ],
    [
      { ...right, response: [] },
      { ...right, response: { ...right.response, clientDataJSON: 7 } },
    ],
    [
      { ...right, response: { clientDataJSON: 'e30' } },
      { ...right, response: { ...right.response, signature: 'é', attestationObject: '' } },
    ],
    [{ ...right, more: 'x'.repeat(16_384) }],
  ])('is refused when it is none: %j', (...given) => {
    for (const each of given) {
      const text = typeof each === 'string' ? each : JSON.stringify(each)
      expect(readRegistration(text), text).toBeUndefined()
      expect(readAssertion(text), text).toBeUndefined()
    }
  })

  test('bytes that are no CBOR, no client data and no signature are refused, quickly', async () => {
    const her = await danaWithPasskey()
    const { challenge, options } = await her.accounts.passkeys.creationOptions(PLACE, her.sub)
    const { response: made, ...rest } = her.authenticator.create({ ...options, excludeCredentials: [] })
    const bytes = (hex: string): string => Buffer.from(hex, 'hex').toString('base64url')
    for (const attestationObject of [
      'AA',
      bytes('a1'),
      bytes('9affffffff'),
      bytes('bbffffffffffffffff'),
      bytes('81'.repeat(6000)),
      bytes('f7'),
    ]) {
      const text = JSON.stringify({ ...rest, response: { ...made, attestationObject } })
      const outcome = await her.accounts.passkeys.add(PLACE, her.sub, challenge, text, 'x', NOW)
      expect(outcome, attestationObject.slice(0, 20)).toMatchObject({ field: 'response' })
    }
    const other = await danaWithPasskey()
    const [asked, answer] = await other.answer()
    const parsed = JSON.parse(answer) as { response: object }
    for (const wrong of [
      { clientDataJSON: 'AA' },
      { clientDataJSON: bytes('6e756c6c') },
      { authenticatorData: 'AA' },
      { signature: 'AA' },
    ]) {
      const text = JSON.stringify({ ...parsed, response: { ...parsed.response, ...wrong } })
      expect(await other.accounts.passkeys.verify(PLACE, asked, text, NOW)).toBeUndefined()
    }
    expect(await other.accounts.passkeys.verify(PLACE, asked, answer, NOW)).toBeDefined()
  })
})
