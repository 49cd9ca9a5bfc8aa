import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Worker } from 'node:worker_threads'
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
import { messageOf, openReaderConnection } from './connection.ts'
import { Reader } from './reader.ts'
import { describeTables, type Plan, planOf } from './statements.ts'
import { wireOf } from './wire.ts'
import { Writer } from './writer.ts'

export interface SqliteStoreOptions<R extends RecordMap> {
  /** The file. It is created with mode 0600, its directory with 0700; beside it lie `-wal` and `-shm`. A local disk, never a network share. */
  readonly path: string
  readonly kinds: Kinds<R>
  /** What "expired" is measured by. */
  readonly clock?: Clock
  /** How often expired records are removed, in seconds. Default 60; 0 leaves it to `purge`. */
  readonly purgeEverySeconds?: number
  /** How long a commit waits for another process that holds the file, in milliseconds. Default 5000. */
  readonly timeoutMilliseconds?: number
  /** Pages of 4 KiB that the file may have: for tests of a full disk. */
  readonly maxPageCount?: number
  /** Hears, in one line, when the store begins to fail and when it works again. */
  readonly onFault?: (line: string) => void
}

/** What tests look at beside the store itself. */
export interface Opened<R extends RecordMap> {
  readonly store: OpenStore<R>
  readonly worker: Worker
  readonly synchronous: number
  readonly journal: string
}

export async function openParts<R extends RecordMap>(options: SqliteStoreOptions<R>): Promise<Opened<R>> {
  const { kinds, clock = systemClock, purgeEverySeconds = 60, timeoutMilliseconds = 5000, maxPageCount, onFault = () => {} } = options
  checkKinds(kinds)
  if (options.path === '' || options.path === ':memory:' || options.path.startsWith('file:'))
    throw new TypeError('the path of a SQLite store is that of a file; for one in memory take openMemoryStore')
  const path = resolve(options.path)
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    // SQLite would create it for everybody to read; what it puts beside it takes over the file's mode.
    closeSync(openSync(path, 'a', 0o600))
  } catch (fault) {
    throw new StoreUnavailable(`the store ${path} cannot be opened: ${messageOf(fault)}`)
  }
  const tables = describeTables(kinds)
  const { writer, worker, synchronous, journal } = await Writer.open({ path, tables, timeoutMilliseconds, maxPageCount }, onFault)
  const reader = new Reader(openReaderConnection(path), kinds, tables)
  const store = new SqliteStore(kinds, planOf(tables), reader, writer)
  if (purgeEverySeconds > 0) store.purgeEvery(purgeEverySeconds, clock, onFault)
  return { store, worker, synchronous, journal }
}

class SqliteStore<R extends RecordMap> implements OpenStore<R> {
  readonly #kinds: Kinds<R>
  readonly #plan: Plan
  readonly #reader: Reader<R>
  readonly #writer: Writer
  #timer: NodeJS.Timeout | undefined
  #closing: Promise<void> | undefined

  constructor(kinds: Kinds<R>, plan: Plan, reader: Reader<R>, writer: Writer) {
    this.#kinds = kinds
    this.#plan = plan
    this.#reader = reader
    this.#writer = writer
  }

  async read<K extends keyof R & string>(kind: K, id: string): Promise<Stored<R[K]> | undefined> {
    return this.#reader.read<R[K]>(kind, id)
  }

  async list<K extends keyof R & string>(kind: K, index: keyof R[K] & string, value: string, page: Page): Promise<Listed<R[K]>> {
    return this.#reader.list<R[K]>(kind, index, value, page)
  }

  async commit(changes: readonly Change<R>[]): Promise<Outcome> {
    if (this.#closing !== undefined) throw new StoreUnavailable('the store is closed')
    const wire = wireOf(this.#kinds, this.#plan, changes)
    if (wire.length === 0) return 'committed'
    const place = await this.#writer.commit(wire)
    if (place === undefined) return 'committed'
    const change = changes[place] as Exclude<Change<R>, { readonly op: 'deleteBy' }>
    return { conflict: { kind: change.kind, id: change.id } }
  }

  async purge(now: number): Promise<number> {
    return await this.#writer.purge(now)
  }

  close(): Promise<void> {
    clearInterval(this.#timer)
    this.#closing ??= (async () => {
      // The reader first: the last connection to close moves the log into the file, and only a writer can.
      this.#reader.close()
      await this.#writer.close()
    })()
    return this.#closing
  }

  /** One purge at a time: on a disk so slow that it takes longer than the interval, they would pile up. */
  purgeEvery(seconds: number, clock: Clock, log: (line: string) => void): void {
    let running = false
    this.#timer = setInterval(() => {
      if (running) return
      running = true
      this.#writer
        .purge(clock.now())
        .catch((fault: unknown) => log(`store: expired records could not be removed: ${messageOf(fault)}`))
        .finally(() => (running = false))
    }, seconds * 1000).unref()
  }
}
