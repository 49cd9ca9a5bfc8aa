import { describe, expect, test } from 'vitest'
import { Application, told } from '../packages/server/src/test/application.ts'
import { claimsOf } from '../packages/server/src/test/details.ts'
import { authorizationParameters, Person } from '../packages/server/src/test/person.ts'
import { ISSUER, publicClient, SECRET, startServer } from '../packages/server/src/test/server.ts'

/** Applications that live in a browser and hold their tokens there (draft-ietf-oauth-browser-based-apps §6.3): what the server does for them. */

const CALLBACK = 'https://spa.example/callback'
const spa = publicClient({ clientId: 'spa', applicationType: 'web', redirectUris: [CALLBACK] })
const start = async (): Promise<Application> => new Application(await startServer([spa]), spa)
const asking = (over: Readonly<Record<string, string | undefined>> = {}): URLSearchParams =>
  authorizationParameters({ client_id: 'spa', redirect_uri: CALLBACK, ...over })
const preflight = { origin: 'https://spa.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'dpop' }

test('SPA-01 §6.3.2.1: PKCE is demanded of it, at both ends', async () => {
  const app = await start()
  const refused = await app.person.through(asking({ code_challenge: undefined, code_challenge_method: undefined }))
  expect(refused.location?.searchParams.get('error')).toBe('invalid_request')
  expect(told(await app.redeem(await app.code(), { code_verifier: 'w'.repeat(43) }))).toBe('400 invalid_grant')
})

describe('SPA-02 §6.3.3.4: scripts of its page may call', () => {
  test.each(['/token', '/revoke', '/userinfo', '/par', '/jwks', '/.well-known/openid-configuration'])(
    '%s: any origin after a preflight, and never with cookies',
    async (path) => {
      const { as } = await start()
      const asked = await as.fetch(ISSUER + path, { method: 'OPTIONS', headers: preflight })
      const answered = await as.fetch(ISSUER + path, { headers: { origin: 'https://spa.example' } })
      for (const { headers } of [asked, answered])
        expect([headers.get('access-control-allow-origin'), headers.get('access-control-allow-credentials')]).toEqual(['*', null])
    },
  )
  test('the answer itself is for the client that may have it: another one’s code is refused', async () => {
    const other = publicClient({ clientId: 'other', applicationType: 'web', redirectUris: ['https://other.example/callback'] })
    const as = await startServer([spa, other])
    const code = await new Application(as, spa).code()
    const stolen = { client_id: 'other', redirect_uri: CALLBACK }
    expect(told(await new Application(as, other).redeem(code, stolen))).toBe('400 invalid_grant')
  })
  test('no script may call what a person sees', async () => {
    const { as } = await start()
    const seen = await as.fetch(`${ISSUER}/authorize?${asking()}`, { headers: { origin: 'https://spa.example' } })
    expect(seen.headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('SPA-03 §6.3.2.3: its refresh tokens', () => {
  test('are new each time, and an old one ends them all', async () => {
    const app = await start()
    const first = await app.tokens()
    const second = await app.refresh(first.refresh)
    expect([told(second), second.body['refresh_token'] === first.refresh]).toEqual(['200', false])
    app.as.clock.advance(3600)
    expect(told(await app.refresh(first.refresh))).toBe('400 invalid_grant')
    expect(told(await app.refresh(String(second.body['refresh_token'])))).toBe('400 invalid_grant')
  })
  test('end on a day that no rotation moves', async () => {
    const app = await start()
    let { refresh } = await app.tokens()
    let days = 0
    for (; days < 400; days++) {
      app.as.clock.advance(24 * 3600)
      const answer = await app.refresh(refresh)
      if (answer.status !== 200) break
      refresh = String(answer.body['refresh_token'])
    }
    expect(days).toBeGreaterThan(1)
    expect(days).toBeLessThan(100)
  })
  test('end with the session of the person', async () => {
    const app = await start()
    const { refresh } = await app.tokens()
    const page = await app.person.go(`${ISSUER}/end-session`)
    expect((await app.person.submit(page, { answer: 'allow' })).status).toBeLessThan(400)
    expect(told(await app.refresh(refresh))).toBe('400 invalid_grant')
  })
})

test('SPA-04 §6.3.3.1: no secret is wanted of it, and one does not make it another client', async () => {
  const app = await start()
  expect((await app.tokens()).answer.status).toBe(200)
  const secret = { credentials: { parameters: { client_id: 'spa', client_secret: SECRET } } }
  expect(told(await app.redeem(await app.code(), {}, secret))).toBe('401 invalid_client')
})

test.each([
  'https://spa.example/callback/',
  'https://spa.example/callback?x=1',
  'https://evil.example/callback',
  'http://spa.example/callback',
])('SPA-05 §6.3.3.2: %s is not the address that was registered', async (redirect_uri) => {
  const { person } = await start()
  const seen = await person.authorize(asking({ redirect_uri }))
  expect([seen.status, seen.location]).toEqual([400, undefined])
})

test('SPA-07 §7.2, §7.3: no token comes through the address, and none for a password', async () => {
  const app = await start()
  for (const response_type of ['token', 'id_token', 'id_token token', 'code token']) {
    const { location } = await new Person(app.as).through(asking({ response_type }))
    expect([location?.searchParams.get('error'), location?.hash]).toEqual(['unsupported_response_type', ''])
  }
  expect(told(await app.post('/token', { grant_type: 'password', username: 'ada', password: 'x' }))).toBe('400 unsupported_grant_type')
})

test('SPA-10 §9.1: an ID token says who it is and how she signed in; name and address are at userinfo', async () => {
  const { answer } = await (await start()).tokens({ scope: 'openid profile email', nonce: 'n' })
  const said = Object.keys(claimsOf(String(answer.body['id_token'])))
  expect(said).toContain('sub')
  expect(said.filter((name) => ['name', 'email', 'email_verified'].includes(name))).toEqual([])
})
