import { describe, expect, test } from 'vitest'
import { Application } from '../test/application.ts'
import { authorizationParameters, Person, type Seen } from '../test/person.ts'
import { client, ISSUER, PASSWORD, startServer } from '../test/server.ts'

const asking = (over: Readonly<Record<string, string>>): URLSearchParams => authorizationParameters(over)
const errorOf = ({ location }: Seen): string | null | undefined => location?.searchParams.get('error')
const claims = (member: 'id_token' | 'userinfo', sub: object): string => JSON.stringify({ [member]: { sub } })

describe('sub by value', () => {
  test('OIDC-19 Core §5.5.1: only the person whom the claims name, in either member; nobody else gets a code', async () => {
    const as = await startServer()
    const person = new Person(as)
    await person.through()
    for (const member of ['id_token', 'userinfo'] as const) {
      for (const right of [{ value: 'u_ada' }, { values: ['u_bob', 'u_ada'] }])
        expect((await person.authorize(asking({ claims: claims(member, right), prompt: 'none' }))).location?.searchParams.has('code')).toBe(
          true,
        )
      for (const wrong of [{ value: 'u_bob' }, { values: ['u_bob', 1] }, { value: null }])
        expect(errorOf(await person.authorize(asking({ claims: claims(member, wrong), prompt: 'none' })))).toBe('login_required')
    }
    const page = await person.arrive(`${ISSUER}/authorize?${asking({ claims: claims('id_token', { value: 'u_bob' }) })}`)
    expect(page.text).toContain('login-submit')
    const answered = await person.submit(page, { username: 'ada', password: PASSWORD })
    expect(errorOf(await person.go(answered.location ?? ''))).toBe('login_required')
  })

  test('OIDC-19 OIDC-59 a pairwise client names people as it knows them', async () => {
    const pairwise = client({ pairwiseSector: 'app.example' })
    const as = await startServer([pairwise])
    const app = new Application(as, pairwise)
    const { answer } = await app.tokens()
    const { sub } = JSON.parse(Buffer.from(String(answer.body['id_token']).split('.')[1] ?? '', 'base64url').toString()) as { sub: string }
    expect(sub).not.toBe('u_ada')
    const ask = (value: string): Promise<Seen> => app.person.authorize(asking({ claims: claims('id_token', { value }), prompt: 'none' }))
    expect((await ask(sub)).location?.searchParams.has('code')).toBe(true)
    expect(errorOf(await ask('u_ada'))).toBe('login_required')
  })
})

describe('offline_access', () => {
  const OFFLINE = { scopes: ['openid', 'profile', 'offline_access'] }

  test('OIDC-25 Core §11: given by the person on a page that says so, and by nothing less', async () => {
    const registered = client(OFFLINE)
    const as = await startServer([registered])
    const app = new Application(as, registered)
    await app.code()
    expect(errorOf(await app.person.authorize(asking({ scope: 'openid profile offline_access', prompt: 'none' })))).toBe('consent_required')
    const page = await app.person.arrive(`${ISSUER}/authorize?${asking({ scope: 'openid profile offline_access' })}`)
    expect(page.text).toContain('Keep this access when you are away')
    const allowed = await app.person.submit(page, { answer: 'allow' })
    const { body } = await app.redeem(allowed.location?.searchParams.get('code') ?? '')
    expect(body).toMatchObject({ scope: 'openid profile offline_access', refresh_token: expect.any(String) as string })
  })

  test('OIDC-25 ignored, and shown to nobody, where the client may have no refresh token', async () => {
    const registered = client({ ...OFFLINE, grantTypes: ['authorization_code'] })
    const app = new Application(await startServer([registered]), registered)
    const page = await app.person.arrive(`${ISSUER}/authorize?${asking({ scope: 'openid offline_access' })}`)
    const consent = await app.person.go((await app.person.submit(page, { username: 'ada', password: PASSWORD })).location ?? '')
    expect(consent.text).not.toContain('when you are away')
    const allowed = await app.person.submit(consent, { answer: 'allow' })
    const { body } = await app.redeem(allowed.location?.searchParams.get('code') ?? '')
    expect([body['scope'], body['refresh_token']]).toEqual(['openid', undefined])
  })
})

describe('where answers go', () => {
  test('OIDC-61 Multiple Response Types §2.1: query for a code that says nothing else, and no token ever in the front channel', async () => {
    const person = new Person(await startServer())
    const answered = await person.through()
    expect([answered.location?.searchParams.has('code'), answered.location?.hash]).toEqual([true, ''])
    for (const response_type of ['token', 'id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token']) {
      const seen = await person.authorize(asking({ response_type, nonce: 'n' }))
      expect([response_type, errorOf(seen), seen.location?.hash]).toEqual([response_type, 'unsupported_response_type', ''])
      expect(seen.location?.search).not.toMatch(/token=/)
    }
  })

  test('OIDC-60 Form Post §2: errors come by the form as well, hostile state escaped', async () => {
    const person = new Person(await startServer())
    const seen = await person.authorize(asking({ response_mode: 'form_post', prompt: 'none', state: '"><script>' }))
    expect([seen.status, seen.location, seen.headers.get('cache-control')]).toEqual([200, undefined, 'no-store'])
    expect(seen.text).toMatch(
      /<form[^>]* method="post"[^>]* action="https:\/\/app\.example\/callback"|<form[^>]* action="https:\/\/app\.example\/callback"[^>]* method="post"/,
    )
    expect(seen.text).toContain('name="error" value="login_required"')
    expect(seen.text).toContain('name="state" value="&quot;>&lt;script>"')
  })
})
