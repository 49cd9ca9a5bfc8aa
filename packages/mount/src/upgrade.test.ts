import type { IncomingMessage } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import { type HttpRequest, json } from '@holdfast/protocol/http'
import { serve } from './node.ts'
import { ACCEPT, api, ask, client, closeAll, event, faults, front, HANDSHAKE, rawApi, to } from './test/web-sockets.ts'

afterEach(closeAll)

test('frames of both sides, the credential, and nothing of the browser but the handshake', async () => {
  const { port, asked } = await api()
  const socket = client(await front(async () => to(port, { replyHeaders: { 'set-cookie': ['a=1', 'b=2'] } })))
  const [[answer]] = await Promise.all([event(socket, 'upgrade'), event(socket, 'open')])
  expect((answer as IncomingMessage).headers['set-cookie']).toEqual(['a=1', 'b=2'])
  for (const text of ['one', 'x'.repeat(300_000), '']) {
    socket.send(text)
    expect(String((await event(socket, 'message'))[0])).toBe(text)
  }
  expect(asked[0]?.url).toBe('/v1/feed?a=1')
  expect(asked[0]?.headers).toMatchObject({ authorization: 'DPoP token', dpop: 'proof', host: `127.0.0.1:${port}` })
  expect(asked[0]?.headers).not.toHaveProperty('cookie')
  expect(asked[0]?.headers).not.toHaveProperty('origin')
})

test('the subprotocol that the API chooses', async () => {
  const { port } = await api({ handleProtocols: () => 'chat.v2' })
  const socket = client(await front(async () => to(port)), ['chat.v1', 'chat.v2'])
  await event(socket, 'open')
  expect(socket.protocol).toBe('chat.v2')
})

test('compression, which is between the two', async () => {
  const { port } = await api({ perMessageDeflate: true })
  const socket = client(await front(async () => to(port)))
  await event(socket, 'open')
  expect(socket.extensions).toContain('permessage-deflate')
  socket.send('x'.repeat(5000))
  expect(String((await event(socket, 'message'))[0])).toHaveLength(5000)
})

test('a close of either side, with its code', async () => {
  const { port, sockets } = await api()
  const at = await front(async () => to(port))
  const first = client(at)
  await event(first, 'open')
  const [served] = sockets.clients
  first.close(4001, 'done')
  expect((await event(served as WebSocket, 'close'))[0]).toBe(4001)
  const second = client(at)
  await event(second, 'open')
  for (const one of sockets.clients) one.close(4002, 'over')
  expect((await event(second, 'close'))[0]).toBe(4002)
})

test.each(['client', 'api'])('a reset of the %s ends the other side', async (who) => {
  const { port, sockets } = await api()
  const socket = client(await front(async () => to(port)))
  await event(socket, 'open')
  const [served] = sockets.clients
  const other = event(who === 'client' ? (served as WebSocket) : socket, 'close')
  ;(who === 'client' ? socket : (served as WebSocket)).terminate()
  expect((await other)[0]).toBe(1006)
  expect(faults).toEqual([])
})

test('bytes that came with the handshake, either way', async () => {
  let received = (_text: string): void => {}
  const early = new Promise<string>((resolve) => (received = resolve))
  const port = await rawApi((socket) => {
    socket.write(`HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${ACCEPT}\r\n\r\nfrom the api`)
    socket.on('data', (bytes) => received(bytes.toString()))
  })
  const wire = ask(await front(async () => to(port)), HANDSHAKE, 'GET', 'from the browser')
  expect(await wire.until('from the api')).toMatch(/^HTTP\/1\.1 101 [\s\S]*\r\n\r\nfrom the api$/)
  expect(await early).toBe('from the browser')
})

test('a WebSocket ends with its lifetime', async () => {
  const { port } = await api()
  const socket = client(await front(async () => to(port), { lifetime: 0.05 }))
  await event(socket, 'open')
  expect((await event(socket, 'close'))[0]).toBe(1006)
})

test('what the handler does not know is somebody else’s', async () => {
  expect((await ask(await front(async () => undefined)).need()).status).toBe(404)
  const own = await front(async () => undefined, { otherwise: (_incoming, socket) => void socket.end('HTTP/1.1 418 T\r\n\r\n') })
  expect((await ask(own).need()).status).toBe(418)
})

test('serve lets WebSockets through, ends them when it closes, and answers other offers as HTTP/1.1', async () => {
  const { port, sockets } = await api()
  const seen: HttpRequest[] = []
  const serving = await serve(
    async (request) => {
      seen.push(request)
      return json(200, {})
    },
    { upgrade: async () => to(port) },
  )
  const plain = ask(serving.port, ['Host: x', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMA'])
  expect((await plain.need()).status).toBe(200)
  expect(seen).toHaveLength(1)
  const socket = client(serving.port)
  await event(socket, 'open')
  const closed = event(socket, 'close')
  const [served] = sockets.clients
  const ended = event(served as WebSocket, 'close')
  await serving.close({ graceSeconds: 30 })
  expect((await closed)[0]).toBe(1006)
  // At once, and not when one side was waited for long enough.
  expect((await ended)[0]).toBe(1006)
}, 4000)
