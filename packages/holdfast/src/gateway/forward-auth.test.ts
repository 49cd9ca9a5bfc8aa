import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openGateway, type TestGateway } from '../test/gateway.ts'
import { type Answer, bearer, BOUND, dpop, type Listening, send, startIssuer, tokenOf } from '../test/gateway-world.ts'

type Lines = readonly (readonly [string, string])[]

let issuer: Listening
const opened: TestGateway[] = []
beforeAll(async () => void (issuer = await startIssuer()))
afterEach(async () => void (await Promise.all(opened.splice(0).map((one) => one.close()))))
afterAll(() => issuer.close())

async function open(options: Readonly<Record<string, unknown>> = {}): Promise<TestGateway> {
  const gateway = await openGateway(issuer, {
    routes: [
      { path: '/v1/public', public: true },
      { path: '/v1/admin', methods: ['GET'], need: { scopes: ['admin'] } },
    ],
    ...options,
  })
  opened.push(gateway)
  return gateway
}

const NGINX = { method: 'X-Original-Method', uri: 'X-Original-URI' }
const TRAEFIK = { method: 'X-Forwarded-Method', uri: 'X-Forwarded-Uri' }

describe.each([
  [
    'nginx',
    (origin: string, method: string, uri: string, headers: Lines) =>
      send(origin, '/check', { headers: [...headers, [NGINX.method, method], [NGINX.uri, uri]] }),
  ],
  [
    'traefik',
    (origin: string, method: string, uri: string, headers: Lines) =>
      send(origin, '/check', { headers: [...headers, [TRAEFIK.method, method], [TRAEFIK.uri, uri]] }),
  ],
  ['envoy', (origin: string, method: string, uri: string, headers: Lines) => send(origin, `/check${uri}`, { method, headers })],
] as const)('asked by %s', (by, ask) => {
  const asked = async (method: string, uri: string, headers: Lines): Promise<Answer> =>
    ask((await open({ 'forwardAuth.by': by })).origin, method, uri, headers)

  test('200 with who came, every header, since a proxy replaces only what is there', async () => {
    const { status, headers, body } = await asked('GET', '/v1/orders?x=1', [bearer(tokenOf(issuer))])
    expect([status, body, headers['x-holdfast-subject'], headers['x-holdfast-acr'], headers['cache-control']]).toEqual([
      200,
      '',
      ['u_ada'],
      [''],
      ['no-store'],
    ])
  })

  test('DPOP-08 DPOP-09 a proof is for the request that is asked about', async () => {
    const token = tokenOf(issuer, BOUND)
    expect((await asked('HEAD', '/v1/orders?x=1', dpop(token, { htm: 'HEAD' }))).status).toBe(200)
    expect((await asked('POST', '/v1/orders', dpop(token))).status).toBe(401)
    expect((await asked('GET', '/v1/other', dpop(token))).status).toBe(401)
  })

  test('OA-71 OA-69 without a token 401, with too little 403, each with its challenge in one line', async () => {
    const none = await asked('GET', '/v1/orders', [])
    expect([none.status, none.headers['www-authenticate']]).toEqual([401, [expect.stringMatching(/^Bearer .*, DPoP /)]])
    const little = await asked('GET', '/v1/admin', [bearer(tokenOf(issuer))])
    expect([little.status, little.headers['www-authenticate']]).toEqual([403, [expect.stringContaining('insufficient_scope')]])
  })

  test.each([
    ['GET', '/v1/public/../admin', 400],
    ['GET', '/v1/public/%2e%2e/admin', 400],
    ['GET', '/v1//admin', 400],
    ['GET', '/v1/ADMIN', 400],
    ['POST', '/v1/admin', 405],
  ] as const)('%s %s is refused: nginx knows no %i', async (method, uri, status) => {
    expect((await asked(method, uri, [bearer(tokenOf(issuer, { scope: 'admin' }))])).status).toBe(by === 'nginx' ? 403 : status)
  })

  test('where anybody may come nobody is told to have come', async () => {
    const { status, headers } = await asked('GET', '/v1/public/x', [])
    expect([status, headers['x-holdfast-subject']]).toEqual([200, ['']])
  })

  test.each(['X-Holdfast-Subject', 'x_holdfast_acr'])('a client that says %s itself is refused', async (name) => {
    expect((await asked('GET', '/v1/public', [[name, 'root']])).status).toBe(403)
  })
})

test('only the headers of the proxy that was configured are read', async () => {
  const { origin } = await open({ 'forwardAuth.by': 'traefik' })
  const answer = await send(origin, '/check', {
    headers: [
      [NGINX.method, 'GET'],
      [NGINX.uri, '/v1/public'],
      [TRAEFIK.method, 'GET'],
      [TRAEFIK.uri, '/v1/orders'],
    ],
  })
  expect(answer.status).toBe(401)
})

test.each([
  ['none', []],
  ['a method alone', [[NGINX.method, 'GET']]],
  [
    'two paths',
    [
      [NGINX.method, 'GET'],
      [NGINX.uri, '/v1/orders'],
      [NGINX.uri, '/v1/public'],
    ],
  ],
  [
    'two methods in one',
    [
      [NGINX.method, 'GET, POST'],
      [NGINX.uri, '/v1/public'],
    ],
  ],
  [
    'a whole address',
    [
      [NGINX.method, 'GET'],
      [NGINX.uri, 'https://api.example/v1/public'],
    ],
  ],
] as const)('a question that does not say what it is about (%s) is refused', async (_name, headers) => {
  expect((await send((await open()).origin, '/check', { headers })).status).toBe(403)
})

test('a stranger may not ask: who may is this machine, or who is listed instead', async () => {
  const question = {
    headers: [
      [NGINX.method, 'GET'],
      [NGINX.uri, '/v1/public'],
    ] as const,
  }
  expect((await send((await open({ trustedProxies: ['127.0.0.1'] })).origin, '/check', question)).status).toBe(200)
  const { status, body } = await send((await open({ trustedProxies: ['192.0.2.1'] })).origin, '/check', {
    headers: [...question.headers, ['X-Forwarded-For', '192.0.2.1']],
  })
  expect([status, JSON.parse(body)]).toEqual([403, expect.objectContaining({ error: 'access_denied' })])
})

test('another path is nobody, the metadata and the probes are here, and the place of the question may be another', async () => {
  const { origin } = await open({ 'forwardAuth.path': '/ask/me' })
  const answers = await Promise.all(
    ['/v1/public', '/check', '/ask/me/x', '/.well-known/oauth-protected-resource/v1', '/healthz'].map((path) => send(origin, path)),
  )
  expect(answers.map((answer) => answer.status)).toEqual([404, 404, 404, 200, 200])
  expect(
    (
      await send(origin, '/ask/me', {
        headers: [
          [NGINX.method, 'GET'],
          [NGINX.uri, '/v1/public'],
        ],
      })
    ).status,
  ).toBe(200)
})

test.each(['/healthz', '/.well-known/oauth-protected-resource/v1'])(
  'a question at %s is a question still, and not a probe that says yes to everybody',
  async (path) => {
    const { origin } = await open({ 'forwardAuth.by': 'traefik', 'forwardAuth.path': path, resource: 'https://api.example/v1' })
    const headers = [
      [TRAEFIK.method, 'GET'],
      [TRAEFIK.uri, '/v1/orders'],
    ] as const
    expect((await send(origin, path, { headers })).status).toBe(401)
  },
)

test('the issuer is away: 503, which nginx makes its own 500 of', async () => {
  const gateway = await openGateway({ origin: 'http://127.0.0.1:1', close: () => Promise.resolve() }, {})
  opened.push(gateway)
  const token = tokenOf({ origin: 'http://127.0.0.1:1', close: () => Promise.resolve() })
  expect((await send(gateway.origin, '/check', { headers: [[NGINX.method, 'GET'], [NGINX.uri, '/v1'], bearer(token)] })).status).toBe(503)
})
