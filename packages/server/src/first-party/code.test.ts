import { StoreUnavailable } from '@holdfast/store'
import { describe, expect, test } from 'vitest'
import { KEY, OTHER_KEY, told } from '../test/application.ts'
import { asking, type Phone, phone } from '../test/challenged.ts'
import { ADA, GRACE } from '../test/one-time-codes.ts'
import { API, PASSWORD } from '../test/server.ts'

function payload(token: unknown): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
}

describe('§6: the code at the token endpoint', () => {
  test('FIPA-27 FIPA-40 it is redeemed without redirect_uri, once, with the verifier, by its client', async () => {
    const own = await phone()
    const code = await own.code({ nonce: 'n', scope: 'openid accounts:read', resource: API })
    expect(told(await own.redeem(code, { redirect_uri: 'com.example.phone:/callback' }))).toBe('400 invalid_grant')
    expect(told(await own.redeem(code, { code_verifier: 'w'.repeat(43) }))).toBe('400 invalid_grant')
    expect(told(await own.redeem(code, { client_id: 'app' }, { credentials: {} }))).toBe('400 invalid_grant')
    const { status, body } = await own.redeem(code)
    expect([status, body['token_type'], typeof body['refresh_token']]).toEqual([200, 'DPoP', 'string'])
    expect(payload(body['id_token'])).toMatchObject({ sub: 'u_ada', nonce: 'n', auth_time: own.app.as.clock.time, amr: ['pwd'] })
    expect(payload(body['id_token'])).not.toHaveProperty('sid')
    expect(payload(body['id_token'])).not.toHaveProperty('acr')
    expect(told(await own.redeem(code))).toBe('400 invalid_grant')
  })
  test('FIPA-40 a code that lay for a minute is over', async () => {
    const own = await phone()
    const code = await own.code()
    own.app.as.clock.advance(60)
    expect(told(await own.redeem(code))).toBe('400 invalid_grant')
  })
  test('FIPA-31 FIPA-32 FIPA-34 the code and its tokens are bound to the key of the first request', async () => {
    const own = await phone()
    const code = await own.code()
    expect(told(await own.elsewhere(OTHER_KEY).redeem(code))).toBe('400 invalid_grant')
    expect(told(await own.elsewhere(undefined).redeem(code))).toBe('400 invalid_grant')
    const { body } = await own.redeem(code)
    const access = String(body['access_token'])
    expect(told(await own.app.userinfo(access, { authorization: `Bearer ${access}` }))).toBe('401 invalid_token')
    expect(told(await own.app.holding(undefined).userinfo(access, { authorization: `DPoP ${access}` }))).toMatch(/^401/)
    expect(told(await own.app.userinfo(access))).toBe('200')
  })
  test('FIPA-39 with a second factor, amr tells both', async () => {
    const own = await phone()
    const { body } = await own.redeem(await own.code({ login_hint: 'grace' }))
    expect(payload(body['id_token'])).toMatchObject({ sub: 'u_grace', amr: ['pwd', 'otp', 'mfa'] })
  })
  test('BCP-40 its grant belongs to no browser session, and to the scopes that were asked for', async () => {
    const own = await phone()
    await own.code({ scope: 'openid accounts:read' })
    const { items } = await own.app.as.store.list('grant', 'subject', 'u_ada', { limit: 5 })
    expect(items.map(({ value }) => value)).toMatchObject([{ clientId: 'phone', scopes: ['openid', 'accounts:read'], amr: ['pwd'] }])
    expect(items[0]?.value.sid).toBeUndefined()
  })
})

describe('FIPA-23 FIPA-35 STEP-19: a new request on a device where somebody signed in', () => {
  const again = (own: Phone, over: Readonly<Record<string, string>> = {}): Promise<string> => own.send(asking(over)).then(told)

  test('FIPA-23 it is answered without asking again, and auth_time stays that of the sign-in', async () => {
    const own = await phone()
    await own.code({ login_hint: 'grace' })
    const signedIn = own.app.as.clock.time
    own.app.as.clock.advance(600)
    const answer = await own.send(asking({ scope: 'openid accounts:write' }))
    expect(told(answer)).toBe('200')
    const { body } = await own.redeem(String(answer.body['authorization_code']))
    expect(payload(body['id_token'])).toMatchObject({ sub: 'u_grace', auth_time: signedIn, amr: ['pwd', 'otp', 'mfa'] })
  })
  test('FIPA-35 STEP-14 STEP-16 STEP-19 max_age is over: asked again, and the new auth_time is told', async () => {
    const own = await phone()
    await own.code()
    own.app.as.clock.advance(60)
    expect(await again(own, { max_age: '60' })).toBe('200')
    own.app.as.clock.advance(1)
    expect(await again(own, { max_age: '60' })).toBe('400 insufficient_authorization')
    const answer = await own.password()
    const { body } = await own.redeem(String(answer.body['authorization_code']))
    expect(payload(body['id_token'])['auth_time']).toBe(own.app.as.clock.time)
    expect(await again(own, { max_age: '0' })).toBe('400 insufficient_authorization')
  })
  test.each(['login', 'select_account'])('OIDC-12 prompt=%s asks again', async (prompt) => {
    const own = await phone()
    await own.code()
    expect(await again(own, { prompt })).toBe('400 insufficient_authorization')
    expect(told(await own.password())).toBe('200')
  })
  test('OIDC-10 prompt=none is answered where nobody needs to be asked, and login_required elsewhere', async () => {
    const own = await phone()
    await own.code()
    expect(await again(own, { prompt: 'none' })).toBe('200')
    expect(await again(own, { prompt: 'none', max_age: '0' })).toBe('400 login_required')
  })
  test('a person who was disabled, or has a second factor since, is asked', async () => {
    const own = await phone()
    await own.code()
    own.people.people.set('u_ada', { ...ADA, disabled: true })
    expect(await again(own)).toBe('400 insufficient_authorization')
    own.people.people.set('u_ada', { ...ADA, secondFactors: ['otp'] })
    expect(told(await own.password())).toBe('400 insufficient_authorization')
    expect(told(await own.otp())).toBe('200')
  })
  test('FIPA-21 a device that proves nothing is asked each time: its handle would be as good as the password', async () => {
    const own = await phone({}, { unbound: true })
    await own.code()
    expect(await again(own)).toBe('400 insufficient_authorization')
  })
  test('FIPA-22 a stolen handle is worth nothing without the key', async () => {
    const own = await phone()
    await own.code()
    expect(told(await own.elsewhere(OTHER_KEY).send(asking()))).toBe('400 invalid_dpop_proof')
    expect(told(await own.elsewhere(undefined).send(asking()))).toBe('400 invalid_dpop_proof')
    expect(await again(own.elsewhere(KEY))).toBe('200')
  })
  test('somebody else signs in on the device: the tokens are theirs', async () => {
    const own = await phone()
    await own.code()
    await own.send(asking({ prompt: 'login', login_hint: 'grace' }))
    await own.password(PASSWORD)
    expect(await again(own.elsewhere(KEY), { prompt: 'none' })).toBe('400 login_required')
    const answer = await own.otp()
    const { body } = await own.redeem(String(answer.body['authorization_code']))
    expect(payload(body['id_token'])['sub']).toBe(GRACE.sub)
  })
  test('FIPA-12 a sign-in that begins an hour after the one before has its own half hour', async () => {
    const own = await phone()
    await own.code({ login_hint: 'grace' })
    own.app.as.clock.advance(3600)
    expect(await again(own, { prompt: 'login', login_hint: 'grace' })).toBe('400 insufficient_authorization')
    await own.password()
    expect(told(await own.otp())).toBe('200')
  })
  test('FIPA-24 it ends like a browser session: two hours idle, twelve in any case', async () => {
    const own = await phone()
    await own.code()
    own.app.as.clock.advance(7200)
    expect(await again(own)).toBe('400 invalid_session')
    await own.code()
    for (let hours = 1; hours < 12; hours++) {
      own.app.as.clock.advance(3600)
      expect(await again(own)).toBe('200')
    }
    own.app.as.clock.advance(3600)
    expect(await again(own)).toBe('400 invalid_session')
  })
})

describe('a store that is down', () => {
  test('answers 503 as JSON, and the session is where it was', async () => {
    const own = await phone()
    await own.start()
    const { store } = own.app.as
    const { commit } = store
    Object.assign(store, { commit: () => Promise.reject(new StoreUnavailable('down')) })
    const answer = await own.password()
    Object.assign(store, { commit })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([503, 'application/json'])
    expect(told(await own.password())).toBe('200')
  })
})
