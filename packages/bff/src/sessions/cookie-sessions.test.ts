import { afterEach, describe, expect, test } from 'vitest'
import type { Browser } from '@holdfast/testing/browser'
import { call, COOKIE, hosting, SECRET, sessionOf, SHOP, signIn, startWorld, type World } from '../test/world.ts'

let world: World = startWorld({ sessions: 'cookie' })
const begin = (over: Parameters<typeof startWorld>[0] = {}): World => (world = startWorld({ sessions: 'cookie', ...over }))
afterEach(() => expect(world.net.faults).toEqual([]))

const held = (browser: Browser): Readonly<Record<string, string>> =>
  Object.fromEntries(
    browser.cookies.all().flatMap(({ name, value }) => (name.startsWith(COOKIE) ? [[name.slice(COOKIE.length), value]] : [])),
  )
const put = (browser: Browser, name: string, value: string): boolean =>
  browser.cookies.set(SHOP, `${COOKIE}${name}=${value}; Path=/; Secure; HttpOnly`)
const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i))

describe('sessions in cookies', () => {
  test('OA-79 OAuth 2.1 §7.1.3.4: a cookie with tokens goes over TLS alone, and lets nobody in without the header of our pages', async () => {
    begin()
    const browser = await signIn(world)
    const all = browser.cookies.all().filter(({ name }) => name.startsWith(COOKIE))
    expect(all.length).toBeGreaterThan(0)
    const lines = world.net.traffic
      .flatMap(({ responseHeaders }) => responseHeaders)
      .flatMap(([name, value]) => (name === 'set-cookie' ? [value] : []))
    for (const line of lines) expect(line).toMatch(/^__Host-[^;]*; Path=\/;.* HttpOnly; SameSite=(Strict|Lax); Secure$/)
    const { token } = (await (await call(browser)).json()) as { token: string }
    expect(all.map(({ value }) => Buffer.from(value, 'base64url').toString('latin1')).join('')).not.toContain(token)
    expect((await browser.fetch(`${SHOP}/api/orders`)).status).toBe(403)
    expect((await browser.fetch(`${SHOP}/bff/session`)).status).toBe(403)
    expect(world.shown).toHaveLength(1)
  })

  test('BFF-08 BFF-23: sealed, and nothing of it can be read', async () => {
    begin()
    const browser = await signIn(world)
    expect(await sessionOf(browser)).toMatchObject({ active: true, claims: { sub: 'u1' } })
    expect((await call(browser)).status).toBe(200)
    const [value = ''] = Object.values(held(browser))
    expect(Buffer.from(value.split('.')[0] ?? '', 'base64url').toString()).toBe('{"kid":"one","alg":"dir","enc":"A256GCM"}')
    expect((await world.store.list('bff_session', 'subject', 'any', { limit: 1 })).items).toEqual([])
  })

  test('BFF-23: what does not fit into one cookie is in several; what is over is cleared', async () => {
    begin({ claims: ['sub', 'big'] })
    world.server.userinfo = { big: 'x'.repeat(5000) }
    const browser = await signIn(world)
    expect(Object.keys(held(browser))).toEqual(['', '-1', '-2', '-3'].slice(0, Object.keys(held(browser)).length))
    expect(Object.keys(held(browser)).length).toBeGreaterThan(2)
    expect(held(browser)['']).toMatch(/^~[23]$/)
    expect(Math.max(...browser.cookies.all().map(({ name, value }) => name.length + value.length))).toBeLessThan(4096)
    expect(await sessionOf(browser)).toMatchObject({ active: true, claims: { big: 'x'.repeat(5000) } })
    world.server.userinfo = {}
    await signIn(world, 'u1', browser)
    expect(Object.keys(held(browser))).toEqual([''])
    expect(await sessionOf(browser)).toMatchObject({ active: true })
  })

  test('BFF-23: what fits nowhere signs nobody in, and the log says why', async () => {
    begin({ claims: ['sub', 'big'] })
    world.server.userinfo = { big: 'x'.repeat(12_000) }
    const browser = await world.browser().goto(`${SHOP}/bff/login`)
    await browser.click('#continue')
    expect(browser.url).toBe(`${SHOP}/?login_error=failed`)
    expect(world.events).toContainEqual(expect.objectContaining({ type: 'session.too_large' }))
  })

  test('BFF-23: changed, cut, mixed and moved ones are none', async () => {
    begin({ claims: ['sub', 'big'] })
    world.server.userinfo = { big: 'x'.repeat(5000) }
    const [browser, other] = [await signIn(world), await signIn(world, 'u2')]
    const [mine, theirs] = [held(browser), held(other)]
    const isOver = async (): Promise<boolean> => (await sessionOf(browser))['active'] === false
    const tries: readonly (readonly [string, string])[] = [
      ['-1', (mine['-1'] ?? '').replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))],
      ['-2', (mine['-2'] ?? '').slice(1)],
      ['-2', theirs['-2'] ?? ''],
      ['', '~1'],
      ['', '~9'],
      ['', '~-1'],
      ['', '~x'],
      ['', ''],
      ['', 'a.b.c.d.e'],
      ['', 'eyJraWQiOiJvbmUiLCJhbGciOiJub25lIn0.....'],
    ]
    for (const [name, value] of tries) {
      put(browser, name, value)
      expect([name, value, await isOver()]).toEqual([name, value, true])
      put(browser, name, mine[name] ?? '')
      expect(await isOver()).toBe(false)
    }
    // The sealed text of a sign-in, which has the same secrets, is no session.
    other.follow = false
    await other.goto(`${SHOP}/bff/login`)
    const sealed = Object.entries(held(other)).find(([name]) => name.startsWith('-t-'))?.[1] ?? ''
    put(browser, '', sealed)
    expect(await isOver()).toBe(true)
  })

  test('BFF-23: secrets rotate: the first seals, the others still open', async () => {
    begin()
    const browser = await signIn(world)
    const next = { id: 'two', value: 'the next secret of the backend, for tests' }
    world.net.host(SHOP, hosting(world.another({ secrets: [next, SECRET] })))
    expect(await sessionOf(browser)).toMatchObject({ active: true })
    world.clock.advance(290)
    await call(browser)
    expect(Buffer.from(held(browser)['']?.split('.')[0] ?? '', 'base64url').toString()).toContain('"kid":"two"')
    world.net.host(SHOP, hosting(world.another({ secrets: [next] })))
    expect(await sessionOf(browser)).toMatchObject({ active: true })
    world.net.host(SHOP, hosting(world.another({ secrets: [{ id: 'two', value: 'another secret under the same name, 32 bytes' }] })))
    expect(await sessionOf(browser)).toMatchObject({ active: false })
  })

  test('BFF-05: 100 calls at once refresh once, and those that left before arrive with the older cookie', async () => {
    begin()
    const browser = await signIn(world)
    const before = held(browser)[''] ?? ''
    world.clock.advance(290)
    expect(new Set((await Promise.all(times(100, () => call(browser)))).map(({ status }) => status))).toEqual(new Set([200]))
    expect(world.server.refreshes).toBe(1)
    expect(held(browser)['']).not.toBe(before)
    put(browser, '', before)
    expect((await call(browser)).status).toBe(200)
    // It was given the newer one.
    expect(held(browser)['']).not.toBe(before)
    expect(world.server.refreshes).toBe(1)
  })

  test('BFF-05: invalid_grant ends the session, also for who has the cookie still', async () => {
    begin()
    const browser = await signIn(world)
    const before = held(browser)[''] ?? ''
    world.clock.advance(290)
    world.server.endGrants()
    expect((await call(browser)).status).toBe(401)
    expect(held(browser)).toEqual({})
    put(browser, '', before)
    expect((await call(browser)).status).toBe(401)
  })

  test('A62: it is idle after half an hour, and over after eight', async () => {
    begin()
    const browser = await signIn(world)
    const first = held(browser)[''] ?? ''
    for (let i = 0; i < 28; i++) {
      world.clock.advance(1000)
      expect((await call(browser)).status).toBe(200)
    }
    expect(await sessionOf(browser)).toMatchObject({ active: true })
    world.clock.advance(800)
    expect(await sessionOf(browser)).toMatchObject({ active: false })
    put(browser, '', first)
    expect(await sessionOf(browser)).toMatchObject({ active: false })
  })

  test('BFF-10: sign-out clears every cookie, revokes the tokens, and this process forgets the session', async () => {
    begin()
    const browser = await signIn(world)
    const copy = held(browser)[''] ?? ''
    await browser.fetch(`${SHOP}/bff/logout`, { method: 'POST', headers: { 'x-holdfast-csrf': '1' } })
    expect(Object.keys(held(browser))).toEqual(['-out'])
    expect(world.server.revoked).toHaveLength(1)
    put(browser, '', copy)
    expect(await sessionOf(browser)).toMatchObject({ active: false })
  })
})
