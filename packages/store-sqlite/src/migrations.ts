import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { migrate, type MigrationFile } from '@holdfast/store/migrate'
import { OPEN_TIMEOUT, waitWhileBusy } from './connection.ts'

/** Released migrations lie beside `src` and `dist`. There are none yet: kinds and indexes that are new need none. */
export function releasedMigrations(folder: URL = new URL('../migrations/', import.meta.url)): readonly MigrationFile[] {
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'))
  return names.map((name) => ({ name, sql: readFileSync(new URL(name, folder), 'utf8') }))
}

/** Before the tables are prepared. A file without tables is fresh: it gets them in today's shape. */
export async function runMigrations(database: DatabaseSync, files: readonly MigrationFile[]): Promise<readonly string[]> {
  if (files.length === 0 && !hasTable(database, 'holdfast_migration')) return []
  const fresh = database.prepare("select 1 from sqlite_schema where name like 'kind\\_%' escape '\\'").get() === undefined
  return await migrate(
    {
      async exclusively(work) {
        waitWhileBusy(OPEN_TIMEOUT, () => database.exec('begin immediate'))
        try {
          await work()
          database.exec('commit')
        } finally {
          if (database.isTransaction) database.exec('rollback')
        }
      },
      exec: (sql) => database.exec(sql),
      applied: () =>
        database
          .prepare('select number, name, sha256 from holdfast_migration order by number')
          .all()
          .map((row) => ({ number: Number(row['number']), name: String(row['name']), sha256: String(row['sha256']) })),
    },
    files,
    fresh,
  )
}

function hasTable(database: DatabaseSync, name: string): boolean {
  return database.prepare("select 1 from sqlite_schema where type = 'table' and name = ?").get(name) !== undefined
}
