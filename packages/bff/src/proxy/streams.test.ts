import { request as httpRequest, type IncomingMessage } from 'node:http'
import { createServer } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { StreamedReply } from '@holdfast/protocol/http'
import { closeAll, IN, listening, world } from '../test/proxy-world.ts'

afterEach(closeAll)
const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)
const bytes = (size: number): Uint8Array => new TextEncoder().encode('x'.repeat(size))

/** A promise, and who keeps it. */
function promised<T = void>(): { readonly kept: Promise<T>; keep(value: T): void } {
  let keep!: (value: T) => void
  const kept = new Promise<T>((resolve) => (keep = resolve))
  return { kept, keep }
}
/** Pieces of a body, each made when the one before was asked for. */
function body(...pieces: readonly (() => Uint8Array | Promise<Uint8Array>)[]): ReadableStream<Uint8Array> {
  const left = [...pieces]
  return new ReadableStream(
    {
      async pull(controller) {
        const next = left.shift()
        if (next === undefined) controller.close()
        else controller.enqueue(await next())
      },
    },
    { highWaterMark: 0 },
  )
}
const CHUNKED = { 'transfer-encoding': 'chunked' }

describe('BFF-47 answers', () => {
  test('the first event is read before the API sends the second', async () => {
    const it = await world()
    const first = promised()
    it.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
      void first.kept.then(() => response.end('data: 2\n\n'))
    }
    const response = await fetch(`http://127.0.0.1:${await it.front()}/api/orders`, { headers: IN })
    const reader = response.body?.getReader()
    expect(text((await reader?.read())?.value)).toBe('data: 1\n\n')
    first.keep()
    expect(text((await reader?.read())?.value)).toBe('data: 2\n\n')
    expect((await reader?.read())?.done).toBe(true)
  })

  test('an answer that breaks off does not look whole', async () => {
    const it = await world()
    it.answer = (_request, response) => {
      response.writeHead(200).write('half', () => response.destroy())
    }
    const response = await fetch(`http://127.0.0.1:${await it.front()}/api/orders`, { headers: IN })
    await expect(response.text()).rejects.toThrow('terminated')
    expect(it.faults).toHaveLength(1)
  })

  test('HEAD has the head alone, and what the API sends beyond is not fetched', async () => {
    const it = await world()
    const closed = promised()
    it.answer = (_request, response) => {
      response.on('close', closed.keep).writeHead(200, { etag: '"1"' }).write('begun')
    }
    const response = await fetch(`http://127.0.0.1:${await it.front()}/api/orders`, { method: 'HEAD', headers: IN })
    expect([response.status, response.headers.get('etag'), await response.text()]).toEqual([200, '"1"', ''])
    await closed.kept
  })

  test.each(['before its head', 'in the middle'])('a browser that goes %s ends the request to the API', async (when) => {
    const it = await world()
    const [here, closed, head] = [promised(), promised(), promised<IncomingMessage>()]
    it.answer = (_request, response) => {
      response.on('close', closed.keep)
      if (when !== 'before its head') response.writeHead(200).write('begun')
      here.keep()
    }
    const sent = httpRequest({ port: await it.front(), host: '127.0.0.1', path: '/api/orders', headers: IN }, head.keep)
    sent.on('error', () => {}).end()
    await here.kept
    if (when !== 'before its head') (await head.kept).on('error', () => {})
    sent.destroy()
    await closed.kept
    expect([...it.events, ...it.faults]).toEqual([])
  })
})

describe('BFF-47 bodies', () => {
  test('the API has the first piece before the page sends the second, and the length when it was told', async () => {
    const it = await world()
    const first = promised<string>()
    it.early = (incoming) => {
      incoming.once('data', (chunk: Buffer) => first.keep(String(chunk)))
      return false
    }
    const stream = body(
      () => bytes(40_000),
      async () => {
        expect(await first.kept).not.toBe('')
        return bytes(40_000)
      },
    )
    expect((await it.handle({ method: 'POST', stream, headers: { 'content-length': '80000' } })).text).toBe('fine')
    expect(it.seen[0]?.headers).toMatchObject({ 'content-length': '80000' })
    expect(it.seen[0]?.headers).not.toHaveProperty('transfer-encoding')
    expect((await it.handle({ method: 'POST', stream: body(() => bytes(5)), headers: CHUNKED })).text).toBe('fine')
    expect(it.seen.map((seen) => seen.body.length)).toEqual([80_000, 5])
  })

  test('over the limit, found out on the way: 413, and the API is left alone with half of it', async () => {
    const it = await world({ route: { mostBytes: 100_000 } })
    const [here, closed] = [promised(), promised()]
    it.early = (incoming) => {
      incoming.on('data', () => here.keep()).on('close', closed.keep)
      incoming.on('error', () => {})
      return true
    }
    const { status, json } = await it.handle({
      method: 'POST',
      stream: body(
        () => bytes(60_000),
        () => here.kept.then(() => bytes(60_000)),
        () => bytes(1),
      ),
      headers: CHUNKED,
    })
    expect([status, json['rule']]).toEqual([413, 'BFF-47'])
    await closed.kept
    expect(it.seen).toEqual([])
  })

  test('over the limit after the answer has begun: the answer is cut', async () => {
    const it = await world({ route: { mostBytes: 10 } })
    const begun = promised()
    it.early = (incoming, response) => {
      incoming.on('error', () => {}).resume()
      response.writeHead(200).write('begun')
      return true
    }
    const reply = await it.proxy.handle({
      method: 'POST',
      path: '/api/orders',
      query: '',
      clientAddress: '',
      headers: (name) => [{ ...IN, ...CHUNKED }[name as 'cookie'] ?? []].flat(),
      body: async () => 'too_large',
      stream: () =>
        body(
          () => bytes(5),
          async () => begun.kept.then(() => bytes(50)),
        ),
    })
    const reader = (reply as StreamedReply).body.getReader()
    expect(text((await reader.read()).value)).toBe('begun')
    begun.keep()
    await expect(reader.read()).rejects.toThrow()
  })

  test('a page that goes in the middle of its body ends the request to the API', async () => {
    const it = await world()
    const [here, closed] = [promised(), promised()]
    it.early = (incoming) => {
      incoming
        .on('error', () => {})
        .on('close', closed.keep)
        .once('data', () => here.keep())
      return true
    }
    const sent = httpRequest({ port: await it.front(), host: '127.0.0.1', path: '/api/orders', method: 'POST', headers: IN })
    sent.on('error', () => {}).write('x'.repeat(1000))
    await here.kept
    sent.destroy()
    await closed.kept
    expect([...it.events, ...it.faults]).toEqual([])
  })

  test('an answer before the end of the body is handed on: 401 too', async () => {
    const it = await world()
    for (const status of [200, 401, 413]) {
      it.early = (incoming, response) => {
        incoming.on('error', () => {})
        response.writeHead(status).end('early')
        return true
      }
      const { status: got, text: told } = await it.handle({
        method: 'POST',
        stream: body(
          () => bytes(5),
          () => new Promise<never>(() => {}),
        ),
        headers: CHUNKED,
      })
      expect([got, told]).toEqual([status, 'early'])
    }
  })
})

describe('an API that is not there', () => {
  test('does not answer in time: 504', async () => {
    const it = await world({ route: { timeout: 0.5 } })
    const closed = promised()
    it.answer = (_request, response) => void response.on('close', closed.keep)
    const { status, json } = await it.handle({ method: 'POST', body: 'x' })
    expect([status, json['error']]).toEqual([504, 'gateway_timeout'])
    expect(it.events).toMatchObject([{ type: 'api.timeout', api: '/api/orders' }])
    await closed.kept
    expect(it.seen).toHaveLength(1)
  })
  test('begins in time, and then takes its time', async () => {
    const it = await world({ route: { timeout: 1 } })
    it.answer = (_request, response) => {
      response.writeHead(200).write('slow')
      setTimeout(() => response.end('ly'), 1300)
    }
    expect((await it.handle({})).text).toBe('slowly')
  })
  test('takes longer than that over a body that takes longer than that', async () => {
    const it = await world({ route: { timeout: 1 } })
    const later = () => new Promise<Uint8Array>((resolve) => setTimeout(resolve, 250, bytes(1)))
    const { status } = await it.handle({ method: 'POST', stream: body(later, later, later, later, later, later), headers: CHUNKED })
    expect(status).toBe(200)
  })
  test.each(['closed', 'silent'])('%s: 502, once, without a word of where it is', async (how) => {
    const server = createServer((socket) => socket.destroy())
    const port = await listening(server)
    if (how === 'closed') await new Promise((resolve) => server.close(resolve))
    const it = await world({ routes: () => [{ path: '/api/orders', upstream: `http://127.0.0.1:${port}/v1` }] })
    const { status, json, text: told } = await it.handle({})
    expect([status, json['error']]).toEqual([502, 'bad_gateway'])
    expect(told).not.toContain('127.0.0.1')
    expect(it.events).toMatchObject([{ type: 'api.unreachable', api: '/api/orders', detail: expect.any(String) }])
  })
})
