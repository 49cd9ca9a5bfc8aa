import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type Kinds, type Listed, type Page, type RecordMap, type Stored, StoreUnavailable } from '@holdfast/store'
import { checkId, checkIndexed, checkPage, descriptorOf, indexOf } from '@holdfast/store/rows'
import { messageOf } from './connection.ts'
import { columnName, tableName, type TableDescription } from './statements.ts'

interface Statements {
  readonly read: StatementSync
  /** One per index, in the descriptor's order. */
  readonly list: readonly StatementSync[]
}

export const listStatement = (kind: string, index: string): string =>
  `select id, version, expires_at, value from ${tableName(kind)} where ${columnName(index)} = ? and id > ? order by id limit ?`

/**
 * Reads on the main thread: a lookup takes some microseconds, less than a message to a worker. Only `get()` and
 * `all()`, which leave no transaction open: one held across an `await` would keep the log from being moved.
 */
export class Reader<R extends RecordMap> {
  readonly #kinds: Kinds<R>
  readonly #database: DatabaseSync
  readonly #statements: ReadonlyMap<string, Statements>

  constructor(database: DatabaseSync, kinds: Kinds<R>, tables: readonly TableDescription[]) {
    this.#database = database
    this.#kinds = kinds
    this.#statements = new Map(
      tables.map(({ kind, indexes }) => [
        kind,
        {
          read: database.prepare(`select id, version, expires_at, value from ${tableName(kind)} where id = ?`),
          list: indexes.map((index) => database.prepare(listStatement(kind, index))),
        },
      ]),
    )
  }

  read<Value>(kind: string, id: string): Stored<Value> | undefined {
    descriptorOf(this.#kinds, kind)
    checkId(kind, id)
    const row = this.#ask(() => this.#of(kind).read.get(id))
    return row === undefined ? undefined : stored<Value>(row)
  }

  list<Value>(kind: string, index: string, value: string, page: Page): Listed<Value> {
    const place = indexOf(descriptorOf(this.#kinds, kind), kind, index)
    checkIndexed(kind, index, value)
    checkPage(page)
    // One more than asked for tells whether there is a next page. No id is empty, so '' is before the first.
    const rows = this.#ask(() => (this.#of(kind).list[place] as StatementSync).all(value, page.after ?? '', page.limit + 1))
    const items = rows.slice(0, page.limit).map((row) => stored<Value>(row))
    return { items, next: rows.length > page.limit ? items.at(-1)?.id : undefined }
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close()
  }

  #of(kind: string): Statements {
    return this.#statements.get(kind) as Statements
  }

  #ask<Answer>(question: () => Answer): Answer {
    if (!this.#database.isOpen) throw new StoreUnavailable('the store is closed')
    try {
      return question()
    } catch (fault) {
      throw new StoreUnavailable(messageOf(fault))
    }
  }
}

function stored<Value>(row: Readonly<Record<string, unknown>>): Stored<Value> {
  return {
    id: row['id'] as string,
    version: row['version'] as number,
    value: JSON.parse(row['value'] as string) as Value,
    expiresAt: (row['expires_at'] as number | null) ?? undefined,
  }
}
