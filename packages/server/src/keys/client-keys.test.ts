import { generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import { parseJws, type ParsedJws } from '@holdfast/proof'
import { generateKeyPair, type KeyPair, signJws } from '@holdfast/proof/node'
import { describe, expect, test } from 'vitest'
import type { Client, KeyManagementAlgorithm } from '../config/client.ts'
import { OutboundRefusal } from '../config/outbound.ts'
import { Places } from '../test/places.ts'
import { client, HeldClock } from '../test/server.ts'
import { ClientKeys } from './client-keys.ts'

const KEY = generateKeyPair('ES256')
const OTHER = generateKeyPair('ES256')
const ED = generateKeyPair('EdDSA')
const RSA = generateKeyPair('RS256')
const PS = { ...RSA, alg: 'PS256' } as const
const URI = 'https://app.example/jwks'
const JWT = { kid: 'k1' }

type Members = Readonly<Record<string, unknown>>
const jwk = (key: KeyPair, members: Members = {}): Members => ({ ...key.publicJwk, ...members })
const signed = (key: KeyPair, header: Members = JWT): ParsedJws =>
  parseJws(signJws({ alg: key.alg, ...header }, { a: 1 }, key.privateKey), { maxLength: 8192 }) as ParsedJws
const byUri: Client = client({ jwks: undefined, jwksUri: URI })
const withKeys = (...keys: readonly Members[]): Client => client({ jwks: { keys } })

function scene(): { readonly places: Places; readonly clock: HeldClock; readonly keys: ClientKeys } {
  const places = new Places()
  const clock = new HeldClock()
  return { places, clock, keys: new ClientKeys(places, clock) }
}

describe('FAPI-73 CAUTH-28 the key for a signature', () => {
  const { keys } = scene()
  const check = (one: Client, jws: ParsedJws): Promise<string | undefined> => keys.checkSignature(one, jws, jws.header['alg'] as 'ES256')

  test('FAPI-73 of keys with one kid it is chosen by kty, crv, use and alg', async () => {
    const same = withKeys(
      jwk(RSA, { kid: 'k1', alg: 'RS256' }),
      jwk(ED, { kid: 'k1' }),
      jwk(OTHER, { kid: 'k1', use: 'enc' }),
      jwk(KEY, { kid: 'k1', use: 'sig', alg: 'ES256' }),
    )
    expect([await check(same, signed(KEY)), await check(same, signed(ED)), await check(same, signed(RSA))]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    // Its owner says RS256, so it is no key for PS256; and what is for encryption verifies nothing.
    expect(await check(same, signed(PS))).toContain('no registered key')
    expect(await check(same, signed(OTHER))).toContain('no registered key')
  })
  test('FAPI-73 of two keys that fit either may have signed', async () => {
    const same = withKeys(jwk(KEY, { kid: 'k1' }), jwk(OTHER, { kid: 'k1' }))
    expect([await check(same, signed(KEY)), await check(same, signed(OTHER))]).toEqual([undefined, undefined])
  })
  test('without a kid every key that fits is tried; with one, only its key', async () => {
    const two = withKeys(jwk(OTHER, { kid: 'a' }), jwk(KEY, { kid: 'b' }))
    expect(await check(two, signed(KEY, {}))).toBeUndefined()
    expect(await check(two, signed(KEY, { kid: 'a' }))).toBe('the signature is by no registered key')
    expect(await check(two, signed(KEY, { kid: 'c' }))).toBe('no registered key verifies it: alg ES256, kid unknown')
  })
  test('FAPI-71 weak, private, symmetric and malformed keys are left out, and the rest still counts', async () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' }) as JsonWebKey & Members
    const { places, keys } = scene()
    const shown = { ...OTHER.privateKey.export({ format: 'jwk' }), kid: 'shown' }
    places.put(URI, {
      keys: [weak, shown, { kty: 'oct', k: 'AAAA', kid: 'k1' }, { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }, 7, null, [], jwk(KEY, JWT)],
    })
    expect(await keys.checkSignature(byUri, signed(KEY), 'ES256')).toBeUndefined()
    expect(await keys.checkSignature(byUri, signed(OTHER, { kid: 'shown' }), 'ES256')).toContain('no registered key')
  })
  test('a client without keys', async () => {
    expect(await check(client({ jwks: undefined }), signed(KEY))).toContain('no registered key')
  })
})

describe('CAUTH-28 a set at a jwks_uri', () => {
  test('is fetched once and kept', async () => {
    const { places, keys } = scene()
    places.put(URI, { keys: [jwk(KEY, JWT)] })
    for (let time = 0; time < 3; time++) expect(await keys.checkSignature(byUri, signed(KEY), 'ES256')).toBeUndefined()
    expect(places.asked.map(({ url }) => url)).toEqual([URI])
  })
  test('CAUTH-28 an unknown kid fetches it once more, at most every 10 s', async () => {
    const { places, clock, keys } = scene()
    places.put(URI, { keys: [jwk(KEY, JWT)] })
    await keys.checkSignature(byUri, signed(KEY), 'ES256')
    places.put(URI, { keys: [jwk(KEY, JWT), jwk(OTHER, { kid: 'k2' })] })
    const next = signed(OTHER, { kid: 'k2' })
    expect(await keys.checkSignature(byUri, next, 'ES256')).toContain('kid unknown')
    expect(places.asked.length).toBe(1)
    clock.advance(10)
    expect(await keys.checkSignature(byUri, next, 'ES256')).toBeUndefined()
    for (let time = 0; time < 5; time++)
      expect(await keys.checkSignature(byUri, signed(OTHER, { kid: `no ${time}` }), 'ES256')).toContain('kid unknown')
    expect(places.asked.length).toBe(2)
  })
  test('a rotation without a kid is found too; a wrong signature under a known kid fetches nothing', async () => {
    const { places, clock, keys } = scene()
    places.put(URI, { keys: [jwk(KEY)] })
    await keys.checkSignature(byUri, signed(KEY, {}), 'ES256')
    places.put(URI, { keys: [jwk(OTHER, JWT)] })
    clock.advance(10)
    expect(await keys.checkSignature(byUri, signed(OTHER, {}), 'ES256')).toBeUndefined()
    clock.advance(10)
    expect(await keys.checkSignature(byUri, signed(KEY, JWT), 'ES256')).toBe('the signature is by no registered key')
    expect(places.asked.length).toBe(2)
  })
  test('a key that is taken out of the set is refused when the set has ended', async () => {
    const { places, clock, keys } = scene()
    places.put(URI, { keys: [jwk(KEY, JWT)] })
    await keys.checkSignature(byUri, signed(KEY), 'ES256')
    places.put(URI, { keys: [jwk(OTHER, JWT)] })
    clock.advance(300)
    expect(await keys.checkSignature(byUri, signed(KEY), 'ES256')).toBe('the signature is by no registered key')
  })
  test('while its host is away it serves an hour longer, and then not', async () => {
    const { places, clock, keys } = scene()
    places.put(URI, { keys: [jwk(KEY, JWT)] })
    await keys.checkSignature(byUri, signed(KEY), 'ES256')
    places.cut(URI)
    clock.advance(300 + 3599)
    expect(await keys.checkSignature(byUri, signed(KEY), 'ES256')).toBeUndefined()
    clock.advance(11)
    expect(await keys.checkSignature(byUri, signed(KEY), 'ES256')).toBe(
      'jwks_uri cannot be used: timeout: app.example: the deadline of 5000 ms passed',
    )
  })
  test.each<[string, object | string]>([
    ['more than 20 keys', { keys: Array.from({ length: 21 }, () => jwk(KEY)) }],
    ['no list', { keys: jwk(KEY) }],
    ['no set', jwk(KEY)],
    ['no JSON', 'keys'],
  ])('what is not a set of at most 20 keys is refused: %s', async (_name, placed) => {
    const { places, keys } = scene()
    places.put(URI, placed)
    expect(await keys.checkSignature(byUri, signed(KEY, {}), 'ES256')).toContain('jwks_uri cannot be used: document')
    expect(await keys.get(byUri)).toBeInstanceOf(OutboundRefusal)
  })
  test('20 keys are taken', async () => {
    const { places, keys } = scene()
    places.put(URI, { keys: Array.from({ length: 20 }, (_, index) => jwk(index === 19 ? KEY : OTHER, { kid: `k${index}` })) })
    expect(await keys.checkSignature(byUri, signed(KEY, { kid: 'k19' }), 'ES256')).toBeUndefined()
  })
})

describe('RFC 7516 the key to encrypt to', () => {
  const ec = (namedCurve: string, members: Members = {}): Members => ({
    ...generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' }),
    use: 'enc',
    ...members,
  })
  const rsa = jwk(RSA, { use: 'enc', kid: 'rsa' })
  const x25519 = { ...generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' }), use: 'enc', kid: 'x' }
  test.each<[string, readonly Members[], KeyManagementAlgorithm, string]>([
    ['EC for ECDH-ES', [rsa, ec('P-256', { kid: 'ec' })], 'ECDH-ES', 'ec'],
    ['P-384', [ec('P-384', { kid: 'ec' })], 'ECDH-ES+A256KW', 'ec'],
    ['X25519', [x25519], 'ECDH-ES+A128KW', 'x'],
    ['RSA for RSA-OAEP-256', [ec('P-256'), rsa], 'RSA-OAEP-256', 'rsa'],
    ['the one that says alg first', [rsa, { ...rsa, alg: 'RSA-OAEP-256', kid: 'said' }], 'RSA-OAEP-256', 'said'],
    ['none that says another alg', [{ ...rsa, alg: 'RSA-OAEP' }], 'RSA-OAEP-256', 'none'],
    ['none of another kind', [rsa], 'ECDH-ES', 'none'],
    ['none for signing', [jwk(RSA, { use: 'sig' })], 'RSA-OAEP', 'none'],
    ['none without use', [jwk(RSA)], 'RSA-OAEP', 'none'],
    ['none that shows its private half', [{ ...RSA.privateKey.export({ format: 'jwk' }), use: 'enc' }], 'RSA-OAEP', 'none'],
    ['no secp256k1', [ec('secp256k1')], 'ECDH-ES', 'none'],
    ['no point off its curve', [{ ...ec('P-256'), x: 'A'.repeat(43) }], 'ECDH-ES', 'none'],
    ['none', [], 'ECDH-ES', 'none'],
  ])('%s', async (_name, members, alg, kid) => {
    const found = await scene().keys.encryptionKey(withKeys(...members), alg)
    expect(typeof found === 'object' && 'key' in found ? found.kid : 'none').toBe(kid)
  })
  test('from a jwks_uri, fetched once more when it is missing', async () => {
    const { places, clock, keys } = scene()
    places.put(URI, { keys: [jwk(KEY)] })
    expect(await keys.encryptionKey(byUri, 'RSA-OAEP')).toBe('the client has no key with use enc for RSA-OAEP')
    places.put(URI, { keys: [rsa] })
    clock.advance(10)
    expect(await keys.encryptionKey(byUri, 'RSA-OAEP')).toMatchObject({ kid: 'rsa' })
    places.cut(URI)
    clock.advance(7200)
    expect(await keys.encryptionKey(byUri, 'RSA-OAEP')).toBeInstanceOf(OutboundRefusal)
  })
})
