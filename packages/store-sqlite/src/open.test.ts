import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { DatabaseSync } from 'node:sqlite'
import { newRecordId } from '@holdfast/protocol/secret'
import type { Kinds } from '@holdfast/store'
import { describe, expect, it } from 'vitest'
import { openSqliteStore } from './index.ts'
import { openReaderConnection } from './connection.ts'
import { openParts } from './open.ts'
import { listStatement } from './reader.ts'
import { temporaryPath } from './test/paths.ts'
import { type TestRecords, testKinds } from '../../../test/engines/records.ts'

describe('opening', () => {
  it('writes with synchronous=FULL to a write-ahead log', async () => {
    const { store, synchronous, journal } = await openParts<TestRecords>({ path: temporaryPath(), kinds: testKinds })
    expect({ synchronous, journal }).toEqual({ synchronous: 2, journal: 'wal' })
    await store.close()
  })

  it('creates the directory, the file and what lies beside it for the owner only', async () => {
    const path = temporaryPath()
    const store = await openSqliteStore<TestRecords>({ path, kinds: testKinds })
    await store.commit([{ op: 'insert', kind: 'counter', id: 'a', value: { count: 1 } }])
    for (const file of [path, `${path}-wal`, `${path}-shm`]) expect((statSync(file).mode & 0o777).toString(8), file).toBe('600')
    expect((statSync(dirname(path)).mode & 0o777).toString(8)).toBe('700')
    await store.close()
  })

  it('finds after closing what was committed before, with nothing left in the log', async () => {
    const path = temporaryPath()
    const first = await openSqliteStore<TestRecords>({ path, kinds: testKinds })
    await first.commit([{ op: 'insert', kind: 'counter', id: 'a', value: { count: 7 } }])
    await first.close()
    expect(() => statSync(`${path}-wal`)).toThrow('ENOENT')
    const second = await openSqliteStore<TestRecords>({ path, kinds: testKinds })
    expect(await second.read('counter', 'a')).toEqual({ id: 'a', version: 1, value: { count: 7 }, expiresAt: undefined })
    await second.close()
  })

  it('gives a kind and an index that are new a place, and fills the index from the values there are', async () => {
    type Later = TestRecords & {
      readonly brand_new: { readonly owner: string }
      readonly right: { readonly pair: string; readonly shade?: string }
    }
    const path = temporaryPath()
    const before = await openSqliteStore<TestRecords>({ path, kinds: testKinds })
    await before.commit(['b', 'a'].map((id) => ({ op: 'insert', kind: 'right', id, value: { pair: `it's "${id}"` } })))
    await before.close()
    const kinds: Kinds<Later> = {
      ...testKinds,
      right: { indexes: ['pair', 'shade'], id: 'given', expires: true },
      brand_new: { indexes: ['owner'], id: 'given', expires: false },
    }
    const after = await openSqliteStore<Later>({ path, kinds })
    expect((await after.list('right', 'pair', 'it\'s "a"', { limit: 9 })).items.map((item) => item.id)).toEqual(['a'])
    expect(await after.commit([{ op: 'insert', kind: 'brand_new', id: 'x', value: { owner: 'o' } }])).toBe('committed')
    expect(
      await after.commit([{ op: 'replace', kind: 'right', id: 'b', expected: 1, value: { pair: 'p', shade: 'blue' }, expiresAt: 5 }]),
    ).toBe('committed')
    expect((await after.list('right', 'shade', 'blue', { limit: 9 })).items.map((item) => item.id)).toEqual(['b'])
    await after.close()
  })

  it('refuses names that could be read as SQL, or as one another', async () => {
    const kind = { indexes: [], id: 'given', expires: false } as const
    await expect(openSqliteStore({ path: temporaryPath(), kinds: { 'x"; drop table y; --': kind } })).rejects.toThrow('must be a letter')
    await expect(openSqliteStore({ path: temporaryPath(), kinds: { grant: kind, Grant: kind } })).rejects.toThrow('declared twice')
  })
})

describe('working', () => {
  it('lists and reads by an index, never by looking at all rows', async () => {
    const path = temporaryPath()
    const store = await openSqliteStore<TestRecords>({ path, kinds: testKinds })
    const reader = openReaderConnection(path)
    const plan = reader
      .prepare(`explain query plan ${listStatement('left', 'pair')}`)
      .all('p', '', 10)
      .map((row) => String(row['detail']))
    expect(plan).toEqual(['SEARCH kind_left USING INDEX left_by_pair (by_pair=? AND id>?)'])
    expect(() => reader.exec('delete from kind_left')).toThrow('readonly')
    reader.close()
    await store.close()
  })

  it('does not make the event loop wait for the disk while commits are under way', async () => {
    const store = await openSqliteStore<TestRecords>({ path: temporaryPath(), kinds: testKinds })
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    const end = performance.now() + 1500
    let commits = 0
    const client = async (): Promise<void> => {
      while (performance.now() < end) {
        await store.commit([{ op: 'insert', kind: 'left', id: newRecordId(), value: { pair: 'p' } }])
        commits++
      }
    }
    await Promise.all(Array.from({ length: 32 }, client))
    delay.disable()
    expect(commits).toBeGreaterThan(500)
    expect(delay.percentile(99) / 1e6).toBeLessThan(100)
    await store.close()
  })

  it('removes what expired by itself, by the clock it was given', async () => {
    const path = temporaryPath()
    let purged: (() => void) | undefined
    const asked = new Promise<void>((resolve) => (purged = resolve))
    const store = await openSqliteStore<TestRecords>({
      path,
      kinds: testKinds,
      purgeEverySeconds: 0.02,
      clock: { now: () => (purged?.(), 2000) },
    })
    await store.commit([
      { op: 'insert', kind: 'left', id: 'old', value: { pair: 'p' }, expiresAt: 1999 },
      { op: 'insert', kind: 'left', id: 'young', value: { pair: 'p' }, expiresAt: 2000 },
    ])
    await asked
    await expect.poll(() => store.read('left', 'old')).toBeUndefined()
    expect(await store.read('left', 'young')).toBeDefined()
    await store.close()
  })

  it('moves the log into the file when it is quiet', async () => {
    const path = temporaryPath()
    const store = await openSqliteStore<TestRecords>({ path, kinds: testKinds })
    await store.commit([{ op: 'insert', kind: 'counter', id: 'a', value: { count: 1 } }])
    const grown = (): number => {
      const database = new DatabaseSync(path, { readOnly: true, timeout: 1000 })
      try {
        // NOOP asks how many pages of the log are moved without moving any.
        return Number(database.prepare('pragma wal_checkpoint(noop)').get()?.['checkpointed'])
      } finally {
        database.close()
      }
    }
    await expect.poll(grown, { timeout: 5000 }).toBeGreaterThan(0)
    await store.close()
  })
})
