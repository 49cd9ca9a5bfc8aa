import { StoreUnavailable } from '@holdfast/store'
import { describe, expect, test } from 'vitest'
import { Application } from '../test/application.ts'
import { authorizationParameters, Person } from '../test/person.ts'
import { client, ISSUER, publicClient, startServer, type TestServer } from '../test/server.ts'

async function ask(over: Readonly<Record<string, string | undefined>>, as?: TestServer): ReturnType<Person['authorize']> {
  return new Person(as ?? (await startServer())).authorize(authorizationParameters(over))
}

describe('before the redirect URI is known good, nothing is redirected', () => {
  test.each([
    ['OA-09 OAuth 2.1 §4.1.2.1: client_id is missing', { client_id: undefined }],
    ['OA-09 OAuth 2.1 §4.1.2.1: client_id is unknown', { client_id: 'nobody' }],
    ['OA-10 OAuth 2.1 §4.1.2.1: redirect_uri is not registered', { redirect_uri: 'https://evil.example/callback' }],
    ['OA-10 OAuth 2.1 §4.1.2.1: redirect_uri is malformed', { redirect_uri: 'not a uri' }],
    [
      'OA-15 OpenID Connect Core §3.1.2.1: an OpenID request names its redirect_uri, even if one is registered',
      { redirect_uri: undefined },
    ],
    ['OIDC-05 response_mode is not supported', { response_mode: 'web_message' }],
    ['BCP-01 BCP-20 OA-11 RFC 9700 §4.1.3: another case', { redirect_uri: 'https://app.example/Callback' }],
    ['BCP-20 OA-11: a host in another case', { redirect_uri: 'https://APP.example/callback' }],
    ['BCP-20 OA-11: a trailing slash', { redirect_uri: 'https://app.example/callback/' }],
    ['BCP-20 OA-11: a further segment', { redirect_uri: 'https://app.example/callback/more' }],
    ['BCP-20 OA-11: a query', { redirect_uri: 'https://app.example/callback?a=b' }],
    ['BCP-20 OA-11: a fragment', { redirect_uri: 'https://app.example/callback#a' }],
    ['BCP-20 OA-11: the default port', { redirect_uri: 'https://app.example:443/callback' }],
    ['BCP-20 OA-11: dot segments', { redirect_uri: 'https://app.example/x/%2e%2e/callback' }],
    ['BCP-20 OA-11: user info', { redirect_uri: 'https://app.example@evil.example/callback' }],
    ['BCP-20 OA-11: a longer host', { redirect_uri: 'https://app.example.evil.example/callback' }],
    ['OA-17 a scheme that runs', { redirect_uri: 'javascript:alert(1)//' }],
  ])('%s', async (_name, over) => {
    const seen = await ask(over)
    expect([seen.status, seen.location, seen.headers.get('content-type')]).toEqual([400, undefined, 'text/html; charset=utf-8'])
    expect(seen.text).toContain('id="oauth-error"')
  })

  test('OA-04 OAuth 2.1 §4.1.2.1: a repeated client_id or redirect_uri ends on a page', async () => {
    const person = new Person(await startServer())
    for (const again of ['client_id=web', 'redirect_uri=https%3A%2F%2Fapp.example%2Fcallback']) {
      const seen = await person.authorize(`${authorizationParameters()}&${again}`)
      expect([seen.status, seen.location]).toEqual([400, undefined])
    }
  })

  test('OA-09 a disabled client is as good as unknown', async () => {
    const seen = await ask({}, await startServer([client({ disabled: true })]))
    expect([seen.status, seen.location]).toEqual([400, undefined])
  })
})

describe('OA-36 BCP-38 after it, the client is told: every client here was made by the operator, so its registered URIs are trusted', () => {
  test.each([
    ['OA-18 OAuth 2.1 §4.1.2.1: response_type is missing', { response_type: undefined }, 'invalid_request'],
    ['OA-18 BCP-10: response_type token is never supported', { response_type: 'token' }, 'unsupported_response_type'],
    ['OA-18 OA-19 response_type code id_token is not supported', { response_type: 'code id_token' }, 'unsupported_response_type'],
    ['OA-19 OAuth 2.1 §4.1.1: in any order', { response_type: 'id_token code' }, 'unsupported_response_type'],
    [
      'OA-20 RFC 7636 §4.4.1: code_challenge is missing',
      { code_challenge: undefined, code_challenge_method: undefined },
      'invalid_request',
    ],
    ['OA-21 the method plain is not supported', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['OA-21 without a method the challenge would be plain', { code_challenge_method: undefined }, 'invalid_request'],
    ['OA-22 a challenge of 42 characters', { code_challenge: 'a'.repeat(42) }, 'invalid_request'],
    [
      'OA-25 OAuth 2.1 §1.4.1: scope is missing and has no default',
      { scope: undefined, redirect_uri: 'https://app.example/callback' },
      'invalid_scope',
    ],
    ['OA-26 a scope with a forbidden character', { scope: 'openid "x"' }, 'invalid_scope'],
    ['OA-26 an unknown scope in a plain OAuth request', { scope: 'accounts:read nobody-knows' }, 'invalid_scope'],
    ['RES-01 BCP-36 RFC 8707 §2: an unknown resource', { resource: 'https://other.example/' }, 'invalid_target'],
    ['RES-01 a resource with a fragment', { resource: 'https://api.example/accounts#x' }, 'invalid_target'],
    ['DPOP-35 RFC 9449 §10: dpop_jkt is no thumbprint', { dpop_jkt: 'short' }, 'invalid_request'],
    ['JAR-01 RFC 9101 §5: a request object that nobody signed', { request: 'e30.e30.' }, 'invalid_request_object'],
    ['OIDC-50 JAR-11 a request_uri of others', { request_uri: 'https://app.example/request.jwt' }, 'request_uri_not_supported'],
    ['OIDC-18 id_token_hint is refused while nothing compares it with who is signed in', { id_token_hint: 'e30.e30.x' }, 'invalid_request'],
    ['OIDC-09 an unknown prompt', { prompt: 'create' }, 'invalid_request'],
    ['OIDC-11 prompt none with another', { prompt: 'none login' }, 'invalid_request'],
    ['OIDC-16 max_age is negative', { max_age: '-1' }, 'invalid_request'],
    ['OIDC-10 prompt none without a session', { prompt: 'none' }, 'login_required'],
  ])('%s', async (_name, over, code) => {
    const seen = await ask(over)
    expect([seen.status, seen.location?.origin, seen.location?.searchParams.get('error')]).toEqual([303, 'https://app.example', code])
  })

  test('OA-04 OAuth 2.1 §3.1: another repeated parameter is invalid_request', async () => {
    const seen = await new Person(await startServer()).authorize(`${authorizationParameters()}&nonce=a&nonce=b`)
    expect(seen.location?.searchParams.get('error')).toBe('invalid_request')
  })

  test('OA-30 OA-31 ISS-01 RFC 9207 §2: an error brings back state and names the issuer', async () => {
    const { location } = await ask({ response_type: 'token', state: 'a b&c=é' })
    expect([location?.searchParams.get('state'), location?.searchParams.get('iss')]).toEqual(['a b&c=é', ISSUER])
  })

  test('OA-03 OAuth 2.1 §3.1: an empty state is no state', async () => {
    expect((await ask({ response_type: 'token', state: '' })).location?.searchParams.has('state')).toBe(false)
  })

  test('OA-33 OAuth 2.1 §4.1.2.1: error_description keeps to its characters, whatever was sent', async () => {
    const description = (await ask({ scope: 'accounts:read \u00e9"\\' })).location?.searchParams.get('error_description') ?? ''
    expect(description).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/)
  })

  test('OA-34 OA-18 a client that may not use the code flow is told so', async () => {
    const as = await startServer([client({ grantTypes: ['refresh_token'] })])
    expect((await ask({}, as)).location?.searchParams.get('error')).toBe('unauthorized_client')
  })

  test('PAR-20 RFC 9126 §5: a client that must push its requests cannot ask by the URL', async () => {
    const as = await startServer([client({ requirePushedAuthorizationRequests: true })])
    expect((await ask({}, as)).location?.searchParams.get('error')).toBe('invalid_request')
  })
})

describe('a fault of ours', () => {
  test('OA-35 OAuth 2.1 §4.1.2.1: comes back to the client as server_error or temporarily_unavailable, and is logged', async () => {
    for (const [fault, code] of [
      [new Error('a bug'), 'server_error'],
      [new StoreUnavailable('the disk is full'), 'temporarily_unavailable'],
    ] as const) {
      const as = await startServer()
      as.store.commit = () => Promise.reject(fault)
      const { location } = await ask({ state: 's' }, as)
      expect([location?.origin, location?.searchParams.get('error'), location?.searchParams.get('state')]).toEqual([
        'https://app.example',
        code,
        's',
      ])
      expect(as.logged.join()).toContain(fault.message)
    }
  })

  test('OA-35 in the middle of signing in, too', async () => {
    const as = await startServer()
    const person = new Person(as)
    const opened = await person.authorize()
    as.store.commit = () => Promise.reject(new StoreUnavailable('locked'))
    expect((await person.signIn(opened)).location?.searchParams.get('error')).toBe('temporarily_unavailable')
  })
})

describe('a right request', () => {
  test('OA-02 OIDC-04 OIDC-08 unknown parameters, unknown scopes and display are ignored', async () => {
    const seen = await ask({ scope: 'openid unknown-scope', display: 'popup', ui_locales: 'de', acr_values: 'x', something: 'else' })
    expect(seen.location?.pathname).toMatch(/^\/interaction\//)
  })

  test('OA-01 OIDC-01 POST works as GET does, by way of a GET that has the cookies', async () => {
    const person = new Person(await startServer())
    const seen = await person.post(`${ISSUER}/authorize`, Object.fromEntries(authorizationParameters()))
    expect([seen.status, seen.location?.pathname, seen.headers.get('set-cookie')]).toEqual([303, '/authorize', null])
    expect((await person.go(seen.location ?? '')).location?.pathname).toMatch(/^\/interaction\//)
  })

  test('OIDC-01 BCP-06 a form of another site, which comes without cookies, signs nobody out', async () => {
    const as = await startServer()
    const person = new Person(as)
    await person.through()
    const cookies = new Map(person.cookies)
    const app = new Application(as, client())
    const { body } = await app.post('/par', Object.fromEntries(authorizationParameters()))
    for (const fields of [
      Object.fromEntries(authorizationParameters({ prompt: 'none' })),
      { client_id: 'web', request_uri: String(body['request_uri']) },
    ]) {
      person.cookies.clear()
      const { location } = await person.post(`${ISSUER}/authorize`, fields, { 'sec-fetch-site': 'cross-site' })
      expect(person.cookies.size).toBe(0)
      for (const [name, value] of cookies) person.cookies.set(name, value)
      expect((await person.go(location ?? '')).location?.searchParams.get('code')).toBeTruthy()
    }
  })

  test('OA-01 other methods are 405', async () => {
    const as = await startServer()
    for (const method of ['PUT', 'DELETE', 'OPTIONS'])
      expect((await as.fetch(`${ISSUER}/authorize?${authorizationParameters()}`, { method })).status).toBe(405)
  })

  test('OA-05 BCP-18 FAPI-07 the authorization endpoint sends no CORS headers', async () => {
    const as = await startServer()
    for (const method of ['GET', 'OPTIONS']) {
      const response = await as.fetch(`${ISSUER}/authorize?${authorizationParameters()}`, {
        method,
        headers: { origin: 'https://app.example', 'access-control-request-method': 'GET' },
      })
      expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  })

  test('OA-27 OA-31 OA-30 OA-32 BCP-40 ISS-01 after sign-in and consent the code comes back by 303 with state and issuer', async () => {
    const { status, location } = await new Person(await startServer()).through()
    expect([status, location?.searchParams.get('state'), location?.searchParams.get('iss')]).toEqual([303, 'state of the client', ISSUER])
    expect(location?.searchParams.get('code')).toMatch(/^[0-9a-z]{26}[\w-]{43}$/)
  })

  test("OA-84 OAuth 2.1 §7.9: state is the client's affair, and may be missing", async () => {
    const { location } = await new Person(await startServer()).through(authorizationParameters({ state: undefined }))
    expect([location?.searchParams.has('code'), location?.searchParams.has('state')]).toEqual([true, false])
  })

  test('BCP-05 BCP-02 RFC 9700 §4.11: redirects go to the client alone and leak no referrer, whatever else the URL names', async () => {
    const as = await startServer()
    const { location, headers } = await new Person(as).through(
      `${authorizationParameters()}&next=https%3A%2F%2Fevil.example&return_to=https%3A%2F%2Fevil.example&url=https%3A%2F%2Fevil.example`,
    )
    expect([location?.origin, headers.get('referrer-policy')]).toEqual(['https://app.example', 'no-referrer'])
    for (const path of ['/interaction/x', '/assets/x', '/token', '/userinfo', '/revoke', '/jwks', '/']) {
      const answer = await as.fetch(`${ISSUER}${path}?next=https%3A%2F%2Fevil.example&redirect_uri=https%3A%2F%2Fevil.example`)
      expect(answer.headers.has('location')).toBe(false)
    }
  })

  test('BCP-41 RFC 9700 §4.13: forged X-Forwarded headers and Host change neither issuer nor addresses', async () => {
    const as = await startServer()
    const headers = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'http',
      forwarded: 'host=evil.example',
    }
    const metadata = await (await as.fetch(`${ISSUER}/.well-known/openid-configuration`, { headers })).text()
    const opened = await new Person(as).go(`${ISSUER}/authorize?${authorizationParameters()}`, { headers })
    expect([metadata.includes('evil.example'), opened.location?.origin]).toEqual([false, ISSUER])
  })

  test('OA-16 a registered query is kept', async () => {
    const as = await startServer([client({ redirectUris: ['https://app.example/callback?tenant=1'] })])
    const { location } = await new Person(as).through(authorizationParameters({ redirect_uri: 'https://app.example/callback?tenant=1' }))
    expect([location?.searchParams.get('tenant'), location?.searchParams.has('code')]).toEqual(['1', true])
  })

  test('OA-12 OA-14 RFC 8252 §7.3: a loopback URI has any port, and the answer goes to that port', async () => {
    const as = await startServer([publicClient()])
    const { location } = await new Person(as).through(
      authorizationParameters({ client_id: 'app', redirect_uri: 'http://127.0.0.1:51234/callback' }),
    )
    expect([location?.origin, location?.searchParams.has('code')]).toEqual(['http://127.0.0.1:51234', true])
  })

  test('OA-12 OA-13 another loopback host or path is another URI', async () => {
    const as = await startServer([publicClient()])
    for (const uri of [
      'http://localhost:51234/callback',
      'http://[::1]:51234/callback',
      'http://127.0.0.1:51234/other',
      'https://127.0.0.1:51234/callback',
    ]) {
      expect((await ask({ client_id: 'app', redirect_uri: uri }, as)).status).toBe(400)
    }
  })

  test('FAPI-40 OA-30 a state of 3000 characters comes back unchanged', async () => {
    const state = 'x'.repeat(3000)
    expect((await new Person(await startServer()).through(authorizationParameters({ state }))).location?.searchParams.get('state')).toBe(
      state,
    )
  })
})
