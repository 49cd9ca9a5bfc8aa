import { generateKeyPair } from '@holdfast/proof/node'
import { describe, expect, test } from 'vitest'
import { accessToken, API, type Answer, ISSUER, proofFor, published, START, startApi } from './test/api.ts'

async function show(token: string, api = startApi()): Promise<Answer> {
  return api.call({ token, proof: proofFor(token, { iat: api.clock.time }) })
}

describe('RFC 9068 §4', () => {
  test.each(['at+jwt', 'AT+JWT', 'application/at+jwt'])('TOK-03 typ %s comes in', async (typ) => {
    expect((await show(accessToken({}, { typ }))).allowed).toBe(true)
  })
  test.each([['JWT'], ['dpop+jwt'], ['logout+jwt'], [undefined], [7]])(
    'TOK-03 TOK-14 JIN-05 typ %s is refused: what the issuer signed for another purpose is no access token',
    async (typ) => {
      expect(await show(accessToken({}, { typ }))).toMatchObject({ status: 401, error: 'invalid_token' })
    },
  )
  test.each(['iss', 'aud', 'exp', 'iat', 'sub', 'client_id', 'jti'])('TOK-04 a token without %s is refused', async (claim) => {
    expect(await show(accessToken({ [claim]: undefined }))).toMatchObject({ status: 401, error: 'invalid_token' })
  })
  test.each([
    ['iss of another', { iss: 'https://other.example' }],
    ['iss with a slash more', { iss: `${ISSUER}/` }],
    ['aud of another API', { aud: 'https://other.example/' }],
    ['aud with a slash more', { aud: `${API}/` }],
    ['aud of the issuer', { aud: ISSUER }],
    ['exp past', { exp: START - 11 }],
    ['nbf ahead', { nbf: START + 60 }],
  ])('TOK-12 BCP-13 %s is 401 invalid_token', async (_name, claims) => {
    expect(await show(accessToken(claims))).toMatchObject({ status: 401, error: 'invalid_token' })
  })
  test('TOK-12 aud may be a list that has this API', async () => {
    expect((await show(accessToken({ aud: ['https://other.example/', API] }))).allowed).toBe(true)
  })
  test('TOK-12 TOK-01 FAPI-61 a signature by another key, or none, is refused', async () => {
    expect((await show(accessToken({}, {}, generateKeyPair('ES256')))).error).toBe('invalid_token')
    const [header = '', payload = ''] = accessToken().split('.')
    const none = Buffer.from(JSON.stringify({ typ: 'at+jwt', alg: 'none', kid: 'k1' })).toString('base64url')
    for (const token of [`${none}.${payload}.`, `${header}.${payload}.AAAA`, `${header}.${payload}`, 'opaque'])
      expect((await show(token)).error).toMatch(/invalid_token|invalid_request/)
  })
  test('OA-85 RFC 8725 §3.1: an algorithm that is not allowed here is refused, even rightly signed', async () => {
    expect((await show(accessToken(), startApi({ tokenAlgorithms: ['PS256'] }))).error).toBe('invalid_token')
  })
  test('OA-69 FAPI-61 a token that was good a moment ago is refused when it has expired', async () => {
    const api = startApi()
    const token = accessToken()
    expect((await show(token, api)).allowed).toBe(true)
    api.clock.time = START + 310
    expect((await show(token, api)).error).toBe('invalid_token')
  })
})

describe('keys', () => {
  test('TOK-13 TOK-16 are found by the metadata, fetched once for many calls, and again after five minutes', async () => {
    const api = startApi()
    await Promise.all(Array.from({ length: 10 }, () => show(accessToken(), api)))
    expect(api.asked).toEqual([`${ISSUER}/.well-known/oauth-authorization-server`, `${ISSUER}/jwks`])
    api.clock.time += 300
    await show(accessToken({ exp: START + 900 }), api)
    expect(api.asked.length).toBe(3)
  })
  test('TOK-16 an unknown kid fetches them anew, but a flood of made-up ones does so once in ten seconds', async () => {
    const api = startApi()
    await show(accessToken(), api)
    api.clock.time += 10
    for (let times = 0; times < 50; times++) await show(accessToken({}, { kid: `made-up-${times}` }), api)
    expect(api.asked.length).toBe(3)
  })
  test('OIDC-35 TOK-16 a key that was added is found', async () => {
    const api = startApi()
    await show(accessToken(), api)
    const next = generateKeyPair('ES256')
    api.issuer.keys = [published, { ...next.publicJwk, kid: 'k2', alg: 'ES256', use: 'sig' }]
    api.clock.time += 10
    expect((await show(accessToken({}, { kid: 'k2' }, next), api)).allowed).toBe(true)
  })
  test('TOK-16 several keys of one kid are tried', async () => {
    const api = startApi()
    api.issuer.keys = [{ ...generateKeyPair('ES256').publicJwk, kid: 'k1' }, published]
    expect((await show(accessToken(), api)).allowed).toBe(true)
  })
  test('TOK-16 while it is away a token by a key that may be new is 503 each time, not only when the fetch fails', async () => {
    const api = startApi()
    expect((await show(accessToken(), api)).status).toBe(200)
    api.issuer.up = false
    api.clock.time += 60
    const unknown = (): string => accessToken({}, { kid: 'k2' })
    expect([(await show(unknown(), api)).status, (await show(unknown(), api)).status]).toEqual([503, 503])
    expect((await show(accessToken(), api)).status).toBe(200)
    api.issuer.up = true
    api.clock.time += 10
    expect([(await show(unknown(), api)).status, (await show(unknown(), api)).status]).toEqual([401, 401])
  })

  test('while the issuer is away, known keys serve on and unknown ones are 503', async () => {
    const api = startApi()
    await show(accessToken(), api)
    api.issuer.up = false
    api.clock.time += 301
    expect((await show(accessToken({ exp: START + 900 }), api)).allowed).toBe(true)
    expect((await show(accessToken(), { ...startApi(), ...awayFromTheStart() })).status).toBe(503)
  })
  test('META-07 RFC 8414 §2: keys that the metadata places on plain HTTP are not fetched, since whoever is on the way could write them', async () => {
    const api = startApi()
    api.issuer.metadata = { issuer: ISSUER, jwks_uri: 'http://as.example/jwks' }
    expect((await api.call({ token: accessToken({ cnf: undefined }), scheme: 'Bearer' })).status).toBe(503)
    expect(api.asked).toEqual([`${ISSUER}/.well-known/oauth-authorization-server`])
  })
  test('META-03 RFC 8414 §3.3: metadata that names another issuer is not believed', async () => {
    const api = startApi()
    api.issuer.metadata = { issuer: 'https://other.example', jwks_uri: `${ISSUER}/jwks` }
    expect((await show(accessToken(), api)).status).toBe(503)
  })
})

function awayFromTheStart(): ReturnType<typeof startApi> {
  const api = startApi()
  api.issuer.up = false
  return api
}

describe('RFC 9728 metadata', () => {
  const get = (path: string, over = {}): ReturnType<ReturnType<typeof startApi>['guard']['metadata']> =>
    startApi(over).guard.metadata({
      method: 'GET',
      path,
      query: '',
      clientAddress: '',
      headers: () => [],
      body: () => Promise.resolve(new Uint8Array()),
    })
  test('PRM-01 PRM-02 PRM-03 stands between host and path, and names this resource and its issuer', () => {
    const reply = get('/.well-known/oauth-protected-resource/accounts', { scopes: ['accounts:read'], dpopRequired: true })
    expect([reply?.status, reply?.headers['content-type']]).toEqual([200, 'application/json'])
    expect(JSON.parse(reply?.body ?? '')).toEqual({
      resource: API,
      authorization_servers: [ISSUER],
      scopes_supported: ['accounts:read'],
      bearer_methods_supported: ['header'],
      dpop_signing_alg_values_supported: ['ES256', 'EdDSA', 'Ed25519', 'PS256'],
      dpop_bound_access_tokens_required: true,
    })
  })
  test('PRM-08 RFC 9728 §7.10: it may be kept for minutes, and read from every origin', () => {
    expect(get('/.well-known/oauth-protected-resource/accounts')?.headers).toMatchObject({
      'cache-control': 'public, max-age=300',
      'access-control-allow-origin': '*',
    })
  })
  test('PRM-02 META-02 what is empty is left out, and another path is not answered', () => {
    expect(get('/.well-known/oauth-protected-resource/accounts')?.body).not.toContain('scopes_supported')
    expect(get('/.well-known/oauth-protected-resource')).toBeUndefined()
  })
})
