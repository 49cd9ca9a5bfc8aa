import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeBase64url, encodeBase64url } from './base64url.ts'

describe('base64url', () => {
  test('RFC 7515 App. C: the example is read and written', () => {
    const bytes = Uint8Array.from([3, 236, 255, 224, 193])
    expect(encodeBase64url(bytes)).toBe('A-z_4ME')
    expect(decodeBase64url('A-z_4ME')).toEqual(bytes)
  })

  test('RFC 7515 §2: both directions agree with Buffer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const text = Buffer.from(bytes).toString('base64url')
        expect(encodeBase64url(bytes)).toBe(text)
        expect(decodeBase64url(text)).toEqual(Uint8Array.from(bytes))
      }),
    )
  })

  test('RFC 7515 §2: what is read back gives the same text, so nothing has two spellings', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 12 }), fc.stringMatching(/^[A-Za-z0-9_-]{0,9}$/)), (text) => {
        const bytes = decodeBase64url(text)
        if (bytes !== undefined) expect(encodeBase64url(bytes)).toBe(text)
      }),
    )
  })

  test.each(['A', 'AAAAA', 'AA==', 'AB', 'AAB', 'A+==', 'a/bc', ' AAA', 'AAA\n', 'AA A', 'ÄAAA', 'AAA\u0141', '😀AA'])(
    'RFC 7515 §2: %j is not base64url',
    (text) => {
      expect(decodeBase64url(text)).toBeUndefined()
    },
  )
})
