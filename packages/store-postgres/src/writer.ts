import { OutcomeUnknown, StoreUnavailable } from '@holdfast/store'
import { COMMITTED, type GroupWriter, type Verdict } from './group.ts'
import type { TableDescription } from './statements.ts'
import { placeOf, type WireChange } from './wire.ts'

/** Commits of one transaction. Each is a subtransaction, and PostgreSQL keeps 64 of those where it finds them quickly. */
const MOST_IN_GROUP = 64
/** Commits that wait for the server. Beyond it is not slow but stuck, and memory is not where to find out. */
const MOST_WAITING = 20_000

/** The place of the change that conflicted, or undefined: committed. */
export type CommitResult = number | undefined

interface Waiting {
  readonly changes: readonly WireChange[]
  readonly place: string
  readonly resolve: (result: CommitResult) => void
  readonly reject: (fault: Error) => void
}

/**
 * Commits of one turn of the event loop are gathered into one group; while a group is under way the next ones gather, so
 * groups grow with the load and the disk and the replica are waited for less often.
 */
export class Writer {
  readonly #groups: GroupWriter
  readonly #tables: readonly TableDescription[]
  readonly #name: string
  readonly #log: (line: string) => void
  #waiting: Waiting[] = []
  #running: Promise<void> | undefined
  #closed = false
  #refused = 0

  constructor(groups: GroupWriter, tables: readonly TableDescription[], name: string, log: (line: string) => void) {
    this.#groups = groups
    this.#tables = tables
    this.#name = name
    this.#log = log
  }

  commit(changes: readonly WireChange[]): Promise<CommitResult> {
    if (this.#closed) return Promise.reject(new StoreUnavailable('the store is closed'))
    if (this.#waiting.length >= MOST_WAITING)
      return Promise.reject(new StoreUnavailable(`${MOST_WAITING} commits wait for the server already`))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ changes, place: placeOf(changes, this.#tables), resolve, reject })
      this.#running ??= this.#run()
    })
  }

  /** Waits for what was handed over. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#running
    await this.#groups.close()
  }

  async #run(): Promise<void> {
    await new Promise(setImmediate)
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, MOST_IN_GROUP).sort((a, b) => (a.place < b.place ? -1 : a.place > b.place ? 1 : 0))
      this.#settle(group, await this.#groups.apply(group.map((waiting) => waiting.changes)))
      // Who was answered may have something to add to the next group.
      await new Promise(setImmediate)
    }
    this.#running = undefined
  }

  #settle(group: readonly Waiting[], verdicts: readonly Verdict[]): void {
    let refused = 0
    let why = ''
    for (const [place, waiting] of group.entries()) {
      const verdict = verdicts[place] as Verdict
      if (typeof verdict === 'number') waiting.resolve(verdict === COMMITTED ? undefined : verdict)
      else {
        refused++
        why = verdict.message
        waiting.reject(verdict.what === 'unknown' ? new OutcomeUnknown(why) : new StoreUnavailable(why))
      }
    }
    this.#tell(refused, why)
  }

  /** One line when writing begins to fail and one when it works again, however many commits were refused between. */
  #tell(refused: number, why: string): void {
    if (refused > 0 && this.#refused === 0) this.#log(`store ${this.#name}: cannot write, commits are refused: ${why}`)
    if (refused === 0 && this.#refused > 0) this.#log(`store ${this.#name}: writes again, after ${this.#refused} refused commits`)
    this.#refused = refused === 0 ? 0 : this.#refused + refused
  }
}
