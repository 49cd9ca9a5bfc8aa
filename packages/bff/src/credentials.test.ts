import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { OutcomeUnknown, StoreUnavailable } from '@holdfast/store'
import type { Bff } from './bff.ts'
import { FOREIGN } from './test/foreign-server.ts'
import { call, COOKIE, hosting, sessionOf, SHOP, signIn, startWorld, type World } from './test/world.ts'

let world: World
beforeEach(() => {
  world = startWorld()
})
afterEach(() => expect(world.net.faults).toEqual([]))
const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i))
const statuses = async (calls: readonly Promise<Response>[]): Promise<readonly number[]> => [
  ...new Set((await Promise.all(calls)).map(({ status }) => status)),
]

/** Every other request goes to another process. */
function balanced(...nodes: readonly Bff[]): void {
  let turn = 0
  const handlers = nodes.map(hosting)
  world.net.host(SHOP, (request) => (handlers[turn++ % handlers.length] as (typeof handlers)[0])(request))
}

describe('a token that runs out', () => {
  test('BFF-05 A62: 200 calls at once on two processes with one store refresh once', async () => {
    const browser = await signIn(world)
    balanced(world.bff, world.another())
    world.clock.advance(290)
    expect(await statuses(times(200, () => call(browser)))).toEqual([200])
    expect(world.server.refreshes).toBe(1)
    expect(new Set(world.shown).size).toBe(1)
    world.clock.advance(290)
    expect(await statuses(times(200, () => call(browser)))).toEqual([200])
    expect(world.server.refreshes).toBe(2)
  })

  test('it is renewed when thirty seconds are left, and not before', async () => {
    const browser = await signIn(world)
    world.clock.advance(269)
    await call(browser)
    expect(world.server.refreshes).toBe(0)
    world.clock.advance(1)
    await call(browser)
    expect(world.server.refreshes).toBe(1)
  })

  test('one that lives for ten seconds is renewed when a fifth is left', async () => {
    world.server.life = 10
    const browser = await signIn(world)
    world.clock.advance(7)
    await call(browser)
    expect(world.server.refreshes).toBe(0)
    world.clock.advance(1)
    await call(browser)
    expect(world.server.refreshes).toBe(1)
  })

  test('A60 CVE-2024-51987: 1000 sessions that refresh at once on two processes each send their own token', async () => {
    const browsers = await Promise.all(
      times(1000, async (i) => {
        const browser = await world.browser().goto(`${SHOP}/bff/login?login_hint=u${i}`)
        return browser.click('#continue')
      }),
    )
    balanced(world.bff, world.another())
    world.clock.advance(290)
    const answers = await Promise.all(
      browsers.flatMap((browser) =>
        times(3, async () => {
          const [{ token }, { claims }] = [
            (await (await call(browser)).json()) as { token: string },
            (await sessionOf(browser)) as { claims: { sub: string } },
          ]
          return [token.split('.')[0], claims.sub]
        }),
      ),
    )
    expect(answers.filter(([token, sub]) => token !== sub)).toEqual([])
    expect(new Set(answers.map(([token]) => token)).size).toBe(1000)
    expect(world.server.refreshes).toBe(1000)
  }, 120_000)

  test('BFF-05: invalid_grant ends the session, for all who wait', async () => {
    const browser = await signIn(world)
    world.server.endGrants()
    world.clock.advance(290)
    const answers = await Promise.all(times(20, () => call(browser)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]))
    expect(await answers[0]?.json()).toEqual({
      error: 'login_required',
      error_description: expect.any(String),
      login_url: '/bff/login?return_to=',
    })
    expect(await sessionOf(browser)).toMatchObject({ active: false })
    expect(browser.cookies.get(SHOP, COOKIE)).toBeUndefined()
  })

  test('without a refresh token the session ends with its token', async () => {
    world.server.tokens = { refresh_token: undefined }
    const browser = await signIn(world)
    expect((await call(browser)).status).toBe(200)
    world.clock.advance(300)
    expect((await call(browser)).status).toBe(401)
    expect(await sessionOf(browser)).toMatchObject({ active: false })
  })
})

describe('an authorization server that is away', () => {
  test('BFF-05: the old token is used while it is good; then 503; nobody is signed out', async () => {
    const browser = await signIn(world)
    world.clock.advance(290)
    world.server.instead = () => ({ status: 502, headers: { 'content-type': 'text/html' }, body: 'a proxy speaks' })
    expect((await call(browser)).status).toBe(200)
    world.clock.advance(10)
    const away = await call(browser)
    expect([away.status, away.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await sessionOf(browser)).toMatchObject({ active: true })
    world.net.cut(FOREIGN)
    expect((await call(browser)).status).toBe(503)
    world.net.host(FOREIGN, world.server.handler)
    world.server.instead = undefined
    expect((await call(browser)).status).toBe(200)
    expect(world.events.filter(({ type }) => type === 'refresh.failed').map(({ code }) => code)).toEqual([
      'unexpected_status',
      'unexpected_status',
      'unreachable',
    ])
  })

  test('with a token that is still good nobody waits for a server that was just away', async () => {
    const browser = await signIn(world)
    world.clock.advance(275)
    world.server.instead = () => ({ status: 503, headers: {}, body: '' })
    const asked = (): number => world.server.asked.filter((path) => path === '/token').length
    const before = asked()
    for (let second = 0; second < 5; second++, world.clock.advance(1)) expect((await call(browser)).status).toBe(200)
    expect(asked() - before).toBe(1)
    expect((await call(browser)).status).toBe(200)
    expect(asked() - before).toBe(2)
  })

  test('many who call meanwhile ask it once', async () => {
    const browser = await signIn(world)
    world.clock.advance(300)
    world.server.instead = () => ({ status: 503, headers: {}, body: '' })
    world.server.asked.length = 0
    expect(await statuses(times(50, () => call(browser)))).toEqual([503])
    expect(world.server.asked.filter((path) => path === '/token')).toHaveLength(1)
  })

  test('a refusal that is no fault of the person signs nobody out', async () => {
    const browser = await signIn(world)
    world.clock.advance(300)
    world.server.instead = () => ({ status: 400, headers: { 'content-type': 'application/json' }, body: '{"error":"invalid_target"}' })
    expect((await call(browser)).status).toBe(502)
    expect(await sessionOf(browser)).toMatchObject({ active: true })
  })
})

describe('processes', () => {
  test('A62: the lock of one that died is taken over after ten seconds', async () => {
    const browser = await signIn(world)
    world.clock.advance(290)
    let reached: () => void
    const inside = new Promise<void>((settle) => (reached = settle))
    world.server.slow = () => {
      reached()
      return new Promise(() => undefined)
    }
    void call(browser)
    await inside
    world.server.slow = () => Promise.resolve()
    const other = world.another({
      sleep: () => {
        world.clock.advance(1)
        return Promise.resolve()
      },
    })
    balanced(other)
    expect((await call(browser)).status).toBe(200)
    expect(world.clock.now()).toBe(1_800_000_000 + 300)
    expect(world.server.refreshes).toBe(1)
  })

  test('one that was overtaken takes what the other wrote', async () => {
    const browser = await signIn(world)
    world.clock.advance(290)
    const [reached, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    world.server.slow = () => {
      reached.resolve()
      return go.promise
    }
    const slow = call(browser)
    await reached.promise
    world.server.slow = () => Promise.resolve()
    world.clock.advance(11)
    balanced(world.another())
    expect((await call(browser)).status).toBe(200)
    // The slow one comes with a refresh token that was used meanwhile: the server ends the grant, and what it wrote first stays.
    go.resolve()
    const { token } = (await (await slow).json()) as { token: string }
    expect(token).toBe(world.shown[0])
    expect(await sessionOf(browser)).toMatchObject({ active: true })
  })

  test('a sign-out while a token is renewed: the session stays ended', async () => {
    const browser = await signIn(world)
    world.clock.advance(290)
    const [reached, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    world.server.slow = () => {
      reached.resolve()
      return go.promise
    }
    const id = browser.cookies.get(SHOP, COOKIE)?.slice(0, 26) ?? ''
    expect(await world.store.read('bff_session', id)).toBeDefined()
    const renewing = call(browser)
    await reached.promise
    await browser.fetch(`${SHOP}/bff/logout`, { method: 'POST', headers: { 'x-holdfast-csrf': '1' } })
    go.resolve()
    expect((await renewing).status).toBe(401)
    expect(await world.store.read('bff_session', id)).toBeUndefined()
    expect(await sessionOf(browser)).toMatchObject({ active: false })
  })

  test.each([StoreUnavailable, OutcomeUnknown])('a store that says %o: 503, and nobody is signed out', async (Fault) => {
    const browser = await signIn(world)
    const read = world.store.read.bind(world.store)
    world.store.read = () => Promise.reject(new Fault('gone'))
    expect((await call(browser)).status).toBe(503)
    world.store.read = read
    expect((await call(browser)).status).toBe(200)
  })
})

describe('a commit whose outcome nobody knows', () => {
  test('a store that is away for a moment, when the tokens are to be written: they are kept', async () => {
    const browser = await signIn(world)
    world.clock.advance(290)
    const commit = world.store.commit.bind(world.store)
    let count = 0
    world.store.commit = (changes) => (++count === 2 || count === 3 ? Promise.reject(new StoreUnavailable('away')) : commit(changes))
    expect((await call(browser)).status).toBe(200)
    world.clock.advance(290)
    expect((await call(browser)).status).toBe(200)
    expect(world.server.refreshes).toBe(2)
  })

  /** Of the commits of a renewal the first takes the lock, and the second writes the tokens. */
  test.each([
    [1, true],
    [1, false],
    [2, true],
    [2, false],
  ])('commit %i, applied: %s: the call goes through, and the tokens are kept', async (which, applied) => {
    const browser = await signIn(world)
    world.clock.advance(290)
    const commit = world.store.commit.bind(world.store)
    let count = 0
    world.store.commit = async (changes) => {
      if (++count !== which) return commit(changes)
      if (applied) await commit(changes)
      throw new OutcomeUnknown('the line was cut')
    }
    expect((await call(browser)).status).toBe(200)
    expect((await call(browser)).status).toBe(200)
    world.clock.advance(290)
    // The server rotates: an older refresh token would have ended the grant.
    expect((await call(browser)).status).toBe(200)
    expect(world.server.refreshes).toBe(2)
  })
})

describe('what an API refuses', () => {
  test('a token is renewed once for many that were refused', async () => {
    const browser = await signIn(world)
    await Promise.all(times(10, () => call(browser, '/api/refuses')))
    // Three tries each; after a renewal everybody has the same new token.
    expect(world.server.refreshes).toBe(2)
  })
})
