import { afterEach, describe, expect, test } from 'vitest'
import { type StreamingHandler, json } from '@holdfast/protocol/http'
import { toNodeListener } from './node.ts'
import { echo, LIMIT } from './test/echo.ts'
import { listen, type Opened, type Options, SOCKETS } from './test/mounts.ts'
import { bytesOf, values, Wire } from './test/wire.ts'

describe.each(SOCKETS)('%s on a socket', (_name, open) => {
  let mount: Opened
  let wire: Wire
  const start = async (handler: StreamingHandler = echo, options?: Options): Promise<Wire> => {
    mount = await open(handler, options)
    wire = new Wire(mount.port)
    return wire
  }
  afterEach(async () => {
    wire.socket.destroy()
    await mount.close()
  })
  const get = (target: string): Buffer => bytesOf({ target })

  test('a connection is used again', async () => {
    await start()
    for (let i = 0; i < 5; i++) {
      wire.write(i % 2 === 0 ? get('/auth/echo') : bytesOf({ method: 'POST', target: '/auth/echo', body: 'a=1' }))
      const answer = await wire.need()
      expect(answer.status).toBe(200)
      expect(values(answer, 'connection')).not.toContain('close')
    }
  })

  test('pipelined requests are answered in order', async () => {
    await start()
    wire.write(Buffer.concat([get('/auth/echo?n=1'), get('/auth/nowhere'), get('/auth/echo?n=3')]))
    expect(JSON.parse((await wire.need()).body)).toMatchObject({ query: 'n=1' })
    expect((await wire.read())?.status).toBe(404)
    expect(JSON.parse((await wire.need()).body)).toMatchObject({ query: 'n=3' })
  })

  test('a body that came whole and was not read does not end the connection', async () => {
    await start()
    wire.write(Buffer.concat([bytesOf({ method: 'POST', target: '/auth/unread', body: 'x'.repeat(5000) }), get('/auth/echo')]))
    expect((await wire.read())?.status).toBe(200)
    expect((await wire.read())?.status).toBe(200)
  })

  test('a chunked body over the limit that came whole does not end the connection', async () => {
    await start()
    wire.write(bytesOf({ method: 'POST', target: '/auth/echo', chunks: ['x'.repeat(LIMIT), 'x'.repeat(2000)] }))
    expect((await wire.need()).status).toBe(413)
    wire.write(get('/auth/echo'))
    expect((await wire.need()).status).toBe(200)
  })

  test('a length over the limit is refused before the body comes, and the connection ends', async () => {
    await start()
    wire.write('POST /auth/echo HTTP/1.1\r\nHost: as.example\r\nContent-Length: 99999999\r\n\r\n')
    const answer = await wire.need()
    expect(answer.status).toBe(413)
    expect(values(answer, 'connection')).toEqual(['close'])
    expect(await wire.ended()).toBe('')
  })

  test('a sender that goes on after the refusal is cut after a megabyte, and nothing it sends is taken for a request', async () => {
    const seen: string[] = []
    await start((request) => {
      seen.push(request.path)
      return echo(request)
    })
    wire.write('POST /auth/echo HTTP/1.1\r\nHost: as.example\r\nTransfer-Encoding: chunked\r\n\r\n')
    wire.write(`800\r\n${'x'.repeat(0x800)}\r\n`.repeat(2000))
    expect((await wire.need()).status).toBe(413)
    const before = performance.now()
    expect(await wire.ended()).toBe('')
    // Without the limit in bytes it would be the one in time that ends it: a second.
    expect(performance.now() - before).toBeLessThan(900)
    expect(seen).toEqual(['/auth/echo'])
  })

  test('a body in slow pieces is put together', async () => {
    let asked: () => void = () => {}
    const reading = new Promise<void>((resolve) => (asked = resolve))
    await start(async (request) => {
      const body = request.body(LIMIT)
      asked()
      return json(200, { body: Buffer.from((await body) as Uint8Array).toString() })
    })
    wire.write('POST /auth/echo HTTP/1.1\r\nHost: as.example\r\nContent-Length: 6\r\n\r\nab')
    await reading
    wire.write('cd')
    await new Promise((resolve) => setImmediate(resolve))
    wire.write('ef')
    expect(JSON.parse((await wire.need()).body)).toEqual({ body: 'abcdef' })
  })

  test('a client that leaves within its body is nobody’s fault, and the handler is told', async () => {
    const faults: unknown[] = []
    let asked: () => void = () => {}
    let told: (error: unknown) => void = () => {}
    const reading = new Promise<void>((resolve) => (asked = resolve))
    const failed = new Promise<unknown>((resolve) => (told = resolve))
    await start(
      async (request) => {
        try {
          const body = request.body(LIMIT)
          asked()
          await body
        } catch (error) {
          told(error)
          throw error
        }
        return json(200, {})
      },
      { onError: (error) => faults.push(error) },
    )
    wire.write('POST /auth/echo HTTP/1.1\r\nHost: as.example\r\nContent-Length: 600\r\n\r\nab')
    await reading
    wire.socket.destroy()
    expect(String(await failed)).toContain('the client closed the connection')
    expect((await mount.send({ target: '/auth/echo' })).status).toBe(200)
    expect(faults).toEqual([])
  })

  test('a client that leaves before the answer costs nothing', async () => {
    const faults: unknown[] = []
    let release: () => void = () => {}
    let came: () => void = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const here = new Promise<void>((resolve) => (came = resolve))
    await start(
      async (request) => {
        if (request.query === 'hold') {
          came()
          await held
        }
        return json(200, {})
      },
      { onError: (error) => faults.push(error) },
    )
    wire.write(get('/auth/echo?hold'))
    await here
    wire.socket.destroy()
    await wire.ended()
    release()
    expect((await mount.send({ target: '/auth/echo' })).status).toBe(200)
    expect(faults).toEqual([])
  })

  test('one reply that cannot be sent does not keep back the others of its turn', async () => {
    const faults: unknown[] = []
    await start(echo, { onError: (error) => faults.push(error) })
    const answers = await Promise.all(['/auth/echo', '/auth/split', '/auth/throws', '/auth/echo'].map((target) => mount.send({ target })))
    expect(answers.map((answer) => answer.status)).toEqual([200, 500, 500, 200])
    expect(faults).toHaveLength(2)
  })

  test('after HEAD the connection is in step', async () => {
    await start()
    wire.write(bytesOf({ method: 'HEAD', target: '/auth/unicode' }))
    expect((await wire.read(true))?.status).toBe(200)
    wire.write(get('/auth/empty'))
    expect((await wire.read())?.status).toBe(204)
    wire.write(get('/auth/nowhere'))
    expect((await wire.read())?.status).toBe(404)
  })

  test('behind a trusted proxy the client is the rightmost address no proxy stands for', async () => {
    await start(echo, { trustedProxies: ['127.0.0.0/8', '10.0.0.0/8'] })
    const headers = [
      ['X-Forwarded-For', '6.6.6.6, 203.0.113.9'],
      ['X-Forwarded-For', '10.1.2.3'],
    ] as const
    expect(JSON.parse((await mount.send({ target: '/auth/echo', headers })).body)).toMatchObject({ clientAddress: '203.0.113.9' })
  })
})

test('node takes the absolute form and drops its origin', async () => {
  const mount = await listen(toNodeListener(echo))
  const answer = await mount.send({ target: 'http://evil.example/auth/echo?a=1' })
  expect(JSON.parse(answer.body)).toMatchObject({ path: '/auth/echo', query: 'a=1' })
  await mount.close()
})

test('node: what is left of a refused body does not keep a server with small buffers from its next request', async () => {
  const mount = await listen(toNodeListener(echo), { highWaterMark: 16 })
  const wire = new Wire(mount.port)
  wire.write(bytesOf({ method: 'POST', target: '/auth/echo', chunks: ['x'.repeat(LIMIT + 1), ...Array<string>(20).fill('x'.repeat(50))] }))
  expect((await wire.need()).status).toBe(413)
  wire.write(bytesOf({ target: '/auth/echo' }))
  expect((await wire.need()).status).toBe(200)
  wire.socket.destroy()
  await mount.close()
})
