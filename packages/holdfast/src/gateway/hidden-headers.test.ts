import { afterAll, beforeAll, expect, test } from 'vitest'
import { openGateway } from '../test/gateway.ts'
import { bearer, type Listening, send, startApi, startIssuer, tokenOf } from '../test/gateway-world.ts'

let issuer: Listening
beforeAll(async () => void (issuer = await startIssuer()))
afterAll(() => issuer.close())

/** More than Node keeps by itself: what stands behind them it reads and does not tell. */
const MANY: readonly (readonly [string, string])[] = Array.from({ length: 2100 }, () => ['A', ''] as const)

test('BFF-43 asked by a proxy: a header of the guard’s own is found behind any number of others', async () => {
  const gateway = await openGateway(issuer, { 'forwardAuth.by': 'traefik', routes: [{ path: '/v1/public', public: true }] })
  // In the order that Traefik sends: it sorts them. What it hands to the API then, CGI and WSGI read as X-Holdfast-Subject.
  const question = [
    ['X-Forwarded-Method', 'GET'],
    ['X-Forwarded-Uri', '/v1/public'],
  ] as const
  const { status } = await send(gateway.origin, '/check', { headers: [...question, ...MANY, ['X_Holdfast_Subject', 'root']] })
  expect(status).toBe(403)
  await gateway.close()
})

test('DPOP-55 as a proxy: a second token is found behind any number of headers, and none of them is lost', async () => {
  const api = await startApi()
  const gateway = await openGateway(issuer, { upstream: api.origin })
  const token = tokenOf(issuer)
  const two = await send(gateway.origin, '/v1/x', { headers: [bearer(token), ...MANY, bearer(token)] })
  expect([two.status, api.seen]).toEqual([400, []])
  await Promise.all([gateway.close(), api.close()])
})

test.each(['Content_Length', 'Transfer_Encoding', 'transfer.encoding', 'Proxy_Authorization'])(
  'RFC 9112 §6.3: %s, which CGI and WSGI take for a header for one connection, does not reach the API',
  async (name) => {
    const api = await startApi()
    const gateway = await openGateway(issuer, { upstream: api.origin })
    const answer = await send(gateway.origin, '/v1/x', {
      method: 'POST',
      headers: [bearer(tokenOf(issuer)), [name, '1']],
      body: 'whole',
    })
    expect([answer.status, api.seen.length, api.seen[0]?.body, api.of('content-length')]).toEqual([200, 1, 'whole', ['5']])
    expect(api.of(name.toLowerCase())).toEqual([])
    await Promise.all([gateway.close(), api.close()])
  },
)
