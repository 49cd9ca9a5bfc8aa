import type { HttpRequest } from '@holdfast/protocol/http'
import { TestClock } from '@holdfast/testing/clock'
import { describe, expect, test } from 'vitest'
import { createBffByHost } from './by-host.ts'
import { CSRF_HEADER } from './csrf.ts'
import { optionsFor } from './test/world.ts'

const clock = new TestClock()
const [SHOP, NEWS] = ['https://shop.example', 'https://news.example:8443'] as const

function request(headers: Readonly<Record<string, readonly string[]>>): HttpRequest {
  return {
    method: 'GET',
    path: '/bff/session',
    query: '',
    headers: (name) => headers[name] ?? [],
    clientAddress: '',
    body: () => Promise.resolve(new Uint8Array()),
  }
}

describe('BFF-25: several front ends, an origin each', () => {
  const bff = createBffByHost([optionsFor(clock, { publicUrl: SHOP }), optionsFor(clock, { publicUrl: NEWS })])
  const status = async (host: readonly string[], origin: string): Promise<unknown> =>
    (await bff.handle(request({ host, origin: [origin], [CSRF_HEADER]: ['1'] })))?.status

  test('the host says whose request it is, in any case; the origin must be its own', async () => {
    expect(await status(['shop.example'], SHOP)).toBe(200)
    expect(await status(['NEWS.example:8443'], NEWS)).toBe(200)
    expect(await status(['shop.example'], NEWS)).toBe(403)
    expect(await status(['news.example:8443'], SHOP)).toBe(403)
  })

  test('a name that none has is nobody’s, and so are two names', async () => {
    for (const host of [[], ['evil.example'], ['news.example'], ['shop.example', 'shop.example']])
      expect([host, await status(host, SHOP)]).toEqual([host, undefined])
    expect(await bff.upgrade(request({ host: ['evil.example'] }))).toBeUndefined()
    expect(await bff.session(request({ host: ['evil.example'] }))).toBeUndefined()
  })

  test('two at one host are an error at the start', () => {
    expect(() => createBffByHost([optionsFor(clock, { publicUrl: SHOP }), optionsFor(clock, { publicUrl: SHOP })])).toThrow(/shop\.example/)
  })
})
