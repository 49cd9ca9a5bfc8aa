import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { runMigrations } from './migrations.ts'
import { prepareTables } from './schema.ts'

const rename = {
  name: '0001-rename.sql',
  sql: `update kind_grant set value = json_set(value, '$.state', 'live'); update kind_grant set version = version + 1;`,
}
const tables = [{ kind: 'grant', indexes: [], expires: false }]

describe('migrations of a SQLite store', () => {
  it('change the rows of a released kind once', async () => {
    const database = new DatabaseSync(':memory:')
    prepareTables(database, tables)
    database.exec(`insert into kind_grant (id, version, value) values ('g', 1, '{}')`)
    expect(await runMigrations(database, [rename])).toEqual(['0001-rename.sql'])
    expect(await runMigrations(database, [rename])).toEqual([])
    expect(database.prepare('select version, value from kind_grant').get()).toEqual({ version: 2, value: '{"state":"live"}' })
  })

  it('roll back as a whole when one fails, and refuse a changed one', async () => {
    const database = new DatabaseSync(':memory:')
    prepareTables(database, tables)
    database.exec(`insert into kind_grant (id, version, value) values ('g', 1, '{}')`)
    await expect(runMigrations(database, [rename, { name: '0002-wrong.sql', sql: 'drop table nowhere' }])).rejects.toThrow('no such table')
    expect(database.prepare('select version from kind_grant').get()).toEqual({ version: 1 })
    await runMigrations(database, [rename])
    await expect(runMigrations(database, [{ ...rename, sql: `${rename.sql} --` }])).rejects.toThrow('was changed after')
    expect(database.isTransaction).toBe(false)
  })

  it('are recorded and not run in a new file, and leave no trace when there are none', async () => {
    const database = new DatabaseSync(':memory:')
    expect(await runMigrations(database, [])).toEqual([])
    expect(database.prepare('select count(*) as n from sqlite_schema').get()).toEqual({ n: 0 })
    expect(await runMigrations(database, [rename])).toEqual(['0001-rename.sql'])
    prepareTables(database, tables)
    expect(await runMigrations(database, [rename])).toEqual([])
  })
})
