import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import type { OpenStore } from '@holdfast/store'
import { type ContractRecords, storeContract } from '@holdfast/store/contract'
import { openPostgresStore } from './index.ts'
import { PURGE_LOCK, schemaNumber } from './statements.ts'
import { asked, newDatabase } from './test/cluster.ts'
import { type TestRecords, testKinds } from '../../../test/engines/records.ts'
import { spawnChild } from './test/spawn.ts'

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

storeContract('two nodes on one PostgreSQL database', async (kinds) => {
  const connection = await newDatabase()
  const open = (): Promise<OpenStore<ContractRecords>> => openPostgresStore<ContractRecords>({ connection, kinds })
  return twoNodes([await open(), await open()])
})

describe('two processes on one database', () => {
  it('read what the other committed, as soon as it was committed, both ways', async () => {
    const url = await newDatabase()
    const store = await openPostgresStore<TestRecords>({ connection: url, kinds: testKinds })
    const other = spawnChild(url, 'converse')
    expect(await other.line()).toBe('open')
    for (let round = 0; round < 50; round++) {
      await store.commit([{ op: 'insert', kind: 'right', id: `round-${round}`, value: { pair: 'p' } }])
      other.process.stdin.write(`round-${round}\n`)
      expect(await other.line()).toBe('found')
      expect(await store.read('right', `re-round-${round}`)).toBeDefined()
    }
    other.process.stdin.end()
    await other.ended()
    await store.close()
  })

  it('lose no update when both count on one record', async () => {
    const url = await newDatabase()
    const store = await openPostgresStore<TestRecords>({ connection: url, kinds: testKinds })
    await store.commit([{ op: 'insert', kind: 'counter', id: 'shared', value: { count: 0 } }])
    const others = [spawnChild(url, 'count', '300'), spawnChild(url, 'count', '300')]
    for (const other of others) expect(await other.line()).toBe('done')
    expect(await store.read('counter', 'shared')).toMatchObject({ version: 601, value: { count: 600 } })
    await store.close()
  })

  it('open a new database together, and make each table once', async () => {
    const url = await newDatabase()
    const others = Array.from({ length: 4 }, () => spawnChild(url, 'open'))
    for (const other of others) expect(await other.line()).toBe('open')
    await Promise.all(others.map((other) => other.ended()))
    expect(
      await asked(url, String.raw`select relname::text from pg_class where relname like 'kind\_%' and relkind = 'r' order by 1`),
    ).toEqual(['kind_counter', 'kind_left', 'kind_right'].map((relname) => ({ relname })))
  })

  it('end when they have nothing to do: an open store keeps none alive', async () => {
    const child = spawnChild(await newDatabase(), 'idle')
    expect(await child.line()).toBe('open')
    await child.ended()
    expect(child.process.exitCode).toBe(0)
  })

  it('purge one at a time: who finds another at it leaves it to that one', async () => {
    const url = await newDatabase()
    const open = (): Promise<OpenStore<TestRecords>> => openPostgresStore<TestRecords>({ connection: url, kinds: testKinds })
    const [first, second] = [await open(), await open()]
    await first.commit(
      Array.from({ length: 1300 }, (_, number) => ({ op: 'insert', kind: 'left', id: `${number}`, value: { pair: 'p' }, expiresAt: 5 })),
    )
    const purged = await Promise.all([first.purge(6), second.purge(6)])
    expect(purged.reduce((sum, rows) => sum + rows)).toBe(1300)
    expect(await asked(url, 'select count(*)::int as n from kind_left')).toEqual([{ n: 0 }])

    await first.commit([{ op: 'insert', kind: 'left', id: 'late', value: { pair: 'p' }, expiresAt: 5 }])
    const other = new Client(url)
    await other.connect()
    await other.query(`select pg_advisory_lock(${PURGE_LOCK}, ${schemaNumber('public')})`)
    expect(await first.purge(6)).toBe(0)
    await other.end()
    await expect.poll(() => second.purge(6)).toBe(1)
    await Promise.all([first.close(), second.close()])
  })
})
