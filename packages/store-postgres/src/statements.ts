import { createHash } from 'node:crypto'
import type { Kinds, RecordMap } from '@holdfast/store'
import { descriptorOf } from '@holdfast/store/rows'

export interface TableDescription {
  readonly kind: string
  readonly indexes: readonly string[]
  readonly expires: boolean
  /** Ids of its records come from outside, so that two nodes may insert the same one. */
  readonly given: boolean
}

/** In the order in which rows are locked on every node: by name. */
export function describeTables<R extends RecordMap>(kinds: Kinds<R>): readonly TableDescription[] {
  const names = Object.keys(kinds).sort((a, b) => (a < b ? -1 : 1))
  return names.map((kind) => {
    const { indexes, expires } = descriptorOf(kinds, kind)
    return { kind, indexes: [...indexes], expires, given: kinds[kind]?.id === 'given' }
  })
}

/** A schema's name comes from the server and may hold anything. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** The names were checked by `checkKinds`: letters, digits, "_" and "-" only. The prefixes keep them from SQL's words and from our columns. */
export const columnName = (index: string): string => `"by_${index}"`
export const tableName = (schema: string, kind: string): string => `${quoted(schema)}."kind_${kind}"`

/** PostgreSQL cuts a name after 63 bytes, and two that were cut may be one. */
export function shortName(name: string): string {
  return name.length <= 63 ? name : `${name.slice(0, 46)}_${createHash('sha256').update(name).digest('hex').slice(0, 16)}`
}

/** What a change does, as a number of the commit function; above the last one: delete by the index at that place. */
export const INSERT = 0
export const REPLACE = 1
export const REQUIRE = 2
export const DELETE = 3
export const DELETE_BY = 4

/** Several nodes agree by these: two numbers make a PostgreSQL advisory lock, and the second tells schemas of one database apart. */
export const MIGRATE_LOCK = 0x686f6c64
export const PURGE_LOCK = 0x686f6c65
export const SWEEP_LOCK = 0x686f6c66

export function schemaNumber(schema: string): number {
  return createHash('sha256').update(schema).digest().readInt32BE()
}

/** Rows of one statement of a purge: it holds their locks for some milliseconds and no longer. */
export const PURGE_BATCH = 500

/** Rows that somebody works on are left for the next time. */
export function purgeStatement(schema: string, kind: string): string {
  const table = tableName(schema, kind)
  return `delete from ${table} where id = any(array(select id from ${table} where expires_at < $1 order by expires_at limit ${PURGE_BATCH} for update skip locked))`
}

export function readStatement(schema: string, kind: string): string {
  return `select id, version, expires_at, value from ${tableName(schema, kind)} where id = any($1)`
}

export function listStatement(schema: string, kind: string, index: string): string {
  return `select id, version, expires_at, value from ${tableName(schema, kind)} where ${columnName(index)} = $1 and id > $2 order by id limit $3`
}
