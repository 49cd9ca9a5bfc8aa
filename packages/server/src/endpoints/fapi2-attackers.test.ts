import { type KeyPair, generateKeyPair } from '@holdfast/proof/node'
import { beforeEach, describe, expect, test } from 'vitest'
import { Application, ASSERTION_TYPE, hashOf, OTHER_KEY, told } from '../test/application.ts'
import { FapiApplication, fapiClient } from '../test/fapi.ts'
import { Person } from '../test/person.ts'
import { API, ISSUER, publicClient, startServer, type TestServer } from '../test/server.ts'

/**
 * FAPI 2.0 Attacker Model §6: each attacker has what its name says, a browser, an account here (mallory), and a client here
 * with keys of its own (`evil`).
 */
const attackerKey: KeyPair = generateKeyPair('ES256')
const EVIL = fapiClient({
  clientId: 'evil',
  redirectUris: ['https://evil.example/callback'],
  jwks: { keys: [{ ...attackerKey.publicJwk }] },
})
const VICTIM = fapiClient()
let as: TestServer
let app: FapiApplication
let evil: FapiApplication

beforeEach(async () => {
  as = await startServer([VICTIM, EVIL, publicClient()])
  as.people.set('u_mallory', { sub: 'u_mallory', username: 'mallory', displayName: 'Mallory', claims: {}, disabled: false })
  app = new FapiApplication(as, VICTIM)
  evil = new FapiApplication(as, EVIL, { assertion: attackerKey, dpop: attackerKey })
})

describe('FAPI-01 FAPI-02 authorization: an attacker reaches no resource but its own', () => {
  test('A3a with the request_uri of a victim: to its own client it is nobody’s, and no page opens', async () => {
    const requested = await app.pushed()
    const stolen = new URLSearchParams({ client_id: 'evil', request_uri: requested.get('request_uri') ?? '' })
    const seen = await evil.person.authorize(stolen)
    expect([seen.status, seen.location]).toEqual([400, undefined])
    expect((await app.person.through(requested)).location?.searchParams.has('code')).toBe(true)
  })
  test('a code that leaks is worth nothing without the keys and the verifier of its client, and stays good for it', async () => {
    const code = await app.code()
    expect(told(await evil.redeem(code, { redirect_uri: VICTIM.redirectUris[0] }))).toBe('400 invalid_grant')
    const named = { credentials: { parameters: { client_id: 'web' } } }
    expect(told(await evil.redeem(code, {}, named))).toBe('401 invalid_client')
    const forged = { client_assertion_type: ASSERTION_TYPE, client_assertion: assertionOf(attackerKey) }
    expect(told(await evil.redeem(code, {}, { credentials: { parameters: forged } }))).toBe('401 invalid_client')
    expect(told(await app.redeem(code))).toBe('200')
  })
  test('A5 with a request to an API, after it was answered: token and proof come in no second time, and under no other key', async () => {
    const { access } = await app.tokens()
    const sent = app.proof('/userinfo', { htm: 'GET', ath: hashOf(access) })
    expect(told(await app.userinfo(access, { dpop: sent }))).toBe('200')
    expect(told(await evil.userinfo(access, { dpop: sent }))).toBe('401 invalid_dpop_proof')
    const own = evil.proof('/userinfo', { htm: 'GET', ath: hashOf(access), nonce: app.nonce })
    expect(told(await evil.userinfo(access, { dpop: own }))).toBe('401 invalid_token')
    expect(told(await evil.holding(undefined).userinfo(access))).toBe('401 invalid_token')
  })
  test('a refresh token that leaks is worth nothing to another client, and stays good for its own', async () => {
    const { refresh } = await app.tokens()
    expect(told(await evil.refresh(refresh))).toBe('400 invalid_grant')
    expect(told(await app.refresh(refresh))).toBe('200')
  })
  test('A1a another server, where the client authenticated: its assertion and its proof are for that server alone', async () => {
    const code = await app.code()
    const there = { parameters: app.asserting({ aud: 'https://evil-as.example' }) }
    expect(told(await app.redeem(code, {}, { credentials: there }))).toBe('401 invalid_client')
    const elsewhere = app.proof('/token', { htu: 'https://evil-as.example/token' })
    expect(told(await app.redeem(code, {}, { dpop: elsewhere }))).toBe('400 invalid_dpop_proof')
    expect(told(await app.redeem(code))).toBe('200')
  })
  test('tokens are for the API that was asked for: another one opens nothing', async () => {
    const { access } = await app.tokens({ scope: 'accounts:read', resource: API })
    expect(told(await app.userinfo(access))).toBe('401 invalid_token')
  })
})

describe('FAPI-01 FAPI-02 authentication: an attacker cannot log in as another', () => {
  test('A1 a page of a victim’s sign-in is of no use in another browser', async () => {
    const opened = await app.person.authorize(await app.pushed())
    const mallory = new Person(as)
    const seen = await mallory.go(opened.location ?? '')
    expect([seen.status, seen.text.includes('login-submit')]).toEqual([400, false])
    const asked = await app.person.signIn(opened)
    const consent = await mallory.go(asked.location ?? '')
    expect([consent.status, consent.text.includes('name="answer"')]).toEqual([400, false])
    expect((await app.person.go(asked.location ?? '')).text).toContain('name="answer"')
  })
  test('an ID token of one client is none of another: its audience is the client that asked', async () => {
    const { answer } = await evil.tokens()
    const [, claims = ''] = String(answer.body['id_token']).split('.')
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ aud: 'evil', iss: ISSUER })
  })
})

describe('FAPI-01 FAPI-02 session integrity: nobody is led to act as the attacker', () => {
  test('A1 a form of another site, without the token of the page or with the attacker’s, answers for nobody', async () => {
    const asked = await app.person.signIn(await app.person.authorize(await app.pushed()))
    const page = await app.person.go(asked.location ?? '')
    const action = /<form[^>]* action="([^"]+)"/.exec(page.text)?.[1] ?? ''
    for (const fields of [{ answer: 'allow' }, { answer: 'allow', csrf: 'x'.repeat(43) }]) {
      const seen = await app.person.post(action, fields)
      expect([seen.status, seen.location]).toEqual([403, undefined])
    }
    expect((await app.person.submit(page, { answer: 'allow' })).location?.searchParams.has('code')).toBe(true)
  })
  test('a code of the attacker that is planted at the client of a victim fails: it hangs on the verifier of that browser', async () => {
    const code = await app.code({ code_challenge: hashOf('m'.repeat(43)) })
    expect(told(await app.redeem(code))).toBe('400 invalid_grant')
  })
  test('an answer names its issuer, so a client with several servers knows whose code it holds', async () => {
    const { location } = await app.answered()
    expect(location?.searchParams.get('iss')).toBe(ISSUER)
  })
})

/** What the attacker signs in the name of the victim’s client. */
function assertionOf(key: KeyPair): string {
  const forger = new Application(as, VICTIM, { assertion: key, dpop: OTHER_KEY })
  return forger.asserting({}, {}, key)['client_assertion'] ?? ''
}
