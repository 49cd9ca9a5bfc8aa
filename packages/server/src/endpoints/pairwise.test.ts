import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import { ACCESS_TOKEN, JWT, TOKEN_EXCHANGE } from '../grants/token-exchange.ts'
import { Application, KEY, told } from '../test/application.ts'
import { eventsOf, introspect, machineToken, parties } from '../test/resource-server.ts'
import { chain } from '../test/exchange.ts'
import { API, client, ISSUER, startServer, type TestServer } from '../test/server.ts'

const PAIRWISE = /^u_p\.[A-Za-z0-9_-]{43}$/
const A = { pairwiseSector: 'app.example' }

/** Two clients of one sector, one of another, and a public one. */
async function four(): Promise<{ readonly as: TestServer; readonly apps: readonly Application[] }> {
  const clients = [
    client(A),
    client({ ...A, clientId: 'sister' }),
    client({ pairwiseSector: 'other.example', clientId: 'other' }),
    client({ clientId: 'public' }),
  ]
  const as = await startServer(clients)
  return { as, apps: clients.map((one) => new Application(as, one)) }
}

async function subOf(app: Application): Promise<{ readonly sub: string; readonly sid: string; readonly texts: string }> {
  const { access, answer, refresh } = await app.tokens({ scope: 'openid accounts:read' })
  const refreshed = await app.refresh(refresh)
  const tokens = [answer.body['id_token'], refreshed.body['id_token'], access].map((one) => decodeJwt(String(one)))
  const userinfo = (await app.userinfo(String(refreshed.body['access_token']))).body
  const [sub, ...others] = [...tokens.map((one) => one.sub), userinfo['sub']]
  for (const other of others) expect(other).toBe(sub)
  return { sub: String(sub), sid: String(tokens[0]?.['sid']), texts: JSON.stringify([tokens, userinfo]) }
}

describe('OIDC-59 Core §8: the same name wherever the client hears of the person', () => {
  test('OIDC-41 OIDC-55 OIDC-56 in ID tokens, userinfo and JWT access tokens; another in another sector', async () => {
    const { apps } = await four()
    const [web, sister, other, open] = await Promise.all(apps.map(subOf))
    expect(web?.sub).toMatch(PAIRWISE)
    expect(sister?.sub).toBe(web?.sub)
    expect(other?.sub).toMatch(PAIRWISE)
    expect(other?.sub).not.toBe(web?.sub)
    expect(open?.sub).toBe('u_ada')
    for (const one of [web, sister, other]) expect(one?.texts).not.toContain('u_ada')
  })

  test('OIDC-56 one browser session has another sid in each sector: by one they could tell that they share a person', async () => {
    const { as, apps } = await four()
    const [web, sister, other] = apps.map((one) => new Application(as, one.client, { person: apps[0]?.person as never }))
    const sids = [await subOf(web as Application), await subOf(sister as Application), await subOf(other as Application)].map(
      ({ sid }) => sid,
    )
    expect(sids[0]).toBe(sids[1])
    expect(sids[0]).not.toBe(sids[2])
    const { items } = await as.store.list('grant', 'subject', 'u_ada', { limit: 10 })
    expect(new Set(items.map(({ value }) => value.sid)).size).toBe(1)
    expect(sids).not.toContain(items[0]?.value.sid)
  })

  test('a client that acts for itself keeps its own name', async () => {
    const robot = client({ ...A, clientId: 'robot', grantTypes: ['client_credentials'], scopes: ['accounts:read'] })
    const app = new Application(await startServer([robot]), robot)
    expect(decodeJwt(await machineToken(app)).sub).toBe('robot')
  })

  test('a bound token works, and a person who is gone or a grant that was revoked ends a pairwise token too', async () => {
    const web = client(A)
    const app = new Application(await startServer([web]), web, { dpop: KEY })
    const { access, refresh } = await app.tokens()
    expect(told(await app.userinfo(access))).toBe('200')
    const ada = app.as.people.get('u_ada')
    app.as.people.delete('u_ada')
    expect(told(await app.userinfo(access))).toBe('401 invalid_token')
    if (ada !== undefined) app.as.people.set('u_ada', ada)
    await app.post('/revoke', { token: refresh })
    expect(told(await app.userinfo(access))).toBe('401 invalid_token')
  })
})

describe('OIDC-59 INT-06 introspection (docs/decisions/0013)', () => {
  test.each([
    ['jwt', PAIRWISE],
    ['opaque', /^u_ada$/],
  ] as const)('a resource server hears of a %s token what it would read in it, or the public name', async (format, seen) => {
    const { web, api, as } = await parties(format, { web: A })
    const { access } = await web.tokens({ scope: 'openid accounts:read' }, { resource: API })
    const answer = await introspect(api, access)
    expect(answer.body).toMatchObject({ active: true, sub: expect.stringMatching(seen) as string })
    if (format === 'jwt') expect(answer.body['sub']).toBe(decodeJwt(access).sub)
    as.people.delete('u_ada')
    expect((await introspect(api, access)).body).toEqual({ active: false })
  })

  test('one that is pairwise itself hears the name of its own sector', async () => {
    const { web, api } = await parties('opaque', { web: A, api: { pairwiseSector: 'api.example' } })
    const { access } = await web.tokens({ scope: 'openid accounts:read' }, { resource: API })
    const { body } = await introspect(api, access)
    expect(body['sub']).toMatch(PAIRWISE)
    expect(body['sub']).not.toBe(decodeJwt(String((await web.tokens()).answer.body['id_token'])).sub)
  })

  test('the client itself hears of its refresh token the name that it knows', async () => {
    const { web } = await parties('jwt', { web: A })
    const { refresh, answer } = await web.tokens({ scope: 'openid accounts:read' })
    expect((await introspect(web, refresh)).body).toMatchObject({ active: true, sub: decodeJwt(String(answer.body['id_token'])).sub })
  })
})

describe('OIDC-59 TEX-12 token exchange', () => {
  const exchange = (app: Application, token: string, over: Readonly<Record<string, string>> = {}): ReturnType<Application['post']> =>
    app.post('/token', { grant_type: TOKEN_EXCHANGE, subject_token: token, subject_token_type: ACCESS_TOKEN, ...over })

  test('the person goes on by their own name: the next API sees what its client may see', async () => {
    const { web, accounts, as } = await chain({ web: A })
    const events = eventsOf(as)
    const { access } = await web.tokens({ scope: 'openid accounts:read' }, { resource: API })
    const { body } = await exchange(accounts, access, { scope: 'payments' })
    expect(decodeJwt(String(body['access_token'])).sub).toBe('u_ada')
    expect(events.findLast(({ type }) => type === 'tokens.issued')?.subject).toBe('u_ada')
  })

  test('OIDC-33 what one client was allowed by name is not for the one that exchanges its token', async () => {
    const { web, accounts } = await chain({
      web: { scopes: ['openid', 'email', 'accounts:read'] },
      accounts: { scopes: ['openid', 'email'] },
    })
    const { access } = await web.tokens({ scope: 'openid accounts:read', claims: '{"userinfo":{"email":null}}' })
    expect((await web.userinfo(access)).body).toEqual({ sub: 'u_ada', email: 'ada@example.com' })
    const { body } = await exchange(accounts, access, { resource: ISSUER, scope: 'openid' })
    expect((await accounts.userinfo(String(body['access_token']))).body).toEqual({ sub: 'u_ada' })
  })

  test('a pairwise client that exchanges sees its own names, of the actor too', async () => {
    const { web, accounts, as } = await chain({ accounts: { pairwiseSector: 'accounts.example' } })
    const { access } = await web.tokens({ scope: 'openid accounts:read' }, { resource: API })
    const first = await exchange(accounts, access, { scope: 'payments' })
    const seen = decodeJwt(String(first.body['access_token']))
    expect([seen.sub, JSON.stringify(seen)]).toEqual([expect.stringMatching(PAIRWISE), expect.not.stringContaining('u_ada')])
    expect(decodeJwt(access).sub).toBe('u_ada')
    // Its own token, revoked by itself: the trail names the person.
    const events = eventsOf(as)
    await accounts.post('/revoke', { token: String(first.body['access_token']) })
    expect(events.map(({ type, subject }) => [type, subject])).toEqual([['token.revoked', 'u_ada']])
  })

  test('TEX-09 an actor is called as the exchanging client calls people', async () => {
    const { web } = await chain({ web: { pairwiseSector: 'app.example' } })
    const { access } = await web.tokens({ scope: 'openid accounts:read' }, { resource: API })
    const answer = await exchange(web, access, { actor_token: access, actor_token_type: JWT, resource: API, scope: 'accounts:read' })
    expect(told(answer)).toBe('200')
    const seen = decodeJwt(String(answer.body['access_token']))
    expect(seen['act']).toEqual({ sub: decodeJwt(access).sub, client_id: 'web' })
    expect(JSON.stringify(seen)).not.toContain('u_ada')
    const again = await exchange(web, String(answer.body['access_token']), { resource: API, scope: 'accounts:read' })
    expect(told(again)).toBe('200')
    expect(decodeJwt(String(again.body['access_token']))['act']).toEqual({ sub: 'web', client_id: 'web', act: seen['act'] })
    expect(JSON.stringify(decodeJwt(String(again.body['access_token'])))).not.toContain('u_ada')
  })
})
