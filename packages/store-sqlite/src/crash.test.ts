import { once } from 'node:events'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { OutcomeUnknown, StoreUnavailable } from '@holdfast/store'
import { openSqliteStore } from './index.ts'
import { openParts } from './open.ts'
import { temporaryPath } from './test/paths.ts'
import { type TestRecords, testKinds } from '../../../test/engines/records.ts'
import { spawnChild } from './test/spawn.ts'

describe('a process killed in the middle of its work', () => {
  it('loses nothing that it said was committed and leaves no half commit, thirty times over', async () => {
    const path = temporaryPath()
    const everSaid: string[] = []
    const said = new Map<string, string>()
    const counted = new Map<string, number>()
    for (let round = 0; round < 30; round++) {
      const child = spawnChild(path, 'hammer')
      const first = await child.line()
      const kill = setTimeout(() => child.process.kill('SIGKILL'), 5 + ((round * 37) % 150))
      for (let line: string | undefined = first; line !== undefined; line = await child.line()) {
        const [id = '', own = '', count = ''] = line.split(' ')
        if (!/^\d+$/.test(count)) continue
        said.set(id, own)
        counted.set(own, Math.max(counted.get(own) ?? 0, Number(count)))
      }
      clearTimeout(kill)
      await child.ended()
      expect(child.process.signalCode).toBe('SIGKILL')

      const store = await openSqliteStore<TestRecords>({ path, kinds: testKinds })
      for (const [id, own] of said) {
        expect((await store.read('left', id))?.value.pair).toBe(own)
        expect((await store.read('right', id))?.value.pair).toBe(own)
      }
      for (const [own, count] of counted) expect((await store.read('counter', own))?.value.count).toBeGreaterThanOrEqual(count)
      await store.close()
      expect(halfCommits(path)).toEqual({ half: 0, miscounted: 0, integrity: 'ok' })
      everSaid.push(...said.keys())
      said.clear()
      counted.clear()
    }
    expect(everSaid.length).toBeGreaterThan(1000)
    const store = await openSqliteStore<TestRecords>({ path, kinds: testKinds })
    for (const id of everSaid) if ((await store.read('right', id)) === undefined) expect.unreachable(`${id} is gone`)
    await store.close()
  })
})

/** Looked at without the engine: lefts without their right or the other way, and counters that do not tell how many there are. */
function halfCommits(path: string): Record<string, unknown> {
  const database = new DatabaseSync(path, { timeout: 1000 })
  try {
    const half = database
      .prepare(
        `select (select count(*) from kind_left where id not in (select id from kind_right)) + (select count(*) from kind_right where id not in (select id from kind_left)) as n`,
      )
      .get()
    const miscounted = database
      .prepare(
        `select count(*) as n from kind_counter where json_extract(value, '$.count') <> (select count(*) from kind_left where by_pair = kind_counter.id) or version <> json_extract(value, '$.count') + 1`,
      )
      .get()
    return { half: half?.['n'], miscounted: miscounted?.['n'], integrity: database.prepare('pragma quick_check').get()?.['quick_check'] }
  } finally {
    database.close()
  }
}

describe('a lost worker', () => {
  it('leaves the commit it had unknown and those it had not unavailable, and reading goes on', async () => {
    const path = temporaryPath()
    const lines: string[] = []
    const { store, worker } = await openParts<TestRecords>({ path, kinds: testKinds, onFault: (line) => lines.push(line) })
    await store.commit([{ op: 'insert', kind: 'counter', id: 'before', value: { count: 1 } }])
    const holder = spawnChild(path, 'hold')
    expect(await holder.line()).toBe('held')
    const commit = (id: string): Promise<unknown> =>
      store.commit([{ op: 'insert', kind: 'counter', id, value: { count: 1 } }]).catch((fault: unknown) => fault)
    const had = commit('had')
    await new Promise(setImmediate)
    const hadNot = commit('had-not')
    await worker.terminate()
    expect(await had).toBeInstanceOf(OutcomeUnknown)
    expect(await hadNot).toBeInstanceOf(StoreUnavailable)
    expect(await commit('afterwards')).toBeInstanceOf(StoreUnavailable)
    expect(await store.read('counter', 'before')).toBeDefined()
    expect(lines).toEqual([expect.stringContaining("the store's worker ended; it must be opened again")])
    holder.process.kill('SIGKILL')
    await once(holder.process, 'exit')
    await store.close()
  })
})
