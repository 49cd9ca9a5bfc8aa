import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { commitFunction } from './commit-function.ts'
import { exclusively, runMigrations } from './migrations.ts'
import { prepareTables } from './schema.ts'
import { asked, newDatabase } from './test/cluster.ts'

const rename = {
  name: '0001-rename.sql',
  sql: `update kind_grant set value = '{"state":"live"}'; update kind_grant set version = version + 1;`,
}
const tables = [{ kind: 'grant', indexes: [], expires: false, given: true }]

let url: string
let client: Client
beforeEach(async () => {
  url = await newDatabase()
  client = new Client(url)
  await client.connect()
})
afterEach(() => client.end())

const prepare = (): Promise<void> =>
  exclusively(client, 'public', () => prepareTables(client, 'public', tables, commitFunction('public', tables)))
async function run(...files: readonly { readonly name: string; readonly sql: string }[]): Promise<readonly string[]> {
  let done: readonly string[] = []
  await exclusively(client, 'public', async () => {
    done = await runMigrations(client, 'public', files)
  })
  return done
}

describe('migrations of a PostgreSQL store', () => {
  it('change the rows of a released kind once', async () => {
    await prepare()
    await asked(url, "insert into kind_grant values ('g', 1, null, '{}')")
    expect(await run(rename)).toEqual(['0001-rename.sql'])
    expect(await run(rename)).toEqual([])
    expect(await asked(url, 'select version::int, value from kind_grant')).toEqual([{ version: 2, value: { state: 'live' } }])
  })

  it('roll back as a whole when one fails, and refuse a changed one', async () => {
    await prepare()
    await asked(url, "insert into kind_grant values ('g', 1, null, '{}')")
    await expect(run(rename, { name: '0002-wrong.sql', sql: 'drop table nowhere' })).rejects.toThrow('does not exist')
    expect(await asked(url, 'select version::int from kind_grant')).toEqual([{ version: 1 }])
    await run(rename)
    await expect(run({ ...rename, sql: `${rename.sql} --` })).rejects.toThrow('was changed after')
  })

  it('are recorded and not run in a new schema, and leave no trace when there are none', async () => {
    expect(await run()).toEqual([])
    expect(await asked(url, "select from pg_class where relnamespace = 'public'::regnamespace")).toEqual([])
    expect(await run(rename)).toEqual(['0001-rename.sql'])
    await prepare()
    expect(await run(rename)).toEqual([])
  })

  it('wait for each other: what one is doing another finds done', async () => {
    const second = new Client(url)
    await second.connect()
    await prepare()
    await asked(url, "insert into kind_grant values ('g', 1, null, '{}')")
    let other: Promise<void> | undefined
    let found: readonly string[] = ['not run']
    await exclusively(client, 'public', async () => {
      other = exclusively(second, 'public', async () => {
        found = await runMigrations(second, 'public', [rename])
      })
      await expect.poll(async () => (await asked(url, "select from pg_locks where locktype = 'advisory' and not granted")).length).toBe(1)
      await runMigrations(client, 'public', [rename])
    })
    await other
    expect(found).toEqual([])
    expect(await asked(url, 'select version::int from kind_grant')).toEqual([{ version: 2 }])
    await second.end()
  })
})
