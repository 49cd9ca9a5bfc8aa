import { Pool } from 'pg'
import { type Kinds, type Listed, type Page, type RecordMap, type Stored, StoreUnavailable } from '@holdfast/store'
import { checkId, checkIndexed, checkPage, descriptorOf, indexOf } from '@holdfast/store/rows'
import { type Dialing, messageOf, prepareSession } from './connection.ts'
import { listStatement, readStatement, type TableDescription } from './statements.ts'

interface Row {
  readonly id: string
  readonly version: number
  readonly expires_at: number | null
  /** JSON. */
  readonly value: string
}

/** Reads of one kind that wait for the end of this turn of the event loop. */
type Gathered = Map<string, { readonly resolve: (row: Row | undefined) => void; readonly reject: (fault: Error) => void }[]>

/** An idle connection is closed after so long, in milliseconds. */
const IDLE = 30_000

/**
 * Reads through a few connections, by statements that the server has prepared. Reads by id of one turn of the event loop are
 * one question for each kind: a question costs more than what it asks for.
 */
export class Reader<R extends RecordMap> {
  readonly #kinds: Kinds<R>
  readonly #dialing: Dialing
  readonly #pool: Pool
  readonly #statements: ReadonlyMap<string, { readonly read: string; readonly list: readonly string[]; readonly number: number }>
  readonly #gathered = new Map<string, Gathered>()
  readonly #asking = new Set<Promise<unknown>>()
  #closed = false

  constructor(dialing: Dialing, kinds: Kinds<R>, schema: string, tables: readonly TableDescription[], connections: number) {
    this.#dialing = dialing
    this.#kinds = kinds
    this.#pool = new Pool({
      ...dialing.config,
      max: connections,
      idleTimeoutMillis: IDLE,
      allowExitOnIdle: true,
      // Its promise is awaited before anybody gets the connection, which the types do not say.
      // oxlint-disable-next-line typescript/no-misused-promises
      onConnect: (client) => prepareSession(client, dialing.timeoutMilliseconds),
    })
    // A connection that breaks while it is idle leaves the pool by itself.
    this.#pool.on('error', () => {})
    this.#statements = new Map(
      tables.map(({ kind, indexes }, number) => [
        kind,
        { number, read: readStatement(schema, kind), list: indexes.map((index) => listStatement(schema, kind, index)) },
      ]),
    )
  }

  async read<Value>(kind: string, id: string): Promise<Stored<Value> | undefined> {
    this.#refuseWhenClosed()
    descriptorOf(this.#kinds, kind)
    checkId(kind, id)
    const row = await new Promise<Row | undefined>((resolve, reject) => {
      let gathered = this.#gathered.get(kind)
      if (gathered === undefined) {
        this.#gathered.set(kind, (gathered = new Map()))
        setImmediate(() => void this.#readGathered(kind))
      }
      const asked = gathered.get(id)
      if (asked === undefined) gathered.set(id, [{ resolve, reject }])
      else asked.push({ resolve, reject })
    })
    return row === undefined ? undefined : stored<Value>(row)
  }

  async list<Value>(kind: string, index: string, value: string, page: Page): Promise<Listed<Value>> {
    this.#refuseWhenClosed()
    const place = indexOf(descriptorOf(this.#kinds, kind), kind, index)
    checkIndexed(kind, index, value)
    checkPage(page)
    const { number, list } = this.#of(kind)
    // One more than asked for tells whether there is a next page. No id is empty, so '' is before the first.
    const rows = await this.#ask(`list ${number} ${place}`, list[place] as string, [value, page.after ?? '', page.limit + 1])
    const items = rows.slice(0, page.limit).map((row) => stored<Value>(row))
    return { items, next: rows.length > page.limit ? items.at(-1)?.id : undefined }
  }

  async close(): Promise<void> {
    this.#closed = true
    // Who waits for a connection when the pool ends would wait for ever.
    await new Promise(setImmediate)
    await Promise.allSettled(this.#asking)
    await this.#pool.end()
  }

  async #readGathered(kind: string): Promise<void> {
    const gathered = this.#gathered.get(kind) as Gathered
    this.#gathered.delete(kind)
    const { number, read } = this.#of(kind)
    try {
      const rows = await this.#ask(`read ${number}`, read, [[...gathered.keys()]])
      const byId = new Map(rows.map((row) => [row.id, row]))
      for (const [id, asked] of gathered) for (const { resolve } of asked) resolve(byId.get(id))
    } catch (fault) {
      for (const asked of gathered.values()) for (const { reject } of asked) reject(fault as Error)
    }
  }

  async #ask(name: string, text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    const asking = this.#pool.query<Row>({ name, text, values: [...values] })
    this.#asking.add(asking)
    try {
      return (await asking).rows
    } catch (fault) {
      throw new StoreUnavailable(`the store ${this.#dialing.name} cannot be read: ${messageOf(fault)}`)
    } finally {
      this.#asking.delete(asking)
    }
  }

  #of(kind: string): { readonly read: string; readonly list: readonly string[]; readonly number: number } {
    return this.#statements.get(kind) as { readonly read: string; readonly list: readonly string[]; readonly number: number }
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new StoreUnavailable('the store is closed')
  }
}

function stored<Value>({ id, version, value, expires_at }: Row): Stored<Value> {
  return { id, version, value: JSON.parse(value) as Value, expiresAt: expires_at ?? undefined }
}
