import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import * as jose from 'jose'
import { describe, expect, test } from 'vitest'
import { engines } from '../test/engines.ts'
import { offCurve, rfc7515ES256, rfc7515RS256, rfc7638, rfc8037, rfc9449 } from '../test/vectors.ts'
import { JWS_ALGORITHMS, type JwsAlgorithm } from './algorithms.ts'
import { checkPublicJwk, isJwkFault, jwkFits, type PublicJwk, thumbprintInput } from './jwk.ts'

const faultOf = (jwk: unknown): string | undefined => {
  const checked = checkPublicJwk(jwk)
  return isJwkFault(checked) ? checked.fault : undefined
}
const rsaOf = (modulusLength: number, publicExponent = 0x10001): unknown =>
  generateKeyPairSync('rsa', { modulusLength, publicExponent }).publicKey.export({ format: 'jwk' })
const one = (bytes: number[]): string => Buffer.from([...bytes, ...new Uint8Array(32 - bytes.length)]).toString('base64url')

describe('checkPublicJwk', () => {
  test('RFC 7517 §4: the keys of the examples are taken, and nothing but their public members', () => {
    for (const { jwk } of [rfc7515ES256, rfc7515RS256, rfc8037, rfc7638, rfc9449])
      expect(checkPublicJwk({ ...jwk, kid: 'a', use: 'sig', extra: 1 })).toEqual(jwk)
  })

  test.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'])(
    'DPOP-05 RFC 9449 §4.3-7: a key with the member %s is refused, even when it is null',
    (member) => {
      for (const value of ['AA', null, []]) expect(faultOf({ ...rfc9449.jwk, [member]: value })).toBe('private')
    },
  )

  test('DPOP-04 RFC 7518 §6.4: a symmetric key is refused', () => {
    expect(faultOf({ kty: 'oct', k: 'AAAA' })).toBe('private')
    expect(faultOf({ kty: 'oct' })).toBe('unsupported')
  })

  test.each([
    ['another curve', { ...rfc9449.jwk, crv: 'P-384' }],
    ['an unknown kind', { ...rfc9449.jwk, kty: 'AKP' }],
    ['kty in another case', { ...rfc9449.jwk, kty: 'ec' }],
    ['no kty', { crv: 'P-256' }],
    ['X25519', { ...rfc8037.jwk, crv: 'X25519' }],
  ])('DPOP-04 RFC 7518 §6: %s is unsupported', (_, jwk) => {
    expect(faultOf(jwk)).toBe('unsupported')
  })

  test.each([
    ['null', null],
    ['an array', [rfc9449.jwk]],
    ['text', JSON.stringify(rfc9449.jwk)],
    ['no y', { kty: 'EC', crv: 'P-256', x: rfc9449.jwk.x }],
    ['x as a number', { ...rfc9449.jwk, x: 1 }],
    ['x too short', { ...rfc9449.jwk, x: rfc9449.jwk.x.slice(1) }],
    ['x with padding', { ...rfc9449.jwk, x: `${rfc9449.jwk.x}=` }],
    ['x with bits left over', { ...rfc9449.jwk, x: `${rfc9449.jwk.x.slice(0, 42)}t` }],
    ['a short OKP key', { ...rfc8037.jwk, x: 'AAAA' }],
    [
      'n with a leading zero',
      { ...rfc7638.jwk, n: Buffer.concat([Buffer.alloc(1), Buffer.from(rfc7638.jwk.n, 'base64url')]).toString('base64url') },
    ],
    ['n with padding', { ...rfc7638.jwk, n: `${rfc7638.jwk.n}==` }],
    ['n without end', { ...rfc7638.jwk, n: 'A'.repeat(1e6) }],
    ['no n', { kty: 'RSA', e: 'AQAB' }],
    ['an empty n', { kty: 'RSA', n: '', e: 'AQAB' }],
    ['an even e', { ...rfc7638.jwk, e: 'Ag' }],
    ['e of 1', { ...rfc7638.jwk, e: 'AQ' }],
    ['an empty e', { ...rfc7638.jwk, e: '' }],
    ['a huge e', { ...rfc7638.jwk, e: 'A'.repeat(8) }],
  ])('RFC 7518 §6: %s is malformed', (_, jwk) => {
    expect(faultOf(jwk)).toBe('malformed')
  })

  test('RFC 7518 §3.3: RSA keys have 2048 to 4096 bits', () => {
    expect(faultOf(rsaOf(1024))).toBe('malformed')
    expect(faultOf(rsaOf(2040))).toBe('malformed')
    expect(faultOf(rsaOf(2048))).toBeUndefined()
    expect(faultOf(rsaOf(2048, 3))).toBeUndefined()
    // A modulus need not be a product of primes to have a length.
    const odd = (bits: number): string =>
      Buffer.concat([Buffer.from([1 << ((bits - 1) % 8)]), Buffer.alloc(Math.ceil(bits / 8) - 2), Buffer.from([1])]).toString('base64url')
    expect(faultOf({ kty: 'RSA', n: odd(2047), e: 'AQAB' })).toBe('malformed')
    expect(faultOf({ kty: 'RSA', n: odd(4096), e: 'AQAB' })).toBeUndefined()
    expect(faultOf({ kty: 'RSA', n: odd(4097), e: 'AQAB' })).toBe('malformed')
  })

  test('RFC 8032 §5.1.7: points of small order, under which one signature fits all messages, are refused with either sign', () => {
    const top = Array.from({ length: 30 }, () => 0xff)
    for (const sign of [0, 0x80]) {
      for (const x of [
        one([]),
        one([1]),
        Buffer.from([0xec, ...top, 0x7f | sign]).toString('base64url'),
        Buffer.from([0xee, ...top, 0x7f | sign]).toString('base64url'),
        Buffer.from([...new Uint8Array(31), sign]).toString('base64url'),
      ]) {
        expect(faultOf({ kty: 'OKP', crv: 'Ed25519', x })).toBe('malformed')
      }
    }
  })

  test('RFC 7517 §4: no value whatever makes it throw', () => {
    const member = fc.oneof(fc.anything(), fc.constantFrom('EC', 'OKP', 'RSA', 'P-256', 'Ed25519', 'AQAB', rfc9449.jwk.x))
    fc.assert(fc.property(fc.anything(), (value) => void checkPublicJwk(value)))
    fc.assert(
      fc.property(
        fc.record({ kty: member, crv: member, x: member, y: member, n: member, e: member }, { requiredKeys: [] }),
        (value) => void checkPublicJwk(value),
      ),
    )
  })

  test('RFC 7518 §3.1: an algorithm takes its own kind of key', () => {
    const fitting = (jwk: PublicJwk): readonly JwsAlgorithm[] => JWS_ALGORITHMS.filter((alg) => jwkFits(jwk, alg))
    expect(fitting(rfc9449.jwk)).toEqual(['ES256'])
    expect(fitting(rfc8037.jwk)).toEqual(['Ed25519', 'EdDSA'])
    expect(fitting(rfc7638.jwk)).toEqual(['PS256', 'RS256'])
  })
})

describe.each(engines)('keys by $name', (engine) => {
  test.each([
    ['RFC 7638 §3.1', rfc7638.jwk, rfc7638.thumbprint],
    ['RFC 8037 A.3', rfc8037.jwk, rfc8037.thumbprint],
    ['DPOP-28 RFC 9449 §6.1', rfc9449.jwk, rfc9449.jkt],
  ])('%s: the thumbprint is that of the example', async (_, jwk, expected) => {
    expect(await engine.thumbprint(jwk)).toBe(expected)
  })

  test.each(JWS_ALGORITHMS)('RFC 7638 §3: the thumbprint of a key for %s is that of jose', async (alg) => {
    const { publicJwk } = await engine.signer(alg)
    expect(await engine.thumbprint(publicJwk)).toBe(await jose.calculateJwkThumbprint({ ...publicJwk }))
    expect(Object.keys(JSON.parse(thumbprintInput(publicJwk)) as object)).toEqual(Object.keys(publicJwk).toSorted())
  })

  test('RFC 7518 §6.2.2: a point that is not on its curve is no key, and nothing crashes', async () => {
    expect(await engine.imports(rfc9449.jwk, 'ES256')).toBe(true)
    expect(checkPublicJwk(offCurve)).toEqual(offCurve)
    expect(await engine.imports(offCurve, 'ES256')).toBe(false)
    expect(await engine.imports({ kty: 'EC', crv: 'P-256', x: one([]), y: one([]) }, 'ES256')).toBe(false)
  })

  test('RFC 9449 §7: ath of the example', async () => {
    expect(await engine.hash(rfc9449.accessToken)).toBe(rfc9449.ath)
  })
})
