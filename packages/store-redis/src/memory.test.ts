import { secretHash } from '@holdfast/protocol/secret'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openRedisMemory, type RedisMemory, type RedisMemoryOptions } from './index.ts'
import { proxyTo } from '../../../test/engines/proxy.ts'
import { asked, newPrefix, newServer, type TestServer } from './test/server.ts'

const now = (): number => Math.floor(Date.now() / 1000)

let server: TestServer
beforeAll(async () => {
  server = await newServer()
})
afterAll(() => server.remove())

const open = (options: Partial<RedisMemoryOptions> = {}): Promise<RedisMemory> =>
  openRedisMemory({ url: server.url, prefix: newPrefix(), ...options })

const lifeOf = async (what: 'used' | 'count', prefix: string, key: string): Promise<number> =>
  Number(await asked(server.url, 'PTTL', `{${prefix}}:memory:${what}:${secretHash(key)}`)) / 1000

describe('the memory on Redis', () => {
  test('DPOP-16 RFC 9449 §11.1: a second use is seen, at any node of the same prefix and at no other', async () => {
    const prefix = newPrefix()
    const [one, other, stranger] = await Promise.all([open({ prefix }), open({ prefix }), open()])
    expect(await one.add('a', now() + 70)).toBe('new')
    expect(await one.add('a', now() + 70)).toBe('seen')
    expect(await other.add('a', now() + 70)).toBe('seen')
    expect(await other.add('b', now() + 70)).toBe('new')
    expect(await stranger.add('a', now() + 70)).toBe('new')
    expect([one.processLocal, one.startedAt === other.startedAt]).toEqual([false, true])
    await Promise.all([one, other, stranger].map((memory) => memory.close()))
  })

  test('DPOP-18 RFC 9449 §11.1: of fifty at once at two nodes one is new', async () => {
    const prefix = newPrefix()
    const nodes = [await open({ prefix }), await open({ prefix })]
    const all = await Promise.all(Array.from({ length: 50 }, (_, index) => nodes[index % 2]?.add('a', now() + 70)))
    expect(all.filter((outcome) => outcome === 'new')).toHaveLength(1)
    await Promise.all(nodes.map((memory) => memory.close()))
  })

  test('a used key lives until its end and a few seconds longer, by the clock of who asks', async () => {
    // A process far behind or ahead of the server: the life is what it is by its own clock.
    for (const offset of [0, -1_000_000, 1_000_000]) {
      const prefix = newPrefix()
      const memory = await open({ prefix, clock: { now: () => now() + offset } })
      await memory.add('a', now() + offset + 70)
      const life = await lifeOf('used', prefix, 'a')
      expect(life).toBeGreaterThan(70)
      expect(life).toBeLessThan(80)
      expect(await memory.add('past', now() + offset - 100)).toBe('new')
      expect(await lifeOf('used', prefix, 'past')).toBeGreaterThan(0)
      await memory.close()
    }
  })

  test('counts every one of twenty at once; the first sets the end and no other moves it, not even after forgiving all', async () => {
    const prefix = newPrefix()
    const nodes = [await open({ prefix }), await open({ prefix })] as const
    const counts = await Promise.all(Array.from({ length: 20 }, (_, index) => nodes[index % 2]?.increment('a', now() + 60)))
    expect(counts.toSorted((a = 0, b = 0) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
    for (let times = 0; times < 25; times++) await nodes[0].forgive('a')
    expect(await nodes[1].increment('a', now() + 9000)).toBe(1)
    expect(await lifeOf('count', prefix, 'a')).toBeLessThan(62)
    await nodes[0].forgive('nobody')
    expect(await nodes[0].increment('nobody', now() + 60)).toBe(1)
    await Promise.all(nodes.map((memory) => memory.close()))
  })

  test('a counter and a used key of one name are two things, and neither name is written down', async () => {
    const prefix = newPrefix()
    const memory = await open({ prefix })
    await memory.increment('ada at 192.0.2.1', now() + 60)
    expect(await memory.add('ada at 192.0.2.1', now() + 60)).toBe('new')
    expect(await memory.increment('ada at 192.0.2.1', now() + 60)).toBe(2)
    const keys = (await asked(server.url, 'KEYS', `{${prefix}}*`)) as readonly string[]
    expect(keys).toHaveLength(3)
    expect(keys.join()).not.toContain('ada')
    await memory.close()
  })

  test('goes on after the server forgot its scripts', async () => {
    const memory = await open()
    expect(await memory.increment('a', now() + 60)).toBe(1)
    await asked(server.url, 'SCRIPT', 'FLUSH')
    expect(await memory.increment('a', now() + 60)).toBe(2)
    await memory.close()
  })

  test('an end that is no time is a fault of the caller, and nothing is asked', async () => {
    const memory = await open()
    await expect(memory.add('a', Number.NaN)).rejects.toThrow(TypeError)
    await memory.close()
  })
})

describe('DPOP-18 a server that cannot answer', () => {
  test('is refused within the timeout, is named without its password, and is used again when it is back', async () => {
    const proxy = await proxyTo(server.url)
    const lines: string[] = []
    const memory = await open({ url: proxy.url, timeoutMilliseconds: 300, onFault: (line) => lines.push(line) })
    expect(await memory.add('a', now() + 70)).toBe('new')
    const before = memory.startedAt
    // Silence: a network that swallows what is said.
    proxy.onAnswer = () => false
    const started = performance.now()
    const silent = await Promise.all(
      [memory.add('b', now() + 70), memory.increment('c', now() + 70)].map((all) => all.catch((fault) => fault)),
    )
    expect(silent.map((fault: Error) => fault.name)).toEqual(['MemoryFull', 'MemoryFull'])
    await expect(memory.add('d', now() + 70)).rejects.toThrow('cannot be used')
    expect(performance.now() - started).toBeLessThan(2000)
    proxy.cut()
    await expect(memory.add('e', now() + 70)).rejects.toThrow('cannot be used')
    proxy.onAnswer = () => true
    proxy.open()
    // The server was the same all along, so nothing is forgotten and proofs from before are still good.
    expect(await memory.add('a', now() + 70)).toBe('seen')
    expect(await memory.add('f', now() + 70)).toBe('new')
    expect(memory.startedAt).toBe(before)
    expect(lines).toEqual([
      expect.stringMatching(/^the memory redis:\/\/127\.0\.0\.1:\d+\/0 cannot be used: /),
      expect.stringMatching(/ is used again, after 4 refusals$/),
    ])
    expect(lines.join()).not.toContain(new URL(server.url).password)
    await memory.close()
    await proxy.close()
    await expect(memory.add('g', now() + 70)).rejects.toMatchObject({ name: 'MemoryFull' })
  })

  test('A63 that was restarted, and may have forgotten: proofs from before are refused at every node, also where it did forget', async () => {
    for (const settings of [{}, { appendonly: 'no' }]) {
      const own = await newServer(settings)
      const prefix = newPrefix()
      const [one, other] = [await open({ url: own.url, prefix }), await open({ url: own.url, prefix })]
      const [before, at] = [one.startedAt ?? 0, now()]
      expect(before).toBeLessThanOrEqual(at)
      expect(await one.add('proof', at + 70)).toBe('new')
      await own.stop('SIGKILL')
      await expect(one.add('proof', at + 70)).rejects.toMatchObject({ name: 'MemoryFull' })
      await own.start()
      // Whoever compared with the earlier `startedAt` hears no `new`: it cannot be told from one that was forgotten.
      const again = await Promise.all([one, other].map((memory) => memory.add('proof', at + 70).catch((fault: Error) => fault.name)))
      expect(again).not.toContain('new')
      for (const memory of [one, other]) {
        expect(await memory.add('fresh', at + 70).catch((fault: Error) => fault.name)).not.toBe('new')
        expect(memory.startedAt).toBeGreaterThan(at)
        expect(memory.startedAt).toBe(one.startedAt)
      }
      await expect.poll(() => one.add(`later ${Math.random()}`, now() + 70).catch(() => 'refused'), { timeout: 5000 }).toBe('new')
      // Who opens only now hears the same.
      const late = await open({ url: own.url, prefix })
      expect(late.startedAt).toBe(one.startedAt)
      await Promise.all([one, other, late].map((memory) => memory.close()))
      await own.remove()
    }
  })

  test.each(['allkeys-lru', 'volatile-ttl'])(
    'that evicts keys (%s) is refused at the start, and when it begins to later',
    async (policy) => {
      const own = await newServer()
      const memory = await open({ url: own.url })
      await asked(own.url, 'CONFIG', 'SET', 'maxmemory-policy', policy)
      await expect(open({ url: own.url })).rejects.toThrow(`maxmemory-policy is ${policy}: it may throw away that something was used`)
      await asked(own.url, 'CLIENT', 'KILL', 'TYPE', 'normal')
      await expect.poll(() => memory.increment('a', now() + 70).catch((fault: Error) => fault.message)).toContain(policy)
      await memory.close()
      await own.remove()
    },
  )

  test('that is full forgets nothing and takes nothing', async () => {
    const own = await newServer()
    const memory = await open({ url: own.url })
    expect(await memory.add('a', now() + 70)).toBe('new')
    await asked(own.url, 'CONFIG', 'SET', 'maxmemory', '1mb')
    const full = await memory.add('b', now() + 70).catch((fault: Error) => fault)
    expect(full).toMatchObject({ name: 'MemoryFull', message: expect.stringContaining('OOM') })
    await expect(memory.increment('c', now() + 70)).rejects.toMatchObject({ name: 'MemoryFull' })
    await asked(own.url, 'CONFIG', 'SET', 'maxmemory', '0')
    expect(await memory.add('a', now() + 70)).toBe('seen')
    expect(await memory.increment('c', now() + 70)).toBe(1)
    await memory.close()
    await own.remove()
  })

  test('that is a replica, or becomes one, is refused', async () => {
    const own = await newServer()
    const memory = await open({ url: own.url })
    await asked(own.url, 'REPLICAOF', '127.0.0.1', '1')
    await expect(memory.add('a', now() + 70)).rejects.toThrow('READONLY')
    await expect(memory.add('a', now() + 70)).rejects.toThrow('it is a replica')
    await expect(open({ url: own.url })).rejects.toThrow('it is a replica: name the server that is written to')
    await asked(own.url, 'REPLICAOF', 'NO', 'ONE')
    expect(await memory.add('a', now() + 70)).toBe('new')
    await memory.close()
    await own.remove()
  })

  test('that keeps nothing on its disk is said once, at the start', async () => {
    const own = await newServer({ appendonly: 'no' })
    const lines: string[] = []
    await (await open({ url: own.url, onFault: (line) => lines.push(line) })).close()
    expect(lines).toEqual([expect.stringContaining('appendonly is off')])
    await own.remove()
  })
})
