import { afterEach, describe, expect, test } from 'vitest'
import type { Browser } from '@holdfast/testing/browser'
import { json } from '@holdfast/protocol/http'
import { call, COOKIE, CSRF, hosting, sessionOf, SHOP, signIn, startWorld, type World } from '../test/world.ts'

let world: World
afterEach(() => expect(world.net.faults).toEqual([]))

/** Every refresh token that the server gave, oldest first. */
const given = (): readonly (string | undefined)[] =>
  world.net.traffic.flatMap(({ responseBody }) => /"refresh_token":"([^"]+)"/.exec(responseBody)?.[1] ?? [])
const cookieOf = (browser: Browser): string => browser.cookies.get(SHOP, COOKIE) ?? ''

/** Stops the server's answer to a refresh until `go`. */
function held(): { readonly begun: Promise<void>; readonly go: () => void } {
  const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  world.server.slow = () => {
    begun.resolve()
    return gate.promise
  }
  return { begun: begun.promise, go: gate.resolve }
}

describe.each(['store', 'cookie'] as const)('sign-out while a token is renewed, sessions in a %s', (kind) => {
  test('BFF-10: what the renewal brought is revoked, and the browser stays signed out', async () => {
    world = startWorld(kind === 'cookie' ? { sessions: 'cookie' } : {})
    const browser = await signIn(world)
    world.clock.advance(290)
    const { begun, go } = held()
    const late = call(browser)
    await begun
    expect((await browser.fetch(`${SHOP}/bff/logout`, { ...CSRF, method: 'POST' })).status).toBe(200)
    go()
    expect((await late).status).toBe(401)
    expect(given()).toHaveLength(2)
    expect(world.server.revoked).toContain(given()[1])
    expect(cookieOf(browser)).toBe('')
    // Not in another process either, which has not heard of the sign-out.
    world.net.host(SHOP, hosting(world.another()))
    expect(await sessionOf(browser)).toMatchObject({ active: false })
  })
})

test('BFF-10: sign-out revokes what another process has just renewed, and not what was read before', async () => {
  world = startWorld()
  const browser = await signIn(world)
  world.clock.advance(290)
  const [read, other] = [world.store.read.bind(world.store), hosting(world.another())]
  const cookie = cookieOf(browser)
  let renewed = false
  world.store.read = async (kind, id) => {
    const found = await read(kind, id)
    if (renewed) return found
    renewed = true
    const answer = await other({
      method: 'GET',
      path: '/api/orders',
      query: '',
      clientAddress: '',
      headers: (name) => (name === 'cookie' ? [`${COOKIE}=${cookie}`] : name === 'x-holdfast-csrf' ? ['1'] : []),
      body: () => Promise.resolve(new Uint8Array()),
    })
    expect(answer.status).toBe(200)
    return found
  }
  expect((await browser.fetch(`${SHOP}/bff/logout`, { ...CSRF, method: 'POST' })).status).toBe(200)
  expect(given()).toHaveLength(2)
  expect(world.server.revoked).toEqual([given()[1]])
})

test('a request that left with the former cookie does not take the newer one away when its answer comes late', async () => {
  world = startWorld()
  const browser = await signIn(world)
  const former = cookieOf(browser)
  await signIn(world, 'u1', browser)
  const answer = await world.net.send(`${SHOP}/api/orders`, {
    headers: [
      ['cookie', `${COOKIE}=${former}`],
      ['x-holdfast-csrf', '1'],
    ],
  })
  expect([answer.status, answer.headers['set-cookie']]).toEqual([401, undefined])
})

test('BFF-35: a link of another site to sign-out, which brings no Strict cookie, takes none away', async () => {
  world = startWorld()
  const browser = await signIn(world)
  world.net.host('https://evil.example', async () => ({
    ...json(200, {}),
    headers: { 'content-type': 'text/html' },
    body: `<a id="out" href="${SHOP}/bff/logout">a kitten</a>`,
  }))
  await browser.goto('https://evil.example/')
  await browser.click('#out')
  expect(browser.url).toBe(`${SHOP}/`)
  expect(await sessionOf(browser)).toMatchObject({ active: true })
})

test('BFF-07: a sign-in ends the session that it began from, and the one that another tab put in its place', async () => {
  world = startWorld({ cookie: { sameSite: 'Lax' } })
  const browser = await signIn(world)
  browser.follow = false
  await browser.goto(`${SHOP}/bff/login`)
  const location = browser.header('location') ?? ''
  browser.follow = true
  await signIn(world, 'u2', browser)
  const between = cookieOf(browser)
  await browser.goto(location)
  expect(cookieOf(browser)).not.toBe(between)
  const thief = world.browser()
  thief.cookies.set(SHOP, `${COOKIE}=${between}; Path=/; Secure; HttpOnly`)
  await thief.goto(`${SHOP}/`)
  expect(await sessionOf(thief)).toMatchObject({ active: false })
})
