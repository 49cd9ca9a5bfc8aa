import { describe, expect, it } from 'vitest'
import { openSqliteStore } from './index.ts'
import { temporaryPath } from './test/paths.ts'
import { type TestRecords, testKinds } from '../../../test/engines/records.ts'
import { spawnChild } from './test/spawn.ts'

/** What is measured in milliseconds a busy machine may disturb once, but not three times. */
const measured = { retry: 2 }

describe('two processes on one file', () => {
  it('read what the other committed, as soon as it was committed, both ways', async () => {
    const path = temporaryPath()
    const store = await openSqliteStore<TestRecords>({ path, kinds: testKinds })
    const other = spawnChild(path, 'converse')
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
    const path = temporaryPath()
    const store = await openSqliteStore<TestRecords>({ path, kinds: testKinds })
    await store.commit([{ op: 'insert', kind: 'counter', id: 'shared', value: { count: 0 } }])
    const others = [spawnChild(path, 'count', '300'), spawnChild(path, 'count', '300')]
    for (const other of others) expect(await other.line()).toBe('done')
    expect(await store.read('counter', 'shared')).toMatchObject({ version: 601, value: { count: 600 } })
    await store.close()
  })

  it('both get their turn: under load from both no commit in a hundred waits a quarter of a second', measured, async () => {
    const path = temporaryPath()
    await (await openSqliteStore<TestRecords>({ path, kinds: testKinds })).close()
    const children = [spawnChild(path, 'load', '4', '16'), spawnChild(path, 'load', '4', '16')]
    for (const child of children) expect(await child.line()).toBe('open')
    const reports = await Promise.all(
      children.map(
        async (child) => JSON.parse((await child.line()) ?? '') as { commits: number; p50: number; p99: number; longest: number },
      ),
    )
    console.log('waits in milliseconds, two processes:', JSON.stringify(reports))
    for (const report of reports) {
      expect(report.p99).toBeLessThan(250)
      expect(report.longest).toBeLessThan(2000)
    }
    const [less, more] = reports.map((report) => report.commits).sort((a, b) => a - b) as [number, number]
    expect(less / more).toBeGreaterThan(0.2)
    await Promise.all(children.map((child) => child.ended()))
  })

  it('take turns even when each begins again as soon as it has committed, on a disk of 10 ms', measured, async () => {
    const path = temporaryPath()
    const first = spawnChild(path, 'turns', '5')
    expect(await first.line()).toBe('open')
    const began = performance.now()
    // The newcomer opens, makes its tables and gets its first turn from one who knows of nobody.
    const second = spawnChild(path, 'turns', '2')
    expect(await second.line()).toBe('open')
    expect(performance.now() - began).toBeLessThan(3000)
    const children = [first, second]
    const reports = await Promise.all(
      children.map(async (child) => JSON.parse((await child.line()) ?? '') as { turns: number; p50: number; p99: number; longest: number }),
    )
    for (const report of reports) {
      expect(report.p99).toBeLessThan(250)
      expect(report.longest).toBeLessThan(2000)
      expect(report.turns).toBeGreaterThan(40)
    }
    // The other's 10 ms lie between two of ours: neither writes in bursts.
    expect(reports[1]?.p50).toBeGreaterThan(5)
    expect(reports[1]?.p50).toBeLessThan(100)
    await Promise.all(children.map((child) => child.ended()))
  })

  it('open a new file together', async () => {
    const path = temporaryPath()
    const others = Array.from({ length: 4 }, () => spawnChild(path, 'load', '0.1', '1'))
    for (const other of others) expect(await other.line()).toBe('open')
    await Promise.all(others.map((other) => other.ended()))
  })
})
