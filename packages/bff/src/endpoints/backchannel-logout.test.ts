import { generateKeyPair } from '@holdfast/proof/node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Reply } from '@holdfast/protocol/http'
import type { Line } from '@holdfast/testing/internet'
import { FOREIGN } from '../test/foreign-server.ts'
import { sessionOf, SHOP, signIn, startWorld, type World } from '../test/world.ts'

const EVENTS = { 'http://schemas.openid.net/event/backchannel-logout': {} }
const FORM: readonly Line[] = [['content-type', 'application/x-www-form-urlencoded']]

let world: World
beforeEach(() => {
  world = startWorld()
})
afterEach(() => expect(world.net.faults).toEqual([]))

type Members = Readonly<Record<string, unknown>>
let count = 0
function claims(over: Members = {}): Members {
  const now = world.clock.now()
  const all = {
    iss: FOREIGN,
    aud: 'shop',
    iat: now,
    exp: now + 120,
    jti: `notice ${++count}`,
    events: EVENTS,
    sub: 'u1',
    sid: 'sid of u1',
    ...over,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}
function post(token: string, headers: readonly Line[] = FORM): Promise<Reply> {
  return world.net.send(`${SHOP}/bff/backchannel-logout`, {
    method: 'POST',
    headers,
    body: new URLSearchParams({ logout_token: token }).toString(),
  })
}
const told = (over: Members = {}, header: Members = { typ: 'logout+jwt' }): Promise<Reply> => post(world.server.sign(claims(over), header))

describe('LOGO-13 Back-Channel Logout §2.6', () => {
  test.each<[string, Members]>([
    ['a session and its person', {}],
    ['a session', { sub: undefined }],
    ['a person', { sid: undefined }],
  ])('LOGO-13 BFF-10: a token that names %s ends it, and not that of another person', async (_name, over) => {
    const [mine, other] = [await signIn(world, 'u1'), await signIn(world, 'u2')]
    expect(await told(over)).toEqual({ status: 200, headers: { 'cache-control': 'no-store' }, body: '' })
    expect([(await sessionOf(mine))['active'], (await sessionOf(other))['active']]).toEqual([false, true])
  })

  test('LOGO-13: a person is signed out in every browser', async () => {
    const [one, two] = [await signIn(world), await signIn(world)]
    expect((await told({ sid: undefined })).status).toBe(200)
    expect([(await sessionOf(one))['active'], (await sessionOf(two))['active']]).toEqual([false, false])
  })

  test('LOGO-13: an application that shares the store hears nothing of it', async () => {
    const browser = await signIn(world)
    const other = world.another({ client: { clientId: 'other', unsafeSecret: 'a secret for tests only, long enough' } })
    world.net.host(SHOP, async (request) => (await other.handle(request)) as Reply)
    expect((await told({ aud: 'other', sid: undefined })).status).toBe(200)
    expect((await sessionOf(browser))['active']).toBe(false)
    world.net.host(SHOP, async (request) => (await world.bff.handle(request)) as Reply)
    expect((await sessionOf(browser))['active']).toBe(true)
  })

  test.each<[string, Members, Members?]>([
    ['another issuer', { iss: 'https://evil.example' }],
    ['the issuer, spelled another way', { iss: `${FOREIGN}/` }],
    ['another audience', { aud: 'other' }],
    ['no audience', { aud: undefined }],
    ['no iat', { iat: undefined }],
    ['an iat in the future', { iat: 1_800_000_011 }],
    ['an old iat', { iat: 1_800_000_000 - 311 }],
    ['no exp', { exp: undefined }],
    ['an exp that is past', { exp: 1_800_000_000 - 10 }],
    ['no jti', { jti: undefined }],
    ['a jti that is no text', { jti: 7 }],
    ['no events', { events: undefined }],
    ['another event', { events: { 'http://schemas.openid.net/event/other': {} } }],
    ['events that are a list', { events: Object.keys(EVENTS) }],
    ['an event that is no object', { events: { 'http://schemas.openid.net/event/backchannel-logout': 'x' } }],
    ['a nonce', { nonce: 'n' }],
    ['neither sub nor sid', { sub: undefined, sid: undefined }],
    ['a sub that is no text', { sub: ['u1'] }],
    ['the type of an access token', {}, { typ: 'at+jwt' }],
    ['no algorithm', {}, { alg: 'none' }],
    ['an algorithm of a shared secret', {}, { alg: 'HS256' }],
    ['an unknown key', {}, { kid: 'k9' }],
  ])('LOGO-13: a token with %s is refused, and nobody is signed out', async (_name, over, header) => {
    const browser = await signIn(world)
    const token = header === undefined ? world.server.sign(claims(over), { typ: 'logout+jwt' }) : resigned({ typ: 'logout+jwt', ...header })
    const reply = await post(token)
    expect([reply.status, reply.headers['cache-control'], JSON.parse(reply.body)]).toEqual([
      400,
      'no-store',
      { error: 'invalid_request', error_description: expect.any(String) },
    ])
    expect(await sessionOf(browser)).toMatchObject({ active: true })
  })

  /** Another header over a signature that is right for it, where there can be one. */
  function resigned(header: Members): string {
    if (header['alg'] === undefined) return world.server.sign(claims(), header)
    const [, payload, signature] = world.server.sign(claims()).split('.')
    return [Buffer.from(JSON.stringify(header)).toString('base64url'), payload, header['alg'] === 'none' ? '' : signature].join('.')
  }

  test('LOGO-13: a token by another key, changed, doubled, or in another shape', async () => {
    const browser = await signIn(world)
    const good = world.server.sign(claims())
    const parts = good.split('.')
    const changed = [parts[0], Buffer.from(JSON.stringify(claims({ sub: 'u2' }))).toString('base64url'), parts[2]].join('.')
    for (const token of [world.server.sign(claims(), {}, generateKeyPair('ES256')), changed, '', 'x', `${good}.`])
      expect((await post(token)).status).toBe(400)
    expect((await post(good, [['content-type', 'application/json']])).status).toBe(400)
    expect((await post(`${good}&logout_token=${good}`)).status).toBe(400)
    expect(await sessionOf(browser)).toMatchObject({ active: true })
  })

  test('LOGO-13: one that comes again ends nobody who has signed in since; of many at once one works', async () => {
    const token = world.server.sign(claims({ sid: undefined }))
    await signIn(world)
    expect((await Promise.all(Array.from({ length: 20 }, () => post(token)))).map(({ status }) => status).sort()).toEqual([
      200,
      ...Array.from({ length: 19 }, () => 400),
    ])
    world.clock.advance(1)
    const browser = await signIn(world)
    expect((await post(token)).status).toBe(400)
    expect(await sessionOf(browser)).toMatchObject({ active: true })
  })

  test('two notices of one session are both right', async () => {
    expect((await Promise.all([told(), told(), told()])).map(({ status }) => status)).toEqual([200, 200, 200])
  })

  test('LOGO-13: one with a sid that ID tokens of this server do not have ends the sessions of its person', async () => {
    world.server.claims = { sid: undefined }
    const [mine, other] = [await signIn(world, 'u1'), await signIn(world, 'u2')]
    expect((await told()).status).toBe(200)
    expect([(await sessionOf(mine))['active'], (await sessionOf(other))['active']]).toEqual([false, true])
  })

  test.each<[string, Members, Members]>([
    ['a session and its person', {}, {}],
    ['a person', { sid: undefined }, {}],
    ['a session that ID tokens do not tell', {}, { sid: undefined }],
  ])('LOGO-13: one of %s that comes while the code is redeemed leaves no session behind', async (_name, over, idToken) => {
    world.server.claims = idToken
    // Of an earlier sign-out there is a mark already.
    await told(over)
    world.clock.advance(5)
    const handler = world.server.handler
    world.net.host(FOREIGN, async (request) => {
      const reply = await handler(request)
      // The code is redeemed; the session is not written yet.
      if (request.path === '/token') expect((await told(over)).status).toBe(200)
      return reply
    })
    const browser = await world.browser().goto(`${SHOP}/bff/login`)
    await browser.click('#continue')
    expect(browser.url).toBe(`${SHOP}/?login_error=failed`)
    expect(await sessionOf(browser)).toMatchObject({ active: false })
    expect(world.server.revoked).toHaveLength(1)
  })

  test('keys that cannot be had: 503, so that the server tries again', async () => {
    const handler = world.server.handler
    world.net.host(FOREIGN, (request) =>
      request.path === '/jwks' ? Promise.resolve({ status: 500, headers: {}, body: '' }) : handler(request),
    )
    expect((await told()).status).toBe(503)
    world.net.cut(FOREIGN)
    expect((await told()).status).toBe(503)
  })

  test('BFF-08: sessions in cookies cannot be ended by it, and it says so', async () => {
    world = startWorld({ sessions: 'cookie' })
    const reply = await told()
    expect([reply.status, JSON.parse(reply.body)]).toMatchObject([501, { error: 'unsupported' }])
  })
})
