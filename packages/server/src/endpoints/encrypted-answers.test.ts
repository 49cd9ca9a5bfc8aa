import { generateKeyPairSync } from 'node:crypto'
import { compactDecrypt, createLocalJWKSet, decodeJwt, importJWK, type JSONWebKeySet, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { Application, hashOf, KEY, told } from '../test/application.ts'
import { Places } from '../test/places.ts'
import { client, ISSUER, startServer, type TestServer } from '../test/server.ts'
import type { Client } from '../index.ts'

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const EC = { ...ec.publicKey.export({ format: 'jwk' }), use: 'enc', kid: 'e1' }
const RSA = { ...rsa.publicKey.export({ format: 'jwk' }), use: 'enc', kid: 'e2' }
const PRIVATE = { e1: ec.privateKey.export({ format: 'jwk' }), e2: rsa.privateKey.export({ format: 'jwk' }) }
const JWKS = { keys: [EC, RSA] } as NonNullable<Client['jwks']>
const URI = 'https://app.example/jwks'
const TO_EC = { alg: 'ECDH-ES', enc: 'A128CBC-HS256' } as const
const TO_RSA = { alg: 'RSA-OAEP-256', enc: 'A256GCM' } as const

interface Unsealed {
  readonly header: Readonly<Record<string, unknown>>
  readonly text: string
}

async function unsealed(jwe: string): Promise<Unsealed> {
  const { plaintext, protectedHeader } = await compactDecrypt(jwe, async ({ kid, alg }) => importJWK(PRIVATE[kid as 'e1' | 'e2'], alg))
  return { header: { ...protectedHeader }, text: new TextDecoder().decode(plaintext) }
}

async function verified(as: TestServer, jwt: string): Promise<Awaited<ReturnType<typeof jwtVerify>>> {
  const keys = createLocalJWKSet((await (await as.fetch(`${ISSUER}/jwks`)).json()) as JSONWebKeySet)
  return jwtVerify(jwt, keys, { issuer: ISSUER, audience: 'web', currentDate: new Date(as.clock.now() * 1000) })
}

async function scene(over: Partial<Client>, options: Parameters<typeof startServer>[1] = {}): Promise<Application> {
  const web = client({ jwks: JWKS, ...over })
  return new Application(await startServer([web], options), web)
}

async function asked(app: Application, access: string): Promise<{ readonly response: Response; readonly text: string }> {
  const response = await app.as.fetch(`${ISSUER}/userinfo`, { headers: { authorization: `Bearer ${access}` } })
  return { response, text: await response.text() }
}

describe('OIDC-28 Core §10.2: encrypted ID tokens', () => {
  test.each([TO_EC, TO_RSA])('signed, then encrypted to the key of the client: %j', async (encryption) => {
    const app = await scene({ idTokenEncryptedResponse: encryption, idTokenSignedResponseAlg: 'RS256' })
    const { answer, refresh, access } = await app.tokens({ nonce: 'n' })
    const { header, text } = await unsealed(String(answer.body['id_token']))
    expect(header).toMatchObject({ ...encryption, cty: 'JWT', kid: encryption === TO_EC ? 'e1' : 'e2' })
    const { payload, protectedHeader } = await verified(app.as, text)
    expect([protectedHeader.alg, payload.sub, payload['nonce']]).toEqual(['RS256', 'u_ada', 'n'])
    expect(payload['at_hash']).toBe(Buffer.from(hashOf(access), 'base64url').subarray(0, 16).toString('base64url'))
    const refreshed = await app.refresh(refresh)
    expect((await verified(app.as, (await unsealed(String(refreshed.body['id_token']))).text)).payload.sub).toBe('u_ada')
  })

  test('without openid nothing is encrypted, and nothing fails', async () => {
    const app = await scene({ idTokenEncryptedResponse: TO_EC, jwks: undefined })
    expect((await app.tokens({ scope: 'accounts:read' })).answer.body['id_token']).toBeUndefined()
  })

  test('keys that cannot be fetched: 503, nothing is spent, and the code is good when they can', async () => {
    const places = new Places()
    places.cut(URI)
    const app = await scene({ idTokenEncryptedResponse: TO_EC, jwks: undefined, jwksUri: URI }, { outbound: places })
    const code = await app.code()
    expect(told(await app.redeem(code))).toBe('503 temporarily_unavailable')
    places.put(URI, { keys: [EC] })
    app.as.clock.advance(10)
    const answer = await app.redeem(code)
    expect(told(answer)).toBe('200')
    places.cut(URI)
    app.as.clock.advance(7300)
    const refresh = String(answer.body['refresh_token'])
    expect(told(await app.refresh(refresh))).toBe('503 temporarily_unavailable')
    places.put(URI, { keys: [EC] })
    app.as.clock.advance(10)
    expect(told(await app.refresh(refresh))).toBe('200')
  })

  test('a key set without a key that fits: 500, nothing in the open, nothing spent', async () => {
    const places = new Places()
    places.put(URI, { keys: [RSA] })
    const app = await scene({ idTokenEncryptedResponse: TO_EC, jwks: undefined, jwksUri: URI }, { outbound: places })
    const code = await app.code()
    const answer = await app.redeem(code)
    expect([told(answer), answer.body['id_token']]).toEqual(['500 server_error', undefined])
    places.put(URI, { keys: [EC] })
    app.as.clock.advance(10)
    expect(told(await app.redeem(code))).toBe('200')
  })
})

describe('OIDC-42 Core §5.3.2: userinfo as a JWT', () => {
  test.each(['ES256', 'RS256', 'PS256', 'EdDSA'] as const)('signed with %s, with iss and aud, and without exp', async (alg) => {
    const app = await scene({ userinfoSignedResponseAlg: alg })
    const { access } = await app.tokens({ scope: 'openid email' })
    const { response, text } = await asked(app, access)
    expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([
      200,
      'application/jwt',
      'no-store',
    ])
    const { payload, protectedHeader } = await verified(app.as, text)
    expect(protectedHeader.alg).toBe(alg)
    expect(payload).toEqual({ iss: ISSUER, aud: 'web', sub: 'u_ada', email: 'ada@example.com', email_verified: true })
  })

  test('signed and encrypted, nested', async () => {
    const app = await scene({ userinfoSignedResponseAlg: 'ES256', userinfoEncryptedResponse: TO_RSA })
    const { text } = await asked(app, (await app.tokens()).access)
    const { header, text: inside } = await unsealed(text)
    expect(header['cty']).toBe('JWT')
    expect((await verified(app.as, inside)).payload.sub).toBe('u_ada')
  })

  test('encrypted alone, it is JSON inside, and nobody takes it for a JWT', async () => {
    const app = await scene({ userinfoEncryptedResponse: TO_EC })
    const { response, text } = await asked(app, (await app.tokens()).access)
    const { header, text: inside } = await unsealed(text)
    expect([response.headers.get('content-type'), 'cty' in header]).toEqual(['application/jwt', false])
    expect(JSON.parse(inside)).toMatchObject({ iss: ISSUER, aud: 'web', sub: 'u_ada' })
  })

  test('refusals stay JSON; a pairwise client reads its own name in it', async () => {
    const app = await scene({ userinfoSignedResponseAlg: 'ES256', pairwiseSector: 'app.example' })
    const { access, answer } = await app.tokens()
    expect(decodeJwt((await asked(app, access)).text).sub).toBe(decodeJwt(String(answer.body['id_token'])).sub)
    expect((await asked(app, 'nonsense')).response.headers.get('content-type')).toBe('application/json')
  })

  test('keys that cannot be fetched: 503, and the proof is not spent', async () => {
    const places = new Places()
    places.put(URI, { keys: [EC] })
    const web = client({ userinfoEncryptedResponse: TO_EC, jwksUri: URI })
    const app = new Application(await startServer([web], { outbound: places, dpopNonce: 'off' }), web, { dpop: KEY })
    const { access } = await app.tokens()
    places.cut(URI)
    app.as.clock.advance(1)
    const dpop = app.proof('/userinfo', { htm: 'GET', ath: hashOf(access) })
    expect(told(await app.userinfo(access, { dpop }))).toBe('503 temporarily_unavailable')
    places.put(URI, { keys: [EC] })
    app.as.clock.advance(10)
    expect(told(await app.userinfo(access, { dpop }))).toBe('200')
    expect(told(await app.userinfo(access, { dpop }))).toBe('401 invalid_dpop_proof')
  })
})
