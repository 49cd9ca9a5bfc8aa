import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openGateway, type TestGateway } from '../test/gateway.ts'
import { bearer, listen, type Listening, send, startApi, startIssuer, tokenOf } from '../test/gateway-world.ts'

let issuer: Listening
const opened: { close(): Promise<unknown> }[] = []
beforeAll(async () => void (issuer = await startIssuer()))
afterEach(async () => void (await Promise.all(opened.splice(0).map((one) => one.close()))))
afterAll(() => issuer.close())

type ApiAnswer = NonNullable<Parameters<typeof startApi>[0]>

async function before(
  answer: ApiAnswer | undefined,
  options: Readonly<Record<string, unknown>> = {},
): Promise<TestGateway & { readonly api: Awaited<ReturnType<typeof startApi>> }> {
  const api = await startApi(answer)
  const gateway = await openGateway(issuer, { upstream: api.origin, ...options })
  opened.push(gateway, api)
  return { ...gateway, api }
}

const allowed = (): { readonly headers: readonly (readonly [string, string])[] } => ({ headers: [bearer(tokenOf(issuer))] })

/** A request that says nothing of its content; Node's own client always does. */
async function unframed(port: string, method: string): Promise<void> {
  const socket = connect(Number(port), '127.0.0.1')
  socket.write(`${method} /v1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokenOf(issuer)}\r\n\r\n`)
  await once(socket, 'data')
  socket.destroy()
}

describe('content goes through as it comes', () => {
  test('a body with a length, one in chunks, and none, are framed as they came', async () => {
    const { origin, api } = await before(undefined)
    await send(origin, '/v1', { method: 'POST', body: 'a=1', ...allowed() })
    expect([api.seen.at(-1)?.body, api.of('content-length'), api.of('transfer-encoding')]).toEqual(['a=1', ['3'], []])
    await unframed(new URL(origin).port, 'POST')
    expect([api.seen.at(-1)?.body, api.of('content-length'), api.of('transfer-encoding')]).toEqual(['', ['0'], []])
    const chunked = request(`${origin}/v1`, {
      method: 'GET',
      headers: { authorization: `Bearer ${tokenOf(issuer)}`, 'transfer-encoding': 'chunked' },
    })
    // What a body looks like that a server without framing would take for the next request.
    chunked.end('GET /v1/smuggled HTTP/1.1\r\nHost: x\r\n\r\n')
    const [answer] = await once(chunked, 'response')
    answer.resume()
    expect([api.seen.length, api.seen.at(-1)?.body.slice(0, 9), api.of('transfer-encoding')]).toEqual([3, 'GET /v1/s', ['chunked']])
  })

  test('an answer is read while it is written, and a silent one is not cut', async () => {
    let go: () => void = () => {}
    const told = new Promise<void>((resolve) => (go = resolve))
    const { origin } = await before(
      (_incoming, outgoing) => {
        outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).write('one')
        void told.then(() => outgoing.end('two'))
      },
      { timeout: 1 },
    )
    const asked = request(`${origin}/v1`, { headers: { authorization: `Bearer ${tokenOf(issuer)}` } }).end()
    const [answer] = await once(asked, 'response')
    expect(String((await once(answer, 'data'))[0])).toBe('one')
    // Longer than an answer may take to begin.
    asked.setTimeout(1500)
    await once(asked, 'timeout')
    go()
    expect(String((await once(answer, 'data'))[0])).toBe('two')
  })

  test('a client that does not read holds the API up, instead of filling memory here', async () => {
    let written = 0
    const { origin, api } = await before((_incoming, outgoing) => {
      const more = (): void => {
        while (written < 400 && outgoing.write(Buffer.alloc(256 * 1024))) written++
        if (written < 400) outgoing.once('drain', () => (written++, more()))
        else outgoing.end()
      }
      more()
    })
    const asked = request(`${origin}/v1`, { headers: { authorization: `Bearer ${tokenOf(issuer)}` } }).end()
    const [answer] = await once(asked, 'response')
    // Until what the sockets between hold is full, and no more comes.
    for (let last = -1; written !== last; await new Promise((resolve) => setImmediate(() => setTimeout(resolve, 50)))) last = written
    expect(written).toBeLessThan(200)
    let bytes = 0
    for await (const chunk of answer) bytes += (chunk as Buffer).length
    expect(bytes).toBe(400 * 256 * 1024)
    expect(api.seen).toEqual([])
  })

  test('HEAD, 204 and 304 have no content and keep their headers', async () => {
    const { origin } = await before((incoming, outgoing) => {
      outgoing
        .writeHead(incoming.url === '/v1/304' ? 304 : incoming.url === '/v1/204' ? 204 : 200, {
          etag: '"e"',
          ...(incoming.method === 'HEAD' && { 'content-length': '12' }),
        })
        .end()
    })
    expect(await send(origin, '/v1/204', allowed())).toMatchObject({ status: 204, body: '', headers: { etag: ['"e"'] } })
    expect(await send(origin, '/v1/304', allowed())).toMatchObject({ status: 304, body: '', headers: { etag: ['"e"'] } })
    expect(await send(origin, '/v1', { method: 'HEAD', ...allowed() })).toMatchObject({
      status: 200,
      body: '',
      headers: { 'content-length': ['12'] },
    })
  })
})

describe('limits', () => {
  test('a body that says it is too large is refused before the API hears of it', async () => {
    const { origin, api } = await before(undefined, { mostBytes: 10 })
    expect((await send(origin, '/v1', { method: 'POST', body: 'x'.repeat(10), ...allowed() })).status).toBe(200)
    expect((await send(origin, '/v1', { method: 'POST', body: 'x'.repeat(11), ...allowed() })).status).toBe(413)
    expect(api.seen).toHaveLength(1)
  })

  test('one that turns out too large is cut off', async () => {
    const { origin, api } = await before(undefined, { mostBytes: 10 })
    const sent = request(`${origin}/v1`, { method: 'POST', headers: { authorization: `Bearer ${tokenOf(issuer)}` } })
    sent.write('x'.repeat(8))
    sent.write('x'.repeat(8))
    const [answer] = await once(sent, 'response')
    expect(answer.statusCode).toBe(413)
    sent.destroy()
    expect(api.seen).toEqual([])
  })

  test('a refused request is not sent on at all', async () => {
    let asked = 0
    const { origin } = await before((_incoming, outgoing) => void (asked++, outgoing.end()))
    expect((await send(origin, '/v1', { method: 'POST', body: 'x'.repeat(100_000) })).status).toBe(401)
    expect(asked).toBe(0)
  })
})

describe('when the API fails', () => {
  test('nobody listens: 502', async () => {
    const { origin, api, said } = await before(undefined)
    await api.close()
    const answer = await send(origin, '/v1', allowed())
    expect([answer.status, JSON.parse(answer.body)]).toEqual([502, expect.objectContaining({ error: 'temporarily_unavailable' })])
    expect(said).toEqual(['the API cannot be reached'])
  })

  test('silence: 504, and the connection to it is closed', async () => {
    const closed: Promise<unknown>[] = []
    const { origin, said } = await before((incoming) => void closed.push(once(incoming.socket, 'close')), { timeout: 1 })
    expect((await send(origin, '/v1', allowed())).status).toBe(504)
    await closed[0]
    expect(said).toEqual(['the API did not answer in time'])
  })

  test('an answer that breaks off breaks off for the client', async () => {
    const { origin } = await before((_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-length': '100' }).write('half')
      outgoing.socket?.end()
    })
    await expect(send(origin, '/v1', allowed())).rejects.toThrow()
  })

  test('no HTTP: 502', async () => {
    const { origin } = await before((incoming) => void incoming.socket.end('what?\r\n\r\n'))
    expect((await send(origin, '/v1', allowed())).status).toBe(502)
  })

  test('a connection that it closed meanwhile is not held against a GET, and a POST is not done twice', async () => {
    const known = new Set<unknown>()
    let asked = 0
    const { origin } = await before((incoming, outgoing) => {
      asked++
      // As if it had been idle for too long at the very moment it was used again.
      if (known.has(incoming.socket)) return void incoming.socket.destroy()
      known.add(incoming.socket)
      incoming.resume().on('end', () => outgoing.end('answered'))
    })
    expect((await send(origin, '/v1', allowed())).body).toBe('answered')
    expect([(await send(origin, '/v1', allowed())).body, asked]).toEqual(['answered', 3])
    expect([(await send(origin, '/v1', { method: 'POST', body: 'pay', ...allowed() })).status, asked]).toEqual([502, 4])
  })

  test('the issuer is away: 503, and nothing goes on', async () => {
    const api = await startApi()
    const away = await listen(() => {})
    await away.close()
    const gateway = await openGateway(away, { upstream: api.origin })
    opened.push(api, gateway)
    expect((await send(gateway.origin, '/v1', { headers: [bearer(tokenOf(away))] })).status).toBe(503)
    expect(api.seen).toEqual([])
  })
})

describe('when the client goes', () => {
  test('the API hears of it', async () => {
    let reached: (api: { readonly closed: Promise<unknown> }) => void = () => {}
    const arrived = new Promise<{ readonly closed: Promise<unknown> }>((resolve) => (reached = resolve))
    const { origin } = await before((incoming) => reached({ closed: once(incoming.socket, 'close') }))
    const asked = request(`${origin}/v1`, { headers: { authorization: `Bearer ${tokenOf(issuer)}` } }).end()
    asked.on('error', () => {})
    const { closed } = await arrived
    asked.destroy()
    await closed
  })

  test('in the middle of its body the API does not take what came for all of it', async () => {
    let reached: (api: { readonly ended: Promise<string> }) => void = () => {}
    const arrived = new Promise<{ readonly ended: Promise<string> }>((resolve) => (reached = resolve))
    const { origin } = await before((incoming) =>
      reached({
        ended: new Promise((resolve) =>
          incoming
            .resume()
            .on('end', () => resolve('whole'))
            .on('error', () => resolve('cut')),
        ),
      }),
    )
    const sent = request(`${origin}/v1`, { method: 'POST', headers: { authorization: `Bearer ${tokenOf(issuer)}` } })
    sent.on('error', () => {})
    sent.write('half')
    const { ended } = await arrived
    sent.destroy()
    expect(await ended).toBe('cut')
  })
})

test('two lengths, or a length beside chunks, are refused before anything is read of them', async () => {
  const { port, api } = await before(undefined)
  for (const framing of [
    'Content-Length: 4\r\nContent-Length: 5',
    'Content-Length: 4\r\nTransfer-Encoding: chunked',
    'Transfer-Encoding: chunked, identity',
  ]) {
    const socket = connect(port, '127.0.0.1')
    socket.end(`POST /v1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokenOf(issuer)}\r\n${framing}\r\n\r\n0\r\n\r\n`)
    const [said] = await once(socket, 'data')
    expect(String(said)).toMatch(/^HTTP\/1\.1 400 /)
    socket.destroy()
  }
  expect(api.seen).toEqual([])
})
