import { describe, expect, it, test } from 'vitest'
import { told } from '../test/application.ts'
import { adasToken, chain, claimsOf, exchange, exchanged, FILES } from '../test/exchange.ts'
import { eventsOf, introspect, machineToken, PAYMENTS } from '../test/resource-server.ts'
import { API, publicClient } from '../test/server.ts'
import { Application } from '../test/application.ts'
import { startServer } from '../test/server.ts'
import { ACCESS_TOKEN, JWT, TOKEN_EXCHANGE } from './token-exchange.ts'

const type = (name: string): string => `urn:ietf:params:oauth:token-type:${name}`

describe('an API calls the next API for a person (RFC 8693 §2)', () => {
  it('TEX-01 TEX-05 TEX-09 TEX-12 RFC 8693 §2.2.1: it gets an access token for her there, and only that; who signed in when is unchanged', async () => {
    const { web, accounts, as } = await chain()
    const token = await adasToken(web)
    as.clock.advance(60)
    const answer = await exchange(accounts, token, { resource: PAYMENTS, scope: 'payments' })
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      access_token: expect.any(String) as string,
      issued_token_type: ACCESS_TOKEN,
      token_type: 'Bearer',
      expires_in: 240,
      scope: 'payments',
    })
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const [before, after] = [claimsOf(token), claimsOf(String(answer.body['access_token']))]
    expect(after).toMatchObject({
      sub: 'u_ada',
      client_id: 'accounts-api',
      aud: PAYMENTS,
      act: { sub: 'accounts-api', client_id: 'accounts-api' },
      auth_time: before['auth_time'],
      amr: before['amr'],
      exp: before['exp'],
    })
    expect(Object.keys(after['act'] as object)).toEqual(['sub', 'client_id'])
  })

  it('TEX-12 RFC 9068 §2.2.1: acr and auth_time are those of the sign-in, however often it is exchanged', async () => {
    const { web, accounts, payments, as } = await chain()
    const signedIn = as.clock.now()
    const first = await adasToken(web)
    as.clock.advance(100)
    const second = await exchanged(accounts, first, { resource: PAYMENTS })
    as.clock.advance(100)
    const third = await exchanged(payments, second, { resource: API })
    expect([first, second, third].map((one) => claimsOf(one)['auth_time'])).toEqual([signedIn, signedIn, signedIn])
    expect(claimsOf(third)['amr']).toEqual(claimsOf(first)['amr'])
    expect(claimsOf(third)['acr']).toEqual(claimsOf(first)['acr'])
  })

  it('TEX-09 RFC 8693 §4.1: act nests, the last actor outermost, and nobody who acted before is lost', async () => {
    const { web, accounts, payments, files } = await chain()
    const second = await exchanged(accounts, await adasToken(web), { resource: PAYMENTS })
    const third = await exchanged(payments, second, { resource: FILES })
    expect((await introspect(files, third)).body).toMatchObject({
      active: true,
      sub: 'u_ada',
      client_id: 'payments-api',
      scope: 'files',
      act: { sub: 'payments-api', client_id: 'payments-api', act: { sub: 'accounts-api', client_id: 'accounts-api' } },
    })
  })

  it('TEX-09 RFC 8693 §4.1: a ninth exchange in a row is refused', async () => {
    const { web } = await chain()
    let token = await adasToken(web)
    for (let times = 0; times < 8; times++) token = await exchanged(web, token, { resource: API })
    expect(told(await exchange(web, token, { resource: API }))).toBe('400 invalid_request')
  })

  it('TEX-07 RFC 8693 §2.1: the exchange leaves the subject token as it was', async () => {
    const { web, accounts } = await chain()
    const token = await adasToken(web)
    await exchanged(accounts, token, { resource: PAYMENTS })
    expect((await introspect(accounts, token)).body['active']).toBe(true)
    expect(told(await exchange(accounts, token, { resource: PAYMENTS }))).toBe('200')
  })

  test('it is told in the audit trail, with the client that had the token before', async () => {
    const { web, accounts, as } = await chain()
    const token = await adasToken(web)
    const events = eventsOf(as)
    const access = await exchanged(accounts, token, { resource: PAYMENTS })
    expect(events).toMatchObject([
      {
        type: 'tokens.issued',
        clientId: 'accounts-api',
        subject: 'u_ada',
        detail: { grantType: TOKEN_EXCHANGE, subjectClient: 'web', actor: 'accounts-api', impersonation: false, audience: [PAYMENTS] },
      },
    ])
    expect(JSON.stringify([events, as.logged])).not.toContain(access)
    expect(JSON.stringify([events, as.logged])).not.toContain(token)
  })

  test('TEX-07 a machine has its own token exchanged too, and stays the subject', async () => {
    const { robot, accounts, payments } = await chain()
    const token = await exchanged(accounts, await machineToken(robot, { resource: API }), { resource: PAYMENTS })
    expect(claimsOf(token)).toMatchObject({ sub: 'robot', client_id: 'accounts-api', scope: 'payments', act: { sub: 'accounts-api' } })
    expect(claimsOf(token)).not.toHaveProperty('auth_time')
    expect((await introspect(payments, token)).body['active']).toBe(true)
  })
})

describe('the form (RFC 8693 §2.1, §3)', () => {
  it.each<[string, Record<string, string | undefined>]>([
    ['TEX-01 no subject_token', { subject_token: undefined }],
    ['TEX-01 neither of the two', { subject_token: undefined, subject_token_type: undefined }],
    ['TEX-01 no subject_token_type', { subject_token_type: undefined }],
    ['TEX-02 actor_token_type without actor_token', { actor_token_type: ACCESS_TOKEN }],
    ['TEX-02 actor_token without actor_token_type', { actor_token: 'x' }],
    ['TEX-03 a subject token that is none', { subject_token: 'x' }],
    ['TEX-03 an actor token that is none', { actor_token: 'x', actor_token_type: ACCESS_TOKEN }],
    ['TEX-03 a subject token longer than 8192 characters', { subject_token: 'x'.repeat(8193) }],
    ['TEX-06 a refresh token as subject', { subject_token_type: type('refresh_token') }],
    ['TEX-06 an ID token as subject', { subject_token_type: type('id_token') }],
    ['TEX-06 SAML as subject', { subject_token_type: type('saml2') }],
    ['TEX-06 SAML 1 as actor', { actor_token: 'x', actor_token_type: type('saml1') }],
    ['TEX-06 a refresh token is asked for', { requested_token_type: type('refresh_token') }],
    ['TEX-06 an ID token is asked for', { requested_token_type: type('id_token') }],
    ['TEX-06 a type that nobody knows is asked for', { requested_token_type: 'access_token' }],
  ])('%s is invalid_request', async (_name, over) => {
    const { web, accounts } = await chain()
    expect(told(await exchange(accounts, await adasToken(web), { resource: PAYMENTS, ...over }))).toBe('400 invalid_request')
  })

  it('TEX-06 RFC 8693 §3: a JWT can be sent and asked for as jwt, an opaque token as neither', async () => {
    const { web, accounts } = await chain()
    const token = await adasToken(web, { scope: 'openid accounts:read accounts:write' })
    const answer = await exchange(accounts, token, { subject_token_type: JWT, requested_token_type: JWT, resource: PAYMENTS })
    expect(answer.body).toMatchObject({ issued_token_type: JWT, token_type: 'Bearer' })
    const files = { resource: FILES, scope: 'files' }
    expect(told(await exchange(accounts, token, { ...files, requested_token_type: JWT }))).toBe('400 invalid_request')
    expect(told(await exchange(accounts, token, files))).toBe('200')
    const own = await chain({ accounts: { protectedResources: [FILES] } })
    const opaque = await own.robot.post('/token', { grant_type: 'client_credentials', scope: 'files', resource: FILES })
    const sent = { subject_token_type: JWT, resource: FILES }
    expect(told(await exchange(own.accounts, String(opaque.body['access_token']), sent))).toBe('400 invalid_request')
    expect(told(await exchange(own.accounts, String(opaque.body['access_token']), { resource: FILES }))).toBe('200')
  })

  it('TEX-03 RFC 8693 §2.2.2: an ID token, a refresh token or a token that has expired is no access token, whatever its type says', async () => {
    const { web, accounts, as } = await chain()
    const { answer, access, refresh } = await web.tokens({ scope: 'openid accounts:read offline_access', resource: API })
    for (const token of [String(answer.body['id_token']), refresh])
      for (const subject_token_type of [ACCESS_TOKEN, JWT])
        expect(told(await exchange(accounts, token, { subject_token_type, resource: PAYMENTS }))).toBe('400 invalid_request')
    as.clock.advance(300)
    expect(told(await exchange(accounts, access, { resource: PAYMENTS }))).toBe('400 invalid_request')
  })
})

describe('who may exchange (RFC 8693 §2.1, §5)', () => {
  it('TEX-08 a public client and one without the grant are unauthorized_client; wrong credentials are invalid_client', async () => {
    const app = publicClient({ grantTypes: [TOKEN_EXCHANGE] })
    const as = await startServer([app])
    expect(told(await exchange(new Application(as, app), 'x', { resource: API }))).toBe('400 unauthorized_client')
    const { web, files, accounts } = await chain()
    expect(told(await exchange(files, await adasToken(web), { resource: FILES }))).toBe('400 unauthorized_client')
    const credentials = { parameters: { client_id: 'accounts-api' } }
    const sent = { grant_type: TOKEN_EXCHANGE, subject_token: 'x', subject_token_type: ACCESS_TOKEN }
    expect(told(await accounts.post('/token', sent, { credentials }))).toBe('401 invalid_client')
  })

  it('TEX-03 TEX-08 a token of another client, for another API, is refused as one that does not exist', async () => {
    const { web, third, payments } = await chain()
    const token = await adasToken(web)
    const unknown = await exchange(third, 'nothing', { resource: PAYMENTS })
    for (const by of [third, payments]) {
      const answer = await exchange(by, token, { resource: PAYMENTS })
      expect(answer.status).toBe(400)
      expect(answer.body).toEqual(unknown.body)
    }
  })

  it('TEX-08 the client of a token may give a part of it away', async () => {
    const { web } = await chain()
    const token = await adasToken(web, { scope: 'openid accounts:read accounts:write' })
    expect(claimsOf(await exchanged(web, token, { scope: 'accounts:read' }))).toMatchObject({ aud: API, scope: 'accounts:read' })
  })
})
