import { Client } from 'pg'
import { beforeEach, describe, expect, it } from 'vitest'
import { type OpenStore, StoreUnavailable } from '@holdfast/store'
import { openPostgresStore, type PostgresStoreOptions } from './index.ts'
import { asked, newDatabase } from './test/cluster.ts'
import { type TestRecords, testKinds } from '../../../test/engines/records.ts'

type TestStore = OpenStore<TestRecords>
let url: string
beforeEach(async () => {
  url = await newDatabase()
})

const open = (options: Partial<PostgresStoreOptions<TestRecords>> = {}): Promise<TestStore> =>
  openPostgresStore<TestRecords>({ connection: url, kinds: testKinds, ...options })
const insert = (id: string, count = 0) => ({ op: 'insert', kind: 'counter', id, value: { count } }) as const
const replace = (id: string, expected: number, count = 0) => ({ op: 'replace', kind: 'counter', id, expected, value: { count } }) as const
const require = (id: string, expected: number) => ({ op: 'require', kind: 'counter', id, expected }) as const

/** A transaction of somebody else, open until it is told to end. */
async function foreign(): Promise<Client> {
  const client = new Client(url)
  await client.connect()
  await client.query('begin')
  return client
}

const waiters = (n: number): Promise<void> =>
  expect
    .poll(
      async () => (await asked(url, "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")).length,
      {
        timeout: 10_000,
      },
    )
    .toBe(n)

describe('what another transaction changes', () => {
  it.each([
    ['deletes', "delete from kind_counter where id = 'r'"],
    ['replaces', "update kind_counter set version = version + 1 where id = 'r'"],
  ])('a require waits for one that %s the record, and conflicts when it has', async (_, sql) => {
    const store = await open()
    await store.commit([insert('r')])
    const other = await foreign()
    await other.query(sql)
    const commit = store.commit([require('r', 1), insert('n')])
    await waiters(1)
    await other.query('commit')
    expect(await commit).toEqual({ conflict: { kind: 'counter', id: 'r' } })
    expect(await store.read('counter', 'n')).toBeUndefined()
    await Promise.all([other.end(), store.close()])
  })

  it('a require that holds is not overtaken: who wants to replace the record waits until the commit is through', async () => {
    const store = await open()
    await store.commit([insert('a'), insert('b')])
    const other = await foreign()
    await other.query("select from kind_counter where id = 'b' for update")
    // Its transaction has relied on a and waits for b.
    const commit = store.commit([require('a', 1), replace('b', 1)])
    await waiters(1)
    const third = new Client(url)
    await third.connect()
    const moved = third.query("update kind_counter set version = 9 where id = 'a'")
    await waiters(2)
    await other.query('commit')
    expect(await commit).toBe('committed')
    await moved
    await Promise.all([other.end(), third.end(), store.close()])
  })

  it('an insert waits for one of the same id, and conflicts only when that is committed', async () => {
    const store = await open()
    for (const [end, outcome] of [
      ['commit', { conflict: { kind: 'counter', id: 'commit' } }],
      ['rollback', 'committed'],
    ] as const) {
      const other = await foreign()
      await other.query(`insert into kind_counter values ('${end}', 1, null, '{}')`)
      const commit = store.commit([insert(end)])
      await waiters(1)
      await other.query(end)
      expect(await commit).toEqual(outcome)
      await other.end()
    }
    await store.close()
  })
})

describe('a group that fails as a whole', () => {
  it('because of a deadlock with a foreign transaction is tried again member by member, and nobody hears of it', async () => {
    const store = await open()
    await store.commit([insert('a'), insert('b'), insert('c')])
    const other = await foreign()
    await other.query("set deadlock_timeout = '1h'; select from kind_counter where id = 'b' for update")
    const commits = Promise.all([store.commit([replace('a', 1, 1), replace('b', 1, 1)]), store.commit([replace('c', 1, 1)])])
    await waiters(1)
    // It has a, waits for b, and is the one who finds out.
    await other.query("select from kind_counter where id = 'a' for update")
    await other.query('rollback')
    expect(await commits).toEqual(['committed', 'committed'])
    for (const id of ['a', 'b', 'c']) expect(await store.read('counter', id)).toMatchObject({ version: 2 })
    await Promise.all([other.end(), store.close()])
  })

  it('because of a serialization failure is tried again, and told as a conflict on what it relied on only when that fails too', async () => {
    const store = await open()
    await store.commit([insert('a'), insert('b')])
    // A sequence counts also what is rolled back.
    await asked(
      url,
      `create sequence tries; create function refuse() returns trigger language plpgsql as $$ begin
      if new.id = 'never' or (new.id = 'once' and nextval('tries') < 3) then raise sqlstate '40001'; end if; return new; end $$;
      create trigger refuse before insert on kind_counter for each row execute function refuse()`,
    )
    expect(await Promise.all([store.commit([insert('once'), replace('a', 1)]), store.commit([insert('beside')])])).toEqual([
      'committed',
      'committed',
    ])
    const [never, beside, only] = await Promise.all([
      store.commit([insert('never'), require('b', 1)]),
      store.commit([insert('beside-too')]),
      // Without anything that it relied on: a conflict on the id would say that it exists, which would be taken for a replay.
      store.commit([insert('never')]).catch((fault: unknown) => fault),
    ])
    expect([never, beside]).toEqual([{ conflict: { kind: 'counter', id: 'b' } }, 'committed'])
    expect(only).toBeInstanceOf(StoreUnavailable)
    expect(await store.read('counter', 'never')).toBeUndefined()
    await store.close()
  })

  it('because of a lock that nobody lets go refuses those that need it, all soon, and commits the others', async () => {
    const lines: string[] = []
    const store = await open({ timeoutMilliseconds: 600, onFault: (line) => lines.push(line) })
    await store.commit([insert('held'), insert('free')])
    const other = await foreign()
    await other.query("select from kind_counter where id = 'held' for update")
    const from = performance.now()
    const commit = (...changes: Parameters<TestStore['commit']>[0]): Promise<unknown> =>
      store.commit(changes).catch((fault: unknown) => fault)
    const outcomes = await Promise.all([
      ...Array.from({ length: 10 }, () => commit(replace('held', 1))),
      commit(replace('free', 1)),
      commit(insert('new')),
    ])
    expect(performance.now() - from).toBeLessThan(2500)
    expect(outcomes.filter((outcome) => outcome instanceof StoreUnavailable).length).toBe(10)
    expect(outcomes.filter((outcome) => outcome === 'committed').length).toBe(2)
    expect(lines).toEqual([expect.stringMatching(/cannot write, commits are refused: .*lock timeout \(SQLSTATE 55P03\)$/)])
    await other.query('rollback')
    expect(await commit(replace('held', 1))).toBe('committed')
    expect(lines.at(-1)).toMatch(/writes again, after 10 refused commits$/)
    await Promise.all([other.end(), store.close()])
  })

  it('does not happen to readers: they wait for a table that somebody has locked no longer than for any lock', async () => {
    const store = await open({ timeoutMilliseconds: 400 })
    const other = await foreign()
    await other.query('lock table kind_counter in access exclusive mode')
    await expect(store.read('counter', 'a')).rejects.toThrow(/^the store postgres:.* cannot be read: .*lock timeout \(SQLSTATE 55P03\)$/)
    await other.query('rollback')
    expect(await store.read('counter', 'a')).toBeUndefined()
    await Promise.all([other.end(), store.close()])
  })

  it('because one of them cannot be kept commits the others', async () => {
    const store = await open()
    await asked(url, "alter table kind_counter add check (id <> 'odd')")
    const [before, odd, after] = await Promise.all([
      store.commit([insert('before')]),
      store.commit([insert('beside-odd'), insert('odd')]).catch((fault: unknown) => fault),
      store.commit([insert('after')]),
    ])
    expect([before, after]).toEqual(['committed', 'committed'])
    expect(odd).toBeInstanceOf(StoreUnavailable)
    expect(await store.read('counter', 'beside-odd')).toBeUndefined()
    await store.close()
  })
})
