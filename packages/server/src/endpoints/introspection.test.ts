import { generateKeyPair, thumbprint } from '@holdfast/proof/node'
import { StoreUnavailable } from '@holdfast/store'
import { describe, expect, test } from 'vitest'
import { type Answer, Application, basic, KEY, tally, times, told } from '../test/application.ts'
import { eventsOf, introspect, machineToken, parties, PAYMENTS, resourceServer } from '../test/resource-server.ts'
import { API, client, ISSUER, startServer } from '../test/server.ts'

const INACTIVE = { active: false }
const FORMATS = ['jwt', 'opaque'] as const
const SCOPE = 'openid accounts:read payments'
/** A token for the accounts API and userinfo, of a client that may do more elsewhere. */
const FOR_ACCOUNTS = { scope: SCOPE, resource: API }

const told200 = ({ status, body }: Answer): unknown => [status, body]

describe.each(FORMATS)('RFC 7662 §2.2: %s tokens', (format) => {
  test('INT-06 INT-07 TOK-07 the resource server that it is for hears what concerns it, and no more', async () => {
    const { web, api, as } = await parties(format)
    const { access } = await web.tokens(FOR_ACCOUNTS)
    const answer = await introspect(api, access)
    const now = as.clock.now()
    expect(answer.body).toEqual({
      active: true,
      iss: ISSUER,
      sub: 'u_ada',
      aud: API,
      client_id: 'web',
      token_type: 'Bearer',
      iat: now,
      exp: now + 300,
      jti: expect.stringMatching(/^[\w-]{43}$/) as string,
      scope: 'accounts:read',
      auth_time: now,
      amr: ['pwd'],
    })
    expect([answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual(['application/json', 'no-store'])
  })

  test('INT-08 DPOP-29 DPOP-35 RFC 9449 §6.2: a bound token has token_type DPoP and the thumbprint of its key', async () => {
    const { web, api } = await parties(format, { keys: { dpop: KEY } })
    const { access } = await web.tokens(FOR_ACCOUNTS)
    expect((await introspect(api, access)).body).toMatchObject({ token_type: 'DPoP', cnf: { jkt: thumbprint(KEY.publicJwk) } })
  })

  test('INT-07 TOK-05 a token that a client got for itself: its subject is the client, and nobody signed in', async () => {
    const { robot, api } = await parties(format)
    const { body } = await introspect(api, await machineToken(robot))
    expect(body).toMatchObject({ active: true, sub: 'robot', client_id: 'robot', scope: 'accounts:read' })
    for (const absent of ['auth_time', 'amr', 'acr', 'username', 'cnf', 'act']) expect(body).not.toHaveProperty(absent)
  })

  test('INT-02 INT-05 INT-06 FMS-08 nobody else hears that there is one: not its client, not another API, not a stranger', async () => {
    const { web, robot, payments } = await parties(format)
    const { access } = await web.tokens(FOR_ACCOUNTS)
    const own = await machineToken(robot)
    for (const [caller, token] of [
      [web, access],
      [payments, access],
      [robot, access],
      [robot, own],
      [payments, own],
    ] as const)
      expect(told200(await introspect(caller, token))).toEqual([200, INACTIVE])
  })

  test('INT-05 REV-06 expired, revoked, its grant, its client or its person gone', async () => {
    const ends: readonly ((all: Awaited<ReturnType<typeof parties>>, access: string, refresh: string) => unknown)[] = [
      ({ as }) => as.clock.advance(300),
      ({ web }, access) => web.post('/revoke', { token: access }),
      ({ web }, _access, refresh) => web.post('/revoke', { token: refresh }),
      ({ as }) => as.people.delete('u_ada'),
      ({ as }) => as.people.set('u_ada', { ...(as.people.get('u_ada') as NonNullable<ReturnType<typeof as.people.get>>), disabled: true }),
      async ({ as }) => {
        for (const { id } of (await as.store.list('grant', 'clientId', 'web', { limit: 10 })).items)
          await as.store.commit([{ op: 'delete', kind: 'grant', id }])
      },
    ]
    for (const end of ends) {
      const all = await parties(format)
      const { access, refresh } = await all.web.tokens(FOR_ACCOUNTS)
      expect((await introspect(all.api, access)).body['active']).toBe(true)
      await end(all, access, refresh)
      expect(told200(await introspect(all.api, access))).toEqual([200, INACTIVE])
    }
  })

  test('INT-05 a token of a client that is disabled', async () => {
    const { web, api, as } = await parties(format)
    const { access } = await web.tokens(FOR_ACCOUNTS)
    const options = { store: as.store, clock: as.clock }
    const later = await startServer([client({ disabled: true }), api.client], options)
    expect(told200(await introspect(new Application(later, api.client), access))).toEqual([200, INACTIVE])
  })

  test('INT-04 a hint that is wrong or unknown does not matter', async () => {
    const { web, api } = await parties(format)
    const { access } = await web.tokens(FOR_ACCOUNTS)
    for (const token_type_hint of ['access_token', 'refresh_token', 'saml2', ''])
      expect((await introspect(api, access, { token_type_hint })).body['active']).toBe(true)
  })

  test('REV-06 50 introspections race a revocation: none that begins after it hears of an active token', async () => {
    const { robot, api } = await parties(format)
    const token = await machineToken(robot)
    const answers = await Promise.all(times(50, (index) => (index === 25 ? robot.post('/revoke', { token }) : introspect(api, token))))
    expect(tally(answers)).toEqual({ '200': 50 })
    expect((await introspect(api, token)).body).toEqual(INACTIVE)
  })
})

describe('what is no token here', () => {
  test.each([
    'unknown',
    'a.b.c',
    'eyJhbGciOiJub25lIn0.e30.',
    `at_${'0'.repeat(26)}${'A'.repeat(43)}`,
    `s1.${'0'.repeat(26)}.1.${'A'.repeat(43)}`,
    't'.repeat(8000),
    '\u{1f511}',
  ])('INT-05 %.40s is inactive', async (token) => {
    expect(told200(await introspect((await parties()).api, token))).toEqual([200, INACTIVE])
  })

  test('INT-05 INT-06 an ID token, a code, a handle of another kind, and a JWT with a changed claim', async () => {
    for (const format of FORMATS) {
      const { web, api } = await parties(format)
      const { access, answer } = await web.tokens(FOR_ACCOUNTS)
      const [header, payload = '', signature] = access.split('.')
      const changed = Buffer.from(Buffer.from(payload, 'base64url').toString().replace('u_ada', 'u_eve')).toString('base64url')
      for (const token of [
        String(answer.body['id_token']),
        await web.code(),
        `at_${await web.code()}`,
        `${header}.${changed}.${signature}`,
      ])
        expect(told200(await introspect(api, token))).toEqual([200, INACTIVE])
    }
  })
})

describe('refresh tokens', () => {
  test('INT-02 are told to their own client, which hears what it has', async () => {
    const { web, as } = await parties()
    const { refresh } = await web.tokens({ scope: 'openid accounts:read' })
    expect((await introspect(web, refresh)).body).toEqual({
      active: true,
      iss: ISSUER,
      sub: 'u_ada',
      client_id: 'web',
      exp: as.clock.now() + 7 * 24 * 3600,
      scope: 'openid accounts:read',
    })
  })

  test('INT-02 FMS-08 and to no resource server: not to one of its audience, and not to its own client where that is one too', async () => {
    const { web, api, robot } = await parties()
    const { refresh } = await web.tokens(FOR_ACCOUNTS)
    for (const caller of [api, robot]) expect((await introspect(caller, refresh)).body).toEqual(INACTIVE)
    const both = await parties('jwt', { web: { protectedResources: [API] } })
    const tokens = await both.web.tokens(FOR_ACCOUNTS)
    expect((await introspect(both.web, tokens.refresh)).body).toEqual(INACTIVE)
    expect((await introspect(both.web, tokens.access)).body['active']).toBe(true)
  })

  test('INT-05 rotated, idle, revoked or of a person who is gone: inactive; asking is no use and revokes nothing', async () => {
    const { web, as } = await parties()
    const first = await web.tokens()
    const second = String((await web.refresh(first.refresh)).body['refresh_token'])
    as.clock.advance(60)
    expect((await introspect(web, first.refresh)).body).toEqual(INACTIVE)
    expect((await introspect(web, second)).body['active']).toBe(true)
    expect((await introspect(web, `${second.slice(0, -3)}AAA`)).body).toEqual(INACTIVE)
    const ada = as.people.get('u_ada')
    as.people.delete('u_ada')
    expect((await introspect(web, second)).body).toEqual(INACTIVE)
    if (ada !== undefined) as.people.set('u_ada', ada)
    const third = String((await web.refresh(second)).body['refresh_token'])
    expect((await introspect(web, third)).body['active']).toBe(true)
    as.clock.advance(7 * 24 * 3600)
    expect((await introspect(web, third)).body).toEqual(INACTIVE)
    const last = await web.tokens()
    await web.post('/revoke', { token: last.refresh })
    expect((await introspect(web, last.refresh)).body).toEqual(INACTIVE)
  })
})

describe('requests', () => {
  test('INT-01 RFC 7662 §2.1: without authentication, or with a name alone, 401', async () => {
    const { api, app } = await parties()
    for (const credentials of [
      {},
      { parameters: { client_id: 'accounts-api' } },
      { headers: { authorization: basic('accounts-api', 'wrong') } },
      { headers: { authorization: 'Bearer some-token' } },
    ])
      expect(told(await introspect(api, 'x', {}, { credentials }))).toBe('401 invalid_client')
    const answer = await introspect(app, 'x')
    expect([told(answer), answer.body['active']]).toEqual(['401 invalid_client', undefined])
  })

  test('INT-03 the token must be named, in a form, by POST; OA-40 and not in the URL', async () => {
    const { api, as } = await parties()
    expect(told(await api.post('/introspect'))).toBe('400 invalid_request')
    expect(told(await api.post('/introspect?token=x'))).toBe('400 invalid_request')
    expect(told(await introspect(api, 'x', {}, { headers: { 'content-type': 'application/json' } }))).toBe('400 invalid_request')
    expect((await as.fetch(`${ISSUER}/introspect?token=x`)).status).toBe(405)
  })

  test('OA-44 no browser has a reason to call it: no CORS, and no preflight', async () => {
    const { api, as } = await parties()
    const headers = { origin: 'https://spa.example' }
    expect((await introspect(api, 'x', {}, { headers })).headers.get('access-control-allow-origin')).toBeNull()
    expect((await as.fetch(`${ISSUER}/introspect`, { method: 'OPTIONS', headers })).status).toBe(405)
  })

  test('DPOP-25 a proof that comes along is not looked at: nothing here is bound to it', async () => {
    const { api } = await parties()
    expect(told(await introspect(api, 'x', {}, { dpop: 'no proof at all' }))).toBe('200')
  })

  test('CAUTH-27 an assertion is used up by the question that it authenticated, also of 50 at once', async () => {
    const assertion = generateKeyPair('ES256')
    const jwks = { keys: [{ ...assertion.publicJwk }] }
    const { api, as } = await parties('jwt', { api: { tokenEndpointAuthMethod: 'private_key_jwt', secrets: [], jwks } })
    const parameters = new Application(as, api.client, { assertion }).asserting()
    const answers = await Promise.all(times(50, () => introspect(api, 'unknown', {}, { credentials: { parameters } })))
    expect(tally(answers)).toEqual({ '200': 1, '401 invalid_client': 49 })
  })

  test('INT-06 when the store cannot be asked, the answer is 503 and not that the token is active', async () => {
    for (const format of FORMATS) {
      const { api, web, as } = await parties(format)
      const { access } = await web.tokens(FOR_ACCOUNTS)
      as.store.read = () => Promise.reject(new StoreUnavailable('away'))
      expect(told(await introspect(api, access))).toBe('503 temporarily_unavailable')
    }
  })

  test('INT-10 RFC 7662 §4: a client that stands for no resource is slowed, for a minute', async () => {
    const { web, as } = await parties()
    const { refresh } = await web.tokens()
    for (let asked = 0; asked < 30; asked++) expect(told(await introspect(web, `guess ${asked}`))).toBe('200')
    const answer = await introspect(web, refresh)
    expect([told(answer), answer.headers.get('retry-after')]).toEqual(['503 temporarily_unavailable', '1'])
    expect(told(await web.refresh(refresh))).toBe('200')
    as.clock.advance(60)
    expect(told(await introspect(web, refresh))).toBe('200')
  })

  test('INT-10 a resource server is not: junk that is shown to its API shuts out nobody, and is counted', async () => {
    const { api, web, as } = await parties()
    const { access } = await web.tokens(FOR_ACCOUNTS)
    await Promise.all(times(200, (index) => introspect(api, `junk ${index}`)))
    expect((await introspect(api, access)).body['active']).toBe(true)
    const events = eventsOf(as)
    await as.server.close()
    const summary = events.find(({ type }) => type === 'requests.refused')
    expect(summary?.detail).toEqual({ 'introspect invalid_token INT-05 accounts-api 192.0.2.0/24': 200 })
  })

  test('INT-06 one API that stands for several resources hears of each what is for it', async () => {
    const { web, api } = await parties('jwt', { api: { protectedResources: [API, PAYMENTS] } })
    for (const [resource, scope] of [
      [API, 'accounts:read'],
      [PAYMENTS, 'payments'],
    ] as const) {
      const { access } = await web.tokens({ scope: SCOPE, resource })
      expect((await introspect(api, access)).body).toMatchObject({ aud: resource, scope })
    }
  })
})

test('META-03 CAUTH-30 RFC 8414 §2: discovery says where and how, and not by none', async () => {
  const as = await startServer([resourceServer()])
  const document = (await (await as.fetch(`${ISSUER}/.well-known/oauth-authorization-server`)).json()) as Record<string, readonly string[]>
  expect(document['introspection_endpoint']).toBe(`${ISSUER}/introspect`)
  expect(document['introspection_endpoint_auth_methods_supported']).toEqual([
    'private_key_jwt',
    'client_secret_basic',
    'client_secret_post',
  ])
  expect(document['introspection_endpoint_auth_signing_alg_values_supported']).toContain('ES256')
})
