import { decodeJwt, decodeProtectedHeader } from 'jose'
import { describe, expect, test } from 'vitest'
import { Application, hashOf, KEY, told } from '../test/application.ts'
import { authorizationParameters, Person } from '../test/person.ts'
import { client, ISSUER, startServer } from '../test/server.ts'

async function scene(
  over: Parameters<typeof client>[0] = {},
  keys: ConstructorParameters<typeof Application>[2] = {},
): Promise<Application> {
  const web = client(over)
  return new Application(await startServer([web]), web, keys)
}
const idToken = ({ body }: { readonly body: Readonly<Record<string, unknown>> }): ReturnType<typeof decodeJwt> =>
  decodeJwt(String(body['id_token']))

describe('the request', () => {
  test('OIDC-02 Core §3.1.2.2: without openid it is plain OAuth: no ID token, and userinfo is closed', async () => {
    const app = await scene()
    const { access, answer, refresh } = await app.tokens({ scope: 'profile accounts:read', nonce: 'n' })
    expect(answer.body).not.toHaveProperty('id_token')
    expect((await app.refresh(refresh)).body).not.toHaveProperty('id_token')
    expect(told(await app.userinfo(access))).toBe('401 invalid_token')
  })

  test('OIDC-03 Core §3.1.2.1: redirect_uri must be there, and a registered query is compared as it stands', async () => {
    const query = 'https://app.example/callback?from=op'
    const app = await scene({ redirectUris: [query] })
    const status = async (over: Readonly<Record<string, string | undefined>>): Promise<number> =>
      (await new Person(app.as).authorize(authorizationParameters(over))).status
    expect(await status({ redirect_uri: query })).toBe(303)
    for (const redirect of [
      undefined,
      'https://app.example/callback',
      `${query}&more=1`,
      'https://app.example/callback?from=other',
      `${query}#x`,
    ])
      expect(await status({ redirect_uri: redirect })).toBe(400)
    const seen = await app.person.through(authorizationParameters({ redirect_uri: query }))
    expect([seen.location?.searchParams.get('from'), seen.location?.searchParams.has('code')]).toEqual(['op', true])
  })

  test('OIDC-06 OIDC-07 Core §2: nonce may be left out; one that is sent comes back as it was, long and strange as it may be', async () => {
    const app = await scene()
    expect(idToken((await app.tokens()).answer)).not.toHaveProperty('nonce')
    for (const nonce of ['n', 'a'.repeat(64), 'ü "+%20\\ '.padEnd(512, '.')])
      expect(idToken((await app.tokens({ nonce })).answer)['nonce']).toBe(nonce)
  })

  test('OIDC-48 a response type that gives no access token is none of ours', async () => {
    const app = await scene()
    const seen = await new Person(app.as).authorize(
      authorizationParameters({ response_type: 'id_token', nonce: 'n', claims: '{"userinfo":{}}' }),
    )
    expect(seen.location?.searchParams.get('error')).toBe('unsupported_response_type')
  })
})

describe('the ID token', () => {
  test('OIDC-28 OIDC-32 OIDC-34 OIDC-36 Core §2: whose, for whom, how long and in which session; no azp, and nothing else', async () => {
    const app = await scene()
    const { answer, access } = await app.tokens({ scope: 'openid profile email', nonce: 'n' })
    const now = app.as.clock.now()
    const { items } = await app.as.store.list('session', 'subject', 'u_ada', { limit: 1 })
    expect(idToken(answer)).toEqual({
      iss: ISSUER,
      sub: 'u_ada',
      aud: 'web',
      iat: now,
      exp: now + 300,
      auth_time: now,
      amr: ['pwd'],
      nonce: 'n',
      at_hash: Buffer.from(hashOf(access), 'base64url').subarray(0, 16).toString('base64url'),
      sid: items[0]?.value.sid,
    })
    expect(decodeProtectedHeader(String(answer.body['id_token']))).toEqual({ alg: 'ES256', typ: 'JWT', kid: expect.any(String) as string })
  })

  test('OIDC-26 Core §12.2: a refreshed one keeps iss, sub, aud, sid and auth_time, has a new iat, and no nonce', async () => {
    const app = await scene()
    const { answer, refresh } = await app.tokens({ nonce: 'n' })
    const first = idToken(answer)
    app.as.clock.advance(100)
    const second = idToken(await app.refresh(refresh))
    for (const name of ['iss', 'sub', 'aud', 'auth_time', 'sid', 'amr']) expect(second[name]).toEqual(first[name])
    expect([second.iat, 'nonce' in second]).toEqual([(first.iat ?? 0) + 100, false])
  })
})

describe('OIDC-44 Core §5.3: userinfo', () => {
  test('OIDC-40 OIDC-44 a page of any origin may ask, after a preflight that allows a proof', async () => {
    const app = await scene({}, { dpop: KEY })
    const headers = { origin: 'https://spa.example' }
    const preflight = await app.as.fetch(`${ISSUER}/userinfo`, {
      method: 'OPTIONS',
      headers: { ...headers, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization,dpop' },
    })
    expect([
      preflight.status,
      preflight.headers.get('access-control-allow-origin'),
      preflight.headers.get('access-control-allow-methods'),
    ]).toEqual([204, '*', 'GET, POST'])
    expect(preflight.headers.get('access-control-allow-headers')).toContain('DPoP')
    const refused = await app.as.fetch(`${ISSUER}/userinfo`, { headers: { ...headers, authorization: 'DPoP nonsense' } })
    expect([
      refused.status,
      refused.headers.get('access-control-allow-origin'),
      refused.headers.get('access-control-expose-headers'),
    ]).toEqual([401, '*', 'DPoP-Nonce, WWW-Authenticate'])
    const { access } = await app.tokens()
    expect(told(await app.userinfo(access))).toBe('200')
    expect(told(await app.userinfo(access, { authorization: `Bearer ${access}` }))).toBe('401 invalid_token')
  })

  test('OIDC-41 what the account has as null or not at all is left out', async () => {
    const app = await scene()
    const ada = app.as.people.get('u_ada')
    if (ada !== undefined)
      app.as.people.set('u_ada', { ...ada, claims: { name: null, email: undefined, email_verified: false, updated_at: 0 } })
    expect((await app.userinfo((await app.tokens({ scope: 'openid profile email' })).access)).body).toEqual({
      sub: 'u_ada',
      email_verified: false,
      updated_at: 0,
    })
  })
})
