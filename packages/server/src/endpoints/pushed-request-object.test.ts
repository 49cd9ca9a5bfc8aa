import { describe, expect, test } from 'vitest'
import { Application, KEY, times, told, type Answer } from '../test/application.ts'
import { authorizationParameters, Person } from '../test/person.ts'
import { ISSUER, startServer, type TestServer } from '../test/server.ts'
import { requestObject, SIGNER, signingClient } from '../test/signed-requests.ts'

type Over = Readonly<Record<string, unknown>>

async function messageSigning(
  over: Parameters<typeof signingClient>[0] = {},
): Promise<{ readonly as: TestServer; readonly app: Application }> {
  const client = signingClient({
    profile: 'fapi2-message-signing',
    tokenEndpointAuthMethod: 'private_key_jwt',
    secrets: [],
    dpopBoundAccessTokens: true,
    requirePushedAuthorizationRequests: true,
    ...over,
  })
  const as = await startServer([client])
  return { as, app: new Application(as, client, { assertion: SIGNER, dpop: KEY }) }
}

const push = (app: Application, as: TestServer, over: Over = {}, beside: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  app.post('/par', { client_id: 'web', request: requestObject(as, { response_mode: 'jwt', ...over }), ...beside })

const pushedUrl = (answer: Answer): URLSearchParams =>
  new URLSearchParams({ client_id: 'web', request_uri: String(answer.body['request_uri']) })

async function plain(over: Parameters<typeof signingClient>[0] = {}): Promise<{ readonly as: TestServer; readonly app: Application }> {
  const client = signingClient(over)
  const as = await startServer([client])
  return { as, app: new Application(as, client) }
}

describe('pushing a request object', () => {
  test('PAR-13 RFC 9126 §3: every parameter is the one inside; those beside it count for nothing', async () => {
    const { as, app } = await plain()
    const answer = await app.post('/par', {
      client_id: 'web',
      request: requestObject(as, { state: 'inside' }),
      state: 'beside',
      scope: 'email',
      redirect_uri: 'https://evil.example/',
      response_mode: 'fragment',
    })
    expect(told(answer)).toBe('201')
    const { location } = await new Person(as).through(pushedUrl(answer))
    expect([location?.origin, location?.searchParams.get('state'), location?.hash]).toEqual(['https://app.example', 'inside', ''])
  })

  test.each([
    ['PAR-14 JAR-02 client_id inside is another', { client_id: 'app' }, 'invalid_request_object'],
    ['PAR-14 client_id inside is missing', { client_id: undefined }, 'invalid_request_object'],
    ['JAR-03 request_uri inside', { request_uri: 'urn:ietf:params:oauth:request_uri:x' }, 'invalid_request_object'],
    ['JAR-07 expired', { exp: 1 }, 'invalid_request_object'],
    ['PAR-06 a redirect URI of others', { redirect_uri: 'https://evil.example/' }, 'invalid_request'],
    ['OIDC-05 an unknown response_mode', { response_mode: 'web_message' }, 'invalid_request'],
  ])('%s: told as JSON with 400', async (_name, over, code) => {
    const { as, app } = await plain()
    expect(told(await app.post('/par', { client_id: 'web', request: requestObject(as, over) }))).toBe(`400 ${code}`)
  })

  test('PAR-14 the signature is checked at the push', async () => {
    const { as, app } = await plain()
    const broken = requestObject(as).replace(/.{4}$/, 'AAAA')
    expect(told(await app.post('/par', { client_id: 'web', request: broken }))).toBe('400 invalid_request_object')
  })

  test('PAR-04 PAR-05 client_id stands outside too; request_uri must not', async () => {
    const { as, app } = await plain()
    expect(told(await app.post('/par', { request: requestObject(as) }))).toBe('400 invalid_request')
    expect(told(await app.post('/par', { client_id: 'web', request: requestObject(as), request_uri: 'urn:x:y' }))).toBe(
      '400 invalid_request',
    )
  })

  test('PAR-10 JAR-14 RFC 9126 §2.3: an unsigned push where requests must be signed', async () => {
    const { app } = await plain({ requireSignedRequestObject: true })
    expect(told(await app.post('/par', Object.fromEntries(authorizationParameters())))).toBe('400 invalid_request')
  })

  test('PAR-19 RFC 9101 §6.3: beside a pushed request_uri, request and response_mode in the URL count for nothing', async () => {
    const { as, app } = await plain()
    const answer = await app.post('/par', Object.fromEntries(authorizationParameters({ response_mode: 'fragment' })))
    const beside = new URLSearchParams({
      request: requestObject(as, { state: 'other' }),
      response_mode: 'form_post',
      prompt: 'none',
      login_hint: 'eve',
    })
    const { status, location } = await new Person(as).through(`${pushedUrl(answer)}&${beside}`)
    const inFragment = new URLSearchParams(location?.hash.slice(1))
    expect([status, inFragment.get('state'), inFragment.has('code')]).toEqual([303, 'state of the client', true])
  })

  test('PAR-20 RFC 9126 §5: the server may ask it of every client', async () => {
    const as = await startServer([signingClient()], { requirePushedAuthorizationRequests: true })
    for (const query of [authorizationParameters(), new URLSearchParams({ client_id: 'web', request: requestObject(as) })]) {
      const { location } = await new Person(as).authorize(query)
      expect([location?.origin, location?.searchParams.get('error')]).toEqual(['https://app.example', 'invalid_request'])
    }
    const app = new Application(as, signingClient())
    const answer = await app.post('/par', Object.fromEntries(authorizationParameters()))
    expect((await new Person(as).through(pushedUrl(answer))).location?.searchParams.has('code')).toBe(true)
  })

  test('A43 A44 what was pushed never reaches the browser, and is not asked of it again', async () => {
    const { as, app } = await plain()
    const answer = await push(app, as, { state: 'a secret state', nonce: 'a secret nonce', response_mode: 'query' })
    const person = new Person(as)
    const opened = await person.authorize(pushedUrl(answer))
    const page = await person.go(`${opened.location?.href}?response_type=token&response_mode=fragment`)
    const shown = [opened.location?.href, page.text, ...opened.headers.getSetCookie(), ...page.headers.getSetCookie()].join()
    expect(shown).not.toMatch(/a secret (state|nonce)/)
    expect((await person.through(pushedUrl(answer))).location?.searchParams.has('code')).toBe(true)
  })

  test('PAR-17 an object may be pushed again; each reference is used once, of 50 at once by one', async () => {
    const { as, app } = await plain()
    const object = requestObject(as)
    const [first, second] = await Promise.all(times(2, () => app.post('/par', { client_id: 'web', request: object })))
    if (first === undefined || second === undefined) throw new Error('two were pushed')
    const person = new Person(as)
    expect((await person.through(pushedUrl(first))).location?.searchParams.has('code')).toBe(true)
    const seen = await Promise.all(times(50, () => person.authorize(pushedUrl(second))))
    expect(seen.filter(({ location }) => location?.searchParams.has('code') === true)).toHaveLength(1)
  })
})

describe('FMS-01 FAPI 2.0 Message Signing §5.3.1', () => {
  const NOW = 1_800_000_000
  test.each([
    ['FMS-01 FMS-05 a signed push with response_mode jwt', {}, '201'],
    ['FMS-02 aud is missing', { aud: undefined }, '400 invalid_request_object'],
    ['FMS-02 aud is another server', { aud: ['https://other.example'] }, '400 invalid_request_object'],
    ['FMS-02 aud is a list with the issuer', { aud: ['https://other.example', ISSUER] }, '201'],
    ['FMS-03 nbf is missing', { nbf: undefined }, '400 invalid_request_object'],
    ['FMS-03 nbf is 60 min old', { nbf: NOW - 3600, exp: NOW }, '400 invalid_request_object'],
    ['FMS-03 nbf is nearly 60 min old', { nbf: NOW - 3599, exp: NOW + 1 }, '201'],
    ['FMS-03 nbf is older than 60 min', { nbf: NOW - 3601, exp: NOW + 60 }, '400 invalid_request_object'],
    ['FMS-04 exp is missing', { exp: undefined }, '400 invalid_request_object'],
    ['FMS-04 exp is 60 min after nbf', { exp: NOW + 3600 }, '201'],
    ['FMS-04 exp is later', { exp: NOW + 3601 }, '400 invalid_request_object'],
    ['FMS-06 §5.4 without response_mode the answer would not be signed', { response_mode: undefined }, '400 invalid_request'],
    ['FMS-06 response_mode query', { response_mode: 'query' }, '400 invalid_request'],
    ['FMS-06 response_mode form_post.jwt', { response_mode: 'form_post.jwt' }, '201'],
  ])('%s', async (_name, over, outcome) => {
    const { as, app } = await messageSigning()
    expect(told(await push(app, as, over))).toBe(outcome)
  })

  test('FMS-01 FMS-02 FMS-03 FMS-04 hold under fapi2 too where requests must be signed', async () => {
    const { as, app } = await messageSigning({ profile: 'fapi2', requireSignedRequestObject: true })
    for (const over of [{ aud: undefined }, { nbf: undefined }, { exp: undefined }])
      expect(told(await push(app, as, over))).toBe('400 invalid_request_object')
  })

  test('FMS-01 PAR-10 unsigned pushes are refused, even of a client that was stored without the flag', async () => {
    const { app } = await messageSigning({ requireSignedRequestObject: false })
    expect(told(await app.post('/par', Object.fromEntries(authorizationParameters({ response_mode: 'jwt' }))))).toBe('400 invalid_request')
  })

  test('FMS-06 the whole way: the answer is one JWT with iss inside, and the code in it is worth tokens', async () => {
    const { as, app } = await messageSigning()
    const { location } = await new Person(as).through(pushedUrl(await push(app, as)))
    expect([...(location?.searchParams.keys() ?? [])]).toEqual(['response'])
    const [, claims = ''] = location?.searchParams.get('response')?.split('.') ?? []
    const { iss, aud, code } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, string>
    expect([iss, aud]).toEqual([ISSUER, 'web'])
    expect(told(await app.redeem(String(code)))).toBe('200')
  })
})
