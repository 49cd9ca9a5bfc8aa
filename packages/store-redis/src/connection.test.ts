import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpenStore, OutcomeUnknown, StoreUnavailable } from '@holdfast/store'
import { openRedisStore } from './index.ts'
import { proxyTo } from '../../../test/engines/proxy.ts'
import { type TestRecords, testKinds } from '../../../test/engines/records.ts'
import { asked, newPrefix, newServer, type TestServer } from './test/server.ts'

type TestStore = OpenStore<TestRecords>

let server: TestServer
beforeAll(async () => {
  server = await newServer()
})
afterAll(() => server.remove())

const insert = (store: TestStore, id: string): Promise<unknown> =>
  store.commit([{ op: 'insert', kind: 'counter', id, value: { count: 1 } }]).catch((fault: unknown) => fault)

describe('a connection that is lost', () => {
  it('after the commit was sent leaves its outcome unknown, even when it was applied; and the next commit finds another connection', async () => {
    const proxy = await proxyTo(server.url)
    const prefix = newPrefix()
    const lines: string[] = []
    const onFault = (line: string): void => void lines.push(line)
    const store = await openRedisStore<TestRecords>({ url: proxy.url, prefix, kinds: testKinds, onFault })
    expect(await insert(store, 'before')).toBe('committed')
    // The server commits and says so; the answer gets lost.
    proxy.onAnswer = () => {
      proxy.cut()
      return false
    }
    expect(await insert(store, 'lost')).toBeInstanceOf(OutcomeUnknown)
    proxy.onAnswer = () => true
    expect(await asked(server.url, 'HGET', `{${prefix}}:r:counter:lost`, 'v')).toBe('1')

    const refused = await insert(store, 'refused')
    expect(refused).toBeInstanceOf(StoreUnavailable)
    await expect(store.read('counter', 'before')).rejects.toBeInstanceOf(StoreUnavailable)
    await expect(store.purge(1)).rejects.toBeInstanceOf(StoreUnavailable)
    proxy.open()
    expect(await insert(store, 'again')).toBe('committed')
    expect(await store.read('counter', 'lost')).toBeDefined()
    expect(await store.read('counter', 'refused')).toBeUndefined()
    expect(lines).toEqual([
      expect.stringMatching(/^store redis:\/\/127\.0\.0\.1:\d+\/0: cannot write, commits are refused: the connection was lost meanwhile/),
      expect.stringMatching(/: writes again, after 2 refused commits$/),
    ])
    expect(lines.join() + (refused as Error).message).not.toContain(new URL(server.url).password)
    await store.close()
    await proxy.close()
  })

  it('is noticed by the clock when the network swallows what is said', async () => {
    const proxy = await proxyTo(server.url)
    const store = await openRedisStore<TestRecords>({ url: proxy.url, prefix: newPrefix(), kinds: testKinds, timeoutMilliseconds: 200 })
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

  it('is made once, whoever asks: fifty commits at once after a loss share one', async () => {
    const proxy = await proxyTo(server.url)
    const store = await openRedisStore<TestRecords>({ url: proxy.url, prefix: newPrefix(), kinds: testKinds })
    await asked(server.url, 'CLIENT', 'KILL', 'TYPE', 'normal')
    await expect.poll(() => insert(store, 'first')).toBe('committed')
    proxy.cut()
    proxy.open()
    await expect.poll(async () => (await insert(store, 'second')) instanceof OutcomeUnknown).toBe(false)
    const outcomes = await Promise.all(Array.from({ length: 50 }, (_, number) => insert(store, `n${number}`)))
    expect(outcomes.filter((outcome) => outcome === 'committed')).toHaveLength(50)
    expect(String(await asked(server.url, 'CLIENT', 'LIST')).match(/name=holdfast/g)).toHaveLength(1)
    await store.close()
    await proxy.close()
  })
})

describe('a server', () => {
  it('that is restarted is unavailable meanwhile and used again afterwards, by the same store', async () => {
    const own = await newServer()
    const store = await openRedisStore<TestRecords>({ url: own.url, kinds: testKinds })
    expect(await insert(store, 'before')).toBe('committed')
    await own.stop()
    await expect.poll(() => insert(store, 'down')).toMatchObject({ message: expect.stringContaining('is Redis running there') })
    await expect(store.read('counter', 'before')).rejects.toBeInstanceOf(StoreUnavailable)
    await own.start()
    expect(await insert(store, 'after')).toBe('committed')
    expect([await store.read('counter', 'before'), await store.read('counter', 'down')]).toEqual([
      { id: 'before', version: 1, value: { count: 1 }, expiresAt: undefined },
      undefined,
    ])
    await store.close()
    await own.remove()
  })

  it('that is another one after a failover, and not durable, is refused by a store that was open already', async () => {
    const own = await newServer()
    const store = await openRedisStore<TestRecords>({ url: own.url, kinds: testKinds })
    await asked(own.url, 'CONFIG', 'SET', 'appendfsync', 'everysec')
    await asked(own.url, 'CLIENT', 'KILL', 'TYPE', 'normal')
    await expect
      .poll(() => insert(store, 'a'))
      .toMatchObject({ name: 'StoreUnavailable', message: expect.stringContaining('set appendfsync always') })
    await store.close()
    await own.remove()
  })

  it('that is full applies all of a commit or nothing of it', async () => {
    const own = await newServer()
    const store = await openRedisStore<TestRecords>({ url: own.url, kinds: testKinds })
    await store.commit([{ op: 'insert', kind: 'left', id: 'a', value: { pair: 'p' }, expiresAt: 5 }])
    await asked(own.url, 'CONFIG', 'SET', 'maxmemory', '1mb')
    const full = await store
      .commit([
        { op: 'insert', kind: 'right', id: 'b', value: { pair: 'q' } },
        { op: 'delete', kind: 'left', id: 'a' },
      ])
      .catch((fault: unknown) => fault)
    expect(full).toBeInstanceOf(StoreUnavailable)
    expect((full as Error).message).toContain('OOM')
    expect([await store.read('left', 'a'), await store.read('right', 'b')]).toMatchObject([{ version: 1 }, undefined])
    // A commit that takes away first may go beyond the limit, whole: it is never stopped halfway.
    const swapped = await store.commit([
      { op: 'deleteBy', kind: 'left', index: 'pair', value: 'p' },
      { op: 'insert', kind: 'right', id: 'b', value: { pair: 'q' } },
    ])
    expect([swapped, await store.read('left', 'a'), (await store.read('right', 'b'))?.version]).toEqual(['committed', undefined, 1])
    expect(await store.purge(6)).toBe(0)
    await store.close()
    await own.remove()
  })
})
