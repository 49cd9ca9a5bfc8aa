import { Hono } from 'hono'
import { expect, test } from 'vitest'
import type { StreamingHandler } from '@holdfast/protocol/http'
import { fetchGuard, toFetch } from './fetch.ts'
import { toHono } from './hono.ts'

const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)
const MOUNTS: readonly (readonly [string, (handler: StreamingHandler) => (request: Request) => Promise<Response>])[] = [
  ['fetch', toFetch],
  [
    'hono',
    (handler) => {
      const app = new Hono().all('/*', toHono(handler))
      return (request) => Promise.resolve(app.fetch(request))
    },
  ],
]

test.each(MOUNTS)('BFF-47 %s: chunks come one by one, a reader that leaves cancels', async (_name, mount) => {
  let to!: ReadableStreamDefaultController<Uint8Array>
  let cancelled = (): void => {}
  const gone = new Promise<void>((resolve) => (cancelled = resolve))
  const fetch = mount(async () => ({
    status: 200,
    headers: { 'set-cookie': ['a=1', 'b=2'] },
    body: new ReadableStream({ start: (controller) => void (to = controller), cancel: () => cancelled() }),
  }))
  const response = await fetch(new Request('http://as.example/x'))
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  const reader = response.body?.getReader()
  to.enqueue(new TextEncoder().encode('one'))
  expect(text((await reader?.read())?.value)).toBe('one')
  to.enqueue(new TextEncoder().encode('two'))
  expect(text((await reader?.read())?.value)).toBe('two')
  await reader?.cancel()
  await gone
})

test.each(MOUNTS)('%s: a stream that fails fails the response', async (_name, mount) => {
  const fetch = mount(async () => ({
    status: 200,
    headers: {},
    body: new ReadableStream({ pull: (controller) => controller.error(new Error('the API went away')) }),
  }))
  const response = await fetch(new Request('http://as.example/x'))
  await expect(response.text()).rejects.toThrow('went away')
})

test.each(MOUNTS)('BFF-47 %s: HEAD and 204 cancel the stream', async (_name, mount) => {
  for (const [method, status] of [
    ['HEAD', 200],
    ['GET', 204],
  ] as const) {
    let cancelled = 0
    const fetch = mount(async () => ({ status, headers: {}, body: new ReadableStream({ cancel: () => void (cancelled += 1) }) }))
    expect((await fetch(new Request('http://as.example/x', { method }))).body).toBeNull()
    expect(cancelled).toBe(1)
  }
})

test.each(MOUNTS)('BFF-47 %s: the signal is the one of the request', async (_name, mount) => {
  let seen: AbortSignal | undefined
  const fetch = mount(async (request) => {
    seen = request.signal
    return { status: 200, headers: {}, body: '' }
  })
  const controller = new AbortController()
  await fetch(new Request('http://as.example/x', { signal: controller.signal }))
  expect(seen?.aborted).toBe(false)
  controller.abort()
  expect(seen?.aborted).toBe(true)
})

test('a body that was read is no stream any more, and a check has none', async () => {
  const faults: unknown[] = []
  const request = new Request('http://as.example/x', { method: 'POST', body: 'x' })
  await request.text()
  const fetch = toFetch(async (given) => ({ status: 200, headers: {}, body: given.stream?.() ?? new ReadableStream() }), {
    onError: (error) => faults.push(error),
  })
  expect((await fetch(request)).status).toBe(500)
  expect(faults).toMatchObject([{ name: 'BodyTaken' }])
  const guard = fetchGuard(
    async (given) => ({ kind: 'allowed', access: typeof given.stream, headers: {} }),
    (_request, access) => new Response(access),
  )
  expect(await (await guard(new Request('http://as.example/x', { method: 'POST', body: 'x' }))).text()).toBe('undefined')
})
