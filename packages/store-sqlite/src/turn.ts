import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { sleep, waitWhileBusy } from './connection.ts'

/**
 * How long the lock is left free between two transactions while somebody else writes, in milliseconds. The longer
 * a transaction takes (a slow disk), the more it costs to miss the moment, and the less to make it longer.
 */
const YIELD = 0.5
const MOST_YIELD = 2
const SHARE_OF_HELD = 1 / 8
/** How often a process that knows of no other leaves it free, so that one can make itself known, and how long; in milliseconds. */
const PROBE = 50
const PROBE_YIELD = 1
/** How long after another process was last met we expect it again, in milliseconds. */
const REMEMBERED = 1000

/**
 * Whose turn it is to write. SQLite hands its write lock to whoever asks at the right moment, with no queue:
 * a writer that begins again as soon as it committed starves another process, whose waits grow to seconds.
 * So each leaves the lock free for a moment after every transaction while it has met another lately (it had
 * to wait, or the file changed under it), and asks often while it waits. A lone process pauses for one
 * fiftieth of its time, and only when it has no other pause.
 */
export class WriteTurn {
  readonly #database: DatabaseSync
  readonly #begin: StatementSync
  readonly #commit: StatementSync
  readonly #rollback: StatementSync
  readonly #dataVersion: StatementSync
  readonly #timeoutMilliseconds: number
  #version: unknown
  #metUntil = 0
  #begunAt = 0
  #releasedAt = 0
  /** How long the last transaction took. */
  #held = 0
  #pausedAt = 0

  constructor(database: DatabaseSync, timeoutMilliseconds: number) {
    this.#database = database
    this.#timeoutMilliseconds = timeoutMilliseconds
    this.#begin = database.prepare('begin immediate')
    this.#commit = database.prepare('commit')
    this.#rollback = database.prepare('rollback')
    this.#dataVersion = database.prepare('pragma data_version')
    this.#version = this.#dataVersion.get()?.['data_version']
    // From here on this class waits, often and briefly. SQLite's own waiting grows to 100 ms between two tries.
    database.exec('pragma busy_timeout = 1')
  }

  /** @throws when the lock was not to be had in time, or the file cannot be read: nothing has begun */
  begin(): void {
    this.#pause(performance.now())
    const waited = waitWhileBusy(this.#timeoutMilliseconds, () => this.#begin.run())
    this.#begunAt = performance.now()
    const version = this.#dataVersion.get()?.['data_version']
    if (waited || version !== this.#version) this.#metUntil = this.#begunAt + REMEMBERED
    this.#version = version
  }

  commit(): void {
    this.#commit.run()
    this.#released()
  }

  #pause(now: number): void {
    const met = now < this.#metUntil
    const needed = Math.max(met ? YIELD : PROBE_YIELD, Math.min(MOST_YIELD, this.#held * SHARE_OF_HELD))
    const free = now - this.#releasedAt
    if (free < needed) {
      if (!met && now - this.#pausedAt < PROBE) return
      sleep(needed - free)
    }
    this.#pausedAt = now
  }

  /** Some faults (a full disk) have rolled back already. */
  rollback(): void {
    if (this.#database.isTransaction) this.#rollback.run()
    this.#released()
  }

  #released(): void {
    this.#releasedAt = performance.now()
    this.#held = this.#releasedAt - this.#begunAt
  }
}
