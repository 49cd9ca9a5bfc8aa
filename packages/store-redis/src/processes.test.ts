import type { OpenStore } from '@holdfast/store'
import { type ContractRecords, storeContract } from '@holdfast/store/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRedisStore } from './index.ts'
import { type TestRecords, testKinds } from '../../../test/engines/records.ts'
import { newPrefix, newServer, type TestServer } from './test/server.ts'
import { spawnChild } from './test/spawn.ts'

let server: TestServer
beforeAll(async () => {
  server = await newServer()
})
afterAll(() => server.remove())

/** Every second call goes to the other node: what one is told, the other must know; what both want, one gets. */
function twoNodes(nodes: readonly [OpenStore<ContractRecords>, OpenStore<ContractRecords>]): OpenStore<ContractRecords> {
  let calls = 0
  const next = (): OpenStore<ContractRecords> => nodes[calls++ % 2] as OpenStore<ContractRecords>
  return {
    read: (kind, id) => next().read(kind, id),
    list: (kind, index, value, page) => next().list(kind, index, value, page),
    commit: (changes) => next().commit(changes),
    purge: (now) => next().purge(now),
    close: async () => void (await Promise.all(nodes.map((node) => node.close()))),
  }
}

storeContract('two nodes on one Redis', async (kinds) => {
  const prefix = newPrefix()
  const open = (): Promise<OpenStore<ContractRecords>> => openRedisStore<ContractRecords>({ url: server.url, kinds, prefix })
  return twoNodes([await open(), await open()])
})

describe('two processes on one server', () => {
  it('lose no update when both count on one record', async () => {
    const prefix = newPrefix()
    const store = await openRedisStore<TestRecords>({ url: server.url, kinds: testKinds, prefix })
    await store.commit([{ op: 'insert', kind: 'counter', id: 'shared', value: { count: 0 } }])
    const others = [spawnChild(server.url, prefix, 'count', '300'), spawnChild(server.url, prefix, 'count', '300')]
    for (const other of others) expect(await other.line()).toBe('done')
    expect(await store.read('counter', 'shared')).toMatchObject({ version: 601, value: { count: 600 } })
    await store.close()
  })

  it('purge together, and count each record once', async () => {
    const prefix = newPrefix()
    const open = (): Promise<OpenStore<TestRecords>> => openRedisStore<TestRecords>({ url: server.url, kinds: testKinds, prefix })
    const [first, second] = [await open(), await open()]
    await first.commit(
      Array.from({ length: 1300 }, (_, number) => ({ op: 'insert', kind: 'left', id: `${number}`, value: { pair: 'p' }, expiresAt: 5 })),
    )
    const purged = await Promise.all([first.purge(6), second.purge(6)])
    expect(purged.reduce((sum, rows) => sum + rows)).toBe(1300)
    expect((await second.list('left', 'pair', 'p', { limit: 1 })).items).toEqual([])
    await Promise.all([first.close(), second.close()])
  })

  it('end when they have nothing to do: an open store or memory keeps none alive', async () => {
    const child = spawnChild(server.url, newPrefix(), 'idle')
    expect(await child.line()).toBe('open')
    await child.ended()
    expect(child.process.exitCode).toBe(0)
  })

  it('DPOP-16 A63 share a memory: what one took is seen by the other', async () => {
    const prefix = newPrefix()
    const others = [spawnChild(server.url, prefix, 'remember'), spawnChild(server.url, prefix, 'remember')]
    for (const other of others) expect(await other.line()).toBe('open')
    for (let round = 0; round < 20; round++) {
      for (const other of others) other.process.stdin.write(`proof-${round}\n`)
      const heard = await Promise.all(others.map((other) => other.line()))
      expect(heard.toSorted()).toEqual(['new', 'seen'])
    }
    for (const other of others) other.process.stdin.end()
    await Promise.all(others.map((other) => other.ended()))
  })
})
