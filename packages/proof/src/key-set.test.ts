import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { offCurve, rfc7515ES256, rfc7515RS256, rfc7638, rfc8037, rfc9449 } from '../test/vectors.ts'
import { type KeySet, parseKeySet, selectKeys } from './key-set.ts'

const setOf = (...keys: unknown[]): KeySet => parseKeySet({ keys }) as KeySet
const ec = rfc9449.jwk

describe('a JWK Set', () => {
  test('RFC 7517 §5: what is no set is none', () => {
    for (const value of [undefined, null, [], 'x', {}, { keys: {} }, { keys: null }]) expect(parseKeySet(value)).toBeUndefined()
    expect(parseKeySet({ keys: [] })).toEqual({ keys: [] })
  })

  test('RFC 7517 §5: keys that are not usable are left out, the others stay', () => {
    const unusable = [
      null,
      1,
      [],
      {},
      { kty: 'oct', k: 'AAAA' },
      { ...ec, d: 'AA' },
      { ...ec, crv: 'P-384' },
      { ...ec, x: 'AA' },
      { ...ec, use: 'enc' },
      { ...ec, key_ops: ['sign'] },
      { ...ec, key_ops: 'verify' },
      { ...ec, alg: 'ECDH-ES' },
      { ...ec, alg: 'RS256' },
      { ...ec, kid: 1 },
    ]
    expect(setOf(...unusable, { ...ec, kid: 'a', use: 'sig', key_ops: ['verify'], alg: 'ES256' }).keys).toEqual([
      { kid: 'a', alg: 'ES256', jwk: ec },
    ])
  })

  test('RFC 7517 §4.5: a kid selects, and several keys may have it', () => {
    const set = setOf(
      { ...ec, kid: 'a' },
      { ...rfc7515ES256.jwk, kid: 'a' },
      { ...rfc7638.jwk, kid: 'a' },
      { ...offCurve, kid: 'b' },
      rfc8037.jwk,
    )
    expect(selectKeys(set, { kid: 'a', alg: 'ES256' }).map(({ jwk }) => jwk)).toEqual([ec, rfc7515ES256.jwk])
    expect(selectKeys(set, { kid: 'a', alg: 'RS256' }).map(({ jwk }) => jwk)).toEqual([rfc7638.jwk])
    expect(selectKeys(set, { kid: 'c', alg: 'ES256' })).toEqual([])
    expect(selectKeys(set, { kid: 'A', alg: 'ES256' })).toEqual([])
    expect(selectKeys(set, { kid: undefined, alg: 'ES256' })).toHaveLength(3)
    expect(selectKeys(set, { kid: undefined, alg: 'Ed25519' })).toHaveLength(1)
  })

  test('RFC 8725 §3.1: a key that names its algorithm serves no other', () => {
    const set = setOf({ ...rfc7638.jwk, alg: 'PS256' }, { ...rfc7515RS256.jwk, alg: 'RS256' }, { ...rfc8037.jwk, alg: 'EdDSA' })
    expect(selectKeys(set, { kid: undefined, alg: 'PS256' }).map(({ jwk }) => jwk)).toEqual([rfc7638.jwk])
    expect(selectKeys(set, { kid: undefined, alg: 'RS256' }).map(({ jwk }) => jwk)).toEqual([rfc7515RS256.jwk])
    expect(selectKeys(set, { kid: undefined, alg: 'Ed25519' })).toHaveLength(1)
  })

  test('RFC 7517 §5: a set full of keys does not multiply the work', () => {
    const many = setOf(...Array.from({ length: 5000 }, () => ({ ...ec, kid: 'a' })))
    expect(many.keys).toHaveLength(100)
    expect(selectKeys(many, { kid: 'a', alg: 'ES256' })).toHaveLength(4)
  })

  test('RFC 7517 §5: no value whatever makes it throw', () => {
    fc.assert(fc.property(fc.oneof(fc.anything(), fc.record({ keys: fc.array(fc.anything()) })), (value) => void parseKeySet(value)))
  })
})
