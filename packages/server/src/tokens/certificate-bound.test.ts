import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseJws } from '@holdfast/proof'
import { type Application, hashOf, KEY, OTHER_KEY, proof, tally, times, told } from '../test/application.ts'
import { authorizationParameters } from '../test/person.ts'
import { ALIAS, type Held, MutualTls, selfSigned, tlsClient } from '../test/mutual-tls.ts'
import { client, ISSUER, publicClient, startServer } from '../test/server.ts'

const BOUND = { certificateBoundAccessTokens: true }
const WEB = tlsClient(BOUND)
const LOOSE = tlsClient({ clientId: 'loose' })
const SECRET_BOUND = client({ clientId: 'secret', ...BOUND })
const PUBLIC = publicClient(BOUND)
const BOTH = tlsClient({ clientId: 'both', dpopBoundAccessTokens: true, ...BOUND })
const ASSERTING = client({
  clientId: 'asserting',
  tokenEndpointAuthMethod: 'private_key_jwt',
  secrets: [],
  jwks: { keys: [{ ...KEY.publicJwk }] },
  ...BOUND,
})
let tls: MutualTls
let web: Held
let renewed: Held
let stranger: Held

beforeAll(async () => {
  tls = await MutualTls.open(await startServer([WEB, LOOSE, SECRET_BOUND, PUBLIC, BOTH, ASSERTING], { mutualTls: { publicUrl: ALIAS } }))
  web = await tls.held()
  renewed = await tls.held()
  stranger = await selfSigned()
})
afterAll(() => tls.close())

const cnf = (token: unknown): unknown => parseJws(String(token), { maxLength: 8192 })?.payload['cnf']
const with_ = (application: Application, held: Held | undefined): Application =>
  tls.application(application.client, held, { dpop: application.key, assertion: KEY, person: application.person })

describe('access tokens (RFC 8705 §3)', () => {
  it('MTLS-18 MTLS-26 RFC 8705 §3.1: carry the certificate’s thumbprint, and stay of the type Bearer', async () => {
    const { answer, access } = await tls.application(WEB, web).tokens()
    expect(answer.body['token_type']).toBe('Bearer')
    expect(cnf(access)).toEqual({ 'x5t#S256': web.thumbprint })
  })
  it('MTLS-22 MTLS-23 RFC 8705 §6.2: bind to a certificate that nobody signed, whatever the client authenticates by', async () => {
    const { access } = await tls.application(SECRET_BOUND, stranger).tokens()
    expect(cnf(access)).toEqual({ 'x5t#S256': stranger.thumbprint })
    const asserted = await tls.application(ASSERTING, stranger, { assertion: KEY }).tokens()
    expect(cnf(asserted.access)).toEqual({ 'x5t#S256': stranger.thumbprint })
  })
  it('a client that did not ask for it is not bound by the certificate that authenticates it', async () => {
    expect(cnf((await tls.application(LOOSE, web).tokens()).access)).toBeUndefined()
  })
  it('MTLS-23 RFC 8705 §3, §6.3: a refresh binds to the certificate of its own connection', async () => {
    const application = tls.application(WEB, web)
    const { refresh } = await application.tokens()
    const answer = await with_(application, renewed).refresh(refresh)
    expect(cnf(answer.body['access_token'])).toEqual({ 'x5t#S256': renewed.thumbprint })
    expect(answer.body['refresh_token']).toBe(refresh)
  })
  it('MTLS-24 RFC 8705 §3.4: without a certificate such a client gets invalid_request, and its code is not spent', async () => {
    const application = tls.application(SECRET_BOUND, stranger)
    const code = await application.code()
    const refused = await with_(application, undefined).redeem(code, {}, { headers: { 'client-cert': stranger.header } })
    expect([told(refused), String(refused.body['error_description'])]).toEqual(['400 invalid_request', expect.stringContaining('RFC 8705')])
    expect(told(await application.redeem(code))).toBe('200')
  })
  it('MTLS-29 DPOP-26 RFC 8705 §3, RFC 9449 §6: a proof and a certificate are both in cnf, and where both are asked for both must come', async () => {
    const application = tls.application(BOTH, web, { dpop: KEY })
    const { access, answer } = await application.tokens()
    expect(answer.body['token_type']).toBe('DPoP')
    expect(cnf(access)).toEqual({ jkt: expect.any(String) as string, 'x5t#S256': web.thumbprint })
    expect(told(await application.holding(undefined).redeem(await application.code()))).toBe('400 invalid_request')
    const unasked = await tls.application(WEB, web, { dpop: KEY }).tokens()
    expect(Object.keys(cnf(unasked.access) as object)).toEqual(['jkt', 'x5t#S256'])
  })
  it('MTLS-27 RFC 8705 §6.4: none comes from the authorization endpoint', async () => {
    const seen = await tls.application(WEB, web).person.authorize()
    expect(seen.location?.href).not.toContain('access_token')
    const { person } = tls.application(WEB, web)
    const done = await person.through()
    expect([...(done.location?.searchParams.keys() ?? [])].toSorted()).toEqual(['code', 'iss', 'state'])
  })
})

describe('refresh tokens of public clients (RFC 8705 §4)', () => {
  it('MTLS-28 RFC 8705 §4, §7.1: are bound to the certificate; another is invalid_grant and revokes nothing', async () => {
    const application = tls.application(PUBLIC, web)
    const { refresh } = await application.tokens()
    expect(told(await with_(application, renewed).refresh(refresh))).toBe('400 invalid_grant')
    expect(told(await with_(application, undefined).refresh(refresh))).toBe('400 invalid_request')
    const answer = await application.refresh(refresh)
    expect([told(answer), cnf(answer.body['access_token'])]).toEqual(['200', { 'x5t#S256': web.thumbprint }])
    expect(answer.body['refresh_token']).not.toBe(refresh)
  })
  it('MTLS-28 of 20 connections at once only those with the certificate are answered, all with the same successor', async () => {
    const application = tls.application(PUBLIC, web)
    const { refresh } = await application.tokens()
    const answers = await Promise.all(times(20, (i) => with_(application, i % 2 === 0 ? web : stranger).refresh(refresh)))
    expect(tally(answers)).toEqual({ '200': 10, '400 invalid_grant': 10 })
    expect(new Set(answers.flatMap(({ body }) => body['refresh_token'] ?? [])).size).toBe(1)
  })
  it('a confidential client’s are bound through its authentication alone', async () => {
    const application = tls.application(SECRET_BOUND, web)
    const { refresh } = await application.tokens()
    expect(told(await with_(application, stranger).refresh(refresh))).toBe('200')
  })
})

describe('userinfo (RFC 8705 §3)', () => {
  it('MTLS-20 MTLS-21 RFC 8705 §3: takes a bound token on a connection with its certificate, and on no other', async () => {
    const application = tls.application(WEB, web)
    const { access } = await application.tokens()
    expect(told(await application.userinfo(access))).toBe('200')
    for (const held of [undefined, renewed, stranger]) {
      const answer = await with_(application, held).userinfo(access)
      expect(told(answer)).toBe('401 invalid_token')
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token"/)
    }
    const forged = await tls.over(undefined).fetch(`${ISSUER}/userinfo`, {
      headers: { authorization: `Bearer ${access}`, 'client-cert': web.header },
    })
    expect(forged.status).toBe(401)
  })
  it('MTLS-26 RFC 8705 §3: such a token is not shown as DPoP', async () => {
    const application = tls.application(WEB, web)
    const { access } = await application.tokens()
    const dpop = tls.application(WEB, web, { dpop: KEY })
    await dpop.learnNonce()
    const answer = await dpop.userinfo(access, { authorization: `DPoP ${access}` })
    expect(told(answer)).toBe('401 invalid_token')
  })
  it('MTLS-29 a token bound to both needs the proof and the certificate', async () => {
    const application = tls.application(BOTH, web, { dpop: KEY })
    const { access } = await application.tokens()
    expect(told(await application.userinfo(access))).toBe('200')
    expect(told(await with_(application, renewed).userinfo(access))).toBe('401 invalid_token')
    expect(told(await with_(application, undefined).userinfo(access))).toBe('401 invalid_token')
    expect(told(await application.holding(OTHER_KEY).userinfo(access))).toBe('401 invalid_token')
    expect(told(await application.holding(undefined).userinfo(access))).toBe('401 invalid_token')
  })
})

describe('aliases (RFC 8705 §5)', () => {
  it('MTLS-31 MTLS-36 RFC 9449 §4.3: htu may be the alias or the original, and nothing else', async () => {
    const application = tls.application(BOTH, web, { dpop: KEY })
    const { access } = await application.tokens()
    const asked = (htu: string): Promise<unknown> =>
      application
        .userinfo(access, {
          dpop: proof(KEY, { htm: 'GET', htu, iat: tls.as.clock.now(), nonce: application.nonce, ath: hashOf(access) }),
        })
        .then(told)
    expect(await asked(`${ALIAS}/userinfo`)).toBe('200')
    expect(await asked(`${ISSUER}/userinfo`)).toBe('200')
    expect(await asked('https://evil.example/userinfo')).toBe('401 invalid_dpop_proof')
    expect(await asked(`${ALIAS}/token`)).toBe('401 invalid_dpop_proof')
  })
  it('MTLS-31 RFC 8705 §5: the issuer stays the only audience of an assertion, at the alias too', async () => {
    const application = tls.application(ASSERTING, web, { assertion: KEY })
    const post = (claims: object): Promise<string> =>
      application.post('/revoke', { token: 'x' }, { credentials: { parameters: application.asserting(claims as never) } }).then(told)
    expect(await post({})).toBe('200')
    expect(await post({ aud: ALIAS })).toBe('401 invalid_client')
    expect(await post({ aud: `${ALIAS}/token` })).toBe('401 invalid_client')
  })
})

describe('FAPI 2.0', () => {
  it('FAPI-13 FAPI-14 FAPI 2.0 SP §5.3.2.1: a certificate alone is a sender constraint; neither of the two is refused', async () => {
    const fapi = client({ ...ASSERTING, profile: 'fapi2', requirePushedAuthorizationRequests: true })
    const own = await MutualTls.open(await startServer([fapi], { mutualTls: {} }))
    const application = own.application(fapi, web, { assertion: KEY })
    const pushed = await application.post('/par', Object.fromEntries(authorizationParameters({ client_id: fapi.clientId })))
    const requested = new URLSearchParams({ client_id: fapi.clientId, request_uri: String(pushed.body['request_uri']) })
    const code = (await application.person.through(requested)).location?.searchParams.get('code') ?? ''
    const bare = own.application(fapi, undefined, { assertion: KEY })
    expect(told(await bare.redeem(code))).toBe('400 invalid_request')
    const answer = await application.redeem(code)
    expect([told(answer), cnf(answer.body['access_token'])]).toEqual(['200', { 'x5t#S256': web.thumbprint }])
    await own.close()
  })
})
