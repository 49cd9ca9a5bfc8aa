import { createHash } from 'node:crypto'
import { createServer, request } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { toNodeUpgrade } from '@holdfast/mount/upgrade'
import type { Upgrade } from '../bff.ts'
import { closeAll, listening, PUBLIC_URL, requestOf, type Sent, type Setup, type World, world } from '../test/proxy-world.ts'

afterEach(closeAll)
const SOCKET = { 'x-holdfast-csrf': [], origin: PUBLIC_URL, connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': 'k' } as const
type Allowed = Upgrade & { readonly kind: 'allowed' }

async function asked(setup: Setup = {}, sent: Sent = {}): Promise<{ readonly it: World; readonly upgrade: Upgrade | undefined }> {
  const it = await world({ ...setup, route: { webSocket: true, ...setup.route } })
  return { it, upgrade: await it.proxy.upgrade(requestOf({ ...sent, headers: { ...SOCKET, ...sent.headers } })) }
}
const statusOf = (upgrade: Upgrade | undefined): number => (upgrade?.kind === 'refused' ? upgrade.reply.status : 0)
const refusal = (status: number, headers: Record<string, string>): Response => new Response(null, { status, headers })

test('BFF-43 a WebSocket has the credential of its session, and no header of the browser but those of the list', async () => {
  const { it, upgrade } = await asked(
    { route: { requestHeaders: ['X-Tenant'] } },
    {
      path: '/api/orders/feed',
      query: 'since=1',
      headers: { 'x-tenant': 't', 'content-type': 'a/b', authorization: 'Bearer stolen', 'x-forwarded-for': '6.6.6.6' },
    },
  )
  const { url, headers, replyHeaders } = upgrade as Allowed
  expect(url.href).toBe(`${it.apiOrigin}/v1/feed?since=1`)
  expect(headers).toEqual({ authorization: 'DPoP ada-1', dpop: `GET ${it.apiOrigin}/v1/feed`, 'x-tenant': 't' })
  expect(replyHeaders).toEqual({})
})

test.each<[string, Setup, Sent, number]>([
  ['of a route that has none', { route: { webSocket: false } }, {}, 404],
  ['of a route that has no GET', { route: { methods: ['POST'] } }, {}, 405],
  ['BFF-34 of another origin', {}, { headers: { origin: 'https://evil.example' } }, 403],
  ['BFF-34 without an origin, though with our header', {}, { headers: { origin: [], 'x-holdfast-csrf': '1' } }, 403],
  ['BFF-41 of a path that leads up', {}, { path: '/api/orders/%2e%2e' }, 400],
  ['without a session', {}, { headers: { cookie: [] } }, 401],
])('a WebSocket %s is refused', async (_name, setup, sent, status) => {
  const { it, upgrade } = await asked(setup, sent)
  expect(statusOf(upgrade)).toBe(status)
  if (status !== 401) expect(it.asked).toEqual([])
})

test('without a session, where the route lets it, there is no credential', async () => {
  const { upgrade } = await asked({ route: { anonymous: 'pass' } }, { headers: { cookie: [] } })
  expect((upgrade as Allowed).headers).toEqual({})
})

test('DPOP-63 DPOP-65 BFF-48 after a nonce and after a renewal it is tried again, and then no more', async () => {
  const { it, upgrade } = await asked()
  const nonce = refusal(401, { 'dpop-nonce': 'n1', 'www-authenticate': 'DPoP error="use_dpop_nonce"' })
  const invalid = refusal(401, { 'www-authenticate': 'DPoP error="invalid_token"' })
  const second = (await (upgrade as Allowed).refused?.(nonce)) as Allowed
  expect(second.headers['dpop']).toBe(`GET ${it.apiOrigin}/v1 n1`)
  const third = (await second.refused?.(invalid)) as Allowed
  expect(third.headers['authorization']).toBe('DPoP ada-2')
  expect(third.replyHeaders).toEqual({ 'set-cookie': ['session=ada; renewed'] })
  expect(it.asked).toEqual(['ada /api/orders', 'ada /api/orders anew'])
  const last = await third.refused?.(invalid)
  expect(last).toMatchObject({ reply: { status: 401, headers: { 'set-cookie': ['session=ada; renewed'] } } })
  expect(statusOf(await third.refused?.(nonce))).toBe(502)
})

test('DPOP-65 a proof that is refused is made anew a second later, once', async () => {
  const slept: number[] = []
  const { it, upgrade } = await asked({ options: { sleep: async (milliseconds) => void slept.push(milliseconds) } })
  const late = refusal(401, { 'www-authenticate': 'DPoP error="invalid_dpop_proof"' })
  const second = (await (upgrade as Allowed).refused?.(late)) as Allowed
  expect([second.kind, slept, it.asked.length]).toEqual(['allowed', [1100], 1])
  expect(statusOf(await second.refused?.(late))).toBe(502)
})

test.each([
  [
    refusal(401, { 'www-authenticate': 'DPoP error="insufficient_user_authentication", max_age=5' }),
    401,
    'insufficient_user_authentication',
  ],
  [refusal(403, {}), 403, 'refused_by_api'],
  [refusal(407, {}), 502, 'bad_gateway'],
  [refusal(302, { location: 'http://evil.example' }), 502, 'bad_gateway'],
])('STEP-24 what an API refuses otherwise is told: %#', async (response, status, error) => {
  const { upgrade } = await asked()
  const told = await (upgrade as Allowed).refused?.(response)
  expect(statusOf(told)).toBe(status)
  expect(told).toMatchObject({ reply: { body: expect.stringContaining(`"error":"${error}"`) } })
})

test('a browser’s WebSocket reaches the API through proxy and mount', async () => {
  const api = createServer()
  const seen: (string | undefined)[] = []
  api.on('upgrade', (request, socket) => {
    seen.push(request.url, request.headers.authorization, request.headers.cookie)
    const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    socket.on('error', () => {})
    // One frame: text, two bytes.
    socket.write(
      `HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n\x81\x02hi`,
      'latin1',
    )
    socket.once('data', () => socket.destroy())
  })
  const port = await listening(api)
  const it = await world({ routes: () => [{ path: '/api/feed', upstream: `http://127.0.0.1:${port}/v1`, webSocket: true }] })
  const front = createServer()
  front.on('upgrade', toNodeUpgrade(it.proxy.upgrade))
  const socket = request({
    port: await listening(front),
    host: '127.0.0.1',
    path: '/api/feed/x?a=1',
    headers: {
      cookie: 'session=ada',
      origin: PUBLIC_URL,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    },
  })
  socket.end()
  const frame = await new Promise<string>((resolve) => {
    socket.on('upgrade', (_response, open, head) => {
      if (head.length > 0) resolve(head.toString('latin1'))
      else open.once('data', (bytes: Buffer) => resolve(bytes.toString('latin1')))
      open
        .on('close', () => {})
        .on('error', () => {})
        .write('bye')
    })
  })
  expect(frame).toBe('\x81\x02hi')
  expect(seen).toEqual(['/v1/x?a=1', 'DPoP ada-1', undefined])
})
