import type { ConnectionOptions as TlsOptions } from 'node:tls'
import { type Memory, MemoryFull } from '@holdfast/proof/memory'
import { secretHash } from '@holdfast/protocol/secret'
import { type Clock, type EpochSeconds, systemClock } from '@holdfast/protocol/time'
import { addressOf, keyBase } from './address.ts'
import { type Ask, AskFault, Connection, type Reply } from './connection.ts'
import { BEGIN, FORGIVE, INCREMENT } from './memory-scripts.ts'
import { checkServer } from './requirements.ts'
import { run } from './script.ts'

export interface RedisMemoryOptions {
  /** `redis://user:password@host:6379/0`, `rediss://…` for TLS, or `unix:///run/redis/redis.sock`. */
  readonly url: string
  /** Handed to Node's TLS as it is, for `rediss:`. */
  readonly tls?: TlsOptions
  /** What its keys begin with: processes with the same one share the memory. Letters, digits, ".", "_", "-". @default holdfast */
  readonly prefix?: string
  /** What ends are measured by. */
  readonly clock?: Clock
  /** How long the server may take for a connection or an answer, in milliseconds. @default 1000 */
  readonly timeoutMilliseconds?: number
  /** Hears, in one line, when the memory begins to fail and when it works again, and what the server may forget. */
  readonly onFault?: (line: string) => void
}

/** A memory that is to be closed. */
export interface RedisMemory extends Memory {
  /** Waits for the answers to what was asked, then lets go of the connection. */
  close(): Promise<void>
}

/**
 * The memory cannot say whether it has seen a key. By name and class a MemoryFull, which guards and servers answer with
 * 503: what cannot be checked is not accepted.
 */
export class MemoryUnavailable extends MemoryFull {}

/**
 * A memory that processes share: one Redis (6 or newer) or Valkey. Its `startedAt` moves when the server was restarted or
 * replaced, since the last seconds may be forgotten then: proofs from before are refused, and are made anew.
 *
 * @throws {MemoryUnavailable} the server cannot be reached, or must not be used: a replica, or one that evicts keys
 * @throws {TypeError} the url or the prefix makes no sense
 */
export async function openRedisMemory(options: RedisMemoryOptions): Promise<RedisMemory> {
  const memory = new SharedMemory(options)
  await memory.open()
  return memory
}

/** How much longer than asked a used key is kept, in seconds: clocks of processes differ. */
const MARGIN = 5
/** How long what began before a restart of the server may take to end, in seconds. */
const SETTLING = 2

class SharedMemory implements RedisMemory {
  readonly processLocal = false
  readonly #clock: Clock
  readonly #base: string
  readonly #log: (line: string) => void
  readonly #connection: Connection
  #since: EpochSeconds | undefined
  /** Until then there may be callers that compared with an earlier `startedAt`: they hear no `new`. */
  #settledAt: EpochSeconds = 0
  #refused = 0

  constructor({ url, tls, prefix = 'holdfast', clock = systemClock, timeoutMilliseconds = 1000, onFault = () => {} }: RedisMemoryOptions) {
    this.#base = `${keyBase(prefix)}memory:`
    this.#clock = clock
    this.#log = onFault
    this.#connection = new Connection({ address: addressOf(url, tls), timeoutMilliseconds, prepare: (ask) => this.#prepare(ask) })
  }

  get startedAt(): EpochSeconds | undefined {
    return this.#since
  }

  async open(): Promise<void> {
    const appendOnly = await this.#ask((ask) => ask('PING')).then(() => this.#appendOnly)
    if (!appendOnly)
      this.#log(`memory ${this.#connection.name}: appendonly is off: a restart of the server forgets how many attempts were counted`)
  }

  async add(key: string, until: EpochSeconds): Promise<'new' | 'seen'> {
    const known = this.#since
    const life = this.#life(until) + MARGIN * 1000
    const answer = await this.#ask((ask) => ask('SET', `${this.#base}used:${secretHash(key)}`, '', 'PX', life, 'NX'))
    if (answer === null) return 'seen'
    if (this.#since !== known || this.#clock.now() < this.#settledAt)
      throw new MemoryUnavailable(`the memory ${this.#connection.name} was restarted: what was used just before may be forgotten`)
    return 'new'
  }

  async increment(key: string, until: EpochSeconds): Promise<number> {
    const life = this.#life(until)
    return Number(await this.#ask((ask) => run(ask, INCREMENT, this.#counter(key), life)))
  }

  async forgive(key: string): Promise<void> {
    await this.#ask((ask) => run(ask, FORGIVE, this.#counter(key)))
  }

  close(): Promise<void> {
    return this.#connection.close()
  }

  #appendOnly = true

  /** Whoever talks to this server first since it started says from when on it knows everything; all others hear the same. */
  async #prepare(ask: Ask): Promise<void> {
    const { runId, appendOnly } = await checkServer(ask)
    const now = this.#clock.now()
    // A memory that this process knew already and that has no marker any more was lost whole.
    const [unmarked, moved] = [this.#since === undefined ? now : now + SETTLING, now + SETTLING]
    const since = Number(await run(ask, BEGIN, `${this.#base}began`, runId, unmarked, moved))
    if (this.#since !== undefined && this.#since !== since) this.#settledAt = Math.max(since, now + SETTLING)
    this.#since = since
    this.#appendOnly = appendOnly
  }

  /** Hashed, since keys hold names and addresses, and are of any length. */
  #counter(key: string): string {
    return `${this.#base}count:${secretHash(key)}`
  }

  /** In milliseconds from now on, by the clock that `until` was made with: the server's may differ. Lives to the end of the second. */
  #life(until: EpochSeconds): number {
    if (!Number.isFinite(until)) throw new TypeError('until must be a time in seconds')
    return (Math.max(Math.ceil(until) - this.#clock.now(), 0) + 1) * 1000
  }

  async #ask(work: (ask: Ask) => Promise<Reply>): Promise<Reply> {
    try {
      const answer = await this.#connection.use(work)
      this.#tell(undefined)
      return answer
    } catch (fault) {
      if (!(fault instanceof AskFault)) throw fault
      const message = `the memory ${this.#connection.name} cannot be used: ${fault.message}`
      this.#tell(message)
      throw fault.code === 'OOM' ? new MemoryFull(message) : new MemoryUnavailable(message)
    }
  }

  /** One line when it begins to fail and one when it works again, however many questions failed between. */
  #tell(fault: string | undefined): void {
    if (fault !== undefined && this.#refused === 0) this.#log(fault)
    if (fault === undefined && this.#refused > 0)
      this.#log(`the memory ${this.#connection.name} is used again, after ${this.#refused} refusals`)
    this.#refused = fault === undefined ? 0 : this.#refused + 1
  }
}
