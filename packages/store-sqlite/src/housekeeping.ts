import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { messageOf } from './connection.ts'
import { PURGE_BATCH, purgeStatement } from './schema.ts'
import type { TableDescription } from './statements.ts'
import type { WriteTurn } from './turn.ts'

/** Quiet for so long, and what the log holds is moved into the file; in milliseconds. */
const QUIET = 200
/** Without a quiet moment, after so many changes: the log would grow without end. Some 50 ms of work. */
const MOST_CHANGES = 8000

/** What the worker does between requests: moving the write-ahead log into the file, and forgetting what expired. */
export class Housekeeping {
  readonly #database: DatabaseSync
  readonly #turn: WriteTurn
  readonly #purges: readonly StatementSync[]
  readonly #checkpoint: StatementSync
  readonly #log: (line: string) => void
  readonly #quiet: NodeJS.Timeout
  #changes = 0
  #closed = false

  constructor(database: DatabaseSync, turn: WriteTurn, tables: readonly TableDescription[], log: (line: string) => void) {
    this.#database = database
    this.#turn = turn
    this.#purges = tables.filter((table) => table.expires).map((table) => database.prepare(purgeStatement(table.kind)))
    // PASSIVE waits for nobody and stops nobody: readers and another process go on.
    this.#checkpoint = database.prepare('pragma wal_checkpoint(passive)')
    this.#log = log
    this.#quiet = setTimeout(() => this.#move(), QUIET).unref()
  }

  /** To be told after every group, once it is answered. */
  wrote(changes: number): void {
    this.#changes += changes
    if (this.#changes >= MOST_CHANGES) this.#move()
    else this.#quiet.refresh()
  }

  /** One small transaction after another; groups that arrive go between them. @returns how many rows */
  async purge(now: number): Promise<number> {
    let purged = 0
    for (const statement of this.#purges) {
      for (let full = true; full && !this.#closed; await nextTurn()) {
        const rows = this.#purgeBatch(statement, now)
        purged += rows
        full = rows === PURGE_BATCH
        this.wrote(rows)
      }
    }
    return purged
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#quiet)
  }

  #purgeBatch(statement: StatementSync, now: number): number {
    this.#turn.begin()
    try {
      const rows = Number(statement.run(now).changes)
      this.#turn.commit()
      return rows
    } finally {
      if (this.#database.isTransaction) this.#turn.rollback()
    }
  }

  #move(): void {
    if (this.#changes === 0) return
    this.#changes = 0
    try {
      this.#checkpoint.get()
    } catch (fault) {
      this.#log(`the write-ahead log could not be moved into the file: ${messageOf(fault)}`)
    }
  }
}
