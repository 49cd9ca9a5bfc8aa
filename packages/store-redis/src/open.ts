import type { ConnectionOptions as TlsOptions } from 'node:tls'
import { type Clock, systemClock } from '@holdfast/protocol/time'
import {
  type Change,
  type Kinds,
  type Listed,
  type OpenStore,
  OutcomeUnknown,
  type Outcome,
  type Page,
  type RecordMap,
  type Stored,
  StoreUnavailable,
} from '@holdfast/store'
import { checkId, checkIndexed, checkKinds, checkPage, descriptorOf, indexOf } from '@holdfast/store/rows'
import { addressOf, keyBase } from './address.ts'
import { COMMIT, LIST, PURGE } from './commit-script.ts'
import { type Argument, type Ask, AskFault, Connection, type Reply } from './connection.ts'
import { prepareIndexes } from './indexes.ts'
import { checkDurable, checkRights, checkServer } from './requirements.ts'
import { run, type Script } from './script.ts'
import { wireOf } from './wire.ts'

export interface RedisStoreOptions<R extends RecordMap> {
  /** `redis://user:password@host:6379/0`, `rediss://…` for TLS, or `unix:///run/redis/redis.sock`. */
  readonly url: string
  /** Handed to Node's TLS as it is, for `rediss:`. */
  readonly tls?: TlsOptions
  readonly kinds: Kinds<R>
  /** What its keys begin with: one store for each. Letters, digits, ".", "_", "-". @default holdfast */
  readonly prefix?: string
  /**
   * Refuses a server without `appendonly yes`, `appendfsync always`, `no-appendfsync-on-rewrite no` and
   * `aof-load-truncated no`. With `false` a crash may forget commits that were acknowledged (about the last second with
   * `appendfsync everysec`, everything since the last snapshot without `appendonly`) and half of a commit. @default true
   */
  readonly durable?: boolean
  /** What "expired" is measured by. */
  readonly clock?: Clock
  /** How often expired records are removed, in seconds. Default 60; 0 leaves it to `purge`. */
  readonly purgeEverySeconds?: number
  /** How long the server may take for a connection, a read or a commit, in milliseconds. Default 5000. */
  readonly timeoutMilliseconds?: number
  /** Hears, in one line, when commits begin to be refused and when they work again, and what the server may forget. */
  readonly onFault?: (line: string) => void
}

/** Records that one purging script removes: the server does nothing else meanwhile. */
const PURGE_BATCH = 500

/**
 * The store on one Redis (6 or newer) or Valkey. A commit is one script, so nobody ever sees half of it.
 *
 * @throws {StoreUnavailable} the server cannot be reached, or must not be used: not durable, evicting keys, a replica
 * @throws {TypeError} the kinds, the url or the prefix make no sense
 */
export async function openRedisStore<R extends RecordMap>(options: RedisStoreOptions<R>): Promise<OpenStore<R>> {
  checkKinds(options.kinds)
  const { clock = systemClock, purgeEverySeconds = 60, durable = true, onFault = () => {} } = options
  const store = new RedisStore(options, onFault)
  try {
    await store.open()
  } catch (fault) {
    await store.close()
    throw fault
  }
  if (!durable) onFault(`store ${store.name}: durable is false: after a crash it may not know its last commits`)
  if (purgeEverySeconds > 0) store.purgeEvery(purgeEverySeconds, clock)
  return store
}

class RedisStore<R extends RecordMap> implements OpenStore<R> {
  readonly #kinds: Kinds<R>
  readonly #base: string
  readonly #log: (line: string) => void
  readonly #connection: Connection
  #timer: NodeJS.Timeout | undefined
  #closed = false
  #refused = 0

  constructor(
    { url, tls, kinds, prefix = 'holdfast', durable = true, timeoutMilliseconds = 5000 }: RedisStoreOptions<R>,
    log: (line: string) => void,
  ) {
    this.#kinds = kinds
    this.#base = keyBase(prefix)
    this.#log = log
    const prepare = async (ask: Ask): Promise<void> => {
      await checkServer(ask)
      if (durable) await checkDurable(ask)
      await checkRights(ask, this.#base)
    }
    this.#connection = new Connection({ address: addressOf(url, tls), timeoutMilliseconds, prepare })
  }

  get name(): string {
    return this.#connection.name
  }

  open(): Promise<void> {
    return this.#read((ask) => prepareIndexes(ask, this.#base, this.#kinds))
  }

  async read<K extends keyof R & string>(kind: K, id: string): Promise<Stored<R[K]> | undefined> {
    this.#refuseWhenClosed()
    descriptorOf(this.#kinds, kind)
    checkId(kind, id)
    const row = (await this.#read((ask) => ask('HMGET', `${this.#base}r:${kind}:${id}`, 'v', 'e', 'j'))) as readonly Reply[]
    return row[0] === null ? undefined : stored<R[K]>([id, ...row])
  }

  async list<K extends keyof R & string>(kind: K, index: keyof R[K] & string, value: string, page: Page): Promise<Listed<R[K]>> {
    this.#refuseWhenClosed()
    indexOf(descriptorOf(this.#kinds, kind), kind, index)
    checkIndexed(kind, index, value)
    checkPage(page)
    const { limit, after = '' } = page
    // One more than asked for tells whether there is a next page. No id is empty, so '' is before the first.
    const rows = (await this.#read((ask) => this.#run(ask, LIST, kind, index, value, after, limit + 1))) as readonly (readonly Reply[])[]
    const items = rows.slice(0, limit).map((row) => stored<R[K]>(row))
    return { items, next: rows.length > limit ? items.at(-1)?.id : undefined }
  }

  async commit(changes: readonly Change<R>[]): Promise<Outcome> {
    this.#refuseWhenClosed()
    const wire = wireOf(this.#kinds, changes)
    if (wire.length === 0) return 'committed'
    const place = Number(await this.#write((ask) => this.#run(ask, COMMIT, ...wire)))
    if (place === -1) return 'committed'
    const change = changes[place] as Exclude<Change<R>, { readonly op: 'deleteBy' }>
    return { conflict: { kind: change.kind, id: change.id } }
  }

  async purge(now: number): Promise<number> {
    this.#refuseWhenClosed()
    let purged = 0
    for (const kind of Object.keys(this.#kinds).filter((kind) => descriptorOf(this.#kinds, kind).expires)) {
      for (let full = true; full && !this.#closed;) {
        const removed = Number(await this.#read((ask) => this.#run(ask, PURGE, kind, now, PURGE_BATCH)))
        purged += removed
        full = removed === PURGE_BATCH
      }
    }
    return purged
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    await this.#connection.close()
  }

  /** One purge at a time: when it takes longer than the interval, they would pile up. */
  purgeEvery(seconds: number, clock: Clock): void {
    let running = false
    this.#timer = setInterval(() => {
      if (running) return
      running = true
      this.purge(clock.now())
        .catch((fault: unknown) => this.#log(`store ${this.name}: expired records could not be removed: ${(fault as Error).message}`))
        .finally(() => (running = false))
    }, seconds * 1000).unref()
  }

  #run(ask: Ask, script: Script, ...args: readonly Argument[]): Promise<Reply> {
    return run(ask, script, `${this.#base}kinds`, this.#base, ...args)
  }

  async #read<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
    try {
      return await this.#connection.use(work)
    } catch (fault) {
      if (!(fault instanceof AskFault)) throw fault
      throw new StoreUnavailable(`the store ${this.name} cannot be asked: ${fault.message}`)
    }
  }

  async #write(work: (ask: Ask) => Promise<Reply>): Promise<Reply> {
    try {
      const answer = await this.#connection.use(work)
      this.#tell(undefined)
      return answer
    } catch (fault) {
      if (!(fault instanceof AskFault)) throw fault
      this.#tell(fault.message)
      if (fault.what === 'lost') throw new OutcomeUnknown(fault.message)
      throw new StoreUnavailable(`the store ${this.name} cannot be written to: ${fault.message}`)
    }
  }

  /** One line when writing begins to fail and one when it works again, however many commits were refused between. */
  #tell(why: string | undefined): void {
    if (why !== undefined && this.#refused === 0) this.#log(`store ${this.name}: cannot write, commits are refused: ${why}`)
    if (why === undefined && this.#refused > 0) this.#log(`store ${this.name}: writes again, after ${this.#refused} refused commits`)
    this.#refused = why === undefined ? 0 : this.#refused + 1
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new StoreUnavailable('the store is closed')
  }
}

function stored<Value>(row: readonly Reply[]): Stored<Value> {
  const [id, version, expires, json] = row.map(String) as [string, string, string, string]
  return { id, version: Number(version), value: JSON.parse(json) as Value, expiresAt: expires === '' ? undefined : Number(expires) }
}
