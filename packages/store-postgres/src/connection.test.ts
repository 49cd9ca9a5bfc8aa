import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { type OpenStore, OutcomeUnknown, StoreUnavailable } from '@holdfast/store'
import { openPostgresStore } from './index.ts'
import { asked, newDatabase, ownServer } from './test/cluster.ts'
import { proxyTo } from '../../../test/engines/proxy.ts'
import { type TestRecords, testKinds } from '../../../test/engines/records.ts'

type TestStore = OpenStore<TestRecords>

const insert = (store: TestStore, id: string): Promise<unknown> =>
  store.commit([{ op: 'insert', kind: 'counter', id, value: { count: 1 } }]).catch((fault: unknown) => fault)

/** Resolves when one of our sessions waits for a lock. */
const waiting = (url: string): Promise<void> =>
  expect
    .poll(
      async () => (await asked(url, "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")).length,
      {
        timeout: 10_000,
      },
    )
    .toBeGreaterThan(0)

describe('a connection that is lost', () => {
  it('after the commit was sent leaves its outcome unknown, even when it was applied; and the next commit finds another connection', async () => {
    const url = await newDatabase()
    const proxy = await proxyTo(url)
    const lines: string[] = []
    const store = await openPostgresStore<TestRecords>({ connection: proxy.url, kinds: testKinds, onFault: (line) => lines.push(line) })
    expect(await insert(store, 'before')).toBe('committed')
    // The server commits and says so; the answer gets lost.
    proxy.onAnswer = (data) => {
      if (!data.includes('SELECT 1')) return true
      proxy.cut()
      return false
    }
    expect(await insert(store, 'lost')).toBeInstanceOf(OutcomeUnknown)
    proxy.onAnswer = () => true
    expect(await asked(url, "select version::int from kind_counter where id = 'lost'")).toEqual([{ version: 1 }])

    const refused = await insert(store, 'refused')
    expect(refused).toBeInstanceOf(StoreUnavailable)
    expect((refused as Error).message).toContain(`${new URL(proxy.url).host}/`)
    expect((refused as Error).message).not.toContain(new URL(url).password)
    await expect(store.read('counter', 'before')).rejects.toBeInstanceOf(StoreUnavailable)
    proxy.open()
    expect(await insert(store, 'again')).toBe('committed')
    expect(await store.read('counter', 'lost')).toBeDefined()
    expect(await store.read('counter', 'refused')).toBeUndefined()
    expect(lines).toEqual([
      expect.stringMatching(
        /^store postgres:\/\/127\.0\.0\.1:\d+\/t_\w+: cannot write, commits are refused: the connection was lost while committing/,
      ),
      expect.stringMatching(/: writes again, after 2 refused commits$/),
    ])
    await store.close()
    await proxy.close()
  })

  it('because the server ended it is unknown too: its farewell may come after the commit', async () => {
    const url = await newDatabase()
    const store = await openPostgresStore<TestRecords>({ connection: url, kinds: testKinds })
    await insert(store, 'held')
    const holder = new Client(url)
    await holder.connect()
    await holder.query('begin; select from kind_counter for update')
    const commit = store
      .commit([{ op: 'replace', kind: 'counter', id: 'held', expected: 1, value: { count: 2 } }])
      .catch((fault: unknown) => fault)
    await waiting(url)
    await asked(
      url,
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    )
    expect(await commit).toBeInstanceOf(OutcomeUnknown)
    await holder.end()
    expect(await store.read('counter', 'held')).toMatchObject({ version: 1 })
    expect(await insert(store, 'again')).toBe('committed')
    await store.close()
  })

  it('is noticed by the clock when the network swallows what is said', async () => {
    const proxy = await proxyTo(await newDatabase())
    const store = await openPostgresStore<TestRecords>({ connection: proxy.url, kinds: testKinds, timeoutMilliseconds: 200 })
    expect(await insert(store, 'before')).toBe('committed')
    proxy.onAnswer = () => false
    const [commit, read] = await Promise.all([insert(store, 'swallowed'), store.read('counter', 'before').catch((fault: unknown) => fault)])
    expect(commit).toBeInstanceOf(OutcomeUnknown)
    expect(read).toBeInstanceOf(StoreUnavailable)
    // Nor can a new connection be made.
    expect(await insert(store, 'still')).toBeInstanceOf(StoreUnavailable)
    proxy.onAnswer = () => true
    expect(await insert(store, 'again')).toBe('committed')
    await store.close()
    await proxy.close()
  })
})

describe('a server that is restarted', () => {
  it('is unavailable meanwhile and used again afterwards, by the same store', async () => {
    const server = await ownServer()
    try {
      const store = await openPostgresStore<TestRecords>({ connection: server.url, kinds: testKinds })
      expect(await insert(store, 'before')).toBe('committed')
      expect(await store.read('counter', 'before')).toBeDefined()
      await server.stop()
      const down = await insert(store, 'down')
      expect(down).toBeInstanceOf(StoreUnavailable)
      expect((down as Error).message).toContain('is PostgreSQL running there')
      await expect(store.read('counter', 'before')).rejects.toBeInstanceOf(StoreUnavailable)
      await expect(store.purge(1)).rejects.toBeInstanceOf(StoreUnavailable)
      await server.start()
      expect(await insert(store, 'after')).toBe('committed')
      expect([await store.read('counter', 'before'), await store.read('counter', 'down')]).toEqual([
        { id: 'before', version: 1, value: { count: 1 }, expiresAt: undefined },
        undefined,
      ])
      await store.close()
    } finally {
      await server.remove()
    }
  })
})
