import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import type { Kinds, OpenStore } from '@holdfast/store'
import { openPostgresStore, type PostgresStoreOptions } from './index.ts'
import { listStatement } from './statements.ts'
import { asked, newDatabase } from './test/cluster.ts'
import { proxyTo } from '../../../test/engines/proxy.ts'
import { type TestRecords, testKinds } from '../../../test/engines/records.ts'

const open = (connection: string, options: Partial<PostgresStoreOptions<TestRecords>> = {}): Promise<OpenStore<TestRecords>> =>
  openPostgresStore<TestRecords>({ connection, kinds: testKinds, ...options })

function changed(url: string, change: (address: URL) => void): string {
  const address = new URL(url)
  change(address)
  return address.href
}

/** The plan of a list, of one who may not look at all rows. */
async function explained(url: string): Promise<readonly string[]> {
  const client = new Client(url)
  await client.connect()
  await client.query('set enable_seqscan = off; set enable_bitmapscan = off; set plan_cache_mode = force_generic_plan')
  await client.query(`prepare listing(text, text, bigint) as ${listStatement('public', 'left', 'pair')}`)
  const { rows } = await client.query<{ readonly 'QUERY PLAN': string }>("explain execute listing('p', '', 10)")
  await client.end()
  return rows.map((row) => row['QUERY PLAN'])
}

describe('a server that cannot be used', () => {
  it('is told by its host and database, with what to do, and never with the password', async () => {
    const url = await newDatabase()
    const password = 'hunter2-hunter2'
    const faults = await Promise.all(
      [
        changed(url, (address) => (address.password = password)),
        changed(url, (address) => (address.pathname = '/nowhere')),
        `postgres://me:${password}@127.0.0.1:1/db`,
        `postgres://me:${password}@host.invalid/db`,
        `postgres://me:${password}@/db?host=/nowhere`,
        `postgres://me:${password}@127.0.0.1:${new URL(url).port}/db?sslmode=verify-full`,
      ].map((connection) => open(connection).catch((fault: Error) => `${fault.name}: ${fault.message}`)),
    )
    const server = `postgres://127.0.0.1:${new URL(url).port}`
    expect(faults).toEqual([
      expect.stringMatching(
        new RegExp(
          `^StoreUnavailable: the store ${server}/t_\\w+ cannot be reached: password authentication failed.*; check user and password`,
        ),
      ),
      expect.stringMatching(
        new RegExp(`^StoreUnavailable: the store ${server}/nowhere cannot be reached: .*; create it first: createdb nowhere$`),
      ),
      expect.stringMatching(
        /^StoreUnavailable: the store postgres:\/\/127\.0\.0\.1:1\/db cannot be reached: .*ECONNREFUSED.*; is PostgreSQL running there/,
      ),
      expect.stringMatching(
        /^StoreUnavailable: the store postgres:\/\/host\.invalid:5432\/db cannot be reached: .*(no such host|cannot be looked up)/,
      ),
      expect.stringMatching(/^StoreUnavailable: the store postgres:\/\/\/db\?host=\/nowhere&port=5432 cannot be reached: .*ENOENT/),
      expect.stringMatching(new RegExp(`^StoreUnavailable: the store ${server}/db cannot be reached: .*SSL`)),
    ])
    expect(faults.join()).not.toContain('hunter')
  })

  it.each(['db.example.com', 'mysql://u:hunter2@h/db', 'postgres://u:hunter2@h:port/db', ''])(
    'is not an address: %s',
    async (connection) => {
      const fault = await open(connection).catch((error: Error) => error)
      expect(fault).toBeInstanceOf(TypeError)
      expect(String((fault as Error).stack)).not.toContain('hunter2')
      expect((fault as Error).message).toContain('postgres://user:password@host:5432/database')
    },
  )

  it('does not hang a start: a server that says nothing is given up after the timeout', async () => {
    const proxy = await proxyTo(await newDatabase())
    proxy.onAnswer = () => false
    await expect(open(proxy.url, { timeoutMilliseconds: 300 })).rejects.toThrow(/cannot be reached: .*timeout.*is there a firewall between/)
    await proxy.close()
  })

  it('has another encoding, or no schema of ours', async () => {
    const url = await newDatabase()
    const name = `${new URL(url).pathname.slice(1)}_latin`
    await asked(url, `create database ${name} template template0 encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'`)
    await expect(open(changed(url, (address) => (address.pathname = `/${name}`)))).rejects.toThrow(
      'its encoding is LATIN1; make a database with UTF8',
    )
    await asked(url, 'drop schema public')
    await expect(open(url)).rejects.toThrow("no schema of the role's search_path exists; create one")
  })

  it('lets us make no tables: says which right is missing', async () => {
    const url = await newDatabase()
    const role = `r_${new URL(url).pathname.slice(3)}`
    await asked(url, `create role ${role} login password 'weak'; revoke create on schema public from public`)
    const own = changed(url, (address) => ((address.username = role), (address.password = 'weak')))
    await expect(open(own)).rejects.toThrow(/permission denied for schema public.*needs the right to create tables/)
    // With the tables there, the right to use them is enough.
    await (await open(url)).close()
    await asked(url, `grant select, insert, update, delete on all tables in schema public to ${role}`)
    const store = await open(own)
    expect(await store.commit([{ op: 'insert', kind: 'counter', id: 'a', value: { count: 1 } }])).toBe('committed')
    await store.close()
    await asked(url, `drop owned by ${role}; drop role ${role}`)
  })

  it('may forget what it committed: that is said once, at the start', async () => {
    const url = await newDatabase()
    const lines: string[] = []
    await asked(url, `alter database ${new URL(url).pathname.slice(1)} set synchronous_commit = off`)
    await (await open(url, { onFault: (line) => lines.push(line) })).close()
    expect(lines).toEqual([expect.stringMatching(/synchronous_commit is off: the server may forget its last commits/)])
  })
})

describe('opening', () => {
  it('gives a kind and an index that are new a place, and fills the index from the values there are', async () => {
    type Later = TestRecords & {
      readonly brand_new: { readonly owner: string }
      readonly right: { readonly pair: string; readonly shade?: string }
    }
    const url = await newDatabase()
    const before = await open(url)
    const odd = [`it's "a"`, 'nul \0 in the value', 'half \ud800 a pair', String.raw`a backslash \u0000`, '漢字 é']
    await before.commit(
      odd.map((text, number) => ({ op: 'insert', kind: 'right', id: `${number}`, value: { pair: `pair-${number}`, text } })),
    )
    await before.commit([{ op: 'insert', kind: 'right', id: 'b', value: { pair: 'pair-b' } }])
    await before.close()
    const kinds: Kinds<Later> = {
      ...testKinds,
      right: { indexes: ['pair', 'shade'], id: 'given', expires: true },
      brand_new: { indexes: ['owner'], id: 'given', expires: false },
    }
    const after = await openPostgresStore<Later>({ connection: url, kinds })
    for (const number of odd.keys())
      expect((await after.list('right', 'pair', `pair-${number}`, { limit: 9 })).items.map((item) => item.id)).toEqual([`${number}`])
    expect(await after.commit([{ op: 'insert', kind: 'brand_new', id: 'x', value: { owner: 'o' } }])).toBe('committed')
    expect(
      await after.commit([{ op: 'replace', kind: 'right', id: 'b', expected: 1, value: { pair: 'p', shade: 'blue' }, expiresAt: 5 }]),
    ).toBe('committed')
    expect((await after.list('right', 'shade', 'blue', { limit: 9 })).items.map((item) => item.id)).toEqual(['b'])
    // A node of the release before goes on working beside it.
    const older = await open(url)
    expect(await older.commit([{ op: 'insert', kind: 'right', id: 'old', value: { pair: 'p' } }])).toBe('committed')
    await Promise.all([after.close(), older.close()])
  })

  it('refuses names that could be read as SQL, or as one another, and keeps long ones apart', async () => {
    const url = await newDatabase()
    const kind = { indexes: [], id: 'given', expires: true } as const
    await expect(openPostgresStore({ connection: url, kinds: { 'x"; drop table y; --': kind } })).rejects.toThrow('must be a letter')
    await expect(openPostgresStore({ connection: url, kinds: { grant: kind, Grant: kind } })).rejects.toThrow('declared twice')
    const long = 'k'.repeat(48)
    const indexes = [`${'i'.repeat(47)}1`, `${'i'.repeat(47)}2`]
    const kinds: Kinds<Record<string, Record<string, string>>> = { [long]: { indexes, id: 'given', expires: true }, 'with-dash': kind }
    const store = await openPostgresStore({ connection: url, kinds })
    await store.commit([{ op: 'insert', kind: long, id: 'a', value: { [indexes[0] as string]: 'x', [indexes[1] as string]: 'y' } }])
    for (const [place, value] of ['x', 'y'].entries())
      expect((await store.list(long, indexes[place] as string, value, { limit: 1 })).items.length).toBe(1)
    await store.close()
    // Opened again, nothing is missing and nothing made twice.
    await (await openPostgresStore({ connection: url, kinds })).close()
    expect(await asked(url, "select count(*)::int as n from pg_indexes where schemaname = 'public'")).toEqual([{ n: 6 }])
  })

  it('makes its tables in the schema that the role looks into first, two installations in one database', async () => {
    const url = await newDatabase()
    await asked(url, `create schema "odd ""one"`)
    const other = changed(url, (address) => address.searchParams.set('options', '-c search_path="odd\\ ""one"'))
    const [first, second] = [await open(url), await open(other)]
    await first.commit([{ op: 'insert', kind: 'counter', id: 'a', value: { count: 1 } }])
    expect(await second.read('counter', 'a')).toBeUndefined()
    expect(await second.commit([{ op: 'insert', kind: 'counter', id: 'a', value: { count: 2 } }])).toBe('committed')
    await Promise.all([first.close(), second.close()])
  })
})

describe('working', () => {
  it('orders and pages ids by their bytes, and tells index values apart exactly, in a database with the order of a language', async () => {
    const url = await newDatabase()
    const store = await open(url)
    const ordered = ['A', 'Z', 'a', 'z', 'Ä', 'é', '漢', 'ﬀ', '\uffee', '\u{1f512}']
    await store.commit([...ordered].reverse().map((id) => ({ op: 'insert', kind: 'left', id, value: { pair: 'straße' } })))
    await store.commit([{ op: 'insert', kind: 'left', id: 'other', value: { pair: 'strasse' } }])
    const seen: string[] = []
    for (let after: string | undefined, more = true; more;) {
      const page = await store.list('left', 'pair', 'straße', after === undefined ? { limit: 3 } : { limit: 3, after })
      seen.push(...page.items.map((item) => item.id))
      after = page.next
      more = after !== undefined
    }
    expect(seen).toEqual(ordered)
    await store.close()
  })

  it('reads and writes by an index, never by looking at all rows, also by a plan made while the table was empty', async () => {
    const url = await newDatabase()
    const scans = async (): Promise<unknown> =>
      (await asked(url, 'select sum(seq_scan)::int as all_rows, sum(idx_scan)::int > 0 as by_index from pg_stat_user_tables'))[0]
    // To make an index takes a look at all rows.
    await (await open(url)).close()
    await asked(url, 'select pg_stat_reset()')
    const store = await open(url)
    for (let round = 0; round < 8; round++) {
      const id = `r${round}`
      await store.commit([
        { op: 'insert', kind: 'left', id, value: { pair: 'p' }, expiresAt: 5 },
        { op: 'require', kind: 'left', id, expected: 1 },
        { op: 'replace', kind: 'left', id, expected: 1, value: { pair: 'q' }, expiresAt: 5 },
      ])
      await store.read('left', id)
      await store.list('left', 'pair', 'q', { limit: 3 })
      await store.commit([
        { op: 'deleteBy', kind: 'left', index: 'pair', value: 'p' },
        { op: 'delete', kind: 'right', id },
      ])
    }
    expect(await store.purge(6)).toBe(8)
    await store.close()
    await expect.poll(scans).toEqual({ all_rows: 0, by_index: true })
    const plan = (await explained(url)).join('\n')
    expect(plan).toContain('Index Scan using left_by_pair')
    expect(plan).not.toContain('Sort')
  })

  it('works whatever the role and the database have as their defaults', async () => {
    const url = await newDatabase()
    const database = new URL(url).pathname.slice(1)
    const defaults = {
      default_transaction_isolation: 'serializable',
      standard_conforming_strings: 'off',
      default_transaction_read_only: 'on',
    }
    const alter = Object.entries(defaults).map(([name, value]) => `alter database ${database} set ${name} = '${value}'`)
    await asked(url, alter.join('; '))
    const store = await open(url)
    await asked(
      url,
      `set default_transaction_read_only = off; begin read write; create function look() returns trigger language plpgsql as $$ begin
         if current_setting('transaction_isolation') <> 'read committed' then raise 'wrong isolation'; end if; return new; end $$;
       create trigger look before insert or update on kind_counter for each row execute function look(); commit`,
    )
    await store.commit([{ op: 'insert', kind: 'counter', id: 'a', value: { count: 0 } }])
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => store.commit([{ op: 'replace', kind: 'counter', id: 'a', expected: 1, value: { count: 1 } }])),
    )
    expect(outcomes.filter((outcome) => outcome === 'committed').length).toBe(1)
    await store.close()
  })

  it('removes what expired by itself, by the clock it was given', async () => {
    const store = await open(await newDatabase(), { purgeEverySeconds: 0.02, clock: { now: () => 2000 } })
    await store.commit([
      { op: 'insert', kind: 'left', id: 'old', value: { pair: 'p' }, expiresAt: 1999 },
      { op: 'insert', kind: 'left', id: 'young', value: { pair: 'p' }, expiresAt: 2000 },
    ])
    await expect.poll(() => store.read('left', 'old')).toBeUndefined()
    expect(await store.read('left', 'young')).toBeDefined()
    await store.close()
  })

  it('purges around a record that somebody works on', async () => {
    const url = await newDatabase()
    const store = await open(url)
    await store.commit(['a', 'b'].map((id) => ({ op: 'insert', kind: 'left', id, value: { pair: 'p' }, expiresAt: 5 })))
    const other = new Client(url)
    await other.connect()
    await other.query("begin; select from kind_left where id = 'a' for update")
    expect(await store.purge(6)).toBe(1)
    await other.query('rollback')
    expect(await store.purge(6)).toBe(1)
    await Promise.all([other.end(), store.close()])
  })
})
