import { json } from '@holdfast/protocol/http'
import { decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FOREIGN } from '../test/foreign-server.ts'
import { call, CSRF, SHOP, signIn, startWorld, type World } from '../test/world.ts'

let world: World
beforeEach(() => {
  world = startWorld()
})
afterEach(() => expect(world.net.faults).toEqual([]))

type Sent = World['net']['traffic'][number]
const sentTo = (...paths: readonly string[]): readonly Sent[] =>
  world.net.traffic.filter(({ url }) => paths.includes(url.slice(FOREIGN.length)))
const formOf = ({ requestBody }: Sent): URLSearchParams => new URLSearchParams(requestBody)
const header = ({ requestHeaders }: Sent, wanted: string): string => requestHeaders.find(([name]) => name === wanted)?.[1] ?? ''
const assertions = (): readonly JWTPayload[] =>
  sentTo('/par', '/token', '/revoke').map((one) => decodeJwt(formOf(one).get('client_assertion') ?? ''))
const keyOf = (one: Sent): string => JSON.stringify(decodeProtectedHeader(header(one, 'dpop')).jwk)
const signOut = (browser: Awaited<ReturnType<typeof signIn>>): Promise<Response> =>
  browser.fetch(`${SHOP}/bff/logout`, { ...CSRF, method: 'POST' })

/** From now on the server wants its newest nonce in each proof, and has another for each answer. */
function wantNonces(): readonly string[] {
  const given: string[] = []
  world.net.host(FOREIGN, async (request) => {
    const [proof] = request.headers('dpop')
    const asks = request.path === '/par' || request.path === '/token'
    const right = !asks || (proof !== undefined && given.length > 0 && decodeJwt(proof)['nonce'] === given.at(-1))
    const reply = right ? await world.server.handler(request) : json(400, { error: 'use_dpop_nonce' })
    if (!asks) return reply
    given.push(`server-${given.length + 1}`)
    return { ...reply, headers: { ...reply.headers, 'dpop-nonce': given.at(-1) as string } }
  })
  return given
}

describe('who asks', () => {
  test('FAPI-51 FAPI 2.0 §5.3.3.1: a client assertion is for the issuer, as one string, at every endpoint', async () => {
    await signOut(await signIn(world))
    expect(sentTo('/revoke')).toHaveLength(1)
    const all = assertions()
    expect(all.length).toBeGreaterThan(3)
    for (const { aud, iss, sub } of all) expect([aud, iss, sub]).toEqual([FOREIGN, 'shop', 'shop'])
    expect(new Set(all.map(({ jti }) => jti)).size).toBe(all.length)
  })

  test('CAUTH-15 OAuth 2.1 Appendix B: id and secret of Basic are form-encoded, what encodeURIComponent leaves bare too', async () => {
    const unsafeSecret = "a secret: with 100% + all of !'()*~ and ü"
    world = startWorld({ client: { clientId: 'shop', unsafeSecret } })
    await signIn(world)
    const [basic = ''] = sentTo('/token').map((one) => header(one, 'authorization'))
    const [id, secret = '', more] = Buffer.from(basic.replace(/^Basic /, ''), 'base64')
      .toString()
      .split(':')
    expect([id, more, new URLSearchParams(`s=${secret}`).get('s')]).toEqual(['shop', undefined, unsafeSecret])
    expect(secret).toMatch(/^a\+secret%3A\+with\+100%25\+%2B\+all\+of\+%21%27%28%29%2A%7E\+and\+%C3%BC$/)
  })
})

describe('refresh tokens', () => {
  test.each([true, false])('FAPI-52 DPOP-61 FAPI 2.0 §5.3.3.1: a server that rotates them: %s', async (rotates) => {
    world.server.rotates = rotates
    const browser = await signIn(world)
    for (let times = 0; times < 3; times++) {
      world.clock.advance(300)
      expect((await call(browser)).status).toBe(200)
    }
    const refreshes = sentTo('/token').filter((one) => formOf(one).get('grant_type') === 'refresh_token')
    expect(new Set(refreshes.map((one) => formOf(one).get('refresh_token'))).size).toBe(rotates ? 3 : 1)
    expect(refreshes).toHaveLength(3)
    // Each has a proof by the key that the code was redeemed with.
    expect(new Set(sentTo('/token').map(keyOf)).size).toBe(1)
  })

  test('DPOP-62 RFC 9449 §5: a refresh that brings a token of another type: it is not used', async () => {
    const browser = await signIn(world)
    world.clock.advance(300)
    world.server.tokens = { token_type: 'Bearer' }
    expect((await call(browser)).status).toBe(502)
    expect(world.shown).toEqual([])
    expect(world.events).toContainEqual(expect.objectContaining({ type: 'refresh.failed', code: 'unbound_token' }))
  })
})

describe('proofs', () => {
  test('FAPI-53 DPOP-63 DPOP-64 DPOP-65 RFC 9449 §8: a nonce is asked for once, and the newest one is in all that follows', async () => {
    const given = wantNonces()
    await signIn(world)
    const first = sentTo('/par', '/token')
    // The first push is refused for its nonce, the second for a resource that this server does not know.
    expect(first.map(({ status }) => status)).toEqual([400, 400, 201, 200])
    await signIn(world, 'u2')
    const all = sentTo('/par', '/token')
    expect(all.map(({ status }) => status)).toEqual([400, 400, 201, 200, 201, 200])
    expect(all.map((one) => decodeJwt(header(one, 'dpop'))['nonce'])).toEqual([undefined, ...given.slice(0, -1)])
    expect(new Set(all.map((one) => decodeJwt(header(one, 'dpop')).jti)).size).toBe(all.length)
    expect(new Set(assertions().map(({ jti }) => jti)).size).toBe(all.length)
  })

  test('DPOP-64 RFC 9449 §8.2, §9: no origin is shown the nonce of another', async () => {
    const apis = ['one', 'two'].map((name) => ({ path: `/${name}`, upstream: `https://${name}.example` }))
    world = startWorld({ apis })
    wantNonces()
    const nonces: unknown[] = []
    for (const { path, upstream } of apis)
      world.net.host(upstream, (request) => {
        nonces.push(decodeJwt(request.headers('dpop')[0] ?? '')['nonce'])
        return Promise.resolve(json(200, {}, { 'dpop-nonce': `of-${path.slice(1)}` }))
      })
    const browser = await signIn(world)
    for (const path of ['/one', '/two', '/one', '/two']) expect((await call(browser, path)).status).toBe(200)
    expect(nonces).toEqual([undefined, undefined, 'of-one', 'of-two'])
  })

  test('FAPI-80 DPOP-67 FAPI 2.0 §6.3: each sign-in has a key of its own, so no two servers see one', async () => {
    await signIn(world)
    const [one, other] = [sentTo('/token').map(keyOf), (await signIn(world, 'u2')) && sentTo('/token').map(keyOf).slice(1)]
    expect([one.length, other.length]).toEqual([1, 1])
    expect(one).not.toEqual(other)
    expect([...one, ...other].join('')).not.toContain('"d"')
  })

  test('DPOP-34 RFC 9449 §10: without PAR the code is not bound to the key, and the tokens are', async () => {
    world = startWorld({ unsafeWithoutPar: true })
    const browser = await signIn(world)
    const [asked] = world.net.traffic.filter(({ url }) => url.startsWith(`${FOREIGN}/authorize?`))
    expect(new URL(asked?.url ?? '').searchParams.has('dpop_jkt')).toBe(false)
    expect(keyOf(sentTo('/token')[0] as Sent)).toContain('"P-256"')
    expect((await call(browser)).status).toBe(200)
  })
})

describe('what the browser is given to carry', () => {
  const pushed = (): readonly URLSearchParams[] => sentTo('/par').map(formOf)

  test.each<[string, () => void]>([
    ['an error of the server', () => (world.server.response = { code: undefined, error: 'access_denied' })],
    ['an answer that is not sound', () => (world.server.claims = { nonce: 'another' })],
    ['a code that was not good', () => (world.server.instead = () => json(400, { error: 'invalid_grant' }))],
  ])('OA-82 BCP-06 OAuth 2.1 §7.5.1: challenge, nonce and state are fresh after %s', async (_what, goesWrong) => {
    goesWrong()
    const browser = world.browser()
    for (let times = 0; times < 3; times++) await browser.goto(`${SHOP}/`).then(() => browser.goto(`${SHOP}/bff/login`))
    // The first is asked for twice, with another resource.
    const asked = pushed().slice(1)
    for (const name of ['code_challenge', 'nonce', 'state']) expect(new Set(asked.map((one) => one.get(name))).size).toBe(3)
    expect(asked.map((one) => one.get('code_challenge_method'))).toEqual(['S256', 'S256', 'S256'])
  })

  test('BCP-34 RFC 9700 §4.7.1: state is a random reference; what it refers to is sealed, and a change of it ends the sign-in', async () => {
    const browser = world.browser()
    browser.follow = false
    await browser.goto(`${SHOP}/bff/login?return_to=%2Fcart`)
    expect(pushed().at(-1)?.get('state')).toMatch(/^[\w-]{43}$/)
    await browser.step()
    const callback = browser.header('location') ?? ''
    const { name, value } = browser.cookies.all().find((one) => one.name.includes('-t-')) ?? { name: '', value: '' }
    expect(Buffer.from(value, 'base64url').toString('latin1')).not.toContain('/cart')
    const at = value.length - 30
    const changed = value.slice(0, at) + (value[at] === 'A' ? 'B' : 'A') + value.slice(at + 1)
    browser.cookies.set(SHOP, `${name}=${changed}; Path=/; Secure; HttpOnly`)
    await browser.goto(callback)
    expect([browser.status, world.server.asked.includes('/token')]).toEqual([400, false])
    browser.cookies.set(SHOP, `${name}=${value}; Path=/; Secure; HttpOnly`)
    expect((await browser.goto(callback)).status).toBe(200)
  })

  test('BCP-26 RFC 9700 §4.3.2: no URL that anybody was sent has a token in it', async () => {
    const browser = await signIn(world)
    await call(browser)
    world.clock.advance(300)
    await call(browser)
    await signOut(browser)
    const secrets = sentTo('/token').flatMap(({ responseBody }) => {
      const { access_token: access, refresh_token: refresh } = JSON.parse(responseBody) as Record<string, string>
      return [access as string, refresh as string]
    })
    expect(secrets).toHaveLength(4)
    const urls = world.net.traffic.map(
      ({ url, responseHeaders }) => url + JSON.stringify(responseHeaders.filter(([name]) => name === 'location')),
    )
    for (const secret of secrets) expect(urls.join('\n')).not.toContain(secret)
  })
})
