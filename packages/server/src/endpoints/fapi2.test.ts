import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { KEY, told } from '../test/application.ts'
import { FapiApplication, fapiClient } from '../test/fapi.ts'
import { authorizationParameters, Person } from '../test/person.ts'
import { API, client, ISSUER, SECRET, startServer } from '../test/server.ts'

const open = async (over: Parameters<typeof fapiClient>[0] = {}): Promise<FapiApplication> => {
  const one = fapiClient(over)
  return new FapiApplication(await startServer([one]), one)
}

describe('FAPI 2.0 Security Profile §5.2.3: what browsers reach', () => {
  test('FAPI-06 every answer keeps the browser on TLS for a year: pages, redirects, refusals, files', async () => {
    const { as } = await open()
    const paths = [
      '/authorize',
      '/device',
      '/nothing',
      '/jwks',
      '/.well-known/openid-configuration',
      '/interaction/x',
      '/assets/x',
      '/token',
    ]
    for (const path of paths)
      expect([path, (await as.fetch(ISSUER + path)).headers.get('strict-transport-security')]).toEqual([path, 'max-age=31536000'])
  })
  test('FAPI-06 a developer’s localhost, and an issuer over http, are spared', async () => {
    for (const over of [{ development: true }, { issuer: 'http://localhost:9400', development: true }]) {
      const as = await startServer(undefined, over)
      const answer = await as.fetch(`${over.issuer ?? ISSUER}/jwks`)
      expect([answer.status, answer.headers.get('strict-transport-security')]).toEqual([200, null])
    }
  })
})

describe('FAPI 2.0 Security Profile §5.3.2.1: the server', () => {
  test('FAPI-10 -1: both documents say what a client of the profile needs', async () => {
    const { as } = await open()
    for (const name of ['oauth-authorization-server', 'openid-configuration']) {
      const document = (await (await as.fetch(`${ISSUER}/.well-known/${name}`)).json()) as Record<string, unknown>
      expect(document).toMatchObject({
        issuer: ISSUER,
        pushed_authorization_request_endpoint: `${ISSUER}/par`,
        authorization_response_iss_parameter_supported: true,
        code_challenge_methods_supported: ['S256'],
        token_endpoint_auth_methods_supported: expect.arrayContaining(['private_key_jwt']) as unknown,
        dpop_signing_alg_values_supported: expect.arrayContaining(['PS256', 'ES256', 'EdDSA']) as unknown,
      })
    }
  })
  test('FAPI-11 -2: the password grant is unsupported_grant_type', async () => {
    const one = await open()
    const answer = await one.post('/token', { grant_type: 'password', username: 'ada', password: 'correct horse battery' })
    expect(told(answer)).toBe('400 unsupported_grant_type')
  })
  test('FAPI-15 FAPI-31 -7: what was not pushed leads no browser to an address of its own, and to the client with an error alone', async () => {
    const { as } = await open()
    for (const redirect_uri of ['https://evil.example/', undefined]) {
      const seen = await new Person(as).authorize(authorizationParameters({ redirect_uri }))
      expect([seen.status, seen.location]).toEqual([400, undefined])
    }
    const { location } = await new Person(as).authorize()
    expect([location?.origin, location?.searchParams.get('error')]).toEqual(['https://app.example', 'invalid_request'])
  })
  test('FAPI-31 -2 to -4: a push needs the client’s assertion; a secret, or a name alone, is none', async () => {
    const one = await open()
    const basic = { headers: { authorization: `Basic ${Buffer.from(`web:${SECRET}`).toString('base64')}` } }
    for (const credentials of [{ parameters: { client_id: 'web' } }, { parameters: { client_id: 'web', client_secret: SECRET } }, basic])
      expect(told(await one.push({}, { credentials }))).toBe('401 invalid_client')
    expect(told(await one.push())).toBe('201')
  })
})

describe('FAPI 2.0 Security Profile §5.3.2.2: the flow', () => {
  test.each(['token', 'id_token', 'code id_token', 'code token', 'none'])(
    'FAPI-30 -1: response_type %s is refused',
    async (response_type) => {
      expect(told(await (await open()).push({ response_type }))).toBe('400 unsupported_response_type')
    },
  )
  test.each([
    ['none', { code_challenge: undefined, code_challenge_method: undefined }],
    ['plain', { code_challenge_method: 'plain' }],
    ['plain by default', { code_challenge_method: undefined }],
  ])('FAPI-32 -5: PKCE %s is refused at the push', async (_name, over) => {
    expect(told(await (await open()).push(over))).toBe('400 invalid_request')
  })
  test('FAPI-32 -5: a wrong verifier, or none, is invalid_grant', async () => {
    const one = await open()
    const code = await one.code()
    for (const code_verifier of ['w'.repeat(43), undefined])
      expect(told(await one.redeem(code, { code_verifier }))).toBe('400 invalid_grant')
    expect(told(await one.redeem(code))).toBe('200')
  })
  test('FAPI-33 -6: redirect_uri is in the push, though one alone is registered and no openid is asked for', async () => {
    const bare = { redirect_uri: undefined, scope: 'accounts:read' }
    expect(told(await (await open()).push(bare))).toBe('400 invalid_request')
    expect(told(await (await open({ profile: 'oauth21' })).push(bare))).toBe('201')
  })
  test('FAPI-34 FAPI-37 -7, -10: the code comes with iss, by 303', async () => {
    const { status, location } = await (await open()).answered()
    expect([status, location?.searchParams.get('iss'), location?.searchParams.has('code')]).toEqual([303, ISSUER, true])
  })
  test('FAPI-34 a refusal has iss too', async () => {
    const one = await open()
    const { location } = await new Person(one.as).authorize(await one.pushed({ prompt: 'none' }))
    expect([location?.searchParams.get('error'), location?.searchParams.get('iss')]).toEqual(['login_required', ISSUER])
  })
  test('FAPI-36 FAPI-82 -9: a code that comes again, after a second, is invalid_grant, and ends what it gave', async () => {
    const one = await open()
    const code = await one.code()
    const { body } = await one.redeem(code)
    expect(told(await one.userinfo(String(body['access_token'])))).toBe('200')
    one.as.clock.advance(1)
    expect(told(await one.redeem(code))).toBe('400 invalid_grant')
    expect(told(await one.userinfo(String(body['access_token'])))).toBe('401 invalid_token')
    expect(told(await one.refresh(String(body['refresh_token'])))).toBe('400 invalid_grant')
  })
  test('FAPI-81 SP §6.4: one request_uri leads to one code, and the code lives for a minute', async () => {
    const one = await open()
    const requested = await one.pushed()
    const code = (await one.person.through(requested)).location?.searchParams.get('code') ?? ''
    const again = await one.person.authorize(requested)
    expect([again.status, again.location]).toEqual([400, undefined])
    one.as.clock.advance(60)
    expect(told(await one.redeem(code))).toBe('400 invalid_grant')
  })
  test('FAPI-43 FMS-11 FAPI-40 §5.3.2.3: who asks for openid gets an ID token, signed by a published key, with the nonce of 64 characters', async () => {
    const one = await open()
    const nonce = 'n'.repeat(64)
    const { answer } = await one.tokens({ nonce })
    const keys = createLocalJWKSet((await (await one.as.fetch(`${ISSUER}/jwks`)).json()) as JSONWebKeySet)
    const { payload, protectedHeader } = await jwtVerify(String(answer.body['id_token']), keys, {
      issuer: ISSUER,
      audience: 'web',
      currentDate: new Date(one.as.clock.now() * 1000),
    })
    expect([payload.sub, payload['nonce'], protectedHeader.alg]).toEqual(['u_ada', nonce, 'ES256'])
    expect((await one.tokens({ scope: 'accounts:read', resource: API })).answer.body).not.toHaveProperty('id_token')
  })
  test('FAPI-13 FAPI-20 -12: a code that was pushed with a proof is redeemed with that key alone', async () => {
    const one = await open()
    const code = await one.code()
    expect(told(await one.holding(KEY).redeem(code))).toBe('400 invalid_grant')
    expect(told(await one.holding(undefined).redeem(code))).toBe('400 invalid_request')
    expect((await one.redeem(code)).body['token_type']).toBe('DPoP')
  })
})

test('a client of OAuth 2.1 beside it goes on as it did', async () => {
  const as = await startServer([fapiClient({ clientId: 'bank' }), client()])
  expect((await new Person(as).through()).location?.searchParams.has('code')).toBe(true)
})
