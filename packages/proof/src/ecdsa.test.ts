import { generateKeyPairSync, sign, verify } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { derToP1363, p1363ToDer } from './ecdsa.ts'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

describe('ECDSA signatures', () => {
  test('RFC 7518 §3.4: converted here and by node:crypto, they verify the same', () => {
    for (let i = 0; i < 300; i++) {
      const data = Buffer.from(String(i))
      const der = sign('sha256', data, privateKey)
      const p1363 = derToP1363(der) as Uint8Array
      expect(verify('sha256', data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, p1363)).toBe(true)
      expect(Buffer.from(p1363ToDer(p1363) as Uint8Array).equals(der)).toBe(true)
    }
  })

  test('RFC 7518 §3.4: numbers with leading zeros and with the first bit set come through', () => {
    const number = fc
      .tuple(fc.integer({ min: 0, max: 31 }), fc.uint8Array({ minLength: 32, maxLength: 32 }))
      .map(([zeros, bytes]) => Uint8Array.from([...new Uint8Array(zeros), ...bytes.slice(zeros)]))
    fc.assert(
      fc.property(number, number, (r, s) => {
        const p1363 = Uint8Array.from([...r, ...s])
        expect(derToP1363(p1363ToDer(p1363) as Uint8Array)).toEqual(p1363)
      }),
    )
  })

  test('RFC 3279 §2.2.3: what is no DER gives nothing', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => void derToP1363(bytes)))
    for (const bytes of [[], [0x30], [0x30, 0], [0x30, 6, 2, 1, 1, 2, 1], [0x30, 6, 2, 1, 1, 3, 1, 1], [0x30, 7, 2, 1, 1, 2, 1, 1, 0]])
      expect(derToP1363(Uint8Array.from(bytes))).toBeUndefined()
    expect(p1363ToDer(new Uint8Array(63))).toBeUndefined()
    expect(p1363ToDer(new Uint8Array(65))).toBeUndefined()
  })
})
