import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openGateway, type TestGateway } from '../test/gateway.ts'
import { bearer, BOUND, dpop, type Listening, send, startApi, startIssuer, stranger, tokenOf } from '../test/gateway-world.ts'

type Api = Awaited<ReturnType<typeof startApi>>

let issuer: Listening
let api: Api
let gateway: TestGateway
const NONCE_SECRET = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'

beforeAll(async () => {
  issuer = await startIssuer()
  api = await startApi()
  gateway = await openGateway(issuer, {
    upstream: api.origin,
    scopes: ['read', 'write'],
    routes: [
      { path: '/v1/orders', methods: ['GET'], need: { scopes: ['read'] } },
      { path: '/v1/orders', methods: ['POST', 'DELETE'], need: { scopes: ['write'] } },
      { path: '/v1/pay', need: { maxAge: 60, acr: ['mfa'] } },
      { path: '/v1/public', public: true },
      { path: '/v1/public/Secret', need: { scopes: ['secret'] } },
    ],
  })
})
afterEach(() => void (api.seen.length = 0))
afterAll(async () => {
  await Promise.all([gateway.close(), api.close(), issuer.close()])
})

describe('who comes in', () => {
  test('MCP-37 OA-66 a request with a good token reaches the API as it was, without the token, and with who came', async () => {
    const answer = await send(gateway.origin, '/v1/orders?a=%2F&b=/../', {
      headers: [bearer(tokenOf(issuer, { acr: 'mfa', auth_time: 7 })), ['X-Own', 'kept'], ['Cookie', 'c=1']],
    })
    expect(answer).toMatchObject({ status: 200, body: 'from the API', headers: { 'set-cookie': ['a=1', 'b=2'] } })
    expect(answer.headers['x-once']).toBeUndefined()
    expect(api.seen).toMatchObject([{ method: 'GET', target: '/v1/orders?a=%2F&b=/../' }])
    const told = (name: string): unknown => api.of(name)
    expect(told('authorization')).toEqual([])
    expect(['subject', 'client', 'scope', 'acr', 'auth-time'].map((name) => told(`x-holdfast-${name}`))).toEqual([
      ['u_ada'],
      ['web'],
      ['read'],
      ['mfa'],
      ['7'],
    ])
    expect([told('x-own'), told('cookie'), told('x-holdfast-amr')]).toEqual([['kept'], ['c=1'], []])
    expect([told('x-forwarded-for'), told('x-forwarded-host'), told('x-forwarded-proto')]).toEqual([
      ['127.0.0.1'],
      ['api.example'],
      ['https'],
    ])
    expect(told('host')).toEqual([new URL(api.origin).host])
  })

  test('DPOP-11 DPOP-16 a bound token comes in with a proof for the public URL, once, and the API sees no proof', async () => {
    const headers = dpop(tokenOf(issuer, BOUND))
    expect((await send(gateway.origin, '/v1/orders', { headers })).status).toBe(200)
    expect(api.of('dpop')).toEqual([])
    const again = await send(gateway.origin, '/v1/orders', { headers })
    expect([again.status, again.headers['www-authenticate']?.[0]]).toEqual([401, expect.stringContaining('error="invalid_dpop_proof"')])
    expect(api.seen).toHaveLength(1)
  })

  test.each([
    ['OA-71 no token', () => [], 401],
    ['OA-70 a made-up token', () => [bearer('made-up')], 401],
    ['MCP-36 a token for another API', () => [bearer(tokenOf(issuer, { aud: 'https://other.example' }))], 401],
    ['DPOP-49 a bound token as Bearer', () => [bearer(tokenOf(issuer, BOUND))], 401],
    ['DPOP-48 the proof of another key', () => dpop(tokenOf(issuer, BOUND), {}, stranger), 401],
    ['DPOP-09 a proof for the address of the gateway', () => dpop(tokenOf(issuer, BOUND), { htu: `${gateway.origin}/v1/orders` }), 401],
    ['DPOP-08 a proof for another method', () => dpop(tokenOf(issuer, BOUND), { htm: 'POST' }), 401],
    ['OA-69 a token without the scope', () => [bearer(tokenOf(issuer, { scope: 'write' }))], 403],
    ['DPOP-55 two tokens', () => [bearer(tokenOf(issuer)), bearer(tokenOf(issuer))], 400],
  ] as const)('%s does not reach the API', async (_name, headers, status) => {
    const answer = await send(gateway.origin, '/v1/orders', { headers: headers() })
    expect([answer.status, answer.headers['www-authenticate']?.length]).toEqual([status, expect.any(Number)])
    expect(api.seen).toEqual([])
  })

  test('STEP-06 STEP-30 a token that is good and not enough is told what is', async () => {
    const { status, headers } = await send(gateway.origin, '/v1/pay', { headers: [bearer(tokenOf(issuer))] })
    expect([status, headers['www-authenticate']?.[0]]).toEqual([
      401,
      expect.stringMatching(/insufficient_user_authentication.*acr_values="mfa", max_age="60"/),
    ])
  })

  test('DPOP-53 DPOP-42 with a nonce secret a proof needs a nonce, and the answer of the API carries the next one', async () => {
    const other = await openGateway(issuer, { upstream: api.origin, nonceSecret: NONCE_SECRET })
    const token = tokenOf(issuer, BOUND)
    const first = await send(other.origin, '/v1/orders', { headers: dpop(token) })
    expect([first.status, first.headers['www-authenticate']?.[0]]).toEqual([401, expect.stringContaining('use_dpop_nonce')])
    const [nonce] = first.headers['dpop-nonce'] ?? []
    const second = await send(other.origin, '/v1/orders', { headers: dpop(token, { nonce }) })
    expect([second.status, second.headers['dpop-nonce']]).toEqual([200, [expect.not.stringContaining('of-the-api')]])
    await other.close()
  })

  test('one who may come without a token loses one all the same, and nobody is told to have come', async () => {
    expect((await send(gateway.origin, '/v1/public/x', { headers: [bearer('whatever'), ['X-Holdfast-Subject', 'root']] })).status).toBe(200)
    expect([api.of('authorization'), api.of('x-holdfast-subject')]).toEqual([[], []])
  })
})

describe('who stands before the API tells it who came, and nobody else', () => {
  test.each([
    'X-Holdfast-Subject',
    'x_holdfast_subject',
    'X-Holdfast_Acr',
    'X.Holdfast.Scope',
    'X-Holdfast-New',
    'X-Forwarded-For',
    'X_Forwarded_Host',
    'Forwarded',
    'X-Real-IP',
    'X-Original-URL',
    'X-Rewrite-URL',
    'X-HTTP-Method-Override',
    'Client-Cert',
  ])('BFF-43 %s of a client is dropped', async (name) => {
    await send(gateway.origin, '/v1/orders', { headers: [bearer(tokenOf(issuer)), [name, 'spoofed']] })
    expect(api.seen).toHaveLength(1)
    expect(JSON.stringify(api.seen)).not.toContain('spoofed')
  })

  test('RFC 9110 §7.6.1: what Connection names is dropped, and cannot take our own words away', async () => {
    await send(gateway.origin, '/v1/orders', {
      headers: [
        bearer(tokenOf(issuer)),
        ['Connection', 'close, X-Gone, X-Holdfast-Subject, X-Forwarded-For'],
        ['X-Gone', '1'],
        ['TE', 'trailers'],
        ['Upgrade', 'websocket'],
      ],
    })
    expect([api.of('x-gone'), api.of('te'), api.of('upgrade'), api.of('x-holdfast-subject'), api.of('x-forwarded-for')]).toEqual([
      [],
      [],
      [],
      ['u_ada'],
      ['127.0.0.1'],
    ])
  })

  test('a subject that a header cannot say is percent-encoded, so that no two become one', async () => {
    await send(gateway.origin, '/v1/orders', { headers: [bearer(tokenOf(issuer, { sub: 'Zoë A\r\nX-Holdfast-Acr: mfa' }))] })
    expect(api.of('x-holdfast-subject')).toEqual(['Zo%C3%AB%20A%0D%0AX-Holdfast-Acr:%20mfa'])
    await send(gateway.origin, '/v1/orders', { headers: [bearer(tokenOf(issuer, { sub: 'Zo%C3%AB' }))] })
    expect(api.of('x-holdfast-subject')).toEqual(['Zo%25C3%25AB'])
  })

  test('MCP-37 the token goes on where the operator says so, and there alone', async () => {
    const passing = await openGateway(issuer, { upstream: api.origin, 'identity.unsafePassToken': true, 'identity.prefix': 'x-user-' })
    const token = tokenOf(issuer)
    await send(passing.origin, '/v1/orders', { headers: [bearer(token), ['X_User_Subject', 'root']] })
    expect([api.of('authorization'), api.of('x-user-subject'), api.of('x_user_subject')]).toEqual([[`Bearer ${token}`], ['u_ada'], []])
    await passing.close()
  })
})

describe('the path that is checked is the path that is answered', () => {
  test.each([
    '/v1/public/../orders',
    '/v1/public/%2e%2e/orders',
    '/v1/public/..%2forders',
    '/v1/public/..;/orders',
    '/v1/public%2f..%2forders',
    '/v1/public/%252e%252e/orders',
    '/v1/public\\..\\orders',
    '/v1//public',
    '//v1/public',
    '/v1/./public',
    '/v1/public/%c0%ae%c0%ae/orders',
    '/v1/public/secret',
    '/v1/public/SECRET/x',
    '/v1/public/%53ecret',
    '/v1/public/secret;x=1/y',
    '/v1/public/Secret.json',
    '/v1/public/Secret%20',
    '/v1/ORDERS',
    '/v1/%6frders',
  ])('%s is refused', async (target) => {
    const answer = await send(gateway.origin, target, { headers: [bearer(tokenOf(issuer, { scope: 'read write' }))] })
    expect([answer.status, JSON.parse(answer.body)]).toEqual([400, expect.objectContaining({ error: 'invalid_request' })])
    expect(api.seen).toEqual([])
  })

  test.each([
    '/v1/public',
    '/v1/public/',
    '/v1/public/a.b/c%20d;e=1',
    '/v1/public/caf%C3%A9',
    '/v1/public/Secretary',
    '/v1/public/x?y=//../%2f',
  ])('%s goes on as it is, without a token', async (target) => {
    expect((await send(gateway.origin, target)).status).toBe(200)
    expect(api.seen.at(-1)?.target).toBe(target)
  })

  test.each(['/v1', '/', '/v1/publicity', '/v1/orders/7', '/v1/public/Secret/x', '/nowhere'])('%s needs a token', async (target) => {
    expect((await send(gateway.origin, target)).status).toBe(401)
  })

  test('an address in the request line does not choose where it goes', async () => {
    expect((await send(gateway.origin, 'http://elsewhere.example/v1/public/x')).status).toBe(200)
    expect(api.seen).toMatchObject([{ target: '/v1/public/x' }])
    expect(api.of('host')).toEqual([new URL(api.origin).host])
  })

  test('a method that no row of a path has is refused, and a HEAD is a GET', async () => {
    const put = await send(gateway.origin, '/v1/orders', { method: 'PUT', headers: [bearer(tokenOf(issuer, { scope: 'read write' }))] })
    expect([put.status, put.headers['allow']]).toEqual([405, ['GET, POST, DELETE, HEAD']])
    expect((await send(gateway.origin, '/v1/orders', { method: 'DELETE', headers: [bearer(tokenOf(issuer))] })).status).toBe(403)
    const head = await send(gateway.origin, '/v1/orders', { method: 'HEAD', headers: dpop(tokenOf(issuer, BOUND), { htm: 'HEAD' }) })
    expect([head.status, head.body, api.seen.map((one) => one.method)]).toEqual([200, '', ['HEAD']])
  })
})

test.each(['GET', 'HEAD'])('MCP-30 MCP-41 DPOP-59 the metadata of the API is answered here, to %s', async (method) => {
  const { status, body } = await send(gateway.origin, '/.well-known/oauth-protected-resource/v1', { method })
  expect(status).toBe(200)
  if (method === 'GET')
    expect(JSON.parse(body)).toMatchObject({
      resource: 'https://api.example/v1',
      authorization_servers: [issuer.origin],
      scopes_supported: ['read', 'write'],
    })
  expect(api.seen).toEqual([])
})

test('the probes are answered here', async () => {
  expect((await send(gateway.origin, '/readyz')).body).toBe('ready\n')
  expect(api.seen).toEqual([])
})
