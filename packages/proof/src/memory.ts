import type { Clock, EpochSeconds } from '@holdfast/protocol/time'

/**
 * Counters and replay, where no record is committed (RFC 9449 §11.1). Engines: in process (one process only), on the SQL
 * store, on Redis. An engine that cannot answer throws, and its caller answers 503: what cannot be checked is not accepted.
 */
export interface Memory {
  /** Remembers a key until `until`, in one step: of any number of callers at once exactly one hears `new`. */
  add(key: string, until: EpochSeconds): Promise<'new' | 'seen'>
  /** Counts one more and tells the count. The first call sets the counter's end; later ones do not move it. */
  increment(key: string, until: EpochSeconds): Promise<number>
  /** Takes one back, such as an attempt that was counted before it succeeded. Never below zero. */
  forgive(key: string): Promise<void>
  /** Nothing outside this process sees what it remembers: a second process needs a shared engine. */
  readonly processLocal: boolean
  /**
   * What was used before this second may be forgotten, so proofs made before it are refused (`DpopInput.notBefore`).
   * Undefined for an engine that outlives its processes.
   */
  readonly startedAt: EpochSeconds | undefined
}

/** The memory has as many live entries as it may: the caller answers 503, since forgetting one would let it be replayed. */
export class MemoryFull extends Error {
  override readonly name = 'MemoryFull'
}

export interface ProcessMemoryOptions {
  readonly clock: Clock
  /** The most entries alive at once, about 150 bytes each. @default 1000000 */
  readonly maxEntries?: number
}

/** A memory for one process. It knows nothing of the time before it was made, and never forgets a live entry. */
export function createProcessMemory(options: ProcessMemoryOptions): Memory {
  return new ProcessMemory(options.clock, options.maxEntries ?? 1_000_000)
}

interface Counter {
  count: number
  readonly until: EpochSeconds
}

class ProcessMemory implements Memory {
  readonly processLocal = true
  readonly startedAt: EpochSeconds
  readonly #clock: Clock
  readonly #maxEntries: number
  readonly #seen: Map<string, EpochSeconds> = new Map()
  readonly #counters: Map<string, Counter> = new Map()
  /** What ends in which second, so that ending costs each entry once and nobody ever walks over all. */
  readonly #endings: Map<EpochSeconds, string[]> = new Map()
  #purgedTo: EpochSeconds

  constructor(clock: Clock, maxEntries: number) {
    this.#clock = clock
    this.#maxEntries = maxEntries
    this.startedAt = clock.now()
    this.#purgedTo = this.startedAt
  }

  async add(key: string, until: EpochSeconds): Promise<'new' | 'seen'> {
    const now = this.#purge()
    if (this.#seen.has(key)) return 'seen'
    if (until < now) return 'new'
    this.#room()
    this.#seen.set(key, until)
    this.#endsAt(key, until)
    return 'new'
  }

  async increment(key: string, until: EpochSeconds): Promise<number> {
    const now = this.#purge()
    const counter = this.#counters.get(key)
    if (counter !== undefined) return ++counter.count
    if (until < now) return 1
    this.#room()
    this.#counters.set(key, { count: 1, until })
    this.#endsAt(key, until)
    return 1
  }

  async forgive(key: string): Promise<void> {
    this.#purge()
    const counter = this.#counters.get(key)
    if (counter !== undefined && counter.count > 0) counter.count--
  }

  #room(): void {
    if (this.#seen.size + this.#counters.size >= this.#maxEntries)
      throw new MemoryFull(`the in-process memory holds ${this.#maxEntries} live entries`)
  }

  #endsAt(key: string, until: EpochSeconds): void {
    // A clock that was set back gives ends that are purged already; they wait for the next purge.
    const second = Math.max(Math.ceil(until), this.#purgedTo)
    const ending = this.#endings.get(second)
    if (ending === undefined) this.#endings.set(second, [key])
    else ending.push(key)
  }

  /** Drops what ended before this second. A clock that goes back keeps entries longer, never shorter. */
  #purge(): EpochSeconds {
    const now = this.#clock.now()
    if (now <= this.#purgedTo) return now
    // After a long silence there are more seconds than endings.
    if (now - this.#purgedTo > this.#endings.size) {
      for (const second of this.#endings.keys()) if (second < now) this.#drop(second)
    } else {
      for (let second = this.#purgedTo; second < now; second++) this.#drop(second)
    }
    this.#purgedTo = now
    return now
  }

  #drop(second: EpochSeconds): void {
    for (const key of this.#endings.get(second) ?? []) {
      const until = this.#seen.get(key)
      if (until !== undefined && Math.ceil(until) <= second) this.#seen.delete(key)
      const counter = this.#counters.get(key)
      if (counter !== undefined && Math.ceil(counter.until) <= second) this.#counters.delete(key)
    }
    this.#endings.delete(second)
  }
}
