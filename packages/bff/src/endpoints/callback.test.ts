import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { generateKeyPair } from '@holdfast/proof/node'
import { FOREIGN } from '../test/foreign-server.ts'
import { call, sessionOf, SHOP, signIn, startWorld, type World } from '../test/world.ts'

let world: World
beforeEach(() => {
  world = startWorld()
})
afterEach(() => expect(world.net.faults).toEqual([]))
const failures = (): readonly unknown[] => world.events.filter(({ type }) => type === 'login.failed').map(({ code }) => code)

/** Signs in, and expects that it does not work. @returns the status of the callback */
async function refused(query = ''): Promise<number> {
  const browser = world.browser()
  await browser.goto(`${SHOP}/bff/login${query}`)
  const { status } = browser
  await browser.goto(`${SHOP}/`)
  expect(await sessionOf(browser)).toMatchObject({ active: false })
  return status
}

describe('the ID token', () => {
  test('OIDC-37 Core §3.1.3.7: one that is right signs in', async () => {
    expect(await sessionOf(await signIn(world))).toMatchObject({ active: true, claims: { sub: 'u1', name: 'Name of u1' } })
  })

  const now = 1_800_000_000
  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['of another issuer', { iss: 'https://evil.example' }],
    ['of the issuer, spelled another way', { iss: `${FOREIGN}/` }],
    ['for another client', { aud: 'other' }],
    ['for us and somebody else', { aud: ['shop', 'other'] }],
    ['for us and somebody else, made out to us', { aud: ['shop', 'other'], azp: 'shop' }],
    ['that has expired', { exp: now - 11 }],
    ['without an expiry', { exp: undefined }],
    ['without iat', { iat: undefined }],
    ['from the future', { iat: now + 11 }],
    ['with another nonce', { nonce: 'another' }],
    ['without a nonce', { nonce: undefined }],
    ['without sub', { sub: undefined }],
  ])('OIDC-37 Core §3.1.3.7: one %s is refused', async (_name, claims) => {
    world.server.claims = claims
    expect(await refused()).toBe(400)
  })

  test('OIDC-37: one that another key has signed, one that nobody has, and one by our own secret', async () => {
    const forged = generateKeyPair('ES256')
    const { key } = world.server
    world.server.key = { ...key, privateKey: forged.privateKey }
    expect(await refused()).toBe(400)
    world.server.key = key
    world.server.tokens = { id_token: 'eyJhbGciOiJub25lIn0.e30.' }
    expect(await refused()).toBe(400)
    world.server.tokens = { id_token: undefined }
    expect(await refused()).toBe(400)
  })

  test.each<[string, Readonly<Record<string, unknown>>, number]>([
    ['without auth_time', {}, 400],
    ['with an auth_time that is too old', { auth_time: now - 71 }, 400],
    ['with one within the clocks’ tolerance', { auth_time: now - 70 }, 200],
  ])('OIDC-37: where max_age was asked for, one %s: %s', async (_name, claims, status) => {
    world.server.claims = claims
    const browser = await world.browser().goto(`${SHOP}/bff/login?max_age=60`)
    expect(browser.status).toBe(status)
  })

  test('OIDC-37 STEP-23: where a level was asked for, another one signs nobody in', async () => {
    world.server.claims = { acr: 'low' }
    const browser = await world.browser().goto(`${SHOP}/bff/login?acr_values=high%20higher&return_to=%2Fcart`)
    await browser.click('#continue')
    expect(browser.url).toBe(`${SHOP}/cart?login_error=unmet_authentication_requirements`)
    expect(await sessionOf(browser)).toMatchObject({ active: false })
    world.server.claims = { acr: 'higher' }
    await browser.goto(`${SHOP}/bff/login?acr_values=high%20higher`)
    expect(await sessionOf(await browser.click('#continue'))).toMatchObject({ active: true })
  })

  test('a key that is newer than what we know is fetched', async () => {
    await signIn(world)
    world.clock.advance(11)
    world.server.rotate()
    await signIn(world, 'u2')
    expect(world.server.asked.filter((path) => path === '/jwks')).toHaveLength(2)
  })

  test('DPOP-62 RFC 9449 §5: a token that is not bound is not taken', async () => {
    world.server.tokens = { token_type: 'Bearer' }
    expect(await refused()).toBe(400)
    expect(failures()).toEqual(['unbound_token'])
  })

  test('OIDC-45 Core §5.3.2: userinfo about somebody else is not believed', async () => {
    world.server.userinfo = { sub: 'u2' }
    expect(await refused()).toBe(400)
  })
})

describe('the authorization response', () => {
  test.each<[string, Readonly<Record<string, string | undefined>>]>([
    ['MCP-51 OA-75 BCP-04 BCP-28 of another issuer', { iss: 'https://evil.example' }],
    ['MCP-51 of the issuer, spelled another way', { iss: `${FOREIGN}/` }],
    ['MCP-51 without iss, where the server promised it', { iss: undefined }],
    [
      'MCP-51 of another issuer, an error',
      { iss: 'https://evil.example', code: undefined, error: 'access_denied', error_description: 'mail me' },
    ],
    ['with the state of nobody', { state: 'another' }],
    ['without a state', { state: undefined }],
  ])('RFC 9207: one %s ends on a page that shows nothing of it', async (_name, response) => {
    world.server.response = response
    const browser = await world.browser().goto(`${SHOP}/bff/login`)
    expect(browser.status).toBe(400)
    expect(browser.text('main')).not.toMatch(/denied|mail me|evil/)
    expect(world.server.asked).not.toContain('/token')
  })

  test('MCP-51: without iss, where the server promised none, it is taken; a wrong one is not even then', async () => {
    world.server.metadata = { authorization_response_iss_parameter_supported: undefined }
    world.server.response = { iss: undefined }
    await signIn(world)
    world.server.response = { iss: 'https://evil.example' }
    expect(await refused()).toBe(400)
  })

  test('BFF-07 OA-74 BCP-03 BCP-25: one that another browser began, one that comes twice, and one that comes too late', async () => {
    const [mine, other] = [world.browser(), world.browser()]
    mine.follow = false
    await mine.goto(`${SHOP}/bff/login`)
    await mine.step()
    const callback = mine.header('location') ?? ''
    await other.goto(callback)
    expect([other.status, other.text('h1')]).toEqual([400, 'Sign-in did not work'])
    await mine.goto(callback)
    expect(mine.status).toBe(200)
    await mine.goto(callback)
    expect(mine.status).toBe(400)

    await other.goto(`${SHOP}/`)
    other.follow = false
    await other.goto(`${SHOP}/bff/login`)
    await other.step()
    world.clock.advance(600)
    await other.goto(other.header('location') ?? '')
    expect(other.status).toBe(400)
    expect(failures()).toEqual(['unknown_state', 'unknown_state', 'unknown_state'])
  })

  test('JRM-07 JARM §2.4: an answer that is a signed JWT is checked as one before anything of it is used', async () => {
    world.server.metadata = { authorization_signing_alg_values_supported: ['ES256'] }
    const handler = world.server.handler
    let over: Readonly<Record<string, unknown>> = {}
    let sign = (claims: Readonly<Record<string, unknown>>): string => world.server.sign(claims)
    world.net.host(FOREIGN, async (request) => {
      const reply = await handler(request)
      if (request.path !== '/authorize') return reply
      const location = new URL(String(reply.headers['location']))
      const claims = { ...Object.fromEntries(location.searchParams), aud: 'shop', exp: world.clock.now() + 60, ...over }
      location.search = `?response=${sign(claims)}`
      return { ...reply, headers: { location: location.href } }
    })
    expect(await sessionOf(await signIn(world))).toMatchObject({ active: true })
    world.server.asked.length = 0
    for (const wrong of [
      { aud: 'other' },
      { iss: 'https://evil.example' },
      { iss: `${FOREIGN}/` },
      { exp: world.clock.now() - 60 },
      { exp: undefined },
      { state: 'another' },
    ]) {
      over = wrong
      expect(await refused()).toBe(400)
    }
    over = {}
    const forger = generateKeyPair('ES256')
    sign = (claims) => world.server.sign(claims, {}, forger)
    expect(await refused()).toBe(400)
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url')
    sign = (claims) => `${unsigned}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`
    expect(await refused()).toBe(400)
    expect(world.server.asked).not.toContain('/token')
  })

  test('an error of the server reaches the page as a code of ours', async () => {
    world.server.response = { code: undefined, error: 'made_up_"<script>', error_description: 'x' }
    const browser = await world.browser().goto(`${SHOP}/bff/login?return_to=%2Fcart%3Fa%3D1`)
    await browser.click('#continue')
    expect(browser.url).toBe(`${SHOP}/cart?a=1&login_error=failed`)
  })

  test('a server that is away in the middle of it', async () => {
    world.server.instead = () => ({ status: 503, headers: {}, body: '' })
    const browser = await world.browser().goto(`${SHOP}/bff/login`)
    await browser.click('#continue')
    expect(browser.url).toBe(`${SHOP}/?login_error=temporarily_unavailable`)
  })

  test('a server that does not know itself as a resource is asked without', async () => {
    const browser = await signIn(world)
    expect((await call(browser)).status).toBe(200)
    await signIn(world, 'u2')
    // Once refused, once without; the second sign-in knows.
    expect(world.server.asked.filter((path) => path === '/par')).toHaveLength(3)
  })
})
