import type { Kinds, RecordMap } from '@holdfast/store'
import { descriptorOf } from '@holdfast/store/rows'

/** One kind as the worker needs it: plain data that can be posted to a thread. */
export interface TableDescription {
  readonly kind: string
  readonly indexes: readonly string[]
  readonly expires: boolean
}

export function describeTables<R extends RecordMap>(kinds: Kinds<R>): readonly TableDescription[] {
  return Object.keys(kinds).map((kind) => {
    const { indexes, expires } = descriptorOf(kinds, kind)
    return { kind, indexes: [...indexes], expires }
  })
}

/** The names were checked by `checkKinds`: letters, digits, "_" and "-" only. The prefixes keep them from SQL's words and from our columns. */
export const tableName = (kind: string): string => `"kind_${kind}"`
export const columnName = (index: string): string => `"by_${index}"`

/** What must be true after a statement ran, for the commit to go on. */
export type Check = 'nothing' | 'changed' | 'found'

export interface Planned {
  readonly sql: string
  readonly check: Check
  /** Another statement for the same parameters, run when this one changed nothing. */
  readonly otherwise?: string
}

/** A change on its way to the worker: the number of its statement, and that statement's parameters. */
export type WireChange = readonly [statement: number, ...parameters: (string | number | null)[]]

/** The numbers of a kind's statements. */
export interface KindPlan {
  readonly insert: number
  readonly replace: number
  readonly require: number
  readonly delete: number
  /** One per index, in the descriptor's order. */
  readonly deleteBy: readonly number[]
}

export interface Plan {
  readonly statements: readonly Planned[]
  readonly kinds: ReadonlyMap<string, KindPlan>
}

/**
 * Every statement that a commit can need, numbered. The main thread turns changes into numbers and
 * parameters, the worker runs them without knowing what they mean; both make the same plan from the same tables.
 */
export function planOf(tables: readonly TableDescription[]): Plan {
  const statements: Planned[] = []
  const add = (sql: string, check: Check, otherwise?: string): number =>
    statements.push(otherwise === undefined ? { sql, check } : { sql, check, otherwise }) - 1
  const kinds = new Map<string, KindPlan>()
  for (const { kind, indexes, expires } of tables) {
    const table = tableName(kind)
    const columns = indexes.map(columnName)
    const ours = 'where id = ?1 and version = ?2'
    // Setting an indexed column rewrites its index even when the value stays: a page more per index, in the
    // file and its log. Most replaces change none, so the first try says so in its condition: twice as fast.
    const kept = [...(expires ? ['and expires_at is ?3'] : []), ...columns.map((column, place) => `and ${column} is ?${place + 5}`)].join(
      ' ',
    )
    const set = ['version = version + 1', 'value = ?4']
    const all = [...set, 'expires_at = ?3', ...columns.map((column, place) => `${column} = ?${place + 5}`)]
    const narrow = `update ${table} set ${set.join(', ')} ${ours} ${kept}`
    kinds.set(kind, {
      insert: add(
        `insert into ${table} (${['id', 'version', 'expires_at', 'value', ...columns].join(', ')}) values (?, 1, ?, ?${', ?'.repeat(columns.length)}) on conflict (id) do nothing`,
        'changed',
      ),
      replace:
        kept === ''
          ? add(`update ${table} set ${all.join(', ')} ${ours}`, 'changed')
          : add(narrow, 'changed', `update ${table} set ${all.join(', ')} ${ours}`),
      require: add(`select 1 from ${table} ${ours}`, 'found'),
      delete: add(`delete from ${table} where id = ?`, 'nothing'),
      deleteBy: columns.map((column) => add(`delete from ${table} where ${column} = ?`, 'nothing')),
    })
  }
  return { statements, kinds }
}
