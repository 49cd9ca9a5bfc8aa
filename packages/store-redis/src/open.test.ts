import { readFileSync } from 'node:fs'
import type { Kinds, OpenStore } from '@holdfast/store'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FILL } from './commit-script.ts'
import { openRedisMemory, openRedisStore, type RedisStoreOptions } from './index.ts'
import { proxyTo } from '../../../test/engines/proxy.ts'
import { type TestRecords, testKinds } from '../../../test/engines/records.ts'
import { asked, newPrefix, newServer, type TestServer } from './test/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await newServer()
})
afterAll(() => server.remove())

const open = (options: Partial<RedisStoreOptions<TestRecords>> = {}): Promise<OpenStore<TestRecords>> =>
  openRedisStore<TestRecords>({ url: server.url, prefix: newPrefix(), kinds: testKinds, ...options })

describe('a server that cannot be used', () => {
  it('is told by its host and database, with what to do, and never with the password', async () => {
    const { port } = new URL(server.url)
    const faults = await Promise.all(
      [
        `redis://:hunter2-hunter2@127.0.0.1:${port}`,
        `redis://127.0.0.1:${port}/1`,
        'redis://me:hunter2-hunter2@127.0.0.1:1/2',
        'redis://me:hunter2-hunter2@host.invalid',
        'unix:///nowhere/redis.sock',
        `${server.url}/9`,
      ].map((url) => open({ url }).catch((fault: Error) => `${fault.name}: ${fault.message}`)),
    )
    expect(faults).toEqual([
      expect.stringMatching(
        new RegExp(`^StoreUnavailable: the store redis://127.0.0.1:${port}/0 cannot be asked: WRONGPASS.*; check user and password`),
      ),
      expect.stringMatching(
        new RegExp(`^StoreUnavailable: the store redis://127.0.0.1:${port}/1 cannot be asked: NOAUTH.*; the server wants a password`),
      ),
      expect.stringMatching(
        /^StoreUnavailable: the store redis:\/\/127\.0\.0\.1:1\/2 cannot be asked: .*ECONNREFUSED.*; is Redis running there/,
      ),
      expect.stringMatching(
        /^StoreUnavailable: the store redis:\/\/host\.invalid:6379\/0 cannot be asked: .*(no such host|cannot be looked up)/,
      ),
      expect.stringMatching(/^StoreUnavailable: the store unix:\/\/\/nowhere\/redis\.sock cannot be asked: .*ENOENT.*; is Redis running/),
      expect.stringMatching(/^StoreUnavailable: .*DB index is out of range/),
    ])
    expect(faults.join()).not.toContain('hunter2')
  })

  it.each(['redis.example.com', 'http://u:hunter2@h', 'redis://u:hunter2@h:port', 'redis://u:hunter2@h/db', 'redis://', 'unix://h', ''])(
    'is not an address: %s',
    async (url) => {
      const fault = await open({ url }).catch((error: Error) => error)
      expect(fault).toBeInstanceOf(TypeError)
      expect(String((fault as Error).stack)).not.toContain('hunter2')
      expect((fault as Error).message).toContain('redis://user:password@host:6379/0')
    },
  )

  it.each(['', 'a b', 'a{b}', 'x'.repeat(65), '*'])('keys do not begin with "%s"', async (prefix) => {
    await expect(open({ prefix })).rejects.toThrow('the prefix must be')
  })

  it('does not hang a start: a server that says nothing is given up after the timeout', async () => {
    const proxy = await proxyTo(server.url)
    proxy.onAnswer = () => false
    await expect(open({ url: proxy.url, timeoutMilliseconds: 300 })).rejects.toThrow(/no answer in 300 ms: is there a firewall between/)
    await proxy.close()
  })

  it.each([
    [{ appendfsync: 'everysec' }, 'set appendfsync always;'],
    [{ appendonly: 'no' }, 'set appendonly yes;'],
    [{ 'aof-load-truncated': 'yes' }, 'set aof-load-truncated no;'],
    [{ 'no-appendfsync-on-rewrite': 'yes', appendfsync: 'no' }, 'set appendfsync always, no-appendfsync-on-rewrite no;'],
  ])('is not durable (%j): it is refused, or used as it is when that is wanted, and then said', async (settings, advice) => {
    const own = await newServer(settings)
    await expect(open({ url: own.url })).rejects.toThrow(`its writes are not durable: ${advice}`)
    const lines: string[] = []
    const store = await open({ url: own.url, durable: false, onFault: (line) => lines.push(line) })
    expect(lines).toEqual([expect.stringContaining('durable is false: after a crash it may not know its last commits')])
    expect(await store.commit([{ op: 'insert', kind: 'counter', id: 'a', value: { count: 1 } }])).toBe('committed')
    await store.close()
    await own.remove()
  })

  it('does not let us ask how durable it is: that is no yes; and evicting is never right', async () => {
    await asked(server.url, 'ACL', 'SETUSER', 'guest', 'on', '>weak', '~*', '+@all', '-config')
    const url = server.url.replace(/\/\/[^@]*@/, '//guest:weak@')
    await expect(open({ url })).rejects.toThrow(/whether its writes are durable cannot be asked \(NOPERM .*; with durable: false/)
    await (await open({ url, durable: false })).close()
    const evicting = await newServer({ 'maxmemory-policy': 'allkeys-lfu' })
    await expect(open({ url: evicting.url, durable: false })).rejects.toThrow('maxmemory-policy is allkeys-lfu')
    await evicting.remove()
  })
})

describe('a user of the server', () => {
  const userUrl = async (rights: readonly string[], prefix: string): Promise<string> => {
    const name = `u_${prefix}`
    await asked(server.url, 'ACL', 'SETUSER', name, 'on', '>weak', `~{${prefix}}:*`, ...rights)
    return server.url.replace(/\/\/[^@]*@/, `//${name}:weak@`)
  }
  /** As the README says. */
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [memoryRights = [], storeMore = [], storeLess = []] = [...readme.matchAll(/`(\+[^`]+)`/g)].map(([, rights = '']) =>
    rights.split(' '),
  )

  it('needs no more rights for a memory than the README says', async () => {
    const prefix = newPrefix()
    const memory = await openRedisMemory({ url: await userUrl(memoryRights, prefix), prefix })
    const until = Math.floor(Date.now() / 1000) + 70
    expect([await memory.add('a', until), await memory.increment('a', until)]).toEqual(['new', 1])
    await memory.forgive('a')
    expect(await memory.increment('a', until)).toBe(1)
    await memory.close()
  })

  it('nor for a store', async () => {
    const prefix = newPrefix()
    const rights = [...memoryRights.filter((one) => !storeLess.includes(one)), ...storeMore]
    const url = await userUrl(rights, prefix)
    await (await open({ url, prefix, kinds: { ...testKinds, right: { ...testKinds.right, indexes: [] } } })).close()
    const store = await open({ url, prefix, kinds: { ...testKinds, right: { ...testKinds.right, indexes: ['pair'] } } })
    const left = { op: 'insert', kind: 'left', id: 'a', value: { pair: 'p' }, expiresAt: 5 } as const
    expect(await store.commit([left, { ...left, id: 'b' }])).toBe('committed')
    expect((await store.list('left', 'pair', 'p', { limit: 9 })).items).toHaveLength(2)
    expect(await store.commit([{ op: 'delete', kind: 'left', id: 'a' }])).toBe('committed')
    expect(await store.purge(6)).toBe(1)
    expect(await store.commit([left, { op: 'deleteBy', kind: 'left', index: 'pair', value: 'p' }])).toBe('committed')
    await store.close()
  })
})

describe('opening', () => {
  it('fills an index that is new from the values there are, and goes on beside a node of the release before', async () => {
    type Later = TestRecords & {
      readonly brand_new: { readonly owner: string }
      readonly right: { readonly pair: string; readonly shade?: string }
    }
    const prefix = newPrefix()
    const before = await open({ prefix })
    const odd = [`it's "a"`, 'half \ud800 a pair', String.raw`a backslash \u0000`, '漢字 é', '']
    await before.commit(
      odd.map((text, number) => ({ op: 'insert', kind: 'right', id: `${number}*[a]`, value: { pair: `pair-${number}`, text } })),
    )
    const kinds: Kinds<Later> = {
      ...testKinds,
      right: { indexes: ['pair', 'shade'], id: 'given', expires: true },
      brand_new: { indexes: ['owner'], id: 'given', expires: false },
    }
    const after = await openRedisStore<Later>({ url: server.url, prefix, kinds })
    for (const number of odd.keys())
      expect((await after.list('right', 'pair', `pair-${number}`, { limit: 9 })).items.map((item) => item.id)).toEqual([`${number}*[a]`])
    // What was filled in follows its record, as if it had been there from the start.
    await after.commit([
      { op: 'replace', kind: 'right', id: '0*[a]', expected: 1, value: { pair: 'p', shade: 'blue' }, expiresAt: 5 },
      { op: 'delete', kind: 'right', id: '1*[a]' },
      { op: 'insert', kind: 'brand_new', id: 'x', value: { owner: 'o' } },
    ])
    const ids = async (index: 'pair' | 'shade', value: string): Promise<readonly string[]> =>
      (await after.list('right', index, value, { limit: 9 })).items.map((item) => item.id)
    expect([await ids('pair', 'pair-0'), await ids('pair', 'pair-1'), await ids('shade', 'blue')]).toEqual([[], [], ['0*[a]']])
    expect(await before.commit([{ op: 'insert', kind: 'right', id: 'old', value: { pair: 'p' } }])).toBe('committed')
    await Promise.all([before.close(), after.close()])
    expect(JSON.parse(String(await asked(server.url, 'HGET', `{${prefix}}:kinds`, 'right')))).toEqual(['pair', 'shade'])
  })

  it('fills nothing in for a record that was changed or deleted meanwhile: who changed it knew the index', async () => {
    const prefix = newPrefix()
    const store = await open({ prefix })
    await store.commit([{ op: 'insert', kind: 'right', id: 'a', value: { pair: 'p' } }])
    await store.commit([{ op: 'replace', kind: 'right', id: 'a', expected: 1, value: { pair: 'q' } }])
    const base = `{${prefix}}:`
    for (const id of ['a', 'gone'])
      expect(await asked(server.url, 'EVAL', FILL.text, 1, `${base}kinds`, base, 'right', id, '1', 'pair', 'p')).toBe(0)
    expect(await asked(server.url, 'KEYS', `${base}i:*`)).toEqual([])
    await store.close()
  })

  it('keeps installations with other prefixes apart, and two in other databases', async () => {
    const prefix = newPrefix()
    const stores = [await open({ prefix }), await open(), await open({ prefix, url: `${server.url}/1` })]
    for (const store of stores)
      expect(await store.commit([{ op: 'insert', kind: 'left', id: 'a', value: { pair: 'p' } }])).toBe('committed')
    await Promise.all(stores.map((store) => store.close()))
  })

  it('refuses names that could be read as one another', async () => {
    const kind = { indexes: [], id: 'given', expires: true } as const
    const opened = (kinds: Kinds<Record<string, object>>): Promise<unknown> => openRedisStore({ url: server.url, kinds })
    await expect(opened({ 'a:b': kind })).rejects.toThrow('must be a letter')
    await expect(opened({ grant: kind, Grant: kind })).rejects.toThrow('declared twice')
  })
})

describe('working', () => {
  it('leaves nothing behind when everything was deleted or has expired', async () => {
    const prefix = newPrefix()
    const store = await open({ prefix })
    await store.commit(
      ['a', 'b', 'c', 'd'].map((id) => ({ op: 'insert', kind: 'left', id, value: { pair: `pair of ${id}` }, expiresAt: 5 })),
    )
    await store.commit([
      { op: 'replace', kind: 'left', id: 'a', expected: 1, value: { pair: 'moved' } },
      { op: 'replace', kind: 'left', id: 'b', expected: 1, value: { pair: 'pair of b' }, expiresAt: 900 },
      { op: 'delete', kind: 'left', id: 'c' },
    ])
    expect([await store.purge(6), await store.purge(901)]).toEqual([1, 1])
    await store.commit([{ op: 'deleteBy', kind: 'left', index: 'pair', value: 'moved' }])
    expect(await asked(server.url, 'KEYS', `{${prefix}}*`)).toEqual([`{${prefix}}:kinds`])
    await store.close()
  })

  it('goes on after the server forgot its scripts', async () => {
    const store = await open()
    const commit = (id: string): Promise<unknown> => store.commit([{ op: 'insert', kind: 'left', id, value: { pair: 'p' } }])
    expect(await commit('a')).toBe('committed')
    await asked(server.url, 'SCRIPT', 'FLUSH')
    expect(await Promise.all([commit('b'), commit('c')])).toEqual(['committed', 'committed'])
    expect((await store.list('left', 'pair', 'p', { limit: 9 })).items).toHaveLength(3)
    await store.close()
  })

  it('removes what expired by itself, by the clock it was given', async () => {
    const store = await open({ purgeEverySeconds: 0.02, clock: { now: () => 2000 } })
    await store.commit([
      { op: 'insert', kind: 'left', id: 'old', value: { pair: 'p' }, expiresAt: 1999 },
      { op: 'insert', kind: 'left', id: 'young', value: { pair: 'p' }, expiresAt: 2000 },
    ])
    await expect.poll(() => store.read('left', 'old')).toBeUndefined()
    expect(await store.read('left', 'young')).toBeDefined()
    await store.close()
  })

  it('gathers the commits of a turn: fifty are one write to the server', async () => {
    const proxy = await proxyTo(server.url)
    const store = await open({ url: proxy.url })
    const commit = (id: string): Promise<unknown> => store.commit([{ op: 'insert', kind: 'counter', id, value: { count: 1 } }])
    await commit('to-connect')
    let writes = 0
    proxy.onQuestion = () => void writes++
    await Promise.all(Array.from({ length: 50 }, (_, number) => commit(`n${number}`)))
    expect(writes).toBeLessThan(5)
    await store.close()
    await proxy.close()
  })
})
