import { sign } from 'node:crypto'
import { CompactEncrypt, importJWK, type JWK } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { Person, type Seen } from '../test/person.ts'
import { rotateSigningKeys } from '../index.ts'
import { ISSUER, startServer, type TestServer } from '../test/server.ts'
import { objectClaims, requestObject, signedQuery, SIGNER, signingClient } from '../test/signed-requests.ts'

const CALLBACK = 'https://app.example/callback'
const told = (seen: Seen): string => `${seen.status} ${seen.location?.searchParams.get('error') ?? seen.location?.pathname.split('/')[1]}`
const GOOD = '303 interaction'
const BAD = '303 invalid_request_object'

let as: TestServer
beforeAll(async () => {
  as = await startServer([signingClient()])
})

async function ask(object: string): Promise<string> {
  return told(await new Person(as).authorize(signedQuery(object, { redirect_uri: CALLBACK })))
}

async function encryptionKey(): Promise<JWK> {
  const { keys } = (await (await as.fetch(`${ISSUER}/jwks`)).json()) as { keys: JWK[] }
  const [key] = keys.filter(({ use }) => use === 'enc')
  if (key === undefined) throw new Error('no key to encrypt to')
  return key
}

type Header = Parameters<CompactEncrypt['setProtectedHeader']>[0]

async function encrypted(inside: string, header: Partial<Header> = {}, key?: JWK): Promise<string> {
  const jwk = key ?? (await encryptionKey())
  return new CompactEncrypt(Buffer.from(inside))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: jwk.kid ?? '', ...header })
    .encrypt(await importJWK(jwk, header.alg ?? 'ECDH-ES'))
}

describe('JAR-06 RFC 9101 §6.1: an encrypted request object', () => {
  test.each(['A128CBC-HS256', 'A256CBC-HS512', 'A128GCM', 'A256GCM'] as const)(
    'JAR-01 PAR-14 signed, then encrypted to our key with %s, is as good as signed',
    async (enc) => {
      expect(await ask(await encrypted(requestObject(as), { enc }))).toBe(GOOD)
    },
  )
  test('the key of before serves while its successor is published, with kid and without', async () => {
    const before = await encrypted(requestObject(as))
    await rotateSigningKeys(as.store, [{ id: 's1', value: new Uint8Array(32).fill(1) }], as.clock, true)
    as.clock.advance(1)
    expect(await ask(before)).toBe(GOOD)
    expect(await ask(await encrypted(requestObject(as), { kid: undefined } as never))).toBe(GOOD)
    const { keys } = (await (await as.fetch(`${ISSUER}/jwks`)).json()) as { keys: JWK[] }
    expect(keys.filter(({ use }) => use === 'enc')).toHaveLength(2)
    expect(keys.some((key) => 'd' in key)).toBe(false)
  })
  test('JAR-01 encrypted alone is not signed', async () => {
    const [, claims] = requestObject(as).split('.')
    expect(await ask(await encrypted(Buffer.from(claims ?? '', 'base64url').toString()))).toBe(BAD)
  })
  test('encrypted to another key', async () => {
    const { publicKey } = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits'])
    expect(await ask(await encrypted(requestObject(as), {}, (await crypto.subtle.exportKey('jwk', publicKey)) as JWK))).toBe(BAD)
  })
  test('another key management than the one that is announced', async () => {
    expect(await ask(await encrypted(requestObject(as), { alg: 'ECDH-ES+A128KW' }))).toBe(BAD)
  })
  test('every failure is one refusal: nobody learns how far it got', async () => {
    const good = await encrypted(requestObject(as))
    const parts = good.split('.')
    const seen = await Promise.all(
      [2, 3, 4].map((index) => {
        const broken = parts.with(
          index,
          (parts[index] ?? '').replace(/^./, (first) => (first === 'A' ? 'B' : 'A')),
        )
        return new Person(as).authorize(signedQuery(broken.join('.'), { redirect_uri: CALLBACK }))
      }),
    )
    expect(new Set(seen.map(({ location }) => location?.search)).size).toBe(1)
    expect(told(seen[0] as Seen)).toBe(BAD)
  })
})

describe('hostile objects', () => {
  test('JAR-06 a compressed one is not unpacked, be it 20 MB in 30 KB or a right one', async () => {
    const packed = async (inside: Buffer): Promise<string> =>
      new CompactEncrypt(inside)
        .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', zip: 'DEF' } as Header)
        .encrypt(await importJWK(await encryptionKey(), 'ECDH-ES'))
    const bomb = await packed(Buffer.alloc(20_000_000))
    expect(bomb.length).toBeLessThan(32_768)
    expect(await ask(bomb)).toBe(BAD)
    expect(await ask(await packed(Buffer.from(requestObject(as))))).toBe(BAD)
  })
  test('one inside another, 8 deep', async () => {
    let object = requestObject(as)
    for (let depth = 0; depth < 8; depth++) object = await encrypted(object)
    expect(await ask(object)).toBe(BAD)
    expect(await ask(await encrypted(await encrypted(requestObject(as))))).toBe(BAD)
  })
  test('a password as key, with a billion rounds', async () => {
    const header = Buffer.from(JSON.stringify({ alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 1e9, p2s: 'AAAA' })).toString('base64url')
    expect(await ask(`${header}.AAAA.AAAA.AAAA.AAAA`)).toBe(BAD)
  })
  test.each([
    ['of 32769 characters', 'a'.repeat(32_769)],
    ['of dots', '.'.repeat(30_000)],
    ['of five empty parts', '....'],
    ['of three empty parts', '..'],
    ['that is JSON', '{"payload":"","signatures":[]}'],
    ['with a line break', 'e30.e30.\n'],
    ['with bytes that are no UTF-8', `${Buffer.from([0xff, 0xfe]).toString('base64url')}.e30.AA`],
  ])('one %s', async (_name, object) => {
    expect(await ask(object)).toMatch(/^303 invalid_request(_object)?$/)
  })
  test.each([
    ['authorization_details', 17],
    ['authorization_details', 5000],
    ['claims', 5000],
    ['scope', 5000],
  ])('JAR-10 %s that is %i deep', async (name, depth) => {
    const claims = JSON.stringify({ ...objectClaims(as), [name]: 'deep' }).replace('"deep"', '['.repeat(depth) + ']'.repeat(depth))
    const input = [JSON.stringify({ alg: 'ES256' }), claims].map((part) => Buffer.from(part).toString('base64url')).join('.')
    const signature = sign('sha256', Buffer.from(input), { key: SIGNER.privateKey, dsaEncoding: 'ieee-p1363' })
    expect(await ask(`${input}.${signature.toString('base64url')}`)).toBe(BAD)
  })
  test('more than 64 parameters, or one over its limit', async () => {
    expect(await ask(requestObject(as, Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`p${index}`, 'x']))))).toBe(BAD)
    expect(await ask(requestObject(as, { nonce: 'n'.repeat(513) }))).toBe('303 invalid_request')
    expect(await ask(requestObject(as, { resource: Array.from({ length: 65 }, () => 'https://api.example/accounts') }))).toBe(BAD)
  })
  test('a value that looks like more parameters stays one value', async () => {
    const object = requestObject(as, { state: 'a&redirect_uri=https://evil.example/&scope=email%26' })
    const { location } = await new Person(as).through(signedQuery(object))
    expect([location?.origin, location?.searchParams.get('state')]).toEqual([
      'https://app.example',
      'a&redirect_uri=https://evil.example/&scope=email%26',
    ])
  })
  test('__proto__ and constructor are names like others', async () => {
    expect(
      await ask(requestObject(as, JSON.parse('{"__proto__":"x","constructor":"y","toString":"z"}') as Readonly<Record<string, unknown>>)),
    ).toBe(GOOD)
  })
})
