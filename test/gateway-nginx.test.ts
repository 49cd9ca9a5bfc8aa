import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openGateway, type TestGateway } from '../packages/holdfast/src/test/gateway.ts'
import {
  type Answer,
  bearer,
  BOUND,
  dpop,
  type Listening,
  send,
  type Sent,
  startIssuer,
  tokenOf,
} from '../packages/holdfast/src/test/gateway-world.ts'
import { startNginx } from '../scripts/nginx.mjs'
import { findProgram } from '../scripts/programs.mjs'

const example = (name: string): string => fileURLToPath(new URL(`../examples/gateway/${name}`, import.meta.url))
const API = 'https://api.example.com'
const NONCE_SECRET = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'

interface Served {
  readonly method: string
  readonly path: string
  readonly body: string
  readonly subject: string | null
  readonly scope: string | null
  readonly acr: string | null
  readonly token_seen: boolean
}

/** The example as it stands in examples/gateway, on free ports: nginx of Debian, an API in Python, and the guard that nginx asks. */
describe('holdfast guard behind nginx', () => {
  let issuer: Listening
  let gateway: TestGateway
  let strict: TestGateway
  let python: ChildProcess
  let nginx: Awaited<ReturnType<typeof startNginx>>
  let strictNginx: Awaited<ReturnType<typeof startNginx>>

  beforeAll(async () => {
    issuer = await startIssuer()
    gateway = await openGateway(issuer, {}, example('guard.yaml'))
    strict = await openGateway(issuer, { nonceSecret: NONCE_SECRET, dpopRequired: true }, example('guard.yaml'))
    python = spawn(findProgram('python3', ['python3']), [example('api.py'), '0'], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [said] = (await once(python.stdout as NonNullable<ChildProcess['stdout']>, 'data')) as [Buffer]
    const api = Number(/listening (\d+)/.exec(String(said))?.[1])
    const written = (guard: number, port: number): string =>
      readFileSync(example('nginx.conf'), 'utf8')
        .replace('127.0.0.1:4080', `127.0.0.1:${guard}`)
        .replace('127.0.0.1:8000', `127.0.0.1:${api}`)
        .replace('127.0.0.1:8080', `127.0.0.1:${port}`)
    nginx = await startNginx((port) => written(gateway.port, port))
    strictNginx = await startNginx((port) => written(strict.port, port))
  })
  afterAll(async () => {
    await Promise.all([nginx?.stop(), strictNginx?.stop()])
    python?.kill('SIGKILL')
    await Promise.all([gateway?.close(), strict?.close(), issuer?.close()])
  })

  const token = (claims: Readonly<Record<string, unknown>> = {}): string => tokenOf(issuer, { aud: API, scope: 'orders:read', ...claims })
  const ask = (target: string, sent?: Sent): Promise<Answer> => send(`http://127.0.0.1:${nginx.port}`, target, sent)
  const served = ({ body }: Answer): Served => JSON.parse(body) as Served
  const challenge = ({ headers }: Answer): readonly string[] => headers['www-authenticate'] ?? []

  test('MCP-37 a good token lets in; the API learns who came, and sees no token', async () => {
    const answer = await ask('/orders/7?x=%2F', { headers: [bearer(token({ acr: 'mfa' }))] })
    expect([answer.status, served(answer)]).toEqual([
      200,
      { method: 'GET', path: '/orders/7?x=%2F', body: '', subject: 'u_ada', scope: 'orders:read', acr: 'mfa', token_seen: false },
    ])
  })

  test('a body goes to the API, and not to the guard', async () => {
    const now = Math.floor(Date.now() / 1000)
    const answer = await ask('/orders', {
      method: 'POST',
      body: '{"item": 7}',
      headers: [bearer(token({ scope: 'orders:write', auth_time: now }))],
    })
    expect([answer.status, served(answer)]).toEqual([200, expect.objectContaining({ method: 'POST', body: '{"item": 7}' })])
  })

  test('DPOP-11 DPOP-16 a proof for the public URL lets in once', async () => {
    const headers = dpop(token(BOUND), { htu: `${API}/orders` })
    const first = await ask('/orders', { headers })
    expect([first.status, served(first).token_seen]).toEqual([200, false])
    const again = await ask('/orders', { headers })
    expect([again.status, challenge(again)]).toEqual([401, [expect.stringMatching(/^DPoP error="invalid_dpop_proof", .*already used/)]])
  })

  test('DPOP-08 a proof is compared with the method that nginx was asked by', async () => {
    const by = (htm: string): Sent => ({ method: 'HEAD', headers: dpop(token(BOUND), { htu: `${API}/orders`, htm }) })
    expect([(await ask('/orders', by('HEAD'))).status, (await ask('/orders', by('GET'))).status]).toEqual([200, 401])
  })

  test.each([
    ['OA-71 DPOP-54 none', () => [], /^Bearer scope="orders:read", resource_metadata="[^"]+", DPoP algs=/],
    ['OA-70 a made-up one', () => [bearer('made-up')], /^Bearer error="invalid_token"/],
    ['MCP-36 one for another API', () => [bearer(token({ aud: 'https://other.example' }))], /^Bearer error="invalid_token"/],
    ['DPOP-49 a bound one as Bearer', () => [bearer(token(BOUND))], /^Bearer error="invalid_token"/],
    [
      'DPOP-09 one with a proof for the address of nginx',
      () => dpop(token(BOUND), { htu: `http://127.0.0.1:${nginx.port}/orders` }),
      /^DPoP error="invalid_dpop_proof"/,
    ],
  ] as const)('the token %s: 401, and the challenge reaches the client', async (_name, headers, expected) => {
    const answer = await ask('/orders', { headers: headers() })
    expect([answer.status, challenge(answer)]).toEqual([401, [expect.stringMatching(expected)]])
  })

  test('OA-69 MCP-34 a 403 says which scope is needed', async () => {
    const answer = await ask('/orders', { headers: [bearer(token({ scope: 'other' }))] })
    expect([answer.status, challenge(answer)]).toEqual([403, [expect.stringMatching(/error="insufficient_scope".*scope="orders:read"/)]])
  })

  test('STEP-05 the challenge to sign in again reaches the client', async () => {
    const old = Math.floor(Date.now() / 1000) - 1000
    const answer = await ask('/orders', { method: 'POST', body: '{}', headers: [bearer(token({ scope: 'orders:write', auth_time: old }))] })
    expect([answer.status, challenge(answer)]).toEqual([401, [expect.stringMatching(/insufficient_user_authentication.*max_age="300"/)]])
  })

  test('DPOP-53 DPOP-42 the nonce reaches the client, with a refusal and with the answer of the API', async () => {
    const origin = `http://127.0.0.1:${strictNginx.port}`
    const bound = token(BOUND)
    const first = await send(origin, '/orders', { headers: dpop(bound, { htu: `${API}/orders` }) })
    expect([first.status, challenge(first), first.headers['dpop-nonce']?.length]).toEqual([
      401,
      [expect.stringContaining('use_dpop_nonce')],
      1,
    ])
    const second = await send(origin, '/orders', {
      headers: dpop(bound, { htu: `${API}/orders`, nonce: first.headers['dpop-nonce']?.[0] }),
    })
    expect([second.status, second.headers['dpop-nonce']?.length]).toEqual([200, 1])
  })

  test('a route that is public needs nothing, and tells the API of nobody', async () => {
    expect(served(await ask('/status', { headers: [bearer('made-up')] }))).toMatchObject({ subject: null, token_seen: false })
  })

  test.each(['X-Holdfast-Subject', 'x-holdfast-new'])(
    'a client that sends %s itself is refused, also where it needs no token',
    async (name) => {
      expect((await ask('/status', { headers: [[name, 'root']] })).status).toBe(403)
    },
  )

  test('nginx drops the spellings that WSGI takes for the same', async () => {
    const answer = await ask('/orders', {
      headers: [bearer(token({ acr: undefined })), ['X_Holdfast_Acr', 'mfa'], ['X_Holdfast_Subject', 'root']],
    })
    expect([answer.status, served(answer)]).toEqual([200, expect.objectContaining({ subject: 'u_ada', acr: null })])
  })

  test.each(['X-Original-URI', 'X-Original-Method', 'X-Forwarded-Uri', 'X-Forwarded-Method'])(
    'a client does not choose by %s what is checked',
    async (name) => {
      expect((await ask('/orders', { headers: [[name, name.endsWith('Method') ? 'GET' : '/status']] })).status).toBe(401)
    },
  )

  test.each([
    '/status/../orders',
    '/status/%2e%2e/orders',
    '/status/..%2forders',
    '/status/..;/orders',
    '/status//orders',
    '//status',
    '/status%2f..%2forders',
    '/.well-known/oauth-protected-resource/../../orders',
    '/STATUS',
  ])('%s reaches no API', async (target) => {
    const answer = await ask(target)
    expect([answer.status, answer.body.includes('"subject"')]).toEqual([
      expect.toSatisfy((status: number) => [400, 403, 404].includes(status)),
      false,
    ])
  })

  test('the place where nginx asks is not for clients, and the guard believes this machine alone', async () => {
    expect((await ask('/_holdfast')).status).toBe(404)
    expect((await ask('/check')).status).toBe(401)
  })

  test('MCP-30 MCP-31 the metadata is where the challenge says', async () => {
    const answer = await ask('/.well-known/oauth-protected-resource')
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      200,
      expect.objectContaining({ resource: API, authorization_servers: [issuer.origin] }),
    ])
  })

  test('when the guard is away nobody comes in', async () => {
    const dead = await openGateway(issuer, {}, example('guard.yaml'))
    const lost = await startNginx((port) =>
      readFileSync(example('nginx.conf'), 'utf8')
        .replace('127.0.0.1:4080', `127.0.0.1:${dead.port}`)
        .replace('127.0.0.1:8080', `127.0.0.1:${port}`),
    )
    await dead.close()
    expect((await send(`http://127.0.0.1:${lost.port}`, '/orders', { headers: [bearer(token())] })).status).toBe(500)
    await lost.stop()
  })
})
