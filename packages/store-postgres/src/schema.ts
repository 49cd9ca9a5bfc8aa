import type { Client } from 'pg'
import type { CommitFunction } from './commit-function.ts'
import { columnName, literal, quoted, shortName, tableName, type TableDescription } from './statements.ts'

/**
 * Per kind one table: what is looked up, listed or expired in columns, the rest as JSON. Made when missing; an index that was
 * added to a kind gets its column, filled from the values there are. An index that a release no longer names keeps its column,
 * which nobody then fills: dropping it is a migration.
 *
 * What is there is looked up first: `create … if not exists` would wait for every writer of a table that needs nothing.
 * Text compares by its bytes (`collate "C"`), as in SQLite, whatever the database's own order is.
 */
export async function prepareTables(
  client: Pick<Client, 'query'>,
  schema: string,
  tables: readonly TableDescription[],
  commit: CommitFunction,
): Promise<void> {
  const known = await knownNames(client, schema)
  for (const { kind, indexes, expires } of tables) {
    const table = tableName(schema, kind)
    const columns = known.columns.get(`kind_${kind}`) ?? new Set()
    if (columns.size === 0)
      await client.query(
        `create table ${table} (id text collate "C" not null primary key, version bigint not null, expires_at bigint, value json not null)`,
      )
    for (const index of indexes) {
      if (!columns.has(`by_${index}`)) await addIndexColumn(client, table, index, columns.size > 0)
      // Partial: a record that is not in the index costs it nothing. The id makes pages come out in order.
      const name = shortName(`${kind}_by_${index}`)
      if (!known.relations.has(name))
        await client.query(`create index ${quoted(name)} on ${table} (${columnName(index)}, id) where ${columnName(index)} is not null`)
    }
    const expiry = shortName(`${kind}_expiry`)
    if (expires && !known.relations.has(expiry))
      await client.query(`create index ${quoted(expiry)} on ${table} (expires_at) where expires_at is not null`)
  }
  const { rows } = await client.query<{ readonly there: boolean }>(
    `select exists (select from pg_proc where pronamespace = ${literal(quoted(schema))}::regnamespace and proname = ${literal(commit.name.slice(commit.name.lastIndexOf('.') + 1))}) as there`,
  )
  if (rows[0]?.there !== true) await client.query(commit.create)
}

/** Escapes that JSON has and PostgreSQL's text has not: U+0000 and halves of surrogate pairs. A doubled backslash is taken for one: no harm. */
const UNREADABLE = String.raw`value::text ~ '\\u(0000|[dD][89a-fA-F])'`

async function addIndexColumn(client: Pick<Client, 'query'>, table: string, index: string, filled: boolean): Promise<void> {
  const column = columnName(index)
  await client.query(`alter table ${table} add column ${column} text collate "C"`)
  if (!filled) return
  await client.query(`update ${table} set ${column} = value ->> ${literal(index)} where not (${UNREADABLE})`)
  // Values with such an escape are read here, in pages.
  let after = ''
  for (;;) {
    const { rows } = await client.query<{ readonly id: string; readonly value: string }>(
      `select id, value from ${table} where id > $1 and ${UNREADABLE} order by id limit 500`,
      [after],
    )
    for (const { id, value } of rows)
      await client.query(`update ${table} set ${column} = $2 where id = $1`, [
        id,
        (JSON.parse(value) as Record<string, unknown>)[index] ?? null,
      ])
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.id
  }
}

interface Known {
  /** Table → its columns. */
  readonly columns: ReadonlyMap<string, ReadonlySet<string>>
  /** Tables and indexes. */
  readonly relations: ReadonlySet<string>
}

async function knownNames(client: Pick<Client, 'query'>, schema: string): Promise<Known> {
  const { rows } = await client.query<{ readonly relation: string; readonly column: string | null }>(
    `select c.relname::text as relation, a.attname::text as column
     from pg_class c left join pg_attribute a on a.attrelid = c.oid and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = ${literal(quoted(schema))}::regnamespace and c.relkind in ('r', 'i')`,
  )
  const columns = new Map<string, Set<string>>()
  for (const { relation, column } of rows)
    if (column !== null) columns.set(relation, (columns.get(relation) ?? new Set<string>()).add(column))
  return { columns, relations: new Set(rows.map(({ relation }) => relation)) }
}
