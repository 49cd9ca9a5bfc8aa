import { afterEach, describe, expect, test } from 'vitest'
import type { HttpRequest, StreamedReply, StreamingHandler } from '@holdfast/protocol/http'
import { pieces } from './test/echo.ts'
import { type Opened, SOCKETS } from './test/mounts.ts'
import { bytesOf, values, Wire } from './test/wire.ts'

const encoder = new TextEncoder()

/** A stream that a test feeds by hand, and that tells what became of it. */
function source(): {
  readonly body: ReadableStream<Uint8Array>
  readonly cancelled: Promise<void>
  push(text: string): void
  end(): void
  fail(error: Error): void
} {
  let to!: ReadableStreamDefaultController<Uint8Array>
  let cancel!: () => void
  const cancelled = new Promise<void>((resolve) => (cancel = resolve))
  const body = new ReadableStream<Uint8Array>({ start: (controller) => void (to = controller), cancel: () => cancel() })
  return {
    body,
    cancelled,
    push: (text) => to.enqueue(encoder.encode(text)),
    end: () => to.close(),
    fail: (error) => to.error(error),
  }
}
const reply = (body: ReadableStream<Uint8Array>, headers: StreamedReply['headers'] = {}): StreamedReply => ({ status: 200, headers, body })
const get = bytesOf({ target: '/auth/x' })

describe.each(SOCKETS)('%s streams', (_name, open) => {
  let mount: Opened
  let wire: Wire
  const faults: unknown[] = []
  const start = async (handler: StreamingHandler): Promise<void> => {
    faults.length = 0
    mount = await open(handler, { onError: (error) => faults.push(error) })
    wire = new Wire(mount.port)
  }
  afterEach(async () => {
    wire.socket.destroy()
    await mount.close()
  })

  test('BFF-47 the head leaves before the first chunk, and each chunk before the next', async () => {
    const { body, push, end } = source()
    await start(async () => reply(body, { 'content-type': 'text/event-stream' }))
    wire.write(get)
    expect(await wire.until('\r\n\r\n')).toContain('text/event-stream')
    push('data: 1\n\n')
    expect(await wire.until('data: 1')).not.toContain('data: 2')
    push('data: 2\n\n')
    await wire.until('data: 2')
    end()
    expect((await wire.need()).body).toBe('data: 1\n\ndata: 2\n\n')
    expect(faults).toEqual([])
  })

  test('after a streamed reply the connection is used again, after HEAD too', async () => {
    await start(async () => reply(pieces('a', 'b')))
    for (const method of ['GET', 'HEAD', 'GET']) {
      wire.write(bytesOf({ method, target: '/auth/x' }))
      const answer = await wire.need(method === 'HEAD')
      expect([answer.status, answer.body]).toEqual([200, method === 'HEAD' ? '' : 'ab'])
    }
  })

  test('HEAD cancels the stream', async () => {
    const { body, cancelled } = source()
    await start(async () => reply(body))
    wire.write(bytesOf({ method: 'HEAD', target: '/auth/x' }))
    expect((await wire.need(true)).status).toBe(200)
    await cancelled
  })

  test.each(['HTTP/1.1', 'HTTP/1.0'])(
    '%s: a stream that fails cuts the connection, so that its content does not look whole',
    async (version) => {
      const { body, push, fail } = source()
      await start(async () => reply(body))
      let reset = false
      wire.socket.on('error', () => (reset = true))
      wire.write(`GET /auth/x ${version}\r\nHost: as.example\r\n\r\n`)
      push('half')
      await wire.until('half')
      fail(new Error('the API went away'))
      expect(await wire.ended()).not.toContain('\r\n0\r\n')
      expect(reset).toBe(true)
      expect(faults).toEqual([new Error('the API went away')])
    },
  )

  test('BFF-47 a client that goes cancels the stream and aborts the signal', async () => {
    const { body, push, cancelled } = source()
    let signal: AbortSignal | undefined
    await start(async (request) => {
      signal = request.signal
      return reply(body)
    })
    wire.write(get)
    push('first')
    await wire.until('first')
    expect(signal?.aborted).toBe(false)
    wire.socket.destroy()
    await cancelled
    expect(signal?.aborted).toBe(true)
    expect(faults).toEqual([])
  })

  test.each([
    ['GET', 'leaves', get],
    ['GET', 'is reset', get],
    ['POST', 'leaves', bytesOf({ method: 'POST', target: '/auth/x', body: 'x=1' })],
  ])('BFF-47 %s: a client that %s before the reply aborts the signal', async (_method, how, bytes) => {
    let here = (_request: HttpRequest): void => {}
    const came = new Promise<HttpRequest>((resolve) => (here = resolve))
    const late = source()
    let answer = (): void => {}
    await start(async (request) => {
      await request.body(100)
      void request.signal
      here(request)
      await new Promise<void>((resolve) => (answer = resolve))
      return reply(late.body)
    })
    wire.write(bytes)
    const { signal } = await came
    const aborted = new Promise((resolve) => signal?.addEventListener('abort', resolve))
    if (how === 'leaves') wire.socket.destroy()
    else wire.socket.resetAndDestroy()
    await aborted
    answer()
    // What comes too late is not fetched for nobody.
    late.push('x')
    await late.cancelled
    expect(faults).toEqual([])
  })

  test('the signal stays quiet after an answer, on a connection that goes on', async () => {
    const signals: (AbortSignal | undefined)[] = []
    await start(async (request) => {
      signals.push(request.signal)
      return reply(pieces('x'))
    })
    for (let i = 0; i < 3; i++) {
      wire.write(get)
      await wire.need()
    }
    wire.socket.destroy()
    await mount.send({ target: '/auth/x' })
    expect(signals.slice(0, 3).map((signal) => signal?.aborted)).toEqual([false, false, false])
  })

  test('a client that does not read is not sent more than buffers hold', async () => {
    let made = 0
    let stuck = (): void => {}
    const held = new Promise<void>((resolve) => (stuck = resolve))
    let timer: NodeJS.Timeout | undefined
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          made += 1
          clearTimeout(timer)
          // Nobody asks any more.
          timer = setTimeout(stuck, 300)
          if (made > 3000) controller.close()
          else controller.enqueue(new Uint8Array(65_536))
        },
      },
      { highWaterMark: 0 },
    )
    await start(async () => reply(body))
    wire.socket.pause()
    wire.write(get)
    await held
    expect(made).toBeLessThan(1000)
  })

  test('a sender is slowed down by who reads its body', async () => {
    let first = (): void => {}
    const began = new Promise<void>((resolve) => (first = resolve))
    let go = (): void => {}
    const held = new Promise<void>((resolve) => (go = resolve))
    let size = 0
    await start(async (request) => {
      for await (const chunk of request.stream?.() ?? []) {
        if (size === 0) {
          first()
          await held
        }
        size += chunk.byteLength
      }
      return { status: 200, headers: {}, body: String(size) }
    })
    const length = 64 * 1024 * 1024
    wire.write(`POST /auth/x HTTP/1.1\r\nHost: as.example\r\nContent-Length: ${length}\r\n\r\n`)
    wire.write(new Uint8Array(length))
    await began
    const quiet = new Promise((resolve) => setTimeout(resolve, 500, 'waits'))
    const sent = new Promise((resolve) => wire.socket.once('drain', () => resolve('sent')))
    expect(await Promise.race([quiet, sent])).toBe('waits')
    go()
    expect((await wire.need()).body).toBe(String(length))
  }, 30_000)

  test('a reply before the body was read whole ends the connection, and who reads the body hears of it', async () => {
    let heard = (_error: unknown): void => {}
    const failed = new Promise<unknown>((resolve) => (heard = resolve))
    await start(async (request) => {
      const reader = request.stream?.().getReader()
      await reader?.read()
      reader?.read().catch(heard)
      return reply(pieces('enough'))
    })
    wire.write('POST /auth/x HTTP/1.1\r\nHost: as.example\r\nContent-Length: 1000\r\n\r\nbegin')
    const answer = await wire.need()
    expect(answer.body).toBe('enough')
    expect(values(answer, 'connection')).toContain('close')
    expect(await failed).toMatchObject({ name: 'Aborted' })
  })

  test('a body that breaks off fails its stream', async () => {
    let heard = (_error: unknown): void => {}
    const failed = new Promise<unknown>((resolve) => (heard = resolve))
    let begun = (): void => {}
    const began = new Promise<void>((resolve) => (begun = resolve))
    await start(async (request) => {
      const reader = request.stream?.().getReader()
      await reader?.read()
      begun()
      await reader?.read().catch(heard)
      return { status: 200, headers: {}, body: '' }
    })
    wire.write('POST /auth/x HTTP/1.1\r\nHost: as.example\r\nContent-Length: 1000\r\n\r\nbegin')
    await began
    wire.socket.destroy()
    expect(await failed).toMatchObject({ name: 'Aborted' })
  })

  test('a cancelled body leaves the connection whole for the answer', async () => {
    await start(async (request) => {
      const reader = request.stream?.().getReader()
      await reader?.read()
      await reader?.cancel()
      return reply(pieces('no more'))
    })
    wire.write('POST /auth/x HTTP/1.1\r\nHost: as.example\r\nContent-Length: 200000\r\n\r\nbegin')
    const answer = wire.need()
    wire.write('x'.repeat(199_995))
    expect((await answer).body).toBe('no more')
  })
})
