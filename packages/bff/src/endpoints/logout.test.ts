import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FOREIGN } from '../test/foreign-server.ts'
import { call, COOKIE, CSRF, sessionOf, SHOP, signIn, startWorld, type World } from '../test/world.ts'
import type { Browser } from '@holdfast/testing/browser'

let world: World
let browser: Browser
let handle: string
beforeEach(async () => {
  world = startWorld()
  browser = await signIn(world)
  handle = browser.cookies.get(SHOP, COOKIE) ?? ''
})
afterEach(() => expect(world.net.faults).toEqual([]))

const POST: RequestInit = { ...CSRF, method: 'POST' }
/** Whether somebody with a copy of the cookie is still in. */
async function isOver(): Promise<boolean> {
  const thief = world.browser()
  thief.cookies.set(SHOP, `${COOKIE}=${handle}; Path=/; Secure; HttpOnly`)
  await thief.goto(`${SHOP}/`)
  return (await sessionOf(thief))['active'] === false
}

describe('sign-out', () => {
  test('BFF-10 BFF-02: by a script: revoked, over, and on to the server by a navigation; the script sees no ID token', async () => {
    const refresh = world.net.traffic
      .map(({ responseBody }) => /"refresh_token":"([^"]+)"/.exec(responseBody)?.[1])
      .find((one) => one !== undefined)
    const answer = await browser.fetch(`${SHOP}/bff/logout`, POST)
    expect(await answer.json()).toEqual({ location: '/bff/logout' })
    expect(world.server.revoked).toEqual([refresh])
    expect(await isOver()).toBe(true)
    browser.follow = false
    await browser.goto(`${SHOP}/bff/logout`)
    const location = new URL(browser.header('location') ?? '')
    expect(location.origin + location.pathname).toBe(`${FOREIGN}/end`)
    expect(Object.fromEntries(location.searchParams)).toEqual({
      client_id: 'shop',
      post_logout_redirect_uri: `${SHOP}/`,
      id_token_hint: expect.stringMatching(/^ey[\w-]+\.[\w-]+\.[\w-]+$/),
    })
    // Once.
    await browser.goto(`${SHOP}/bff/logout`)
    expect(browser.header('location')).toBe('/')
    expect(browser.cookies.all().filter(({ host }) => host === 'shop.example')).toEqual([])
  })

  test('BFF-35: by a link of this session, without scripts', async () => {
    const { logout_url: link } = await sessionOf(browser)
    browser.follow = false
    await browser.goto(SHOP + String(link))
    expect([browser.status, browser.header('location')?.startsWith(`${FOREIGN}/end?`)]).toEqual([303, true])
    expect(browser.header('cache-control')).toBe('no-store')
    expect(await isOver()).toBe(true)
  })

  test.each<[string, string, RequestInit]>([
    ['a link without a token', '/bff/logout', {}],
    ['a link with another token', `/bff/logout?t=${'a'.repeat(43)}`, {}],
    [
      'a form without a token',
      '/bff/logout',
      { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=1' },
    ],
    ['a POST without a header', '/bff/logout', { method: 'POST' }],
    ['a POST with a wrong header', '/bff/logout', { method: 'POST', headers: { 'x-holdfast-csrf': '0' } }],
  ])('BFF-30 BFF-35: %s signs nobody out', async (_name, path, init) => {
    expect((await browser.fetch(SHOP + path, init)).status).toBe(403)
    expect(await isOver()).toBe(false)
    expect(world.server.revoked).toEqual([])
  })

  test('BFF-35: the link of one session does not sign out another', async () => {
    const { logout_url: link } = await sessionOf(browser)
    const other = await signIn(world, 'u2')
    expect((await other.fetch(SHOP + String(link))).status).toBe(403)
    expect(await sessionOf(other)).toMatchObject({ active: true })
  })

  test('BFF-34: a form of another site with the right token is refused', async () => {
    const { logout_url: link } = await sessionOf(browser)
    const reply = await world.net.send(`${SHOP}/bff/logout`, {
      method: 'POST',
      headers: [
        ['cookie', `${COOKIE}=${handle}`],
        ['origin', 'https://evil.example'],
        ['content-type', 'application/x-www-form-urlencoded'],
      ],
      body: String(link).split('?')[1] ?? '',
    })
    expect(reply.status).toBe(403)
  })

  test('BFF-10: a server that is away keeps nobody signed in', async () => {
    world.net.cut(FOREIGN)
    expect((await browser.fetch(`${SHOP}/bff/logout`, POST)).status).toBe(200)
    expect(await isOver()).toBe(true)
    expect(world.events).toContainEqual(expect.objectContaining({ type: 'revocation.failed' }))
    expect((await call(browser)).status).toBe(401)
  })

  test('LOGO-07: nobody is signed in, and that is no error', async () => {
    const nobody = await world.browser().goto(`${SHOP}/`)
    expect(await (await nobody.fetch(`${SHOP}/bff/logout`, POST)).json()).toEqual({ location: '/' })
  })
})

describe('the session endpoint', () => {
  test('BFF-30 BFF-32: no other origin reads it, and the cookie alone is not enough', async () => {
    expect((await browser.fetch(`${SHOP}/bff/session`)).status).toBe(403)
  })
  test('nothing of it is kept by caches', async () => {
    expect((await browser.fetch(`${SHOP}/bff/session`, CSRF)).headers.get('cache-control')).toBe('no-store')
  })
  test('A62: idle for half an hour ends it; requests of the page move that, and asking does not', async () => {
    world.clock.advance(1700)
    expect((await call(browser)).status).toBe(200)
    world.clock.advance(1700)
    expect(await sessionOf(browser)).toMatchObject({ active: true })
    world.clock.advance(100)
    expect(await sessionOf(browser)).toMatchObject({ active: false })
    expect((await call(browser)).status).toBe(401)
  })
  test('A62 BFF-06: it ends after eight hours whatever happens', async () => {
    for (let hour = 0; hour < 28; hour++) {
      world.clock.advance(1000)
      expect((await call(browser)).status).toBe(200)
    }
    world.clock.advance(800)
    expect((await call(browser)).status).toBe(401)
  })
  test('BFF-06: and with its refresh token', async () => {
    world.server.tokens = { refresh_expires_in: 3600 }
    expect(await sessionOf(await signIn(world))).toMatchObject({ ends_at: world.clock.now() + 3600 })
  })
  test('the store is not written to at every request', async () => {
    let commits = 0
    const commit = world.store.commit.bind(world.store)
    world.store.commit = (changes) => {
      commits++
      return commit(changes)
    }
    for (let i = 0; i < 59; i++) {
      world.clock.advance(1)
      await call(browser)
    }
    expect(commits).toBe(0)
    world.clock.advance(1)
    await call(browser)
    expect(commits).toBe(1)
  })
  test('a page made on the server sees the same, and moves nothing', async () => {
    const request = {
      method: 'GET',
      path: '/',
      query: '',
      clientAddress: '',
      headers: (name: string) => (name === 'cookie' ? [`${COOKIE}=${handle}`] : []),
      body: () => Promise.resolve(new Uint8Array()),
    }
    expect(await world.bff.session(request)).toEqual({
      claims: { sub: 'u1', name: 'Name of u1' },
      idleAt: world.clock.now() + 1800,
      endsAt: world.clock.now() + 28800,
    })
    expect(await world.bff.session({ ...request, headers: () => [] })).toBeUndefined()
  })
})
