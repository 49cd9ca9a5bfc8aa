import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  type JSONWebKeySet,
  jwtVerify,
  type JWTVerifyResult,
} from 'jose'
import { describe, expect, test } from 'vitest'
import { DerivedKeys } from '../keys/derived.ts'
import { KeyRing } from '../keys/key-ring.ts'
import { Application, hashOf, KEY, told } from '../test/application.ts'
import { API, client, ISSUER, publicClient, startServer, type TestServer } from '../test/server.ts'

/** As a stranger to this code verifies them: by `jose` and the published keys. */
async function verify(as: TestServer, jwt: unknown, audience: string, typ: string): Promise<JWTVerifyResult> {
  const keys = (await (await as.fetch(`${ISSUER}/jwks`)).json()) as JSONWebKeySet
  return jwtVerify(String(jwt), createLocalJWKSet(keys), { issuer: ISSUER, audience, typ, currentDate: new Date(as.clock.now() * 1000) })
}

async function web(over: Parameters<typeof client>[0] = {}): Promise<Application> {
  const one = client(over)
  return new Application(await startServer([one, publicClient()]), one)
}

const SCOPE = 'openid profile email accounts:read'

describe('access tokens (RFC 9068)', () => {
  test('TOK-01 TOK-03 TOK-04 TOK-05 TOK-07 TOK-09 OA-72 RFC 9068 §2: type and claims', async () => {
    const one = await web()
    const { access, answer } = await one.tokens({ scope: SCOPE })
    const { protectedHeader, payload } = await verify(one.as, access, API, 'at+jwt')
    const now = one.as.clock.now()
    expect(protectedHeader).toEqual({ typ: 'at+jwt', alg: 'ES256', kid: expect.any(String) as string })
    expect(payload).toEqual({
      iss: ISSUER,
      sub: 'u_ada',
      aud: [API, ISSUER],
      client_id: 'web',
      iat: now,
      exp: now + 300,
      jti: expect.stringMatching(/^[\w-]{43}$/) as string,
      scope: SCOPE,
      auth_time: now,
      amr: ['pwd'],
      holdfast_grant: expect.stringMatching(/^s1\.[\w-]{22}$/) as string,
    })
    expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 300, scope: SCOPE })
  })

  test('TOK-04 each has a jti of its own, which is no id of ours', async () => {
    const one = await web()
    const tokens = await one.tokens()
    const again = await one.refresh(tokens.refresh)
    const ids = await Promise.all(
      [tokens.access, again.body['access_token']].map(async (jwt) => (await verify(one.as, jwt, ISSUER, 'at+jwt')).payload.jti),
    )
    expect(new Set(ids).size).toBe(2)
  })

  test('TOK-15 RFC 9068 §6: no personal data, and no id of a record', async () => {
    const one = await web()
    const { access, refresh } = await one.tokens({ scope: SCOPE })
    const text = Buffer.from(access.split('.')[1] ?? '', 'base64url').toString()
    const [grant] = (await one.as.store.list('grant', 'clientId', 'web', { limit: 1 })).items
    for (const hidden of ['Ada', 'ada@', grant?.id ?? 'no grant', refresh.split('.')[1] ?? '']) expect(text).not.toContain(hidden)
  })

  test('TOK-06 RFC 9068 §2.2.1: auth_time and amr stay what they were through refreshes', async () => {
    const one = await web()
    const signedInAt = one.as.clock.now()
    const { refresh } = await one.tokens()
    one.as.clock.advance(3600)
    const again = await one.refresh(refresh)
    const { payload } = await verify(one.as, again.body['access_token'], ISSUER, 'at+jwt')
    expect(payload).toMatchObject({ auth_time: signedInAt, amr: ['pwd'], iat: signedInAt + 3600 })
  })

  test('DPOP-22 DPOP-28 BCP-11 RFC 9449 §6.1: cnf.jkt is the thumbprint of the key, and token_type is DPoP', async () => {
    const one = (await web()).holding(KEY)
    const { access, answer } = await one.tokens()
    const { payload } = await verify(one.as, access, ISSUER, 'at+jwt')
    expect([payload['cnf'], answer.body['token_type']]).toEqual([{ jkt: await calculateJwkThumbprint(KEY.publicJwk) }, 'DPoP'])
  })

  test('TOK-11 RFC 9068 §5: a resource named has its own audience, and an ID token has the client’s', async () => {
    const one = await web()
    const { access, answer } = await one.tokens({ scope: SCOPE }, { resource: API })
    expect((await verify(one.as, access, API, 'at+jwt')).payload.aud).toBe(API)
    expect((await verify(one.as, answer.body['id_token'], 'web', 'JWT')).payload.aud).toBe('web')
  })

  test('TOK-03 RFC 8725 §3.11: an ID token is no access token, nor is anything else that our key signed with another typ', async () => {
    const one = await web()
    const { access, answer } = await one.tokens()
    const ring = new KeyRing(one.as.store, new DerivedKeys([{ id: 's1', value: new Uint8Array(32).fill(1) }]), one.as.clock)
    await ring.refresh()
    const resigned = (typ: 'at+jwt' | 'JWT'): string => ring.signer('ES256').sign(typ, decodeJwt(access))
    for (const jwt of [String(answer.body['id_token']), resigned('JWT')]) expect(told(await one.userinfo(jwt))).toBe('401 invalid_token')
    expect(told(await one.userinfo(resigned('at+jwt')))).toBe('200')
  })

  test('OA-73 BCP-50 TOK-05 OAuth 2.1 §7.4: a subject is a person’s reference, which no client_id can be', async () => {
    const one = await web({ clientId: 'ada' })
    const { payload } = await verify(one.as, (await one.tokens()).access, ISSUER, 'at+jwt')
    // `u_` is refused at the start of a client_id by the configuration.
    expect([payload.sub, payload['client_id']]).toEqual(['u_ada', 'ada'])
  })
})

describe('ID tokens that go with them (OpenID Connect Core §2)', () => {
  test.each([
    ['ES256', 32],
    ['PS256', 32],
    ['RS256', 32],
    ['EdDSA', 64],
  ] as const)('OIDC-30 OIDC-31 OIDC-34 TOK-02 signed with %s as the client registered, the access token with ES256', async (alg, bytes) => {
    const one = await web({ idTokenSignedResponseAlg: alg })
    const { access, answer } = await one.tokens({ nonce: 'the nonce' })
    const { protectedHeader, payload } = await verify(one.as, answer.body['id_token'], 'web', 'JWT')
    expect([protectedHeader.alg, decodeProtectedHeader(access).alg]).toEqual([alg, 'ES256'])
    expect(payload).toMatchObject({ sub: 'u_ada', nonce: 'the nonce', auth_time: one.as.clock.now(), exp: one.as.clock.now() + 300 })
    expect(Buffer.from(String(payload['at_hash']), 'base64url')).toHaveLength(bytes / 2)
    if (bytes === 32) expect(payload['at_hash']).toBe(Buffer.from(hashOf(access), 'base64url').subarray(0, 16).toString('base64url'))
  })

  test('OIDC-26 one comes with a refresh too, with the same subject and auth_time and without nonce', async () => {
    const one = await web()
    const { refresh, answer } = await one.tokens({ nonce: 'the nonce' })
    one.as.clock.advance(100)
    const again = await one.refresh(refresh)
    const before = (await verify(one.as, answer.body['id_token'], 'web', 'JWT')).payload
    const after = (await verify(one.as, again.body['id_token'], 'web', 'JWT')).payload
    expect([after.sub, after['auth_time'], after['sid'], after['nonce']]).toEqual([
      before.sub,
      before['auth_time'],
      before['sid'],
      undefined,
    ])
  })

  test('OIDC-39 none without openid', async () => {
    const one = await web()
    const { answer } = await one.tokens({ scope: 'accounts:read' })
    expect(answer.body).not.toHaveProperty('id_token')
  })
})
