import type { Client } from 'pg'
import { type Clock, systemClock } from '@holdfast/protocol/time'
import {
  type Change,
  type Kinds,
  type Listed,
  type OpenStore,
  type Outcome,
  type Page,
  type RecordMap,
  type Stored,
  StoreUnavailable,
} from '@holdfast/store'
import { checkKinds } from '@holdfast/store/rows'
import { type CommitFunction, commitFunction } from './commit-function.ts'
import { dial, dialing, type Dialing, messageOf, openingFault, type PostgresAddress } from './connection.ts'
import { GroupWriter } from './group.ts'
import { Housekeeping } from './housekeeping.ts'
import { exclusively, releasedMigrations, runMigrations } from './migrations.ts'
import { Reader } from './reader.ts'
import { prepareTables } from './schema.ts'
import { describeTables, type TableDescription } from './statements.ts'
import { wireOf } from './wire.ts'
import { Writer } from './writer.ts'

export interface PostgresStoreOptions<R extends RecordMap> {
  /**
   * `postgres://user:password@host:5432/database`, or its parts. Tables are made in the first schema of the role's search_path
   * that exists. Directly or through a pooler that keeps sessions (PgBouncer: `pool_mode = session`).
   */
  readonly connection: string | PostgresAddress
  readonly kinds: Kinds<R>
  /** What "expired" is measured by. */
  readonly clock?: Clock
  /** How often expired records are removed, in seconds. Default 60; 0 leaves it to `purge`. */
  readonly purgeEverySeconds?: number
  /** How long the server may take for a connection, a read or a group of commits, in milliseconds; half of it for a lock. Default 5000. */
  readonly timeoutMilliseconds?: number
  /** Connections for reading, at most. Default 4; there is one more for writing, and one now and then for housekeeping. */
  readonly readConnections?: number
  /** Hears, in one line, when the store begins to fail and when it works again, and when the server may forget commits. */
  readonly onFault?: (line: string) => void
}

/**
 * The store for several nodes: one PostgreSQL database, version 13 or newer. Durable when `commit` resolves as far as the
 * server's `synchronous_commit` says: `on` is its disk and, where there are synchronous standbys, theirs.
 *
 * @throws {StoreUnavailable} the server cannot be reached or refuses us, or the tables cannot be prepared
 * @throws {TypeError} the kinds or the connection make no sense
 */
export async function openPostgresStore<R extends RecordMap>(options: PostgresStoreOptions<R>): Promise<OpenStore<R>> {
  const {
    kinds,
    clock = systemClock,
    purgeEverySeconds = 60,
    timeoutMilliseconds = 5000,
    readConnections = 4,
    onFault = () => {},
  } = options
  checkKinds(kinds)
  const dialed = dialing(options.connection, timeoutMilliseconds)
  const tables = describeTables(kinds)
  const { schema, commit } = await prepare(dialed, tables, onFault)
  const store = new PostgresStore(kinds, tables, {
    reader: new Reader(dialed, kinds, schema, tables, readConnections),
    writer: new Writer(new GroupWriter(dialed, commit), tables, dialed.name, onFault),
    housekeeping: new Housekeeping(dialed, schema, tables),
  })
  if (purgeEverySeconds > 0) store.purgeEvery(purgeEverySeconds, clock, (line) => onFault(`store ${dialed.name}: ${line}`))
  return store
}

/** Opening waits longer than a commit does: another process may be filling a new index. In milliseconds. */
const PREPARE_TIMEOUT = 600_000

async function prepare(
  dialed: Dialing,
  tables: readonly TableDescription[],
  onFault: (line: string) => void,
): Promise<{ readonly schema: string; readonly commit: CommitFunction }> {
  const client = await dial({ ...dialed, config: { ...dialed.config, query_timeout: PREPARE_TIMEOUT } })
  try {
    const schema = await schemaOf(client, dialed.name, onFault)
    const commit = commitFunction(schema, tables)
    await client.query(`set statement_timeout = ${PREPARE_TIMEOUT}; set lock_timeout = ${PREPARE_TIMEOUT}; set enable_seqscan = on`)
    await exclusively(client, schema, async () => {
      await runMigrations(client, schema, releasedMigrations())
      await prepareTables(client, schema, tables, commit)
    })
    return { schema, commit }
  } catch (fault) {
    throw openingFault(fault, dialed, client)
  } finally {
    await client.end()
  }
}

async function schemaOf(client: Client, name: string, onFault: (line: string) => void): Promise<string> {
  const { rows } = await client.query<Readonly<Record<'schema' | 'encoding' | 'durable' | 'fsync', string | null>>>(
    `select current_schema()::text as schema, current_setting('server_encoding') as encoding,
       current_setting('synchronous_commit') as durable, current_setting('fsync') as fsync`,
  )
  const { schema, encoding, durable, fsync } = rows[0] ?? {}
  if (schema === undefined || schema === null)
    throw new StoreUnavailable(`the store ${name} cannot be opened: no schema of the role's search_path exists; create one`)
  if (encoding !== 'UTF8')
    throw new StoreUnavailable(`the store ${name} cannot be opened: its encoding is ${encoding ?? 'unknown'}; make a database with UTF8`)
  if (durable === 'off' || fsync === 'off')
    onFault(
      `store ${name}: ${durable === 'off' ? 'synchronous_commit' : 'fsync'} is off: the server may forget its last commits when it crashes, and with them that codes and tokens were spent`,
    )
  return schema
}

interface Parts<R extends RecordMap> {
  readonly reader: Reader<R>
  readonly writer: Writer
  readonly housekeeping: Housekeeping
}

class PostgresStore<R extends RecordMap> implements OpenStore<R> {
  readonly #kinds: Kinds<R>
  readonly #numbers: ReadonlyMap<string, number>
  readonly #parts: Parts<R>
  #timer: NodeJS.Timeout | undefined
  #closing: Promise<void> | undefined

  constructor(kinds: Kinds<R>, tables: readonly TableDescription[], parts: Parts<R>) {
    this.#kinds = kinds
    this.#numbers = new Map(tables.map(({ kind }, number) => [kind, number]))
    this.#parts = parts
  }

  read<K extends keyof R & string>(kind: K, id: string): Promise<Stored<R[K]> | undefined> {
    return this.#parts.reader.read<R[K]>(kind, id)
  }

  list<K extends keyof R & string>(kind: K, index: keyof R[K] & string, value: string, page: Page): Promise<Listed<R[K]>> {
    return this.#parts.reader.list<R[K]>(kind, index, value, page)
  }

  async commit(changes: readonly Change<R>[]): Promise<Outcome> {
    if (this.#closing !== undefined) throw new StoreUnavailable('the store is closed')
    const wire = wireOf(this.#kinds, this.#numbers, changes)
    if (wire.length === 0) return 'committed'
    const place = await this.#parts.writer.commit(wire)
    if (place === undefined) return 'committed'
    const change = changes[place] as Exclude<Change<R>, { readonly op: 'deleteBy' }>
    return { conflict: { kind: change.kind, id: change.id } }
  }

  async purge(now: number): Promise<number> {
    return await this.#parts.housekeeping.purge(now)
  }

  close(): Promise<void> {
    clearInterval(this.#timer)
    const { reader, writer, housekeeping } = this.#parts
    this.#closing ??= (async () => {
      // Idle connections keep no process alive, and who waits for their end has not ended yet.
      const alive = setInterval(() => {}, 1000)
      await Promise.all([reader.close(), writer.close(), housekeeping.close()])
      clearInterval(alive)
    })()
    return this.#closing
  }

  /** One purge at a time: when it takes longer than the interval, they would pile up. */
  purgeEvery(seconds: number, clock: Clock, log: (line: string) => void): void {
    let running = false
    this.#timer = setInterval(() => {
      if (running) return
      running = true
      this.#parts.housekeeping
        .purge(clock.now())
        .catch((fault: unknown) => log(`expired records could not be removed: ${messageOf(fault)}`))
        .finally(() => (running = false))
    }, seconds * 1000).unref()
  }
}
