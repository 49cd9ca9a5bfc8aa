import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Line } from '@holdfast/testing/internet'
import { FOREIGN } from '../test/foreign-server.ts'
import { call, sessionOf, SHOP, signIn, startWorld, type World } from '../test/world.ts'

let world: World
beforeEach(() => {
  world = startWorld()
})
afterEach(() => expect(world.net.faults).toEqual([]))

const send = (query: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
  world.net.send(`${SHOP}/bff/login${query}`, { method, headers: Object.entries(headers) as Line[] })
/** What was pushed last. */
const pushed = (): URLSearchParams => new URLSearchParams(world.net.traffic.findLast(({ url }) => url === `${FOREIGN}/par`)?.requestBody)

describe('who may begin a sign-in', () => {
  test.each<[string, Readonly<Record<string, string>>]>([
    ['BFF-04 a script', { 'sec-fetch-mode': 'cors' }],
    ['BFF-04 an image', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
    ['a frame', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
  ])('%s may not', async (_name, headers) => {
    const reply = await send('', { 'sec-fetch-site': 'same-origin', ...headers })
    expect([reply.status, reply.headers['set-cookie']]).toEqual([400, undefined])
    expect(world.server.asked).toEqual([])
  })

  test('BFF-04: no other method begins one', async () => {
    expect(await send('', {}, 'POST')).toMatchObject({ status: 405, headers: { allow: 'GET' } })
  })

  test.each(['cross-site', 'same-site'])('BFF-35 FAPI-55: a link on a page that is %s asks first', async (site) => {
    const reply = await send('?return_to=%2Fcart', { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' })
    expect(reply.status).toBe(200)
    expect(reply.headers['set-cookie']).toBeUndefined()
    expect(reply.headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(reply.body).toContain('href="/bff/login?return_to=%2Fcart"')
    expect(world.server.asked).toEqual([])
  })

  test('the link on that page begins it', async () => {
    world.net.host('https://blog.example', () =>
      Promise.resolve({
        status: 200,
        headers: { 'content-type': 'text/html' },
        body: `<a id="go" href="${SHOP}/bff/login?return_to=%2Fcart">go</a>`,
      }),
    )
    const browser = await world.browser().goto('https://blog.example/')
    await browser.click('#go')
    await browser.click('#continue')
    await browser.click('#continue')
    expect(browser.url).toBe(`${SHOP}/cart`)
  })
})

describe('what may be asked for', () => {
  test('STEP-21: parameters of a list, and no others', async () => {
    const query =
      '?acr_values=high%20low&max_age=0&scope=openid%20more&prompt=login&login_hint=u7&redirect_uri=https%3A%2F%2Fevil.example&client_id=x&ui=y'
    expect((await send(query)).status).toBe(303)
    expect(Object.fromEntries(pushed())).toMatchObject({
      acr_values: 'high low',
      max_age: '0',
      scope: 'openid more',
      prompt: 'login',
      login_hint: 'u7',
      redirect_uri: `${SHOP}/bff/callback`,
      client_id: 'shop',
    })
    expect(pushed().has('ui')).toBe(false)
  })

  test.each([
    '?return_to=https%3A%2F%2Fevil.example',
    '?return_to=%2F%2Fevil.example',
    '?return_to=%2Fbff%2Flogout',
    '?return_to=%2Fa&return_to=%2Fb',
    '?max_age=-1',
    '?max_age=x',
    '?prompt=anything',
    '?prompt=login%20none',
    '?scope=a%22b',
    '?acr_values=%0d%0a',
    '?login_hint=%zz',
  ])('%s is refused before anything is sent', async (query) => {
    const reply = await send(query)
    expect([reply.status, reply.headers['set-cookie']]).toEqual([400, undefined])
    expect(world.server.asked).toEqual([])
  })
})

describe('a sign-in that a third party initiates (OpenID Connect Core §4)', () => {
  const third = (over: Readonly<Record<string, string>>): string => `?${new URLSearchParams({ iss: FOREIGN, ...over })}`
  const CROSS = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

  test('begins at once, and is a plain one', async () => {
    const query = third({
      login_hint: 'u3',
      target_link_uri: `${SHOP}/orders?a=1`,
      scope: 'all',
      prompt: 'none',
      acr_values: 'low',
      max_age: '0',
    })
    expect((await send(query, CROSS)).status).toBe(303)
    expect(pushed().get('login_hint')).toBe('u3')
    expect([pushed().get('scope'), pushed().has('prompt'), pushed().has('acr_values'), pushed().has('max_age')]).toEqual([
      'openid',
      false,
      false,
      false,
    ])
  })

  test.each<[string, Readonly<Record<string, string>>]>([
    ['another issuer', { iss: 'https://evil.example' }],
    ['the issuer, spelled another way', { iss: `${FOREIGN}/` }],
    ['a target elsewhere', { target_link_uri: 'https://evil.example/' }],
    ['a target that begins like us', { target_link_uri: `${SHOP}.evil.example/` }],
    ['a target with a user name', { target_link_uri: `${SHOP}@evil.example/` }],
    ['a target that is an endpoint', { target_link_uri: `${SHOP}/bff/logout` }],
    ['a target with two slashes', { target_link_uri: `${SHOP}//evil.example` }],
  ])('with %s is refused', async (_name, over) => {
    expect((await send(third(over), CROSS)).status).toBe(400)
    expect(world.server.asked).toEqual([])
  })
})

describe('servers that nothing is sent to', () => {
  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['MCP-50 without PKCE', { code_challenge_methods_supported: undefined }],
    ['MCP-50 with plain alone', { code_challenge_methods_supported: ['plain'] }],
    ['MCP-51 whose metadata has another spelling of the issuer', { issuer: `${FOREIGN}/` }],
    ['without PAR', { pushed_authorization_request_endpoint: undefined }],
    ['without DPoP', { dpop_signing_alg_values_supported: undefined }],
  ])('%s', async (_name, metadata) => {
    world.server.metadata = metadata
    expect((await send('')).status).toBe(502)
    expect(world.server.asked).toEqual(['/.well-known/openid-configuration'])
    expect(world.events).toEqual([
      expect.objectContaining({ type: 'login.failed', code: expect.stringMatching(/unfit_metadata|OAUTH_JSON/) }),
    ])
  })

  test('one that is away: 503 and a page; with metadata of an hour ago sign-in goes on', async () => {
    world.net.cut(FOREIGN)
    expect(await send('')).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
    world.net.host(FOREIGN, world.server.handler)
    await signIn(world)
    world.clock.advance(3600)
    const handler = world.server.handler
    world.net.host(FOREIGN, (request) =>
      request.path.startsWith('/.well-known') ? Promise.resolve({ status: 503, headers: {}, body: '' }) : handler(request),
    )
    await signIn(world, 'u2')
  })

  test('unsafeWithoutPar and unsafeWithoutDpop do without, and say so at the start', async () => {
    world = startWorld({ unsafeWithoutPar: true, unsafeWithoutDpop: true })
    world.server.metadata = { pushed_authorization_request_endpoint: undefined, dpop_signing_alg_values_supported: undefined }
    world.server.tokens = { token_type: 'Bearer' }
    expect(world.events.map(({ option }) => option)).toEqual(['unsafeWithoutPar', 'unsafeWithoutDpop'])
    const browser = await signIn(world)
    expect((await call(browser)).status).toBe(200)
    expect(await sessionOf(browser)).toMatchObject({ active: true })
    const sent = world.net.traffic.findLast(({ url }) => url.startsWith('https://orders.example'))?.requestHeaders ?? []
    expect(sent.find(([name]) => name === 'authorization')?.[1]).toMatch(/^Bearer /)
  })
})
