import type { DatabaseSync } from 'node:sqlite'
import { columnName, tableName, type TableDescription } from './statements.ts'

/**
 * Per kind one table: what is looked up, listed or expired in columns, the rest as JSON. Made when missing;
 * an index that was added to a kind gets its column, filled from the values there are. An index that a
 * release no longer names keeps its column, which nobody then fills: dropping it is a migration.
 *
 * Rows are kept by rowid and found by a unique index on the id. A table WITHOUT ROWID is 2 to 3 times
 * slower to read and write as soon as values pass a kilobyte, and no faster below.
 */
export function prepareTables(database: DatabaseSync, tables: readonly TableDescription[]): void {
  for (const { kind, indexes, expires } of tables) {
    const table = tableName(kind)
    database.exec(
      `create table if not exists ${table} (id text not null primary key, version integer not null, expires_at integer, value text not null) strict`,
    )
    const known = new Set(
      database
        .prepare(`pragma table_info(${table})`)
        .all()
        .map((column) => String(column['name'])),
    )
    for (const index of indexes) {
      const column = columnName(index)
      if (!known.has(`by_${index}`)) {
        database.exec(`alter table ${table} add column ${column} text`)
        database.exec(`update ${table} set ${column} = json_extract(value, '$."${index}"')`)
      }
      // Partial: a record that is not in the index costs it nothing. The id makes pages come out in order.
      database.exec(`create index if not exists "${kind}_by_${index}" on ${table} (${column}, id) where ${column} is not null`)
    }
    if (expires) database.exec(`create index if not exists "${kind}_expiry" on ${table} (expires_at) where expires_at is not null`)
  }
}

/** Rows of one transaction of a purge: it holds the write lock for some milliseconds and no longer. */
export const PURGE_BATCH = 500

export function purgeStatement(kind: string): string {
  const table = tableName(kind)
  return `delete from ${table} where rowid in (select rowid from ${table} where expires_at < ? limit ${PURGE_BATCH})`
}
