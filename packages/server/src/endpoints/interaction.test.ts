import { describe, expect, test } from 'vitest'
import { authorizationParameters, Person, type Seen } from '../test/person.ts'
import { client, ISSUER, PASSWORD, publicClient, startServer, type TestServer } from '../test/server.ts'

async function opened(
  as: TestServer,
  over: Readonly<Record<string, string | undefined>> = {},
): Promise<{ readonly person: Person; readonly page: Seen; readonly url: string }> {
  const person = new Person(as)
  const { location } = await person.authorize(authorizationParameters(over))
  const url = location?.href ?? ''
  return { person, page: await person.go(url), url }
}

const ADA = { username: 'ada', password: PASSWORD }

describe('pages', () => {
  test('BCP-51 OA-37 RFC 9700 §4.16: sign-in, consent and error pages cannot be framed, cached or leak a referrer', async () => {
    const as = await startServer()
    const { person, page, url } = await opened(as)
    await person.submit(page, ADA)
    const consent = await person.go(url)
    const error = await person.authorize('client_id=nobody')
    for (const seen of [page, consent, error]) {
      expect(seen.headers.get('content-security-policy')).toMatch(/default-src 'none';.*frame-ancestors 'none'/)
      expect(
        ['x-frame-options', 'referrer-policy', 'cache-control', 'x-content-type-options'].map((name) => seen.headers.get(name)),
      ).toEqual(['DENY', 'no-referrer', 'no-store', 'nosniff'])
    }
  })

  test('OA-08 OIDC-22 BCP-23 hostile parameters are text on the pages, which load nothing from elsewhere', async () => {
    const hostile = '"><script>alert(1)</script>'
    const { page } = await opened(await startServer([client({ clientName: hostile })]), { login_hint: hostile, state: hostile })
    expect(page.text).not.toContain('<script')
    expect(page.text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
  })

  test('OIDC-17 login_hint prefills the name', async () => {
    expect((await opened(await startServer(), { login_hint: 'ada' })).page.text).toMatch(/id="username"[^>]* value="ada"/)
  })

  test('OA-38 FAPI-39 the consent page names the client, the person, the place and each permission in words', async () => {
    const as = await startServer()
    const { person, page, url } = await opened(as, { scope: 'openid accounts:read' })
    await person.submit(page, ADA)
    const { text } = await person.go(url)
    for (const words of ['Web application', 'Ada', 'app.example', 'See your accounts', 'Know who you are', 'consent-allow', 'consent-deny'])
      expect(text).toContain(words)
  })

  test('A43 RFC 9126 §7: what was asked never stands in the address or in a cookie of the browser', async () => {
    const { person, url } = await opened(await startServer(), { nonce: 'a-nonce-to-look-for' })
    expect(`${url} ${[...person.cookies.values()].join(' ')}`).not.toContain('a-nonce-to-look-for')
  })
})

describe('signing in', () => {
  test('BCP-06 BCP-40 the session has a new id after sign-in, and the old one is worth nothing', async () => {
    const as = await startServer()
    const { person, page, url } = await opened(as)
    const before = new Map(person.cookies)
    expect((await person.submit(page, ADA)).status).toBe(303)
    expect(person.cookies.get('__Host-holdfast-as')).not.toBe(before.get('__Host-holdfast-as'))
    const thief = new Person(as)
    for (const [name, value] of before) thief.cookies.set(name, value)
    expect((await thief.go(url)).status).toBe(400)
  })

  test('the cookie is bound to the host, and out of reach of scripts and of plain http', async () => {
    const response = await (await startServer()).fetch(`${ISSUER}/authorize?${authorizationParameters()}`)
    expect(response.headers.get('set-cookie')).toMatch(/^__Host-holdfast-as=[\w-]+; Path=\/; HttpOnly; SameSite=Lax; Secure$/)
  })

  test('A58 an unknown name and a wrong password get the same answer', async () => {
    const as = await startServer()
    const answers = []
    for (const fields of [
      { username: 'ada', password: 'wrong' },
      { username: 'nobody', password: 'wrong' },
    ]) {
      const { person, page } = await opened(as)
      const { status, text } = await person.submit(page, fields)
      answers.push([status, text.replace(/name="csrf" value="[^"]+"|action="[^"]+"|value="(?:ada|nobody)"/g, '')])
    }
    expect(answers[0]).toEqual(answers[1])
    expect(answers[0]?.[0]).toBe(400)
  })

  test('a disabled person cannot sign in, and is not told why', async () => {
    const as = await startServer()
    const ada = as.people.get('u_ada')
    if (ada !== undefined) as.people.set('u_ada', { ...ada, disabled: true })
    const { person, page } = await opened(as)
    expect((await person.submit(page, ADA)).text).toContain('The user name or the password is wrong')
  })

  test('OA-49 of 40 attempts at once from one address, ten are checked, and the right password is refused for a quarter of an hour', async () => {
    let checked = 0
    const as = await startServer(undefined, {
      accounts: {
        find: () => Promise.resolve(undefined),
        verifyPassword: () => {
          checked++
          return Promise.resolve(undefined)
        },
      },
    })
    const { person, page } = await opened(as)
    const all = await Promise.all(Array.from({ length: 40 }, () => person.submit(page, { username: 'ada', password: 'guess' })))
    expect([all.filter((seen) => seen.status === 429).length, checked]).toEqual([30, 10])
    expect((await person.submit(page, ADA)).status).toBe(429)
    as.clock.advance(900)
    await person.submit((await opened(as)).page, ADA)
    expect(checked).toBe(10)
  })

  test('signing in gives the attempt back: a person who signs in often is not locked out', async () => {
    const as = await startServer()
    for (let times = 0; times < 15; times++) {
      const { person, page } = await opened(as)
      expect((await person.submit(page, ADA)).status).toBe(303)
    }
  })
})

describe('no step can be skipped', () => {
  test('A56 an empty answer to the sign-in page leaves the person there', async () => {
    const { person, page, url } = await opened(await startServer())
    expect((await person.submit(page, {})).text).toContain('login-submit')
    expect((await person.go(url)).text).toContain('login-submit')
  })

  test('OA-27 A56 consenting before signing in is taken as an answer to the sign-in page', async () => {
    const { person, page } = await opened(await startServer())
    const seen = await person.submit(page, { answer: 'allow' })
    expect([seen.status, seen.location, seen.text.includes('login-submit')]).toEqual([400, undefined, true])
  })

  test('A56 an empty answer to the consent page is no consent', async () => {
    const { person, page, url } = await opened(await startServer())
    await person.submit(page, ADA)
    const seen = await person.submit(await person.go(url), {})
    expect([seen.location?.href, (await person.go(url)).text.includes('consent-allow')]).toEqual([url, true])
  })

  test('OIDC-22 a form with another token, or from another site, is refused and changes nothing', async () => {
    const { person, page, url } = await opened(await startServer())
    const foreign: readonly [Readonly<Record<string, string>>, Readonly<Record<string, string>>][] = [
      [{ ...ADA, csrf: 'x'.repeat(43) }, {}],
      [ADA, { 'sec-fetch-site': 'cross-site' }],
      [ADA, { origin: 'https://evil.example' }],
    ]
    for (const [fields, headers] of foreign) expect((await person.submit(page, fields, headers)).status).toBe(403)
    expect((await person.go(url)).text).toContain('login-submit')
    expect((await person.submit(page, ADA, { 'sec-fetch-site': 'same-origin', origin: ISSUER })).status).toBe(303)
  })

  test('A28 the page of one browser is not valid in another, even when somebody is signed in there', async () => {
    const as = await startServer()
    const { url } = await opened(as)
    const other = new Person(as)
    await other.through()
    const seen = await other.go(url)
    expect([seen.status, seen.text.includes('id="oauth-error"'), seen.location]).toEqual([400, true, undefined])
  })

  test('the page is over after the answer: the back button and a bookmark end on a page that says so', async () => {
    const { person, page, url } = await opened(await startServer())
    await person.submit(page, ADA)
    const consent = await person.go(url)
    await person.submit(consent, { answer: 'allow' })
    for (const seen of [await person.go(url), await person.submit(consent, { answer: 'allow' })])
      expect([seen.status, seen.text.includes('no longer valid')]).toEqual([400, true])
  })

  test('an interaction ends after half an hour', async () => {
    const as = await startServer()
    const { person, page } = await opened(as)
    as.clock.advance(1800)
    expect((await person.submit(page, ADA)).status).toBe(400)
  })

  test('OIDC-13 a refusal is told to the client as access_denied, and the request is over', async () => {
    const { person, page, url } = await opened(await startServer())
    await person.submit(page, ADA)
    const seen = await person.submit(await person.go(url), { answer: 'deny' })
    expect([seen.status, seen.location?.searchParams.get('error')]).toEqual([303, 'access_denied'])
    expect((await person.go(url)).status).toBe(400)
  })
})

describe('asking again', () => {
  const again = async (over: Readonly<Record<string, string>>, wait = 0, as?: TestServer): Promise<Seen> => {
    const server = as ?? (await startServer())
    const person = new Person(server)
    await person.through()
    server.clock.advance(wait)
    const seen = await person.authorize(authorizationParameters(over))
    return seen.location?.href.startsWith(ISSUER) === true ? person.go(seen.location) : seen
  }

  test('OIDC-23 what was allowed before is not asked again', async () => {
    expect((await again({})).location?.searchParams.has('code')).toBe(true)
    expect((await again({ prompt: 'none' })).location?.searchParams.has('code')).toBe(true)
  })
  test('OIDC-24 OIDC-10 what is new is asked, or consent_required with prompt none', async () => {
    expect((await again({ scope: 'openid profile email' })).text).toContain('consent-allow')
    expect((await again({ scope: 'openid email', prompt: 'none' })).location?.searchParams.get('error')).toBe('consent_required')
  })
  test('OIDC-13 prompt consent always asks', async () => {
    expect((await again({ prompt: 'consent' })).text).toContain('consent-allow')
  })
  test('OIDC-12 OIDC-14 prompt login signs in anew, and select_account offers the choice', async () => {
    expect((await again({ prompt: 'login' })).text).toContain('login-submit')
    expect((await again({ prompt: 'select_account' })).text).toContain('account-other')
  })
  test('OIDC-16 max_age signs in anew when it is over, and max_age 0 always', async () => {
    expect((await again({ max_age: '60' }, 60)).location?.searchParams.has('code')).toBe(true)
    expect((await again({ max_age: '60' }, 61)).text).toContain('login-submit')
    expect((await again({ max_age: '0' })).text).toContain('login-submit')
    expect((await again({ max_age: '60', prompt: 'none' }, 61)).location?.searchParams.get('error')).toBe('login_required')
  })
  test('two tabs that come back at once after a while both get their code', async () => {
    const as = await startServer()
    const person = new Person(as)
    await person.through()
    as.clock.advance(3600)
    const tabs = await Promise.all(Array.from({ length: 10 }, () => person.authorize()))
    expect(tabs.map((seen) => seen.location?.searchParams.has('code'))).toEqual(Array.from({ length: 10 }, () => true))
  })
  test('a session ends when it was idle for two hours, and after twelve in any case', async () => {
    expect((await again({}, 7199)).location?.searchParams.has('code')).toBe(true)
    expect((await again({}, 7200)).text).toContain('login-submit')
    const as = await startServer()
    const person = new Person(as)
    await person.through()
    for (let hours = 1; hours < 12; hours++) {
      as.clock.advance(3600)
      expect((await person.authorize()).location?.searchParams.has('code')).toBe(true)
    }
    as.clock.advance(3600)
    expect((await person.authorize()).location?.pathname).toMatch(/^\/interaction\//)
  })
  test('OA-28 OAuth 2.1 §7.3: a public client on this device is asked about each time', async () => {
    const as = await startServer([publicClient()])
    const person = new Person(as)
    const native = authorizationParameters({ client_id: 'app', redirect_uri: 'http://127.0.0.1:1234/callback' })
    await person.through(native)
    const seen = await person.authorize(native)
    expect((await person.go(seen.location ?? '')).text).toContain('consent-allow')
  })
})
