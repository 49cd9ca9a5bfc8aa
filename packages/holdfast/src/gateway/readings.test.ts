import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openGateway, type TestGateway } from '../test/gateway.ts'
import { bearer, type Listening, send, startApi, startIssuer, tokenOf } from '../test/gateway-world.ts'

let issuer: Listening
let api: Awaited<ReturnType<typeof startApi>>
let gateway: TestGateway

beforeAll(async () => {
  issuer = await startIssuer()
  api = await startApi()
  gateway = await openGateway(issuer, {
    upstream: api.origin,
    routes: [
      { path: '/orders', need: { scopes: ['write'] } },
      { path: '/public', public: true },
      { path: '/public/Secret', need: { scopes: ['secret'] } },
      { path: '/size', methods: ['GET'], public: true },
      { path: '/size', methods: ['HEAD'], need: { scopes: ['write'] } },
    ],
  })
})
afterEach(() => void (api.seen.length = 0))
afterAll(async () => {
  await Promise.all([gateway.close(), api.close(), issuer.close()])
})

// Tomcat, Jetty and Spring cut parameters off, and then make one slash of two; Rails cuts slashes off the end and then the format.
test.each([
  ['/public/;/Secret', false],
  ['/public/;x=1/Secret', false],
  ['/public/%3b/Secret', false],
  ['/public/%20/Secret', false],
  ['/public/Secret.json/', false],
  ['/public/Secret%20.json', false],
  ['/public/%C5%BFecret', false],
  ['/public/Secret/..%3fx', true],
  ['/public/..%3fx', false],
  ['/public/..%23x', false],
  ['/;/orders', true],
  ['/;a=b/orders/7', true],
  ['/orders.json/', true],
])('a path that some servers read as one with a rule of its own (%s) does not reach the API', async (target, withToken) => {
  const { status } = await send(gateway.origin, target, { headers: withToken ? [bearer(tokenOf(issuer))] : [] })
  expect([status, api.seen]).toEqual([400, []])
})

test.each(['/public/;/x', '/public/a.json/', '/public/;x=1', '/public/b%3fc'])('%s leads nowhere else, and goes on', async (target) => {
  expect((await send(gateway.origin, target)).status).toBe(200)
  expect(api.seen).toMatchObject([{ target }])
})

test('a row for HEAD counts before one for GET, wherever it stands', async () => {
  expect([(await send(gateway.origin, '/size', { method: 'HEAD' })).status, api.seen]).toEqual([401, []])
  expect((await send(gateway.origin, '/size')).status).toBe(200)
})
