import { afterEach, describe, expect, test } from 'vitest'
import type { ApiRoute } from '../options.ts'
import { FOREIGN } from '../test/foreign-server.ts'
import { call, sessionOf, signIn, startWorld, type World } from '../test/world.ts'
import { resourceOf } from './api-token.ts'

let world: World
afterEach(() => expect(world.net.faults).toEqual([]))
const route = (over: Partial<ApiRoute> = {}): ApiRoute => ({ path: '/api', upstream: 'https://orders.example/v1', ...over })
const EXCHANGED = route({ path: '/bank', upstream: 'https://orders.example/bank', by: 'token-exchange', scope: 'pay' })
/** What the token endpoint was sent, oldest first, without what a client proves itself by. */
const asked = (): readonly Readonly<Record<string, string>>[] =>
  world.net.traffic
    .filter(({ url }) => url === `${FOREIGN}/token`)
    .map(({ requestBody }) =>
      Object.fromEntries(
        [...new URLSearchParams(requestBody)].filter(([name]) => ['grant_type', 'resource', 'scope', 'subject_token'].includes(name)),
      ),
    )

describe('a token for each API', () => {
  test.each([
    ['https://orders.example', undefined, 'https://orders.example'],
    ['https://orders.example/', undefined, 'https://orders.example'],
    ['https://orders.example/v1/', undefined, 'https://orders.example/v1'],
    ['http://10.0.0.1:8080/v1', 'https://orders.example', 'https://orders.example'],
  ])('%s named %s is %s', (upstream, resource, identifier) => {
    world = startWorld()
    expect(resourceOf(route({ upstream, ...(resource === undefined ? {} : { resource }) }))).toBe(identifier)
  })

  test('BFF-45 MCP-52 RFC 8707: by refresh, each kept apart and renewed apart', async () => {
    const second = route({ path: '/second', upstream: 'https://orders.example/v2' })
    const third = route({ path: '/third', scope: 'less' })
    world = startWorld({ apis: [route(), second, third] })
    const browser = await signIn(world)
    for (const path of ['/api', '/second', '/third', '/api', '/second', '/third']) expect((await call(browser, path)).status).toBe(200)
    // That of sign-in is for the first: this server does not know itself as a resource.
    expect(asked()).toEqual([
      { grant_type: 'authorization_code', resource: 'https://orders.example/v1' },
      { grant_type: 'refresh_token', resource: 'https://orders.example/v2' },
      { grant_type: 'refresh_token', resource: 'https://orders.example/v1', scope: 'less' },
    ])
    expect(world.shown).toEqual(['u1.1', 'u1.2', 'u1.3', 'u1.1', 'u1.2', 'u1.3'])
  })

  test('calls of different APIs at once refresh one after the other: a rotating server ends nothing', async () => {
    world = startWorld({ apis: [route(), route({ path: '/second', upstream: 'https://orders.example/v2' })] })
    const browser = await signIn(world)
    world.clock.advance(300)
    const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => call(browser, i % 2 === 0 ? '/api' : '/second')))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(world.server.refreshes).toBe(2)
  })

  test('RFC 8693: by exchange of the token of sign-in, which is refreshed first where it must', async () => {
    world = startWorld({ apis: [EXCHANGED] })
    const browser = await signIn(world)
    expect((await call(browser, '/bank')).status).toBe(200)
    expect((await call(browser, '/bank')).status).toBe(200)
    world.clock.advance(290)
    expect((await call(browser, '/bank')).status).toBe(200)
    const exchange = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      resource: 'https://orders.example/bank',
      scope: 'pay',
    }
    expect(asked()).toEqual([
      { grant_type: 'authorization_code' },
      { ...exchange, subject_token: 'u1.1' },
      { grant_type: 'refresh_token' },
      { ...exchange, subject_token: 'u1.3' },
    ])
    expect(world.shown).toEqual(['exchanged.2', 'exchanged.2', 'exchanged.4'])
  })

  test.each<'cookie' | 'store'>(['store', 'cookie'])(
    'sessions in a %s: an exchange that is refused is tried once with a new token; then it is the API that cannot be had, and nobody is signed out',
    async (where) => {
      world = startWorld({ apis: [EXCHANGED], ...(where === 'cookie' ? { sessions: where } : {}) })
      const browser = await signIn(world)
      const real = world.server.handler
      world.net.host(FOREIGN, async (request) => {
        const bytes = await request.body(100_000)
        const refused = request.path === '/token' && new TextDecoder().decode(bytes as Uint8Array).includes('token-exchange')
        if (refused) return { status: 400, headers: { 'content-type': 'application/json' }, body: '{"error":"invalid_grant"}' }
        return real({ ...request, body: () => Promise.resolve(bytes) })
      })
      expect((await call(browser, '/bank')).status).toBe(502)
      expect(world.server.refreshes).toBe(1)
      expect(await sessionOf(browser)).toMatchObject({ active: true })
      // The refresh token that was rotated on the way is kept: the older one would end the grant.
      expect((await call(browser, '/bank')).status).toBe(502)
      expect(world.server.refreshes).toBe(2)
      expect(await sessionOf(browser)).toMatchObject({ active: true })
    },
  )

  test('an answer that is no access token, or about somebody else, is not used', async () => {
    world = startWorld()
    const browser = await signIn(world)
    world.clock.advance(300)
    const now = world.clock.now()
    world.server.tokens = { id_token: world.server.sign({ iss: FOREIGN, aud: 'shop', sub: 'u2', iat: now, exp: now + 60 }) }
    expect((await call(browser)).status).toBe(502)
    expect(world.shown).toEqual([])
    expect(world.events).toContainEqual(expect.objectContaining({ type: 'refresh.failed', code: 'other_subject' }))
  })
})

describe('DPoP at APIs', () => {
  test('BFF-09 DPOP-63 DPOP-64 A69: a fresh proof each time, over the token, without the query, with the newest nonce of that origin', async () => {
    world = startWorld()
    const browser = await signIn(world)
    const proofs: Readonly<Record<string, unknown>>[] = []
    const keys = new Set<string>()
    world.net.host('https://orders.example', (request) => {
      const [header = '', payload = ''] = (request.headers('dpop')[0] ?? '').split('.')
      proofs.push(JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>)
      keys.add(JSON.stringify((JSON.parse(Buffer.from(header, 'base64url').toString()) as { jwk: unknown }).jwk))
      expect(request.headers('authorization')[0]).toMatch(/^DPoP u1\.1$/)
      const wanted = proofs.length === 1
      const headers = {
        'dpop-nonce': `n${proofs.length}`,
        ...(wanted ? { 'www-authenticate': 'DPoP error="use_dpop_nonce", algs="ES256"' } : {}),
      }
      return Promise.resolve({ status: wanted ? 401 : 200, headers, body: '' })
    })
    await call(browser, '/api/7?a=1')
    await call(browser, '/api/8')
    expect(proofs.map(({ htm, htu, nonce }) => [htm, htu, nonce])).toEqual([
      ['GET', 'https://orders.example/v1/7', undefined],
      ['GET', 'https://orders.example/v1/7', 'n1'],
      ['GET', 'https://orders.example/v1/8', 'n2'],
    ])
    expect(new Set(proofs.map(({ jti }) => jti)).size).toBe(3)
    expect(new Set(proofs.map(({ ath }) => ath)).size).toBe(1)
    expect(keys.size).toBe(1)
    // No key is private, and each session has one of its own.
    expect([...keys][0]).not.toContain('"d"')
    expect(world.server.refreshes).toBe(0)
  })
})
