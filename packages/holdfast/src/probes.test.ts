import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { expect, test } from 'vitest'
import { type Health, withProbes } from './probes.ts'

const request = (path: string, method = 'GET'): HttpRequest => ({
  method,
  path,
  query: '',
  headers: () => [],
  clientAddress: '',
  body: async () => new Uint8Array(),
})
const inside = async ({ path }: HttpRequest): Promise<Reply> => ({ status: 418, headers: {}, body: path })

async function answers(health: Partial<Health>): Promise<Readonly<Record<string, number>>> {
  const handler = withProbes(inside, { ready: async () => true, draining: false, ...health })
  return { healthz: (await handler(request('/healthz'))).status, readyz: (await handler(request('/readyz'))).status }
}

test('ready, not ready, draining: the process is healthy all the while', async () => {
  expect(await answers({})).toEqual({ healthz: 200, readyz: 200 })
  expect(await answers({ ready: async () => false })).toEqual({ healthz: 200, readyz: 503 })
  expect(await answers({ draining: true })).toEqual({ healthz: 200, readyz: 503 })
})

test("every other path is the server's, and probes are only looked at", async () => {
  const handler = withProbes(inside, { ready: async () => true, draining: false })
  expect(await handler(request('/token'))).toMatchObject({ status: 418 })
  expect(await handler(request('/healthz', 'POST'))).toMatchObject({ status: 405, headers: { allow: 'GET', 'cache-control': 'no-store' } })
})
