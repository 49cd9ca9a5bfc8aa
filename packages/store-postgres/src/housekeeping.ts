import { StoreUnavailable } from '@holdfast/store'
import { dial, type Dialing, hangUp, messageOf } from './connection.ts'
import { PURGE_BATCH, PURGE_LOCK, purgeStatement, schemaNumber, type TableDescription } from './statements.ts'

/** Forgets what expired: one process of a schema at a time, in small batches, over a connection that is there only meanwhile. */
export class Housekeeping {
  readonly #dialing: Dialing
  readonly #lock: string
  readonly #statements: readonly string[]
  #last: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(dialing: Dialing, schema: string, tables: readonly TableDescription[]) {
    this.#dialing = dialing
    // Of the session, so that it goes with the connection, also when this process dies.
    this.#lock = `select pg_try_advisory_lock(${PURGE_LOCK}, ${schemaNumber(schema)}) as mine`
    this.#statements = tables.filter((table) => table.expires).map((table) => purgeStatement(schema, table.kind))
  }

  /** @returns how many rows; 0 at once while another process does it */
  purge(now: number): Promise<number> {
    const purged = this.#last.then(() => this.#purge(now))
    this.#last = purged.catch(() => {})
    return purged
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#last
  }

  async #purge(now: number): Promise<number> {
    if (this.#closed) throw new StoreUnavailable('the store is closed')
    const client = await dial(this.#dialing)
    try {
      const { rows } = await client.query<{ readonly mine: boolean }>(this.#lock)
      if (rows[0]?.mine !== true) return 0
      let purged = 0
      for (const statement of this.#statements) {
        for (let full = true; full && !this.#closed;) {
          const { rowCount } = await client.query(statement, [now])
          purged += rowCount ?? 0
          full = rowCount === PURGE_BATCH
        }
      }
      await client.end()
      return purged
    } catch (fault) {
      throw new StoreUnavailable(`the store ${this.#dialing.name} could not be purged: ${messageOf(fault)}`)
    } finally {
      hangUp(client)
    }
  }
}
