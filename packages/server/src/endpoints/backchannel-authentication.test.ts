import { describe, expect, test } from 'vitest'
import { Application, KEY, told } from '../test/application.ts'
import { answeredBy, askPerson, bank, CIBA, NOTIFICATION_TOKEN, pingedBank, pollAnswer } from '../test/backchannel.ts'
import { ACCOUNTS_API, API, client, ISSUER, startServer } from '../test/server.ts'

const registered = bank()

async function counter(over = registered): Promise<Application> {
  return new Application(await startServer([over]), over)
}

describe('POST /backchannel_authentication', () => {
  test('CIBA-03 CIBA Core §7.3: the answer has the id, the time and the interval, and is not cached', async () => {
    const { answer } = await askPerson(await counter())
    expect([told(answer), answer.headers.get('cache-control')]).toEqual(['200', 'no-store'])
    const { auth_req_id, ...rest } = answer.body
    expect(String(auth_req_id)).toMatch(/^[A-Za-z0-9._-]{69}$/)
    expect(rest).toEqual({ expires_in: 300, interval: 5 })
  })

  test('CIBA-03 the id is stored as a hash, and so is nothing that it could be made from', async () => {
    const app = await counter()
    const { authReqId } = await askPerson(app)
    expect(JSON.stringify(await app.as.store.read('backchannel_request', authReqId.slice(0, 26)))).not.toContain(authReqId.slice(26))
  })

  test('CIBA-01 CIBA-04 the client is authenticated, and the request is a form sent by POST', async () => {
    const app = await counter()
    expect(told((await askPerson(app, {}, { credentials: { parameters: { client_id: 'bank' } } })).answer)).toBe('401 invalid_client')
    expect((await app.as.fetch(`${ISSUER}/backchannel_authentication`)).status).toBe(405)
    const json = await app.send(`${ISSUER}/backchannel_authentication`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...app.credentials().headers },
      body: '{}',
    })
    expect(told(json)).toBe('400 invalid_request')
  })

  test('CIBA-04 CIBA-06 a client without the grant, without a mode, or a public one is unauthorized_client, here and at the token endpoint', async () => {
    const plain = client()
    expect(told((await askPerson(await counter(plain))).answer)).toBe('400 unauthorized_client')
    expect(told(await pollAnswer(await counter(plain), 'x'))).toBe('400 unauthorized_client')
    const pushed = bank({ backchannel: undefined })
    expect(told((await askPerson(await counter(pushed))).answer)).toBe('400 unauthorized_client')
    expect(told(await pollAnswer(await counter(pushed), 'x'))).toBe('400 unauthorized_client')
    const anyone = bank({ tokenEndpointAuthMethod: 'none', secrets: [] })
    expect(told((await askPerson(await counter(anyone))).answer)).toBe('400 unauthorized_client')
  })

  test.each([
    ['CIBA-01 scope without openid', { scope: 'profile' }, '400 invalid_scope'],
    ['CIBA-01 no scope', { scope: undefined }, '400 invalid_scope'],
    ['A38 a scope that is not the client’s', { scope: 'openid address' }, '400 invalid_scope'],
    ['A39 A40 a resource that nobody has', { resource: 'https://other.example' }, '400 invalid_target'],
    ['A40 a resource that it has', { scope: 'openid accounts:read', resource: API }, '200'],
    ['CIBA-02 no hint', { login_hint: undefined }, '400 invalid_request'],
    ['CIBA-02 two hints', { id_token_hint: 'x' }, '400 invalid_request'],
    ['CIBA-02 a login_hint_token', { login_hint: undefined, login_hint_token: 'x' }, '400 invalid_request'],
    ['CIBA-02 a hint that is no ID token', { login_hint: undefined, id_token_hint: 'x.y.z' }, '400 invalid_request'],
    ['CIBA-04 a hint that leads to nobody', { login_hint: 'bob' }, '400 unknown_user_id'],
    ['CIBA-04 a hint that is no name', { login_hint: 'x'.repeat(1000) }, '400 unknown_user_id'],
    ['CIBA-02 a sub as the hint', { login_hint: 'u_ada' }, '200'],
    ['CIBA-04 a user code, which nobody would check', { user_code: '1234' }, '400 invalid_request'],
    ['CIBA-01 a signed request, which is not supported', { request: 'x.y.z' }, '400 invalid_request'],
    ['CIBA-04 a message of 101 characters', { binding_message: 'x'.repeat(101) }, '400 invalid_binding_message'],
    ['CIBA-04 a message of two lines', { binding_message: 'Till 7\nPay 5' }, '400 invalid_binding_message'],
    ['CIBA-04 a message that turns the text round', { binding_message: 'Till \u202e7' }, '400 invalid_binding_message'],
    ['CIBA-09 a message in another script', { binding_message: 'Касса №7 – 5 €' }, '200'],
    ['CIBA-09 no message', { binding_message: undefined }, '200'],
    ['CIBA-01 an expiry that is none', { requested_expiry: '0' }, '400 invalid_request'],
    ['CIBA-01 an expiry in words', { requested_expiry: 'soon' }, '400 invalid_request'],
    ['DEV-04 details that are not supported', { authorization_details: '[{"type":"payment"}]' }, '400 invalid_authorization_details'],
    ['CIBA-01 acr_values, which are voluntary', { acr_values: 'gold' }, '200'],
  ])('%s', async (_name, over, expected) => {
    expect(told((await askPerson(await counter(), over)).answer)).toBe(expected)
  })

  test('CIBA-03 a client may ask for less time than the server gives, and not for more', async () => {
    const app = await counter()
    expect((await askPerson(app, { requested_expiry: '60' })).answer.body['expires_in']).toBe(60)
    expect((await askPerson(app, { requested_expiry: '3600' })).answer.body['expires_in']).toBe(300)
  })

  test('CIBA-04 a disabled person is nobody', async () => {
    const app = await counter()
    const ada = app.as.people.get('u_ada')
    if (ada !== undefined) app.as.people.set('u_ada', { ...ada, disabled: true })
    expect(told((await askPerson(app)).answer)).toBe('400 unknown_user_id')
  })

  test('CIBA-04 a client that tries names is stopped for a minute, for right ones too, and no other client with it', async () => {
    const other = bank({ clientId: 'shop' })
    const as = await startServer([registered, other])
    const app = new Application(as, registered)
    as.clock.advance(60 - (as.clock.now() % 60))
    for (let tries = 0; tries < 30; tries++)
      expect(told((await askPerson(app, { login_hint: `name-${tries}` })).answer)).toBe('400 unknown_user_id')
    expect(told((await askPerson(app, { login_hint: 'bob' })).answer)).toBe('403 access_denied')
    expect(told((await askPerson(app)).answer)).toBe('403 access_denied')
    expect(told((await askPerson(new Application(as, other))).answer)).toBe('200')
    as.clock.advance(60)
    expect(told((await askPerson(app)).answer)).toBe('200')
  })

  test('CIBA-04 no client has more than ten requests waiting for one person', async () => {
    const other = bank({ clientId: 'shop' })
    const app = new Application(await startServer([registered, other]), registered)
    for (let asked = 0; asked < 10; asked++) expect(told((await askPerson(app)).answer)).toBe('200')
    expect(told((await askPerson(app)).answer)).toBe('403 access_denied')
    expect(told((await askPerson(new Application(app.as, other))).answer)).toBe('200')
    app.as.clock.advance(300)
    expect(told((await askPerson(app)).answer)).toBe('200')
  })

  test('CIBA-02 OIDC-18 an ID token of this server for this client names the person, when it has expired too', async () => {
    const other = bank({ clientId: 'shop' })
    const as = await startServer([registered, other])
    const app = new Application(as, registered)
    const { body } = await pollAnswer(app, (await answeredBy(app, 'allow')).authReqId)
    as.clock.advance(3600)
    const hint = (token: unknown): Record<string, string | undefined> => ({ login_hint: undefined, id_token_hint: String(token) })
    expect(told((await askPerson(app, hint(body['id_token']))).answer)).toBe('200')
    expect(told((await askPerson(new Application(as, other), hint(body['id_token']))).answer)).toBe('400 invalid_request')
    expect(told((await askPerson(app, hint(body['access_token']))).answer)).toBe('400 invalid_request')
    const [header = '', , signature = ''] = String(body['id_token']).split('.')
    const forged = Buffer.from(JSON.stringify({ iss: ISSUER, aud: 'bank', sub: 'u_ada' })).toString('base64url')
    expect(told((await askPerson(app, hint(`${header}.${forged}.${signature}`))).answer)).toBe('400 invalid_request')
  })

  test('CIBA-02 an access token is no hint, not even one for a resource of the client’s own name', async () => {
    const named = bank({ clientId: 'urn:example:bank', scopes: ['openid', 'till'] })
    const till = { ...ACCOUNTS_API, identifier: 'urn:example:bank', scopes: [{ name: 'till', description: 'Use the till' }] }
    const app = new Application(await startServer([named], { resources: [till] }), named)
    const { authReqId } = await answeredBy(app, 'allow', { scope: 'openid till' })
    const { body } = await pollAnswer(app, authReqId, { resource: 'urn:example:bank' })
    const hint = { scope: 'openid', login_hint: undefined, id_token_hint: String(body['access_token']) }
    expect(told((await askPerson(app, hint)).answer)).toBe('400 invalid_request')
  })

  test('CIBA-07 ping needs the client’s token, of the form of a bearer token, and stores it encrypted', async () => {
    const app = await counter(pingedBank())
    for (const client_notification_token of [undefined, 'two words', 'a"quote', 'x'.repeat(1025)])
      expect(told((await askPerson(app, { client_notification_token })).answer)).toBe('400 invalid_request')
    const { answer, authReqId } = await askPerson(app, { client_notification_token: NOTIFICATION_TOKEN })
    expect(told(answer)).toBe('200')
    const record = await app.as.store.read('backchannel_request', authReqId.slice(0, 26))
    expect(record?.value.notificationToken).toBeTypeOf('string')
    expect(JSON.stringify(record)).not.toContain(NOTIFICATION_TOKEN)
  })

  test('DEV-10 a proof is checked and burnt by the request it came with', async () => {
    const app = (await counter()).holding(KEY)
    expect(told((await askPerson(app)).answer)).toBe('200')
    const dpop = app.proof('/backchannel_authentication')
    expect(told((await askPerson(app, {}, { dpop })).answer)).toBe('200')
    expect(told((await askPerson(app, {}, { dpop })).answer)).toBe('400 invalid_dpop_proof')
  })

  test('CIBA-01 discovery names the endpoint, the modes and what is not supported', async () => {
    const response = await (await startServer([registered])).fetch(`${ISSUER}/.well-known/openid-configuration`)
    const metadata = (await response.json()) as Record<string, unknown>
    expect(metadata).toMatchObject({
      backchannel_authentication_endpoint: `${ISSUER}/backchannel_authentication`,
      backchannel_token_delivery_modes_supported: ['poll', 'ping'],
      backchannel_user_code_parameter_supported: false,
    })
    expect(metadata['grant_types_supported']).toContain(CIBA)
    expect(metadata).not.toHaveProperty('backchannel_authentication_request_signing_alg_values_supported')
  })

  test('a server whose accounts know no names takes a sub', async () => {
    const as = await startServer([registered])
    const accounts = { find: (sub: string) => Promise.resolve(as.people.get(sub)), verifyPassword: () => Promise.resolve(undefined) }
    const app = new Application(await startServer([registered], { accounts }), registered)
    expect(told((await askPerson(app)).answer)).toBe('400 unknown_user_id')
    expect(told((await askPerson(app, { login_hint: 'u_ada' })).answer)).toBe('200')
  })
})
