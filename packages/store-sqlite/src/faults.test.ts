import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { StoreUnavailable } from '@holdfast/store'
import { openSqliteStore } from './index.ts'
import { temporaryPath } from './test/paths.ts'
import { type TestRecords, testKinds } from '../../../test/engines/records.ts'
import { spawnChild } from './test/spawn.ts'

describe('a disk that is full', () => {
  it('refuses what does not fit, keeps what it said it kept, and writes again when there is room', async () => {
    const path = temporaryPath()
    const lines: string[] = []
    const store = await openSqliteStore<TestRecords>({ path, kinds: testKinds, maxPageCount: 60, onFault: (line) => lines.push(line) })
    const pair = 'x'.repeat(500)
    const kept: string[] = []
    const refused: string[] = []
    for (let round = 0; round < 40; round++) {
      await Promise.all(
        Array.from({ length: 16 }, async (_, number) => {
          const id = `${round}-${number}`
          try {
            await store.commit([
              { op: 'insert', kind: 'right', id, value: { pair } },
              { op: 'insert', kind: 'left', id, value: { pair } },
            ])
            kept.push(id)
          } catch (fault) {
            expect(fault).toBeInstanceOf(StoreUnavailable)
            expect((fault as Error).message).toContain('database or disk is full')
            refused.push(id)
          }
        }),
      )
    }
    expect(kept.length).toBeGreaterThan(10)
    expect(refused.length).toBeGreaterThan(100)
    for (const id of kept) expect([await store.read('right', id), await store.read('left', id)]).not.toContain(undefined)
    for (const id of refused) expect([await store.read('right', id), await store.read('left', id)]).toEqual([undefined, undefined])
    expect(lines.filter((line) => line.includes('cannot write')).length).toBeGreaterThan(0)
    expect(lines[0]).toMatch(/^store .*store\.db: cannot write, commits are refused: database or disk is full \(SQLite result code 13\)$/)

    expect(await store.commit([{ op: 'deleteBy', kind: 'left', index: 'pair', value: pair }])).toBe('committed')
    expect(await store.commit([{ op: 'insert', kind: 'left', id: 'fits', value: { pair: 'again' } }])).toBe('committed')
    expect(lines.at(-1)).toMatch(/writes again, after \d+ refused commits$/)
    await store.close()
  })

  it('lets a small commit through beside one that is too big', async () => {
    const store = await openSqliteStore<TestRecords>({ path: temporaryPath(), kinds: testKinds, maxPageCount: 60 })
    const insert = (id: string, pair: string): Promise<unknown> =>
      store.commit([{ op: 'insert', kind: 'right', id, value: { pair } }]).catch((fault: unknown) => fault)
    const [before, big, after] = await Promise.all([
      insert('before', 'small'),
      insert('big', 'x'.repeat(1_000_000)),
      insert('after', 'small'),
    ])
    expect([before, after]).toEqual(['committed', 'committed'])
    expect(big).toBeInstanceOf(StoreUnavailable)
    await store.close()
  })
})

describe('a file that another process holds', () => {
  it('refuses commits after the timeout, all at once, blocks nobody else meanwhile, and writes again when it is free', async () => {
    const path = temporaryPath()
    const lines: string[] = []
    const store = await openSqliteStore<TestRecords>({
      path,
      kinds: testKinds,
      timeoutMilliseconds: 600,
      onFault: (line) => lines.push(line),
    })
    const commit = (id: string): Promise<unknown> =>
      store.commit([{ op: 'insert', kind: 'counter', id, value: { count: 1 } }]).catch((fault: unknown) => fault)
    await commit('before')
    const holder = spawnChild(path, 'hold')
    expect(await holder.line()).toBe('held')

    let longest = 0
    let last = performance.now()
    const beat = setInterval(() => {
      longest = Math.max(longest, performance.now() - last)
      last = performance.now()
    }, 5)
    const from = performance.now()
    const outcomes = await Promise.all(Array.from({ length: 30 }, (_, number) => commit(`held-${number}`)))
    const took = performance.now() - from
    clearInterval(beat)
    for (const outcome of outcomes) expect(outcome).toBeInstanceOf(StoreUnavailable)
    expect(took).toBeGreaterThanOrEqual(590)
    expect(took).toBeLessThan(3000)
    // The worker waited for 600 ms; this thread did not.
    expect(longest).toBeLessThan(300)
    expect(await store.read('counter', 'before')).toBeDefined()
    expect(lines).toEqual([expect.stringContaining('cannot write, commits are refused: database is locked')])

    const patient = commit('patient')
    holder.process.kill('SIGKILL')
    expect(await patient).toBe('committed')
    for (const number of [0, 29]) expect(await store.read('counter', `held-${number}`)).toBeUndefined()
    expect(lines.at(-1)).toContain('writes again, after 30 refused commits')
    await store.close()
  })
})

describe('a file that cannot be a store', () => {
  it('is refused when it is opened, by its path', async () => {
    const path = temporaryPath()
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, 'this is no database, and long enough for SQLite to look at it twice'.repeat(20))
    chmodSync(path, 0o600)
    await expect(openSqliteStore({ path, kinds: testKinds })).rejects.toThrow(`the store ${path} cannot be opened: file is not a database`)
    await expect(openSqliteStore({ path: dirname(path), kinds: testKinds })).rejects.toBeInstanceOf(StoreUnavailable)
    await expect(openSqliteStore({ path: ':memory:', kinds: testKinds })).rejects.toThrow('openMemoryStore')
  })
})
