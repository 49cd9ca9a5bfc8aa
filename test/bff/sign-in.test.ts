import { beforeEach, describe, expect, test } from 'vitest'
import { ISSUER } from '../../packages/server/src/test/server.ts'
import { answer, COOKIE, CSRF, sessionOf, SHOP, signIn, startWorld, type World } from './world.ts'

let world: World
beforeEach(async () => {
  world = await startWorld()
})
const bodies = (path: string): readonly URLSearchParams[] =>
  world.net.traffic.filter(({ url }) => url === ISSUER + path).map(({ requestBody }) => new URLSearchParams(requestBody))

describe('sign-in at Holdfast', () => {
  test('BFF-01 BFF-02 BFF-03 BFF-09 FAPI-50 FAPI-56: PAR, PKCE, private_key_jwt and DPoP; nothing of it reaches a script', async () => {
    const browser = await signIn(world)
    expect(browser.url).toBe(`${SHOP}/orders?page=2`)
    expect(await sessionOf(browser)).toEqual({
      active: true,
      claims: { sub: 'u_ada', name: 'Ada Lovelace', email: 'ada@example.com', email_verified: true },
      idle_at: world.as.clock.now() + 1800,
      ends_at: world.as.clock.now() + 28800,
      logout_url: expect.stringMatching(/^\/bff\/logout\?t=[\w-]{43}$/),
    })
    const pushed = bodies('/par').at(-1)
    expect(Object.fromEntries(pushed ?? [])).toMatchObject({ code_challenge_method: 'S256', response_type: 'code', client_id: 'shop' })
    expect(pushed?.has('client_assertion')).toBe(true)
    const front = world.net.traffic.find(({ url }) => url.startsWith(`${ISSUER}/authorize?`))?.url ?? ''
    expect([...new URL(front).searchParams.keys()]).toEqual(['client_id', 'request_uri'])
    // What a script could read of all that was answered to the browser.
    const [access] = world.net.traffic
      .filter(({ url }) => url === `${ISSUER}/token`)
      .map(({ responseBody }) => responseBody)
      .slice(-1)
    const { access_token: token, id_token: idToken } = JSON.parse(access ?? '{}') as Record<string, string>
    const answered = world.net.traffic
      .filter(({ url }) => url.startsWith(SHOP))
      .map(({ responseBody, responseHeaders }) => responseBody + JSON.stringify(responseHeaders))
    for (const secret of [token, idToken]) expect(answered.join('')).not.toContain(secret)
    expect(browser.cookies.toScripts(`${SHOP}/`)).toBe('')
    expect(world.events).toEqual([{ type: 'session.started', sub: 'u_ada' }])
  })

  test('RAR-11 RFC 9396 §11.4: what is asked for is pushed: whoever edits the address in the browser asks for nothing more', async () => {
    const browser = world.browser()
    browser.follow = false
    await browser.goto(`${SHOP}/bff/login?authorization_details=%5B%7B%22type%22%3A%22payment%22%7D%5D`)
    expect(bodies('/par').at(-1)?.has('authorization_details')).toBe(false)
    const url = new URL(browser.header('location') ?? '')
    url.searchParams.set('authorization_details', '[{"type":"payment"}]')
    url.searchParams.set('scope', 'openid profile email orders:read accounts:read')
    url.searchParams.set('resource', 'https://evil.example')
    browser.follow = true
    await browser.goto(url.href)
    await answer(browser)
    await browser.click('#continue')
    expect(await sessionOf(browser)).toMatchObject({ active: true })
    const [granted] = world.net.traffic.filter(({ url: to }) => to === `${ISSUER}/token`).slice(-1)
    const { scope, authorization_details: details } = JSON.parse(granted?.responseBody ?? '{}') as Record<string, unknown>
    expect([scope, details]).toEqual(['openid profile email', undefined])
    expect(await (await browser.fetch(`${SHOP}/api/orders/7`, CSRF)).json()).toEqual({ sub: 'u_ada', scopes: ['orders:read'] })
  })

  test('MCP-52 BFF-45: the API is named in both requests, and each token is for one resource', async () => {
    const browser = await signIn(world)
    expect(bodies('/par').at(-1)?.getAll('resource')).toEqual([ISSUER, 'https://orders.example/v1'])
    expect(bodies('/token').at(-1)?.getAll('resource')).toEqual([ISSUER])
    const answered = await browser.fetch(`${SHOP}/api/orders/7`, CSRF)
    expect([answered.status, await answered.json()]).toEqual([200, { sub: 'u_ada', scopes: ['orders:read'] }])
    expect(bodies('/token').at(-1)?.getAll('resource')).toEqual(['https://orders.example/v1'])
  })

  test('BFF-20 BFF-21 BFF-22: the cookie is Secure, HttpOnly, Strict, of this host alone, and arrives by a page of our own', async () => {
    const browser = await signIn(world)
    const callback = world.net.traffic.find(({ url }) => url.startsWith(`${SHOP}/bff/callback?`))
    expect(callback?.status).toBe(200)
    expect(callback?.responseBody).toContain('<meta http-equiv="refresh" content="0; url=/orders?page=2">')
    const lines = callback?.responseHeaders.filter(([name]) => name === 'set-cookie').map(([, value]) => value) ?? []
    expect(lines[0]).toMatch(/^__Host-Http-holdfast-bff=[\w-]{69}; Path=\/; HttpOnly; SameSite=Strict; Secure$/)
    expect(lines[1]).toMatch(/^__Host-Http-holdfast-bff-t-[\w-]{16}=; Path=\/; Max-Age=0; /)
    expect(
      browser.cookies
        .all()
        .map(({ name }) => name)
        .filter((name) => name.startsWith('__Host-Http-holdfast-bff')),
    ).toEqual([COOKIE])
  })

  test('BFF-07: the cookie of the sign-in is Lax and lives ten minutes', async () => {
    const browser = world.browser()
    browser.follow = false
    await browser.goto(`${SHOP}/bff/login`)
    expect([browser.status, browser.header('location')?.startsWith(`${ISSUER}/authorize?`)]).toEqual([303, true])
    expect(browser.header('set-cookie')).toMatch(
      /^__Host-Http-holdfast-bff-t-[\w-]{16}=[\w.-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/,
    )
  })

  test('BFF-07: each sign-in has a new id, and the session before is over', async () => {
    const browser = await signIn(world)
    const before = browser.cookies.get(SHOP, COOKIE)
    await browser.goto(`${SHOP}/`)
    await browser.click('#login')
    await answer(browser)
    const after = browser.cookies.get(SHOP, COOKIE)
    expect(after).not.toBe(before)
    browser.cookies.set(SHOP, `${COOKIE}=${before}; Path=/; Secure; HttpOnly`)
    await browser.click('#continue')
    expect(await sessionOf(browser)).toEqual({ active: false, login_url: '/bff/login?return_to=' })
    expect(world.events.map(({ type, reason }) => [type, reason])).toContainEqual(['session.ended', 'replaced'])
  })

  test('several tabs sign in at once; the oldest of too many is dropped', async () => {
    const browser = world.browser()
    browser.follow = false
    for (let tab = 0; tab < 6; tab++) await browser.goto(`${SHOP}/bff/login`)
    expect(browser.cookies.all().filter(({ name }) => name.includes('-t-'))).toHaveLength(4)
  })

  test('STEP-21 STEP-24 STEP-25: a step-up asks for max_age and scopes besides what was granted, comes back to the page, and replaces the session', async () => {
    const browser = await signIn(world)
    const before = browser.cookies.get(SHOP, COOKIE)
    world.as.clock.advance(61)
    const challenged = await browser.fetch(`${SHOP}/api/orders/pay`, CSRF)
    expect(challenged.status).toBe(401)
    await browser.goto(`${SHOP}/bff/login?max_age=60&scope=accounts%3Aread&return_to=%2Fcart`)
    await answer(browser)
    await browser.click('#continue')
    expect(browser.url).toBe(`${SHOP}/cart`)
    expect(bodies('/par').at(-1)?.get('max_age')).toBe('60')
    expect(bodies('/par').at(-1)?.get('scope')).toBe('openid profile email orders:read accounts:read')
    expect((await browser.fetch(`${SHOP}/api/orders/pay`, CSRF)).status).toBe(200)
    expect(browser.cookies.get(SHOP, COOKIE)).not.toBe(before)
    expect(world.events.filter(({ type }) => type === 'session.ended')).toEqual([
      { type: 'session.ended', reason: 'replaced', sub: 'u_ada' },
    ])
  })

  test('STEP-23: a level that nobody can reach comes back as an error, and the session stays', async () => {
    const browser = await signIn(world)
    await browser.goto(`${SHOP}/bff/login?acr_values=urn%3Anever&return_to=%2Fcart`)
    await answer(browser)
    await browser.click('#continue')
    expect(browser.url).toBe(`${SHOP}/cart?login_error=unmet_authentication_requirements`)
    expect(await sessionOf(browser)).toMatchObject({ active: true })
  })

  test('a person who says no comes back with a code, and nobody is signed in', async () => {
    const browser = world.browser()
    await browser.goto(`${SHOP}/bff/login?return_to=%2F`)
    browser.fill('#username', 'ada').fill('#password', 'correct horse battery')
    await browser.click('#login-submit')
    await browser.click('button[value=deny]')
    await browser.click('#continue')
    expect(browser.url).toBe(`${SHOP}/?login_error=access_denied`)
    expect(await sessionOf(browser)).toMatchObject({ active: false })
  })
})
