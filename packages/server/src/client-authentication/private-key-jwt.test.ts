import { generateKeyPair, type KeyPair } from '@holdfast/proof/node'
import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type Answer, Application, ASSERTION_TYPE, KEY, OTHER_KEY, type Parameters, tally, times, told } from '../test/application.ts'
import { authorizationParameters } from '../test/person.ts'
import { client, ISSUER, startServer } from '../test/server.ts'
import type { Client } from '../index.ts'

const RSA = generateKeyPair('RS256')
const ED = generateKeyPair('EdDSA')

/** A key as a client registers it. */
function jwk(key: KeyPair, members: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return { ...key.publicJwk, ...members }
}

function registered(over: Partial<Client> = {}): Client {
  return client({ tokenEndpointAuthMethod: 'private_key_jwt', secrets: [], jwks: { keys: [jwk(KEY, { kid: 'k1' })] }, ...over })
}

async function make(over: Partial<Client> = {}, assertion: KeyPair = KEY): Promise<Application> {
  const one = registered(over)
  return new Application(await startServer([one, registered({ clientId: 'other' })], { dpopNonce: 'off' }), one, { assertion })
}

/** Past authentication, a token that does not exist is `400 invalid_grant`. */
const PROVEN = '400 invalid_grant'
const REFUSED = '401 invalid_client'
const ask = (one: Application, parameters: Parameters): Promise<Answer> => one.refresh('no such token', {}, { credentials: { parameters } })

describe('claims (RFC 7523 §3, rfc7523bis)', () => {
  const TOKEN_ENDPOINT = `${ISSUER}/token`
  type Claims = Readonly<Record<string, unknown>>
  test.each<[name: string, claims: Claims | ((now: number) => Claims), expected: string, over?: Partial<Client>]>([
    ['CAUTH-20 CAUTH-22 a right one', {}, PROVEN],
    ['CAUTH-21 another iss', { iss: 'other' }, REFUSED],
    ['CAUTH-21 no iss', { iss: undefined }, REFUSED],
    ['CAUTH-21 no sub', { sub: undefined }, REFUSED],
    ['CAUTH-21 a client nobody knows', { iss: 'nobody', sub: 'nobody' }, REFUSED],
    ['CAUTH-21 sub of another kind', { sub: 7 }, REFUSED],
    ['CAUTH-22 aud: the token endpoint', { aud: TOKEN_ENDPOINT }, REFUSED],
    ['CAUTH-22 aud: the PAR endpoint', { aud: `${ISSUER}/par` }, REFUSED],
    ['CAUTH-22 aud: another server', { aud: 'https://evil.example' }, REFUSED],
    ['CAUTH-22 aud: none', { aud: undefined }, REFUSED],
    ['CAUTH-22 CAUTH-23 aud: the issuer among others', { aud: [ISSUER, 'https://evil.example'] }, REFUSED],
    ['CAUTH-22 CAUTH-23 aud: issuer and token endpoint', { aud: [ISSUER, TOKEN_ENDPOINT] }, REFUSED],
    ['CAUTH-23 aud: a list of the issuer alone', { aud: [ISSUER] }, PROVEN],
    ['CAUTH-23 FAPI-16 aud: a list, under FAPI 2.0', { aud: [ISSUER] }, REFUSED, { profile: 'fapi2' }],
    ['CAUTH-23 aud: an empty list', { aud: [] }, REFUSED],
    ['CAUTH-23 aud: a list in a list', { aud: [[ISSUER]] }, REFUSED],
    ['CAUTH-23 aud: a trailing slash', { aud: `${ISSUER}/` }, REFUSED],
    ['CAUTH-23 aud: another case', { aud: ISSUER.toUpperCase() }, REFUSED],
    [
      'CAUTH-25 aud: the token endpoint, switched on for this client',
      { aud: TOKEN_ENDPOINT },
      PROVEN,
      { unsafeLegacyAssertionAudience: true },
    ],
    ['CAUTH-25 aud: the issuer, with that switch', {}, PROVEN, { unsafeLegacyAssertionAudience: true }],
    ['CAUTH-25 aud: the PAR endpoint, with that switch', { aud: `${ISSUER}/par` }, REFUSED, { unsafeLegacyAssertionAudience: true }],
    [
      'CAUTH-25 aud: issuer and token endpoint, with that switch',
      { aud: [ISSUER, TOKEN_ENDPOINT] },
      REFUSED,
      { unsafeLegacyAssertionAudience: true },
    ],
    ['CAUTH-26 no exp', { exp: undefined }, REFUSED],
    ['CAUTH-26 exp is text', (now) => ({ exp: String(now + 60) }), REFUSED],
    ['CAUTH-26 exp is now', (now) => ({ exp: now }), REFUSED],
    ['CAUTH-26 exp in a second', (now) => ({ exp: now + 1 }), PROVEN],
    ['CAUTH-26 exp in an hour', (now) => ({ exp: now + 3600 }), PROVEN],
    ['CAUTH-26 exp in more than an hour', (now) => ({ exp: now + 3601 }), REFUSED],
    ['CAUTH-26 FAPI-21 nbf 10 s ahead', (now) => ({ nbf: now + 10 }), PROVEN],
    ['CAUTH-26 FAPI-21 nbf 11 s ahead', (now) => ({ nbf: now + 11 }), REFUSED],
    ['CAUTH-26 FAPI-21 nbf more than 60 s ahead', (now) => ({ nbf: now + 61 }), REFUSED, { profile: 'fapi2' }],
    ['CAUTH-26 FAPI-21 nbf 8 s ahead under FAPI 2.0', (now) => ({ nbf: now + 8, iat: now + 8 }), PROVEN, { profile: 'fapi2' }],
    ['CAUTH-26 FAPI-21 iat more than 60 s ahead', (now) => ({ iat: now + 61 }), REFUSED, { profile: 'fapi2' }],
    ['FAPI-16 aud: the token endpoint, under FAPI 2.0', { aud: TOKEN_ENDPOINT }, REFUSED, { profile: 'fapi2' }],
    ['FAPI-16 aud: the PAR endpoint in a list, under FAPI 2.0', { aud: [`${ISSUER}/par`] }, REFUSED, { profile: 'fapi2' }],
    ['CAUTH-26 nbf is text', { nbf: 'soon' }, REFUSED],
    ['CAUTH-26 FAPI-21 iat 10 s ahead', (now) => ({ iat: now + 10 }), PROVEN],
    ['CAUTH-26 FAPI-21 iat 11 s ahead', (now) => ({ iat: now + 11 }), REFUSED],
    ['CAUTH-26 no iat', { iat: undefined }, PROVEN],
    ['CAUTH-27 no jti', { jti: undefined }, REFUSED],
    ['CAUTH-27 an empty jti', { jti: '' }, REFUSED],
    ['CAUTH-27 a jti that is a number', { jti: 7 }, REFUSED],
    ['CAUTH-27 A65 a jti of 257 characters', { jti: 'j'.repeat(257) }, REFUSED],
  ])('%s', async (_name, claims, expected, over = {}) => {
    const one = await make(over)
    const members = typeof claims === 'function' ? claims(one.as.clock.now()) : claims
    expect(told(await ask(one, one.asserting(members)))).toBe(expected)
  })
})

describe('header and form', () => {
  test.each([
    ['CAUTH-24 typed as it should be', { typ: 'client-authentication+jwt' }, PROVEN],
    ['CAUTH-24 untyped', { typ: undefined }, PROVEN],
    ['CAUTH-24 typed JWT', { typ: 'JWT' }, PROVEN],
    ['CAUTH-24 a DPoP proof', { typ: 'dpop+jwt' }, REFUSED],
    ['CAUTH-24 an access token', { typ: 'at+jwt' }, REFUSED],
    ['CAUTH-24 a request object', { typ: 'oauth-authz-req+jwt' }, REFUSED],
    ['CAUTH-24 a logout token', { typ: 'logout+jwt' }, REFUSED],
    ['CAUTH-24 an attestation', { typ: 'oauth-client-attestation+jwt' }, REFUSED],
    ['CAUTH-24 a type in another case', { typ: 'DPOP+JWT' }, REFUSED],
    ['CAUTH-24 a type that is no text', { typ: ['JWT'] }, REFUSED],
    ['CAUTH-28 the registered kid', { kid: 'k1' }, PROVEN],
    ['CAUTH-28 no kid', { kid: undefined }, PROVEN],
    ['CAUTH-28 an unknown kid', { kid: 'k2' }, REFUSED],
    ['CAUTH-40 crit', { crit: ['b64'], b64: false }, REFUSED],
  ])('%s', async (_name, header, expected) => {
    const one = await make()
    expect(told(await ask(one, one.asserting({}, header)))).toBe(expected)
  })

  test('CAUTH-28 RFC 8725 §3.10: a key that the assertion brings along counts for nothing', async () => {
    const one = await make()
    for (const header of [
      { jwk: OTHER_KEY.publicJwk },
      { jku: 'https://evil.example/jwks' },
      { x5u: 'https://evil.example/x' },
      { x5c: ['AAAA'] },
    ]) {
      expect(told(await ask(one, one.asserting({}, header, OTHER_KEY)))).toBe(REFUSED)
    }
  })

  test('CAUTH-32 client_id may be left out or agree', async () => {
    const one = await make()
    expect(one.asserting()).not.toHaveProperty('client_id')
    expect(told(await ask(one, one.asserting()))).toBe(PROVEN)
    expect(told(await ask(one, { ...one.asserting(), client_id: 'web' }))).toBe(PROVEN)
    expect(told(await ask(one, { ...one.asserting(), client_id: 'other' }))).toBe(REFUSED)
  })

  test.each<[string, (right: Parameters) => Parameters, string]>([
    [
      'CAUTH-20 another type',
      (right) => ({ ...right, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' }),
      REFUSED,
    ],
    ['CAUTH-20 no type', (right) => ({ ...right, client_assertion_type: undefined }), REFUSED],
    ['CAUTH-20 no assertion', () => ({ client_assertion_type: ASSERTION_TYPE }), '400 invalid_request'],
    [
      'CAUTH-40 RFC 8725 §2.4: JSON serialisation',
      (right) => ({ ...right, client_assertion: JSON.stringify({ payload: right['client_assertion']?.split('.')[1] }) }),
      REFUSED,
    ],
    ['CAUTH-40 a space in it', (right) => ({ ...right, client_assertion: ` ${right['client_assertion']}` }), REFUSED],
    ['CAUTH-40 a fourth part', (right) => ({ ...right, client_assertion: `${right['client_assertion']}.e30` }), REFUSED],
    ['CAUTH-40 an unsigned one', (right) => ({ ...right, client_assertion: right['client_assertion']?.replace(/[^.]+$/, '') }), REFUSED],
    [
      'CAUTH-31 a signature of another text',
      (right) => ({ ...right, client_assertion: right['client_assertion']?.replace(/.{4}$/, 'AAAA') }),
      REFUSED,
    ],
  ])('%s', async (_name, change, expected) => {
    const one = await make()
    expect(told(await ask(one, change(one.asserting())))).toBe(expected)
  })
})

describe('CAUTH-29 RFC 8725 §3.1: the algorithm is pinned', () => {
  const rsaKeys = { jwks: { keys: [jwk(RSA)] } }
  const ps256 = (): KeyPair => ({ ...RSA, alg: 'PS256' })
  test.each<[string, Partial<Client>, KeyPair, string]>([
    ['ES256', {}, KEY, PROVEN],
    ['EdDSA', { jwks: { keys: [jwk(ED)] } }, ED, PROVEN],
    ['CAUTH-40 RFC 9864: Ed25519, its fully specified name', { jwks: { keys: [jwk(ED)] } }, { ...ED, alg: 'Ed25519' }, PROVEN],
    ['CAUTH-30 RS256 where nothing is registered', rsaKeys, RSA, PROVEN],
    ['PS256 with the same key', rsaKeys, ps256(), PROVEN],
    ['CAUTH-30 FAPI-70 RS256 under FAPI 2.0', { ...rsaKeys, profile: 'fapi2' }, RSA, REFUSED],
    ['PS256 under FAPI 2.0', { ...rsaKeys, profile: 'fapi2' }, ps256(), PROVEN],
    ['RS256 where PS256 is registered', { ...rsaKeys, tokenEndpointAuthSigningAlg: 'PS256' }, RSA, REFUSED],
    ['PS256 where PS256 is registered', { ...rsaKeys, tokenEndpointAuthSigningAlg: 'PS256' }, ps256(), PROVEN],
    ['RS256 with a key that is for PS256', { jwks: { keys: [jwk(RSA, { alg: 'PS256' })] } }, RSA, REFUSED],
    ['a key for encryption', { jwks: { keys: [jwk(KEY, { use: 'enc' })] } }, KEY, REFUSED],
    ['a client without keys', { jwks: undefined }, KEY, REFUSED],
    ['a key that is not registered', {}, OTHER_KEY, REFUSED],
    ['the second of two registered keys', { jwks: { keys: [jwk(OTHER_KEY, { kid: 'a' }), jwk(KEY, { kid: 'b' })] } }, KEY, PROVEN],
  ])('%s', async (_name, over, key, expected) => {
    const one = await make(over, key)
    expect(told(await ask(one, one.asserting()))).toBe(expected)
  })

  test('CAUTH-29 CAUTH-34 an HMAC, with the public key or anything else as its key, is no signature', async () => {
    const one = await make()
    const [, payload] = (one.asserting()['client_assertion'] ?? '').split('.')
    for (const alg of ['HS256', 'none']) {
      const input = `${Buffer.from(JSON.stringify({ alg })).toString('base64url')}.${payload}`
      const mac = createHmac('sha256', JSON.stringify(KEY.publicJwk)).update(input).digest('base64url')
      expect(told(await ask(one, { client_assertion_type: ASSERTION_TYPE, client_assertion: `${input}.${mac}` }))).toBe(REFUSED)
    }
  })
})

describe('CAUTH-27 A30 an assertion is used once', () => {
  test('of 20 at once with one assertion, one is proven', async () => {
    const one = (await make()).holding(KEY)
    const { refresh } = await one.tokens()
    const parameters = one.asserting()
    const answers = await Promise.all(times(20, () => one.refresh(refresh, {}, { credentials: { parameters } })))
    expect(tally(answers)).toEqual({ '200': 1, '401 invalid_client': 19 })
  })

  test('of 20 redemptions at once with one assertion one succeeds, and its tokens are not revoked: the others never proved who they are', async () => {
    const one = await make()
    const code = await one.code()
    const parameters = one.asserting()
    const answers = await Promise.all(times(20, () => one.redeem(code, {}, { credentials: { parameters } })))
    expect(tally(answers)).toEqual({ '200': 1, '401 invalid_client': 19 })
    const winner = answers.find((answer) => answer.status === 200)
    expect(told(await one.refresh(String(winner?.body['refresh_token'])))).toBe('200')
  })

  test('it is burnt by every request that it authenticated, whatever the answer, and for every endpoint', async () => {
    const one = (await make()).holding(KEY)
    const pushed = Object.fromEntries(authorizationParameters())
    const requests: readonly [string, Parameters, string][] = [
      ['/token', { grant_type: 'refresh_token', refresh_token: 'x' }, '400 invalid_grant'],
      ['/token', { grant_type: 'nonsense' }, '400 unsupported_grant_type'],
      ['/par', pushed, '201'],
      ['/par', { ...pushed, redirect_uri: 'https://evil.example' }, '400 invalid_request'],
      ['/revoke', { token: 'x' }, '200'],
      ['/revoke', {}, '400 invalid_request'],
    ]
    for (const [path, parameters, expected] of requests) {
      const credentials = { parameters: one.asserting() }
      expect(told(await one.post(path, parameters, { credentials }))).toBe(expected)
      for (const [again, its] of requests) expect(told(await one.post(again, its, { credentials }))).toBe(REFUSED)
    }
  })

  test('DPOP-65 asking for a nonce burns it too: the retry brings a fresh one', async () => {
    const server = await startServer([registered()])
    const one = new Application(server, registered(), { dpop: KEY, assertion: KEY })
    const code = await one.code()
    const credentials = { parameters: one.asserting() }
    const first = await one.redeem(code, {}, { credentials, dpop: one.proof('/token') })
    expect(told(first)).toBe('400 use_dpop_nonce')
    expect(told(await one.redeem(code, {}, { credentials, dpop: one.proof('/token') }))).toBe(REFUSED)
    expect(told(await one.redeem(code))).toBe('200')
  })

  test('it is remembered until its exp, and by every server on the store', async () => {
    const one = await make()
    const parameters = one.asserting({ exp: one.as.clock.now() + 600 })
    expect(told(await ask(one, parameters))).toBe(PROVEN)
    one.as.clock.advance(599)
    await one.as.store.purge(one.as.clock.now())
    const second = await startServer([registered()], { store: one.as.store, clock: one.as.clock })
    expect(told(await ask(new Application(second, one.client), parameters))).toBe(REFUSED)
  })

  test('each client has its own: the same jti of another client is another', async () => {
    const one = await make()
    const other = new Application(one.as, registered({ clientId: 'other' }), { assertion: KEY })
    expect(told(await ask(one, one.asserting({ jti: 'same' })))).toBe(PROVEN)
    expect(told(await ask(other, other.asserting({ jti: 'same' })))).toBe(PROVEN)
    expect(told(await ask(one, one.asserting({ jti: 'same' })))).toBe(REFUSED)
  })

  test('a stranger cannot burn it: a wrong signature leaves the jti', async () => {
    const one = await make()
    expect(told(await ask(one, one.asserting({ jti: 'honest' }, {}, OTHER_KEY)))).toBe(REFUSED)
    expect(told(await ask(one, one.asserting({ jti: 'honest' })))).toBe(PROVEN)
  })
})

test('CAUTH-08 CAUTH-22 a whole flow by assertions, each made out to the issuer, at PAR and token endpoint', async () => {
  const one = registered({ profile: 'fapi2', dpopBoundAccessTokens: true, requirePushedAuthorizationRequests: true })
  const fapi = new Application(await startServer([one]), one, { dpop: KEY, assertion: KEY })
  const pushed = await fapi.post('/par', Object.fromEntries(authorizationParameters()))
  const seen = await fapi.person.through(new URLSearchParams({ client_id: 'web', request_uri: String(pushed.body['request_uri']) }))
  const tokens = await fapi.redeem(seen.location?.searchParams.get('code') ?? '')
  expect([told(tokens), tokens.body['token_type']]).toEqual(['200', 'DPoP'])
})
