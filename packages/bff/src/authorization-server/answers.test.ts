import { beforeEach, afterEach, describe, expect, test } from 'vitest'
import { FOREIGN, ForeignServer } from '../test/foreign-server.ts'
import { call, hosting, sessionOf, SHOP, signIn, startWorld, type World } from '../test/world.ts'

const OTHER = 'https://other.example'
let world: World
beforeEach(() => {
  world = startWorld()
})
afterEach(() => expect(world.net.faults).toEqual([]))

describe('metadata', () => {
  test('FAPI-54 FAPI 2.0 §5.3.3.1: every address is taken from it, wherever it is', async () => {
    world.server.metadata = {
      pushed_authorization_request_endpoint: `${OTHER}/par`,
      token_endpoint: `${OTHER}/token`,
      userinfo_endpoint: `${OTHER}/userinfo`,
      revocation_endpoint: `${OTHER}/revoke`,
      jwks_uri: `${OTHER}/jwks`,
    }
    const elsewhere: string[] = []
    world.net.host(OTHER, (request) => {
      elsewhere.push(request.path)
      return world.server.handler(request)
    })
    const browser = await signIn(world)
    await browser.fetch(`${SHOP}/bff/logout`, { method: 'POST', headers: { 'x-holdfast-csrf': '1' } })
    expect([...new Set(elsewhere)]).toEqual(['/par', '/token', '/jwks', '/userinfo', '/revoke'])
    expect(world.net.traffic.map(({ url }) => url).filter((url) => url.startsWith(FOREIGN))).toEqual([
      `${FOREIGN}/.well-known/openid-configuration`,
      expect.stringMatching(/\/authorize\?/),
    ])
  })

  test('FAPI-54: an address that it does not name is not guessed', async () => {
    world.server.metadata = { token_endpoint: undefined, userinfo_endpoint: undefined }
    const browser = await world.browser().goto(`${SHOP}/bff/login`)
    expect([browser.status, browser.text('h1')]).toEqual([400, 'Sign-in did not work'])
    expect(world.server.asked).toContain('/par')
    expect(world.server.asked).not.toContain('/token')
    expect(world.server.asked).not.toContain('/userinfo')
  })

  test.each(['https://evil.example', `${FOREIGN}/`, undefined])(
    'FAPI-54 RFC 8414 §3.3: as issuer it has %s: nothing is sent',
    async (issuer) => {
      world.server.metadata = { issuer }
      expect((await world.browser().goto(`${SHOP}/bff/login`)).status).toBe(502)
      expect(world.server.asked).toEqual(['/.well-known/openid-configuration'])
    },
  )
})

describe('answers', () => {
  test('OA-75 BCP-04 BCP-28 RFC 9700 §4.4.2: the issuer is bound to the sign-in: a code goes to no other server, though it is ours by now', async () => {
    const other = new ForeignServer(world.clock)
    other.metadata = Object.fromEntries(
      ['authorize', 'token', 'par', 'jwks'].map((path) => [
        { authorize: 'authorization_endpoint', token: 'token_endpoint', par: 'pushed_authorization_request_endpoint', jwks: 'jwks_uri' }[
          path
        ],
        `${OTHER}/${path}`,
      ]),
    )
    other.metadata = { ...other.metadata, issuer: OTHER }
    world.net.host(OTHER, other.handler)
    const browser = world.browser()
    browser.follow = false
    await browser.goto(`${SHOP}/bff/login`)
    await browser.step()
    const callback = new URL(browser.header('location') ?? '')
    world.net.host(SHOP, hosting(world.another({ issuer: OTHER })))
    for (const iss of [OTHER, FOREIGN]) {
      callback.searchParams.set('iss', iss)
      expect((await browser.goto(callback.href)).status).toBe(400)
    }
    expect([...other.asked, ...world.server.asked]).not.toContain('/token')
  })

  test('OA-76 TOK-15 OAuth 2.1 §3.2.3, §1.4: what is unknown is ignored, and no access token is looked into', async () => {
    // As a JWT it would be nobody's, long over, and for another API.
    const token = world.server.sign({ iss: 'https://evil.example', aud: 'other', exp: 1, sub: 'u9' })
    world.server.userinfo = { sub: 'u1' }
    world.server.response = { strange: '<b>', session_state: 'x y' }
    world.server.tokens = { access_token: token, strange: { deep: [1] }, not_before_policy: 'x', id_token_type: 7 }
    const browser = await signIn(world)
    expect(await sessionOf(browser)).toMatchObject({ active: true, claims: { sub: 'u1' } })
    world.server.tokens = { ...world.server.tokens, access_token: 'no.JWT.at-all' }
    expect((await call(browser)).status).toBe(200)
    world.clock.advance(300)
    expect((await call(browser)).status).toBe(200)
    expect(world.shown).toEqual([token, 'no.JWT.at-all'])
  })

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['another', { nonce: 'another' }],
    ['no', { nonce: undefined }],
  ])('BCP-31 RFC 9700 §4.5.3.2: with %s nonce in the ID token of the token endpoint no token is used', async (_which, claims) => {
    world.server.claims = claims
    expect((await world.browser().goto(`${SHOP}/bff/login`)).status).toBe(400)
    expect(world.server.asked).toContain('/token')
    expect(world.server.asked).not.toContain('/userinfo')
    expect(world.shown).toEqual([])
  })

  test.each<Readonly<Record<string, string>>>([{ id_token: 'x.y.z', access_token: 'stolen' }, { token: 'stolen' }])(
    'BCP-32 RFC 9700 §4.6.1: no token is taken from the front channel, so there is none to compare with at_hash: %j',
    async (response) => {
      world.server.response = { ...response, code: undefined }
      const browser = await world.browser().goto(`${SHOP}/bff/login`)
      expect(browser.url).not.toContain('login_error')
      expect([browser.status, world.server.asked.includes('/token')]).toEqual([400, false])
      await browser.goto(`${SHOP}/`)
      expect(await sessionOf(browser)).toMatchObject({ active: false })
    },
  )

  test.each<[string, () => void]>([
    ['a sign-in that worked', () => undefined],
    ['one whose answer was not sound', () => (world.server.response = { iss: 'https://evil.example' })],
    ['an error', () => (world.server.response = { code: undefined, error: 'access_denied', error_description: 'mail me' })],
  ])('OA-77 OAuth 2.1 §2.3.6: the page after %s loads nothing, and has nothing of the answer in it', async (_what, prepare) => {
    prepare()
    await world.browser().goto(`${SHOP}/bff/login`)
    const { url, responseBody, responseHeaders } = world.net.traffic.findLast((one) => one.url.startsWith(`${SHOP}/bff/callback?`)) ?? {
      url: SHOP,
      responseBody: '',
      responseHeaders: [],
    }
    const headers = new Map(responseHeaders)
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    )
    expect([headers.get('referrer-policy'), headers.get('cache-control')]).toEqual(['no-referrer', 'no-store'])
    expect(responseBody).toContain('<a id="continue" href="/')
    expect(responseBody).not.toMatch(/https?:|\bsrc=|<link|<script|mail me/)
    for (const value of new URL(url).searchParams.values()) if (value.length > 15) expect(responseBody).not.toContain(value)
  })
})
