import { describe, expect, test } from 'vitest'
import { Application, KEY, told } from '../test/application.ts'
import { asking, PATH, phone, phoneApp } from '../test/challenged.ts'
import { client, ISSUER, PASSWORD, SECRET, startServer } from '../test/server.ts'
import { webRequest } from './authorize-challenge.ts'

describe('OAuth for First-Party Applications §4: the authorization challenge endpoint', () => {
  test('FIPA-01 §4.1: POST with a form; other methods are 405, other bodies invalid_request', async () => {
    const { app } = await phone()
    for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS'])
      expect((await app.as.fetch(ISSUER + PATH, { method })).status, method).toBe(405)
    const answer = await app.send(ISSUER + PATH, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
    expect(told(answer)).toBe('400 invalid_request')
  })
  test('OA-40 credentials do not stand in the URL', async () => {
    const own = await phone()
    await own.start()
    for (const name of ['password', 'otp', 'auth_session']) {
      const credentials = own.app.credentials()
      const answer = await own.app.post(
        `${PATH}?${name}=x`,
        { auth_session: own.session, password: PASSWORD },
        { credentials, dpop: 'none' },
      )
      expect([told(answer), answer.body['error_description']]).toEqual(['400 invalid_request', expect.stringContaining('URL')])
    }
    expect(own.people.passwords).toEqual([])
  })
  test('FIPA-02 §8: it is named in the metadata', async () => {
    const { app } = await phone()
    const { body } = await app.send(`${ISSUER}/.well-known/oauth-authorization-server`, {})
    expect(body['authorization_challenge_endpoint']).toBe(`${ISSUER}/authorize-challenge`)
  })
  test('FIPA-03 §4.1: a client that authenticates at the token endpoint authenticates here too', async () => {
    const registered = client({ firstParty: true })
    const app = new Application(await startServer([registered]), registered)
    expect(told(await app.post(PATH, asking()))).toBe('400 insufficient_authorization')
    for (const credentials of [{ parameters: { client_id: 'web' } }, { parameters: { client_id: 'web', client_secret: `${SECRET}x` } }, {}])
      expect(told(await app.post(PATH, asking(), { credentials }))).toBe('401 invalid_client')
  })
  test('FIPA-05 FIPA-38 §5, §9.1: by default no client may; only one that the operator flagged', async () => {
    const app = new Application(await startServer([client()]), client())
    expect(told(await app.post(PATH, asking()))).toBe('400 unauthorized_client')
    const other = await phone({ firstParty: false })
    expect(told(await other.start())).toBe('400 unauthorized_client')
  })
  test('FIPA-06 §9.8: no application in a browser, even a flagged one, and no origin may read the answer', async () => {
    const spa = await phone({ applicationType: 'web', redirectUris: ['https://spa.example/callback'] })
    expect(told(await spa.start())).toBe('400 unauthorized_client')
    const { headers } = await (await phone()).start({}, { headers: { origin: 'https://spa.example' } })
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  })
  test('FAPI-31 clients under fapi2, and those that must sign their requests, are refused', async () => {
    for (const over of [{ profile: 'fapi2' }, { profile: 'fapi2-message-signing' }, { requireSignedRequestObject: true }] as const)
      expect(told(await (await phone(over)).start())).toBe('400 unauthorized_client')
  })
  test('a client that must push its requests may: this request is as private', async () => {
    const own = await phone({ profile: 'strong', requirePushedAuthorizationRequests: true, dpopBoundAccessTokens: true })
    expect(told(await own.start())).toBe('400 insufficient_authorization')
  })
  test('FIPA-31 §9.5: a client whose tokens are bound sends a proof from the start', async () => {
    const own = await phone({ dpopBoundAccessTokens: true }, { unbound: true })
    expect(told(await own.start())).toBe('400 invalid_request')
    expect(own.session).toBeUndefined()
  })
})

describe('§5.1: the request', () => {
  test.each([
    ['FIPA-07 response_type is missing', { response_type: undefined }, '400 invalid_request'],
    ['FIPA-07 another response_type', { response_type: 'token' }, '400 unsupported_response_type'],
    ['FIPA-10 OA-20 no code_challenge', { code_challenge: undefined, code_challenge_method: undefined }, '400 invalid_request'],
    ['OA-21 plain', { code_challenge_method: 'plain' }, '400 invalid_request'],
    ['OA-26 a scope that the client may not have', { scope: 'admin' }, '400 invalid_scope'],
    ['RES-01 an unknown resource', { resource: 'https://unknown.example' }, '400 invalid_target'],
    ['max_age that is no number', { max_age: 'soon' }, '400 invalid_request'],
    ['an unknown prompt', { prompt: 'none login' }, '400 invalid_request'],
    ['OIDC-10 prompt none', { prompt: 'none' }, '400 login_required'],
    ['JAR-11 a request object', { request: 'x.y.z' }, '400 request_not_supported'],
    ['OA-11 a redirect_uri of somebody else', { redirect_uri: 'https://evil.example/' }, '400 invalid_request'],
    ['DPOP-33 a dpop_jkt of another key', { dpop_jkt: 'x'.repeat(43) }, '400 invalid_request'],
    ['FIPA-12 a password without auth_session', { password: PASSWORD }, '400 invalid_request'],
    ['FIPA-12 a code without auth_session', { otp: '123456' }, '400 invalid_request'],
  ])('FIPA-04 %s', async (_name, over, expected) => {
    const own = await phone()
    expect(told(await own.start(over))).toBe(expected)
    expect(own.people.passwords).toEqual([])
  })
  test('FIPA-04 what means nothing without a redirect is ignored: response_mode, and redirect_uri need not be there', async () => {
    expect(told(await (await phone()).start({ response_mode: 'fragment' }))).toBe('400 insufficient_authorization')
  })
  test('FIPA-08 §5.1: client_id may be left out where auth_session names the client, and must agree with it otherwise', async () => {
    const own = await phone()
    expect(told(await own.start({}, { credentials: {} }))).toBe('401 invalid_client')
    await own.start()
    const answer = await own.send({ password: PASSWORD }, { credentials: {} })
    expect(told(answer)).toBe('200')
    await own.start()
    expect(told(await own.send({ password: PASSWORD }, { credentials: { parameters: { client_id: 'app' } } }))).toBe(
      '400 unauthorized_client',
    )
    expect(told(await own.send({ auth_session: 'x'.repeat(69), password: PASSWORD }, { credentials: {} }))).toBe('401 invalid_client')
    expect(told(await own.password())).toBe('200')
  })
  test('FIPA-08 a confidential client that presents the session of another gets invalid_session', async () => {
    const registered = client({ firstParty: true })
    const own = await phone()
    const as = await startServer([registered, own.app.client], { store: own.app.as.store, clock: own.app.as.clock, accounts: own.people })
    await own.start()
    const other = new Application(as, registered, { dpop: KEY })
    expect(told(await other.post(PATH, { auth_session: own.session, password: PASSWORD }))).toBe('400 invalid_session')
    expect(own.people.passwords).toEqual([])
  })
})

describe('§5.2: the answers', () => {
  test('FIPA-13 FIPA-23 §5.2.1: success is 200 with authorization_code, not stored anywhere, no redirect', async () => {
    const own = await phone()
    await own.start()
    const { status, headers, body } = await own.password()
    expect([status, headers.get('cache-control'), headers.get('location')]).toEqual([200, 'no-store', null])
    expect(Object.keys(body).toSorted()).toEqual(['auth_session', 'authorization_code'])
  })
  test('FIPA-09 FIPA-14 FIPA-15 §5.2.2: what is missing is told as an error, with the steps that are next', async () => {
    const own = await phone()
    const start = await own.start({ login_hint: 'grace' })
    expect([told(start), start.headers.get('content-type'), start.headers.get('cache-control')]).toEqual([
      '400 insufficient_authorization',
      'application/json',
      'no-store',
    ])
    expect(start.body['next']).toEqual(['password'])
    const second = await own.password()
    expect([told(second), second.body['next']]).toEqual(['400 insufficient_authorization', ['otp']])
    expect(told(await own.otp())).toBe('200')
  })
  test('FIPA-09 the name may come with the password instead of login_hint; with neither nothing is counted', async () => {
    const own = await phone()
    await own.start({ login_hint: undefined })
    const before = own.session
    expect(told(await own.password())).toBe('400 invalid_request')
    expect(own.session).toBe(before)
    expect(told(await own.password(PASSWORD, { username: 'ada' }))).toBe('200')
  })
  test('FIPA-19 §5.2.2: descriptions have the characters that OAuth 2.1 allows', async () => {
    const own = await phone()
    for (const answer of [
      await own.start(),
      await own.password('wrong'),
      await own.start({ scope: 'über "x" \\' }),
      await own.start({ prompt: 'consent' }),
    ])
      expect(String(answer.body['error_description'])).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/)
  })
  test('FIPA-16 §5.2.2.1.1: no request_uri without code_challenge, nor where it is unknown who it would come back to', () => {
    const request = {
      clientId: 'phone',
      state: undefined,
      nonce: undefined,
      scopes: [],
      resources: [],
      authorizationDetails: [],
      challenge: { value: 'c', method: 'S256' },
      dpopJkt: undefined,
      instance: undefined,
      prompt: [],
      maxAge: undefined,
      loginHint: undefined,
    } as const
    const redirectUri = 'com.example.phone:/callback' as NonNullable<Parameters<typeof webRequest>[0]['redirectUri']>
    expect(webRequest({ request, redirectUri }, phoneApp())).toMatchObject({ redirectUri, responseMode: 'query' })
    expect(webRequest({ request: { ...request, challenge: undefined }, redirectUri }, phoneApp())).toBeUndefined()
    expect(webRequest({ request, redirectUri: undefined }, phoneApp())).toBeUndefined()
    // A form cannot be posted to a private-use scheme.
    expect(webRequest({ request, redirectUri }, phoneApp({ responseModes: ['form_post.jwt'] }))).toBeUndefined()
  })
})

describe('FIPA-36 §9.1: whether the app is what it says', () => {
  test('a public first-party client is named at every start', async () => {
    const { app } = await phone()
    expect(app.as.logged.filter((line) => line.includes('proves nothing'))).toEqual([expect.stringContaining('"clientId":"phone"')])
  })
})
