import { describe, expect, test } from 'vitest'
import { type Outbound, OutboundRefusal, type OutboundReply } from '../config/outbound.ts'
import { HeldClock } from '../test/server.ts'
import { Fetched, type FetchedOptions, jsonObjectOf } from './fetched.ts'
import { lifetimeOf } from './freshness.ts'

const URL_A = 'https://a.example/doc'

/** A place whose answer a test sets, and a cache before it. */
function scene(over: Partial<FetchedOptions<object>> = {}): {
  readonly clock: HeldClock
  readonly fetched: Fetched<object>
  readonly asked: string[]
  answer: () => OutboundReply | OutboundRefusal | Promise<OutboundReply | OutboundRefusal>
} {
  const clock = new HeldClock()
  const asked: string[] = []
  const outbound: Outbound = {
    get: async (url) => {
      asked.push(url)
      return made.answer()
    },
    post: () => Promise.reject(new Error('not here')),
  }
  const made = {
    clock,
    asked,
    answer: () => reply({ n: asked.length }),
    fetched: new Fetched<object>({ outbound, clock, accept: '*/*', read: jsonObjectOf, ...over }),
  }
  return made as ReturnType<typeof scene>
}

function reply(body: unknown, headers: Readonly<Record<string, string>> = {}, status = 200): OutboundReply {
  return { status, headers, body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)) }
}
const DOWN = new OutboundRefusal('timeout', 'a.example: too late')
const told = (found: object): unknown => (found instanceof OutboundRefusal ? found.reason : (found as { n?: unknown }).n)

describe('CIMD-06 a document is kept as its headers say, within our own bounds', () => {
  test.each([
    [undefined, 300],
    ['max-age=120', 120],
    ['public, max-age=120', 120],
    ['Max-Age=120', 120],
    ['max-age=1', 60],
    ['max-age=0', 60],
    ['no-store', 60],
    ['no-cache', 60],
    ['max-age=31536000', 3600],
    ['max-age=-5', 300],
    ['max-age=nonsense', 300],
    ['s-maxage=1000', 300],
  ])('cache-control %j: %i s', async (header, seconds) => {
    const it = scene()
    it.answer = () => reply({ n: it.asked.length }, header === undefined ? {} : { 'cache-control': header })
    expect(told(await it.fetched.get(URL_A))).toBe(1)
    it.clock.advance(seconds - 1)
    expect(told(await it.fetched.get(URL_A))).toBe(1)
    it.clock.advance(1)
    expect(told(await it.fetched.get(URL_A))).toBe(2)
  })
  test('what it has aged on its way is taken off', () => {
    expect(lifetimeOf({ 'cache-control': 'max-age=600', age: '100' })).toBe(500)
    expect(lifetimeOf({ 'cache-control': 'max-age=600', age: '700' })).toBe(0)
    expect(lifetimeOf({ 'cache-control': 'max-age=600', age: 'x' })).toBe(600)
  })
})

describe('CIMD-06 errors and malformed documents are not kept, and not tried again at once', () => {
  test.each<[string, OutboundReply | OutboundRefusal, string]>([
    ['an outage', DOWN, 'timeout'],
    ['CIMD-02 another status than 200', reply({ n: 1 }, {}, 404), 'status'],
    ['CIMD-02 201', reply({ n: 1 }, {}, 201), 'status'],
    ['no JSON', reply('<html>'), 'document'],
    ['a list', reply([]), 'document'],
    ['no UTF-8', { status: 200, headers: {}, body: new Uint8Array([0x7b, 0xff, 0x7d]) }, 'document'],
  ])('%s', async (_name, answer, expected) => {
    const it = scene()
    it.answer = () => answer
    expect(told(await it.fetched.get(URL_A))).toBe(expected)
    it.answer = () => reply({ n: 'right' })
    it.clock.advance(9)
    const held = (await it.fetched.get(URL_A)) as OutboundRefusal
    expect([told(held), held.detail.startsWith(expected), it.asked.length]).toEqual(['held', true, 1])
    it.clock.advance(1)
    expect(told(await it.fetched.get(URL_A))).toBe('right')
  })

  test('a document that is past its end still serves while nothing new can be had, for so long and no longer', async () => {
    const it = scene({ stale: 600 })
    await it.fetched.get(URL_A)
    it.answer = () => DOWN
    it.clock.advance(300)
    expect(told(await it.fetched.get(URL_A))).toBe(1)
    expect(told(await it.fetched.get(URL_A))).toBe(1)
    expect(it.asked.length).toBe(2)
    it.clock.advance(599)
    expect(told(await it.fetched.get(URL_A))).toBe(1)
    it.clock.advance(1)
    expect(told(await it.fetched.get(URL_A))).toBe('held')
    it.clock.advance(10)
    expect(told(await it.fetched.get(URL_A))).toBe('timeout')
  })

  test('without `stale` it does not', async () => {
    const it = scene()
    await it.fetched.get(URL_A)
    it.answer = () => DOWN
    it.clock.advance(300)
    expect(told(await it.fetched.get(URL_A))).toBe('timeout')
  })
})

describe('CAUTH-28 a refetch is rate-limited', () => {
  test('once in the hold, whatever is asked; then the document is new', async () => {
    const it = scene()
    await it.fetched.get(URL_A)
    for (let time = 0; time < 5; time++) expect(told(await it.fetched.refetch(URL_A))).toBe(1)
    it.clock.advance(10)
    for (let time = 0; time < 5; time++) expect(told(await it.fetched.refetch(URL_A))).toBe(2)
    expect(it.asked.length).toBe(2)
  })
  test('when it fails, the fresh one stays', async () => {
    const it = scene()
    await it.fetched.get(URL_A)
    it.answer = () => DOWN
    it.clock.advance(10)
    expect(told(await it.fetched.refetch(URL_A))).toBe(1)
    expect(told(await it.fetched.get(URL_A))).toBe(1)
    expect(it.asked.length).toBe(2)
  })
})

test('fetches of one URL at the same time are one fetch, of two URLs two', async () => {
  const it = scene()
  it.answer = () => new Promise((settle) => setImmediate(() => settle(reply({ n: 1 }))))
  const found = await Promise.all([
    ...Array.from({ length: 50 }, () => it.fetched.get(URL_A)),
    it.fetched.refetch(URL_A),
    it.fetched.get('https://b.example/'),
  ])
  expect(it.asked).toEqual([URL_A, 'https://b.example/'])
  expect(new Set(found.slice(0, 51)).size).toBe(1)
})

test('a fault of ours is not kept either, and those who wait hear of it', async () => {
  const it = scene()
  it.answer = () => Promise.reject(new Error('a bug'))
  await expect(Promise.all([it.fetched.get(URL_A), it.fetched.get(URL_A)])).rejects.toThrow('a bug')
  it.answer = () => reply({ n: 'right' })
  it.clock.advance(10)
  expect(told(await it.fetched.get(URL_A))).toBe('right')
})

test('A65 no more than so many are kept: the one that was used longest ago goes', async () => {
  const it = scene({ most: 2 })
  const [a, b, c] = ['https://a.example/', 'https://b.example/', 'https://c.example/'] as const
  for (const url of [a, b, a, c, a, b]) await it.fetched.get(url)
  expect(it.asked).toEqual([a, b, c, b])
})
