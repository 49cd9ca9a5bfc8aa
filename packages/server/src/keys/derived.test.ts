import { hkdfSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { DerivedKeys, type KeyUse, mac, seal, unseal } from './derived.ts'

const FIRST = { id: 'first', value: new Uint8Array(32).fill(1) }
const SECOND = { id: 'second', value: new Uint8Array(32).fill(2) }
const USES: readonly KeyUse[] = ['refresh', 'dpop-nonce', 'csrf', 'grant-reference', 'signing-keys', 'device']

describe('derived keys (RFC 5869)', () => {
  test('each use has a key of its own, from the newest secret', () => {
    const keys = new DerivedKeys([FIRST, SECOND])
    expect(new Set(USES.map((use) => keys.current(use).bytes.toString('hex'))).size).toBe(USES.length)
    expect(USES.map((use) => keys.current(use).id)).toEqual(USES.map(() => 'first'))
    expect(keys.current('refresh').bytes).toEqual(Buffer.from(hkdfSync('sha256', FIRST.value, 'holdfast', 'refresh', 32)))
  })

  test('older secrets are found by id, retired ones are not', () => {
    expect(new DerivedKeys([SECOND, FIRST]).find('refresh', 'first')).toEqual(new DerivedKeys([FIRST]).current('refresh'))
    expect(new DerivedKeys([SECOND]).find('refresh', 'first')).toBeUndefined()
  })
})

describe('seal', () => {
  const key = new DerivedKeys([FIRST]).current('signing-keys')
  const other = new DerivedKeys([SECOND]).current('signing-keys')

  test('opens with the same key and context, and is another text each time', () => {
    const sealed = seal(key, 'a private key', 'kid')
    expect(unseal(key, sealed, 'kid')).toBe('a private key')
    expect(sealed).not.toBe(seal(key, 'a private key', 'kid'))
  })

  test('does not open with another key or context, shortened, or with a bit changed anywhere', () => {
    const sealed = seal(key, 'a private key', 'kid')
    expect(unseal(other, sealed, 'kid')).toBeUndefined()
    expect(unseal(key, sealed, 'another kid')).toBeUndefined()
    for (const text of ['', 'A', sealed.slice(0, 37), sealed.slice(0, -4)]) expect(unseal(key, text, 'kid')).toBeUndefined()
    const bytes = Buffer.from(sealed, 'base64url')
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(unseal(key, changed.toString('base64url'), 'kid')).toBeUndefined()
    }
  })
})

test('a MAC has 256 bits', () => {
  expect(mac(new DerivedKeys([FIRST]).current('refresh'), 'text')).toMatch(/^[\w-]{43}$/)
})
