import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { compactDecrypt, createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify, type JWTVerifyResult } from 'jose'
import { describe, expect, test } from 'vitest'
import type { Client } from '../index.ts'
import { Places } from '../test/places.ts'
import { type Answer, type Application, told } from '../test/application.ts'
import { introspect, machineToken, parties, type Parties } from '../test/resource-server.ts'
import { API, ISSUER } from '../test/server.ts'

const TYPE = 'application/token-introspection+jwt'
const ASKING = { headers: { accept: TYPE } }

/** The body as text: `Application` reads JSON alone. */
async function asked(
  { as, api }: Parties,
  token: string,
  accept = TYPE,
): Promise<{ readonly type: string | null; readonly text: string; readonly status: number; readonly cache: string | null }> {
  const response = await as.fetch(`${ISSUER}/introspect`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...api.credentials().headers, ...(accept === '' ? {} : { accept }) },
    body: new URLSearchParams({ token }).toString(),
  })
  const { headers } = response
  return { type: headers.get('content-type'), cache: headers.get('cache-control'), text: await response.text(), status: response.status }
}

/** As a stranger to this code verifies it. */
async function verified({ as }: Parties, jwt: string): Promise<JWTVerifyResult> {
  const keys = (await (await as.fetch(`${ISSUER}/jwks`)).json()) as JSONWebKeySet
  const options = { issuer: ISSUER, audience: 'accounts-api', typ: 'token-introspection+jwt', currentDate: new Date(as.clock.now() * 1000) }
  return jwtVerify(jwt, createLocalJWKSet(keys), options)
}

describe('RFC 9701 §4, §5', () => {
  test('JIN-01 JIN-02 JIN-05 asked for by Accept: signed, for the caller alone, with nothing that a token has', async () => {
    const all = await parties('opaque')
    const token = await machineToken(all.robot)
    const { type, text, cache } = await asked(all, token)
    expect([type, cache]).toEqual([TYPE, 'no-store'])
    const { payload, protectedHeader } = await verified(all, text)
    expect(protectedHeader).toMatchObject({ typ: 'token-introspection+jwt', alg: 'ES256' })
    expect(payload).toEqual({
      iss: ISSUER,
      aud: 'accounts-api',
      iat: all.as.clock.now(),
      token_introspection: (await introspect(all.api, token)).body,
    })
    expect(payload['token_introspection']).toMatchObject({ active: true, sub: 'robot', aud: API })
  })

  test('JIN-03 INT-05 about a token that is not for the caller it holds active: false, and nothing else', async () => {
    const all = await parties()
    const forOthers = await machineToken(all.robot, { scope: 'payments' })
    for (const token of [forOthers, 'unknown']) {
      const { payload } = await verified(all, (await asked(all, token)).text)
      expect(payload['token_introspection']).toEqual({ active: false })
    }
  })

  test('JIN-03 INT-01 without authentication it is 401, in JSON', async () => {
    const { api } = await parties()
    const answer: Answer = await introspect(api, 'x', {}, { ...ASKING, credentials: {} })
    expect([told(answer), answer.headers.get('content-type')]).toEqual(['401 invalid_client', 'application/json'])
  })

  test.each([
    [`application/json, ${TYPE}`, TYPE],
    [TYPE.toUpperCase(), TYPE],
    [`${TYPE};q=0.5`, TYPE],
    [`${TYPE};q=0`, 'application/json'],
    [`${TYPE}; q=0.000, application/json`, 'application/json'],
    ['application/json', 'application/json'],
    ['*/*', 'application/json'],
    [`${TYPE}x`, 'application/json'],
    ['', 'application/json'],
  ])('JIN-01 Accept: %j is answered as %s', async (accept, type) => {
    expect((await asked(await parties(), 'x', accept)).type).toBe(type)
  })

  test('JIN-05 TOK-03 the answer is no access token, anywhere', async () => {
    const all = await parties('jwt')
    const { text } = await asked(all, await machineToken(all.robot))
    const client: Application = all.web
    expect(told(await client.userinfo(text))).toBe('401 invalid_token')
    expect((await introspect(all.api, text)).body).toEqual({ active: false })
  })
})

describe('RFC 9701 §6: what the caller registered', () => {
  test.each(['RS256', 'PS256', 'EdDSA'] as const)('JIN-04 signed with %s', async (introspectionSignedResponseAlg) => {
    const all = await parties('jwt', { api: { introspectionSignedResponseAlg } })
    const { protectedHeader } = await verified(all, (await asked(all, 'x')).text)
    expect(protectedHeader.alg).toBe(introspectionSignedResponseAlg)
  })

  test('JIN-01 FMS-07 a caller of FAPI 2.0 Message Signing never gets an answer that is not signed', async () => {
    const all = await parties('jwt', { api: { profile: 'fapi2-message-signing' } })
    for (const accept of ['', 'application/json', `${TYPE};q=0`]) expect((await asked(all, 'x', accept)).type).toBe(TYPE)
  })

  const keyFor = { EC: generateKeyPairSync('ec', { namedCurve: 'P-256' }), RSA: generateKeyPairSync('rsa', { modulusLength: 2048 }) }
  const encrypting = (
    kty: 'EC' | 'RSA',
    encryption: Client['introspectionEncryptedResponse'],
  ): { api: Partial<Client>; key: KeyObject } => ({
    api: {
      introspectionEncryptedResponse: encryption,
      jwks: { keys: [{ ...keyFor[kty].publicKey.export({ format: 'jwk' }), kid: 'e1', use: 'enc' }] },
    },
    key: createPrivateKey(keyFor[kty].privateKey.export({ format: 'pem', type: 'pkcs8' })),
  })

  test.each([
    ['EC', 'ECDH-ES', 'A128CBC-HS256'],
    ['EC', 'ECDH-ES+A128KW', 'A256GCM'],
    ['EC', 'ECDH-ES+A256KW', 'A256CBC-HS512'],
    ['RSA', 'RSA-OAEP-256', 'A128GCM'],
    ['RSA', 'RSA-OAEP', 'A128CBC-HS256'],
  ] as const)('JIN-04 RFC 7519 §5.2: signed, then encrypted to an %s key by %s and %s', async (kty, alg, enc) => {
    const { api, key } = encrypting(kty, { alg, enc })
    const all = await parties('opaque', { api })
    const token = await machineToken(all.robot)
    const { type, text } = await asked(all, token)
    expect(type).toBe(TYPE)
    expect(decodeProtectedHeader(text)).toMatchObject({ alg, enc, cty: 'JWT', kid: 'e1' })
    const { plaintext } = await compactDecrypt(text, key)
    const { payload } = await verified(all, new TextDecoder().decode(plaintext))
    expect(payload['token_introspection']).toMatchObject({ active: true, sub: 'robot' })
  })

  test('JIN-04 without a key to encrypt to nothing leaves: 500, and no answer in the clear', async () => {
    const all = await parties('opaque', { api: { introspectionEncryptedResponse: { alg: 'ECDH-ES', enc: 'A128GCM' } } })
    const { status, text } = await asked(all, await machineToken(all.robot))
    expect(status).toBe(500)
    expect(text).not.toContain('robot')
  })

  test('JIN-04 keys at a jwks_uri that cannot be fetched: 503, and the answer comes when they can', async () => {
    const uri = 'https://api.example/jwks'
    const places = new Places()
    places.cut(uri)
    const api = { introspectionEncryptedResponse: { alg: 'ECDH-ES', enc: 'A128GCM' }, jwksUri: uri } as const
    const all = await parties('opaque', { api }, { outbound: places })
    const token = await machineToken(all.robot)
    expect((await asked(all, token)).status).toBe(503)
    places.put(uri, { keys: encrypting('EC', undefined).api.jwks?.keys })
    all.as.clock.advance(10)
    expect((await asked(all, token)).status).toBe(200)
  })

  test('JIN-04 discovery tells what can be registered', async () => {
    const { as } = await parties()
    const document = (await (await as.fetch(`${ISSUER}/.well-known/oauth-authorization-server`)).json()) as Record<string, unknown>
    expect(document).toMatchObject({
      introspection_signing_alg_values_supported: ['ES256', 'RS256', 'PS256', 'EdDSA'],
      introspection_encryption_alg_values_supported: ['ECDH-ES', 'ECDH-ES+A128KW', 'ECDH-ES+A256KW', 'RSA-OAEP', 'RSA-OAEP-256'],
      introspection_encryption_enc_values_supported: ['A128CBC-HS256', 'A256CBC-HS512', 'A128GCM', 'A256GCM'],
    })
  })
})
