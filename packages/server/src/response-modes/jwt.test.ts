import { generateKeyPairSync } from 'node:crypto'
import {
  compactDecrypt,
  decodeJwt,
  decodeProtectedHeader,
  importJWK,
  type JWK,
  jwtVerify,
  createLocalJWKSet,
  type JSONWebKeySet,
} from 'jose'
import { describe, expect, test } from 'vitest'
import type { Client, Encryption } from '../config/client.ts'
import { rotateSigningKeys } from '../index.ts'
import { authorizationParameters, Person, type Seen } from '../test/person.ts'
import { client, ISSUER, startServer, type TestServer } from '../test/server.ts'

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const KEYS = {
  EC: { public: { ...ec.publicKey.export({ format: 'jwk' }), use: 'enc', kid: 'e1' }, private: ec.privateKey.export({ format: 'jwk' }) },
  RSA: { public: { ...rsa.publicKey.export({ format: 'jwk' }), use: 'enc', kid: 'e2' }, private: rsa.privateKey.export({ format: 'jwk' }) },
} as const
const signing = { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }), use: 'sig', kid: 's1' }

const encrypting = (
  alg: Encryption['alg'],
  enc: Encryption['enc'] = 'A128CBC-HS256',
  keys: readonly object[] = [signing, KEYS.EC.public, KEYS.RSA.public],
): Partial<Client> => ({
  authorizationEncryptedResponse: { alg, enc },
  jwks: { keys: keys as NonNullable<Client['jwks']>['keys'] },
})

async function answered(
  over: Partial<Client>,
  mode = 'jwt',
): Promise<{ readonly as: TestServer; readonly seen: Seen; readonly response: string }> {
  const as = await startServer([client(over)])
  const seen = await new Person(as).through(authorizationParameters({ response_mode: mode }))
  return { as, seen, response: seen.location?.searchParams.get('response') ?? '' }
}

const keySet = async (as: TestServer): Promise<JSONWebKeySet> => (await (await as.fetch(`${ISSUER}/jwks`)).json()) as JSONWebKeySet

describe('JRM-02 JARM §2.1: the response as a JWT', () => {
  test.each(['ES256', 'RS256', 'PS256', 'EdDSA'] as const)(
    'JRM-04 JARM §2.2: signed with %s where the client registered it, by a published key',
    async (alg) => {
      const { as, response } = await answered({ authorizationSignedResponseAlg: alg })
      const { payload, protectedHeader } = await jwtVerify(response, createLocalJWKSet(await keySet(as)), {
        issuer: ISSUER,
        audience: 'web',
        currentDate: new Date(as.clock.now() * 1000),
      })
      expect(protectedHeader.alg).toBe(alg)
      expect(Object.keys(payload).toSorted()).toEqual(['aud', 'code', 'exp', 'iss', 'state'])
    },
  )

  test('it lasts ten minutes, and is not stored', async () => {
    const { as, seen, response } = await answered({})
    expect(decodeJwt(response).exp).toBe(as.clock.now() + 600)
    expect(seen.headers.get('cache-control')).toBe('no-store')
  })

  test('a state cannot take the place of the issuer, the audience or the time', async () => {
    const as = await startServer()
    const seen = await new Person(as).through(
      authorizationParameters({ response_mode: 'jwt', state: '","iss":"https://evil.example","exp":9e9,"x":"' }),
    )
    const claims = decodeJwt(seen.location?.searchParams.get('response') ?? '')
    expect([claims.iss, claims.aud, claims.exp]).toEqual([ISSUER, 'web', as.clock.now() + 600])
  })

  test('it is signed with the key that signs now, also when another node rotated the keys', async () => {
    const as = await startServer()
    const kids = await rotateSigningKeys(as.store, [{ id: 's1', value: new Uint8Array(32).fill(1) }], as.clock, true)
    as.clock.advance(1)
    const seen = await new Person(as).authorize(authorizationParameters({ response_mode: 'jwt', prompt: 'none' }))
    expect(kids).toContain(decodeProtectedHeader(seen.location?.searchParams.get('response') ?? '').kid)
  })
})

describe('JRM-04 JARM §2.2: signed, then encrypted to the key of the client', () => {
  test.each([
    ['ECDH-ES', 'A128CBC-HS256', 'EC'],
    ['ECDH-ES+A128KW', 'A128GCM', 'EC'],
    ['ECDH-ES+A256KW', 'A256GCM', 'EC'],
    ['RSA-OAEP', 'A256CBC-HS512', 'RSA'],
    ['RSA-OAEP-256', 'A128CBC-HS256', 'RSA'],
  ] as const)('JRM-04 FMS-10 FAPI-03 with %s and %s, only where the client registered it', async (alg, enc, kty) => {
    const { as, response } = await answered(encrypting(alg, enc))
    expect(decodeProtectedHeader(response)).toMatchObject({ alg, enc, cty: 'JWT', kid: KEYS[kty].public.kid })
    const { plaintext } = await compactDecrypt(response, await importJWK(KEYS[kty].private as JWK, alg))
    const { payload } = await jwtVerify(new TextDecoder().decode(plaintext), createLocalJWKSet(await keySet(as)), {
      currentDate: new Date(as.clock.now() * 1000),
    })
    expect(payload['code']).toMatch(/^[0-9a-z]{26}/)
    expect((await answered({})).response.split('.')).toHaveLength(3)
  })

  test('errors are encrypted too', async () => {
    const as = await startServer([client(encrypting('ECDH-ES'))])
    const seen = await new Person(as).authorize(authorizationParameters({ response_mode: 'jwt', prompt: 'none' }))
    const response = seen.location?.searchParams.get('response') ?? ''
    const { plaintext } = await compactDecrypt(response, await importJWK(KEYS.EC.private as JWK, 'ECDH-ES'))
    expect(decodeJwt(new TextDecoder().decode(plaintext))['error']).toBe('login_required')
  })

  test.each([
    ['no key at all', [] as object[]],
    ['a key for signatures alone', [signing]],
    ['a key of another kind', [KEYS.RSA.public]],
    ['a key for another algorithm', [{ ...KEYS.EC.public, alg: 'ECDH-ES+A256KW' }]],
    ['a key that is none', [{ ...KEYS.EC.public, y: KEYS.EC.public.x }]],
  ])('JRM-04 %s: a fault of ours on a page, never an answer in the open, and no code is spent on it', async (_name, keys) => {
    const as = await startServer([client(encrypting('ECDH-ES', 'A128GCM', keys))])
    const person = new Person(as)
    const asked = await person.signIn(await person.authorize(authorizationParameters({ response_mode: 'jwt' })))
    const commit = as.store.commit.bind(as.store)
    const written: string[] = []
    as.store.commit = (changes) => {
      written.push(...changes.map((change) => change.kind))
      return commit(changes)
    }
    const seen = await person.submit(await person.go(asked.location ?? ''), { answer: 'allow' })
    expect([seen.status, seen.location, seen.headers.get('content-type')]).toEqual([500, undefined, 'text/html; charset=utf-8'])
    expect(seen.text).not.toMatch(/code=|name="code"|response/)
    expect(written).not.toContain('authorization_code')
    expect(as.logged.join()).toContain('nothing can be encrypted to web')
    const refused = await new Person(as).authorize(authorizationParameters({ response_mode: 'jwt', response_type: 'token' }))
    expect([refused.status, refused.location]).toEqual([500, undefined])
  })
})
