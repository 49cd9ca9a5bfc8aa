import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openGateway, type TestGateway } from '../test/gateway.ts'
import { listen, type Listening, startIssuer, tokenOf } from '../test/gateway-world.ts'

/** RFC 6455 §1.3. */
const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

let issuer: Listening
let api: Awaited<ReturnType<typeof listen>>
let gateway: TestGateway
let closed: TestGateway
const asked: { readonly url: string | undefined; readonly headers: NodeJS.Dict<string | string[]> }[] = []

beforeAll(async () => {
  issuer = await startIssuer()
  api = await listen((_incoming, outgoing) => void outgoing.end('no WebSocket'))
  api.server.on('upgrade', (incoming, socket) => {
    asked.push({ url: incoming.url, headers: incoming.headers })
    socket
      .on('error', () => {})
      .write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`)
    socket.pipe(socket)
  })
  gateway = await openGateway(issuer, {
    upstream: api.origin,
    webSockets: true,
    routes: [{ path: '/v1/admin', need: { scopes: ['admin'] } }],
  })
  closed = await openGateway(issuer, { upstream: api.origin })
})
afterAll(async () => void (await Promise.all([gateway.close(), closed.close(), api.close(), issuer.close()])))

async function open(
  port: number,
  target: string,
  more: readonly string[],
): Promise<{ readonly head: string; readonly echo: (text: string) => Promise<string>; end(): void }> {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  socket.write(
    [
      `GET ${target} HTTP/1.1`,
      'Host: x',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${KEY}`,
      ...more,
      '',
      '',
    ].join('\r\n'),
  )
  const [head] = await once(socket, 'data')
  const echo = async (text: string): Promise<string> => {
    socket.write(text)
    return String((await once(socket, 'data'))[0])
  }
  return { head: String(head), echo, end: () => socket.destroy() }
}

test('MCP-38 a WebSocket is let in with a good token, the API learns who came, and sees no token', async () => {
  const socket = await open(gateway.port, '/v1/feed?a=1', [
    `Authorization: Bearer ${tokenOf(issuer)}`,
    'X-Holdfast-Acr: mfa',
    'Origin: https://app.example',
  ])
  expect(socket.head).toMatch(/^HTTP\/1\.1 101 /)
  expect(await socket.echo('frames')).toBe('frames')
  expect(asked.at(-1)).toMatchObject({ url: '/v1/feed?a=1', headers: { 'x-holdfast-subject': 'u_ada', origin: 'https://app.example' } })
  expect(asked.at(-1)?.headers).not.toHaveProperty('authorization')
  expect(asked.at(-1)?.headers).not.toHaveProperty('x-holdfast-acr')
  socket.end()
})

test.each([
  ['without a token', '/v1/feed', () => [], 401],
  ['with too little', '/v1/admin', () => [`Authorization: Bearer ${tokenOf(issuer)}`], 403],
  ['to a path that a URL spells otherwise', '/v1/"x', () => [`Authorization: Bearer ${tokenOf(issuer)}`], 400],
  ['by a trick', '/v1/x/..%2fadmin', () => [`Authorization: Bearer ${tokenOf(issuer)}`], 400],
] as const)('%s it is refused as a GET is', async (_name, target, more, status) => {
  const before = asked.length
  const socket = await open(gateway.port, target, more())
  expect(socket.head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  expect(asked).toHaveLength(before)
  socket.end()
})

test('where they are not switched on, a handshake is an ordinary GET', async () => {
  const before = asked.length
  const socket = await open(closed.port, '/v1/feed', [`Authorization: Bearer ${tokenOf(issuer)}`])
  expect(socket.head).toMatch(/^HTTP\/1\.1 200 /)
  expect(asked).toHaveLength(before)
  socket.end()
})
