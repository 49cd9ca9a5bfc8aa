import { createServer as createTcpServer } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { json } from '@holdfast/protocol/http'
import { ACCEPT, api, ask, client, closeAll, event, faults, front, HANDSHAKE, KEY, listening, rawApi, to } from './test/web-sockets.ts'
import type { Wire } from './test/wire.ts'
import type { Upgrade } from './upgrade.ts'

afterEach(closeAll)

describe('what is refused before the API is asked', () => {
  const without = (name: string): string[] => HANDSHAKE.filter((line) => !line.startsWith(name))
  test.each<[string, readonly string[], string?, number?]>([
    ['h2c', [...without('Upgrade'), 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA']],
    ['h2c beside websocket', [...without('Upgrade'), 'Upgrade: websocket, h2c']],
    ['two lines of Upgrade', [...HANDSHAKE, 'Upgrade: h2c']],
    ['another method', HANDSHAKE, 'POST'],
    ['a body', [...HANDSHAKE, 'Content-Length: 5']],
    ['a chunked body', [...HANDSHAKE, 'Transfer-Encoding: chunked']],
    ['another version', [...without('Sec-WebSocket-Version'), 'Sec-WebSocket-Version: 8'], 'GET', 426],
    ['no version', without('Sec-WebSocket-Version'), 'GET', 426],
    ['no key', without('Sec-WebSocket-Key')],
    ['two keys', [...HANDSHAKE, `Sec-WebSocket-Key: ${KEY}`]],
    ['a short key', [...without('Sec-WebSocket-Key'), 'Sec-WebSocket-Key: AAAA']],
    ['a subprotocol that is no token', [...HANDSHAKE, 'Sec-WebSocket-Protocol: a b']],
    ['a subprotocol twice', [...HANDSHAKE, 'Sec-WebSocket-Protocol: a, b, a']],
  ])('BFF-41 RFC 6455 §4.2.1: %s', async (_name, lines, method = 'GET', status = 400) => {
    const { port, asked } = await api()
    const answer = await ask(await front(async () => to(port)), lines, method).need()
    expect(answer.status).toBe(status)
    expect(asked).toEqual([])
  })

  test('the refusal of the handler goes out whole, and the connection ends', async () => {
    const reply = json(401, { error: 'login_required' }, { 'set-cookie': ['a=', 'b='] })
    const wire = ask(await front(async () => ({ kind: 'refused', reply })))
    const answer = await wire.need()
    expect([answer.status, answer.body]).toEqual([401, reply.body])
    expect(answer.headers.filter(([name]) => name === 'set-cookie')).toHaveLength(2)
    expect(await wire.ended()).toBe('')
  })

  test('a handler that throws is 500 and tells nothing', async () => {
    const answer = await ask(await front(() => Promise.reject(new Error('hunter2')))).need()
    expect([answer.status, answer.body]).toEqual([500, '{"error":"server_error"}'])
    expect(faults).toHaveLength(1)
  })

  test('a header that would end its line is a fault', async () => {
    const reply = json(401, {}, { 'x-y': 'a\r\nset-cookie: evil=1' })
    expect((await ask(await front(async () => ({ kind: 'refused', reply }))).ended()).includes('evil')).toBe(false)
    expect(faults).toHaveLength(1)
  })
})

describe('what the API answers', () => {
  const switching = (...lines: readonly string[]): string => `HTTP/1.1 101 S\r\nConnection: Upgrade\r\n${lines.join('\r\n')}\r\n\r\n`
  const accepted = `Sec-WebSocket-Accept: ${ACCEPT}`
  test.each([
    ['another accept', switching('Upgrade: websocket', 'Sec-WebSocket-Accept: AAAA'), 502],
    ['no accept', switching('Upgrade: websocket'), 502],
    ['another protocol', switching('Upgrade: h2c', accepted), 502],
    ['a subprotocol that nobody offered', switching('Upgrade: websocket', accepted, 'Sec-WebSocket-Protocol: x'), 502],
    ['an extension that nobody offered', switching('Upgrade: websocket', accepted, 'Sec-WebSocket-Extensions: permessage-deflate'), 502],
    ['no HTTP', 'hello\r\n\r\n', 502],
    ['too many headers', switching('Upgrade: websocket', accepted, `X: ${'x'.repeat(20_000)}`), 502],
    ['its own 403', 'HTTP/1.1 403 F\r\nSet-Cookie: a=1\r\nContent-Length: 6\r\n\r\nsecret', 403],
    ['its own 503', 'HTTP/1.1 503 F\r\nContent-Length: 0\r\n\r\n', 503],
    ['200', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 502],
    ['a redirect', 'HTTP/1.1 302 F\r\nLocation: http://evil.example\r\nContent-Length: 0\r\n\r\n', 502],
  ])('BFF-44 RFC 6455 §4.1: %s', async (_name, bytes, status) => {
    const port = await rawApi((socket) => void socket.write(bytes))
    const answer = await ask(await front(async () => to(port))).need()
    expect(answer.status).toBe(status)
    expect(answer.body).not.toContain('secret')
    expect(answer.headers.map(([name]) => name.toLowerCase())).not.toContain('set-cookie')
  })

  test('nothing, in time: 504; nobody: 502', async () => {
    const silent = await rawApi(() => {})
    expect((await ask(await front(async () => to(silent), { timeout: 0.05 })).need()).status).toBe(504)
    const server = createTcpServer()
    const free = await listening(server)
    await new Promise((resolve) => server.close(resolve))
    expect((await ask(await front(async () => to(free))).need()).status).toBe(502)
    expect(faults).toHaveLength(1)
  })

  test('a browser that goes meanwhile ends the request to the API', async () => {
    let ended = (): void => {}
    const gone = new Promise<void>((resolve) => (ended = resolve))
    const wires: Wire[] = []
    const port = await rawApi((socket) => {
      socket.on('close', ended)
      wires[0]?.socket.resetAndDestroy()
    })
    wires.push(ask(await front(async () => to(port))))
    await gone
  })

  test.each<[string, string, number]>([
    ['refuses', 'HTTP/1.1 403 F\r\nContent-Length: 0\r\n\r\n', 403],
    ['answers another handshake', switching('Upgrade: websocket', 'Sec-WebSocket-Accept: AAAA'), 502],
    ['speaks no HTTP', 'hello\r\n\r\n', 502],
  ])('BFF-05: an API that %s takes no cookie of a session that was renewed on the way', async (_name, bytes, status) => {
    const port = await rawApi((socket) => void socket.write(bytes))
    const answer = await ask(await front(async () => to(port, { replyHeaders: { 'set-cookie': ['session=newer'] } }))).need()
    expect([answer.status, answer.headers.find(([name]) => name.toLowerCase() === 'set-cookie')?.[1]]).toEqual([status, 'session=newer'])
  })

  test('for a browser that goes while a second try is made ready the API is not asked again', async () => {
    let asked = 0
    const wires: Wire[] = []
    const over = Promise.withResolvers<void>()
    const port = await rawApi((socket) => {
      asked += 1
      socket.write('HTTP/1.1 401 U\r\nContent-Length: 0\r\n\r\n')
    })
    const at = await front(async () =>
      to(port, {
        refused: async () => {
          const [wire] = wires
          await new Promise((resolve) => wire?.socket.once('close', resolve).resetAndDestroy())
          // The server hears of it in its next turns.
          for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve))
          setImmediate(() => over.resolve())
          return to(port)
        },
      }),
    )
    wires.push(ask(at))
    await over.promise
    for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve))
    expect(asked).toBe(1)
  })

  test('a refusal is told to the handler, which may try again otherwise, and not for ever', async () => {
    const { port } = await api({
      verifyClient: ({ req }, done) => done(req.headers['dpop'] === 'with nonce', 401, 'U', { 'DPoP-Nonce': 'n1' }),
    })
    const told: (string | null)[] = []
    const at = await front(async () =>
      to(port, {
        refused: async (answer) => {
          told.push(`${answer.status} ${answer.headers.get('dpop-nonce')}`)
          return to(port, { headers: { dpop: 'with nonce' } })
        },
      }),
    )
    await event(client(at), 'open')
    expect(told).toEqual(['401 n1'])
    let tries = 0
    const again = async (): Promise<Upgrade> => {
      tries += 1
      return to(port, { refused: again })
    }
    expect((await ask(await front(again)).need()).status).toBe(401)
    expect(tries).toBeLessThanOrEqual(3)
  })
})
