import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { openWriterConnection } from './connection.ts'
import { GroupWriter } from './group.ts'
import { COMMITTED } from './messages.ts'
import { openParts } from './open.ts'
import { prepareTables } from './schema.ts'
import { planOf, type WireChange } from './statements.ts'
import { temporaryPath } from './test/paths.ts'
import { type TestRecords, testKinds } from '../../../test/engines/records.ts'
import { WriteTurn } from './turn.ts'

const tables = [{ kind: 'counter', indexes: [], expires: false }]

/** A disk that fails at COMMIT, as often as it is told: no real one does so on demand. */
class FailingTurn extends WriteTurn {
  tries = 0
  readonly #errcode: number
  readonly #failures: number

  constructor(database: DatabaseSync, errcode: number, failures: number) {
    super(database, 100)
    this.#errcode = errcode
    this.#failures = failures
  }

  override commit(): void {
    if (this.tries++ < this.#failures) throw Object.assign(new Error('injected'), { errcode: this.#errcode })
    super.commit()
  }
}

function prepared(
  errcode: number,
  failures: number,
): { readonly turn: FailingTurn; readonly groups: GroupWriter; readonly commits: readonly (readonly WireChange[])[]; rows(): unknown } {
  const path = temporaryPath()
  mkdirSync(dirname(path))
  const database = openWriterConnection(path)
  prepareTables(database, tables)
  const plan = planOf(tables)
  const turn = new FailingTurn(database, errcode, failures)
  const insert = plan.kinds.get('counter')?.insert as number
  const commits = ['a', 'b', 'c'].map((id): readonly WireChange[] => [[insert, id, null, '{}']])
  return {
    turn,
    groups: new GroupWriter(database, plan, turn),
    commits,
    rows: () => database.prepare('select count(*) as n from kind_counter').get()?.['n'],
  }
}

describe('a group whose COMMIT fails', () => {
  it('is unknown, and never tried again, when the disk may have kept it (SQLITE_IOERR_FSYNC)', () => {
    const { turn, groups, commits } = prepared(1034, 1)
    expect(groups.apply(commits)).toEqual(commits.map(() => ({ what: 'unknown', message: 'injected (SQLite result code 1034)' })))
    expect(turn.tries).toBe(1)
  })

  it('is tried member by member when the disk was full (SQLITE_FULL)', () => {
    const { groups, commits, rows } = prepared(13, 2)
    expect(groups.apply(commits)).toEqual([{ what: 'unavailable', message: 'injected (SQLite result code 13)' }, COMMITTED, COMMITTED])
    expect(rows()).toBe(2)
  })
})

describe('gathering', () => {
  it('sends the commits of one turn of the event loop as one group, and those that come meanwhile as the next', async () => {
    const { store, worker } = await openParts<TestRecords>({ path: temporaryPath(), kinds: testKinds })
    const sizes: number[] = []
    const post = worker.postMessage.bind(worker)
    worker.postMessage = (message: { readonly commits: readonly unknown[] }) => {
      sizes.push(message.commits.length)
      post(message)
    }
    const commit = (id: string): Promise<unknown> => store.commit([{ op: 'insert', kind: 'counter', id, value: { count: 1 } }])
    const first = Array.from({ length: 50 }, (_, number) => commit(`first-${number}`))
    await Promise.resolve()
    first.push(commit('first-of-a-later-microtask'))
    await new Promise(setImmediate)
    const second = Array.from({ length: 30 }, (_, number) => commit(`second-${number}`))
    await Promise.all([...first, ...second])
    expect(sizes).toEqual([51, 30])
    worker.postMessage = post
    await store.close()
  })
})
