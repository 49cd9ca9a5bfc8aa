import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { Client } from 'pg'
import { type AppliedMigration, migrate, type MigrationFile } from '@holdfast/store/migrate'
import { literal, MIGRATE_LOCK, quoted, schemaNumber } from './statements.ts'

/** Released migrations lie beside `src` and `dist`. There are none yet: kinds and indexes that are new need none. */
export function releasedMigrations(folder: URL = new URL('../migrations/', import.meta.url)): readonly MigrationFile[] {
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'))
  return names.map((name) => ({ name, sql: readFileSync(new URL(name, folder), 'utf8') }))
}

/**
 * Runs `work` in one transaction that no other process of this schema has at the same time: they wait here for each other.
 * The lock goes with the transaction, also when the process dies in it.
 */
export async function exclusively(client: Pick<Client, 'query'>, schema: string, work: () => Promise<void>): Promise<void> {
  await client.query('begin')
  try {
    await client.query(`select pg_advisory_xact_lock(${MIGRATE_LOCK}, ${schemaNumber(schema)})`)
    await work()
    await client.query('commit')
  } catch (fault) {
    await client.query('rollback').catch(() => {})
    throw fault
  }
}

/** Inside `exclusively`, before the tables are prepared. A schema without tables is fresh: it gets them in today's shape. */
export async function runMigrations(
  client: Pick<Client, 'query'>,
  schema: string,
  files: readonly MigrationFile[],
): Promise<readonly string[]> {
  const has = async (condition: string): Promise<boolean> => {
    const { rows } = await client.query(
      `select from pg_class where relnamespace = ${literal(quoted(schema))}::regnamespace and relkind = 'r' and ${condition} limit 1`,
    )
    return rows.length > 0
  }
  if (files.length === 0 && !(await has("relname = 'holdfast_migration'"))) return []
  return await migrate(
    {
      // The transaction and the lock are there already: the tables follow in the same one.
      exclusively: (work) => work(),
      exec: async (sql) => void (await client.query(sql)),
      applied: async () =>
        (await client.query<AppliedMigration>('select number, name, sha256 from holdfast_migration order by number')).rows,
    },
    files,
    !(await has(String.raw`relname like 'kind\_%'`)),
  )
}
