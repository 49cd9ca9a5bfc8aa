import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  equalSecrets,
  formatHandle,
  newRecordId,
  newSecret,
  parseHandle,
  recordIdBytes,
  recordIdOf,
  secretHash,
  secretMatches,
} from './secret.ts'

const ID = '0'.repeat(26)
const SECRET = 'A'.repeat(43)

describe('secrets', () => {
  test('OA-64 FAPI-72 OAuth 2.1 §7.7: 43 base64url characters, never the same', () => {
    const all = Array.from({ length: 5000 }, newSecret)
    expect(new Set(all).size).toBe(5000)
    for (const secret of all) expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  test('OA-64 FAPI-72 every bit is as often set as not', () => {
    const rounds = 8000
    const set = new Uint32Array(256)
    for (let i = 0; i < rounds; i++) {
      const bytes = Buffer.from(newSecret(), 'base64url')
      for (let bit = 0; bit < 256; bit++) if (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1) set[bit] = (set[bit] ?? 0) + 1
    }
    // Seven standard deviations: a fair source fails once in 10⁹ runs.
    for (const count of set) expect(Math.abs(count - rounds / 2)).toBeLessThan(7 * Math.sqrt(rounds / 4))
  })

  test('a secret does not change after it was handed out', () => {
    const first = newSecret()
    const copy = `${first}`
    for (let i = 0; i < 1000; i++) newSecret()
    expect(first).toBe(copy)
  })

  test('are compared as texts', () => {
    expect(equalSecrets('abc', 'abc')).toBe(true)
    for (const other of ['abd', 'ab', 'abcd', '', 'ABC']) expect(equalSecrets('abc', other)).toBe(false)
    expect(equalSecrets('é', 'e\u0301')).toBe(false)
  })

  test('match the hash of their record, and no absent one', () => {
    const secret = newSecret()
    expect(secretHash('')).toBe('47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU')
    expect(secretMatches(secret, secretHash(secret))).toBe(true)
    expect(secretMatches(secret, secretHash(newSecret()))).toBe(false)
    expect(secretMatches(secret, undefined)).toBe(false)
    expect(secretMatches('no secret has this hash', undefined)).toBe(false)
  })
})

describe('record ids', () => {
  test('sort by time, and are never the same within one millisecond', () => {
    const times = fc.tuple(fc.nat(2 ** 47), fc.nat(2 ** 47)).filter(([a, b]) => a !== b)
    fc.assert(fc.property(times, ([a, b]) => newRecordId(a) < newRecordId(b) === a < b))
    expect(new Set(Array.from({ length: 5000 }, () => newRecordId(1))).size).toBe(5000)
  })

  test('have 80 random bits after the time', () => {
    const seen = Array.from({ length: 26 }, () => new Set<string>())
    for (let i = 0; i < 2000; i++) [...newRecordId(0)].forEach((digit, at) => seen[at]?.add(digit))
    // 48 bits are nine digits and three bits of the tenth; the last digit has three bits of the id.
    expect(seen.map((digits) => digits.size)).toEqual([...Array<number>(9).fill(1), 4, ...Array<number>(15).fill(32), 8])
  })

  test('are 16 bytes and back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const id = recordIdOf(bytes)
        expect(id).toHaveLength(26)
        expect(new Uint8Array(recordIdBytes(id))).toEqual(bytes)
        expect(parseHandle(id + SECRET)).toEqual({ id, secret: SECRET })
      }),
    )
  })

  test('keep the order of their bytes', () => {
    const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 })
    fc.assert(fc.property(bytes, bytes, (a, b) => Buffer.compare(a, b) < 0 === recordIdOf(a) < recordIdOf(b)))
  })
})

describe('handles', () => {
  test('are read back', () => {
    const handle = { id: newRecordId(), secret: newSecret() }
    expect(parseHandle(formatHandle(handle))).toEqual(handle)
    expect(formatHandle(handle)).toHaveLength(69)
  })

  test.each([
    ['empty', ''],
    ['too short', ID + SECRET.slice(1)],
    ['too long', `${ID}${SECRET}A`],
    ['a line break in place of the last letter', `${ID}${SECRET.slice(1)}\n`],
    ['an i in the id', `i${ID.slice(1)}${SECRET}`],
    ['an l', `l${ID.slice(1)}${SECRET}`],
    ['an o', `o${ID.slice(1)}${SECRET}`],
    ['a u', `u${ID.slice(1)}${SECRET}`],
    ['a capital letter in the id', `A${ID.slice(1)}${SECRET}`],
    ['a character of plain base64', `${ID}+${SECRET.slice(1)}`],
    ['padding', `${ID}${SECRET.slice(1)}=`],
    ['no ASCII', `${ID}é${SECRET.slice(1)}`],
    ['an id that another text names too', `${ID.slice(1)}1${SECRET}`],
  ])('%s is no handle', (_name, text) => {
    expect(parseHandle(text)).toBeUndefined()
  })

  test('one record has one handle: of the 32 last digits of an id, 8 are read', () => {
    const read = [...'0123456789abcdefghjkmnpqrstvwxyz'].filter((digit) => parseHandle(ID.slice(1) + digit + SECRET) !== undefined)
    expect(read.join('')).toBe('048cgmrw')
  })
})
