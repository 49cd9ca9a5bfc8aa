import { Worker } from 'node:worker_threads'
import { OutcomeUnknown, StoreUnavailable } from '@holdfast/store'
import { COMMITTED, type FromWorker, type ToWorker, type Verdict, type WorkerInput } from './messages.ts'
import type { WireChange } from './statements.ts'

/** Commits of one transaction: while it runs, another process waits. */
const MOST_IN_GROUP = 512
/** Commits that wait for the disk. Beyond it is not slow but stuck, and memory is not where to find out. */
const MOST_WAITING = 20_000

/** The place of the change that conflicted, or undefined: committed. */
export type CommitResult = number | undefined

interface Waiting {
  readonly changes: readonly WireChange[]
  readonly resolve: (result: CommitResult) => void
  readonly reject: (fault: Error) => void
}

/**
 * The main thread's end of the worker. Commits of one turn of the event loop are gathered into one group; while
 * a group is under way the next ones gather, so groups grow with the load and the disk is waited for less often.
 */
export class Writer {
  readonly #worker: Worker
  readonly #log: (line: string) => void
  readonly #path: string
  #waiting: Waiting[] = []
  #underWay: readonly Waiting[] = []
  #scheduled = false
  #gone: string | undefined
  #refused = 0
  #onEmpty: (() => void) | undefined
  #onClosed: (() => void) | undefined
  readonly #purges = new Map<number, { readonly resolve: (rows: number) => void; readonly reject: (fault: Error) => void }>()
  #ticket = 0

  private constructor(worker: Worker, input: WorkerInput, log: (line: string) => void) {
    this.#worker = worker
    this.#path = input.path
    this.#log = log
    worker.on('message', (message: FromWorker) => this.#hear(message))
    worker.on('error', (fault) => this.#lose(`the store's worker failed: ${fault.message}`))
    worker.on('exit', () => this.#lose("the store's worker ended"))
    // Work under way keeps the process alive, an open store does not.
    worker.unref()
  }

  /** @returns the writer, and what its connection says of itself */
  static async open(
    input: WorkerInput,
    log: (line: string) => void,
  ): Promise<{ readonly writer: Writer; readonly worker: Worker; readonly synchronous: number; readonly journal: string }> {
    const worker = startWorker(input)
    const first = await new Promise<FromWorker>((resolve, reject) => {
      const failed = (fault: Error): void => reject(new StoreUnavailable(`the store ${input.path} cannot be opened: ${fault.message}`))
      worker.once('error', failed)
      worker.once('message', (message: FromWorker) => {
        worker.off('error', failed)
        resolve(message)
      })
    })
    if (first.type !== 'ready')
      throw new StoreUnavailable(`the store ${input.path} cannot be opened: ${first.type === 'failed' ? first.message : first.type}`)
    return { writer: new Writer(worker, input, log), worker, synchronous: first.synchronous, journal: first.journal }
  }

  commit(changes: readonly WireChange[]): Promise<CommitResult> {
    if (this.#gone !== undefined) return Promise.reject(new StoreUnavailable(this.#gone))
    if (this.#waiting.length >= MOST_WAITING)
      return Promise.reject(new StoreUnavailable(`${MOST_WAITING} commits wait for the disk already`))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ changes, resolve, reject })
      if (this.#scheduled || this.#underWay.length > 0) return
      this.#scheduled = true
      setImmediate(() => {
        this.#scheduled = false
        this.#send()
      })
    })
  }

  purge(now: number): Promise<number> {
    if (this.#gone !== undefined) return Promise.reject(new StoreUnavailable(this.#gone))
    return new Promise((resolve, reject) => {
      const ticket = ++this.#ticket
      this.#purges.set(ticket, { resolve, reject })
      this.#worker.ref()
      this.#post({ type: 'purge', ticket, now })
    })
  }

  /** Waits for what was handed over, then lets the worker close its connection. */
  async close(): Promise<void> {
    if (this.#gone !== undefined) return
    this.#worker.ref()
    if (this.#waiting.length > 0 || this.#underWay.length > 0) await new Promise<void>((resolve) => (this.#onEmpty = resolve))
    if (this.#gone !== undefined) return
    this.#gone = 'the store is closed'
    await new Promise<void>((resolve) => {
      this.#onClosed = resolve
      this.#post({ type: 'close' })
    })
  }

  #send(): void {
    if (this.#waiting.length === 0 || this.#underWay.length > 0 || this.#gone !== undefined) return
    this.#underWay = this.#waiting.splice(0, MOST_IN_GROUP)
    this.#worker.ref()
    this.#post({ type: 'group', commits: this.#underWay.map((waiting) => waiting.changes) })
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message)
  }

  #hear(message: FromWorker): void {
    if (message.type === 'verdicts') this.#settle(message.verdicts)
    else if (message.type === 'fault') this.#log(`store ${this.#path}: ${message.line}`)
    else if (message.type === 'closed') this.#lose('the store is closed')
    else if (message.type === 'purged') {
      const purge = this.#purges.get(message.ticket)
      this.#purges.delete(message.ticket)
      if (message.fault === undefined) purge?.resolve(message.rows)
      else purge?.reject(new StoreUnavailable(message.fault))
      this.#rest()
    }
  }

  #settle(verdicts: readonly Verdict[]): void {
    const settled = this.#underWay
    this.#underWay = []
    this.#send()
    let refused = 0
    let why = ''
    for (const [place, waiting] of settled.entries()) {
      const verdict = verdicts[place] as Verdict
      if (typeof verdict === 'number') waiting.resolve(verdict === COMMITTED ? undefined : verdict)
      else {
        refused++
        why = verdict.message
        waiting.reject(verdict.what === 'unknown' ? new OutcomeUnknown(why) : new StoreUnavailable(why))
      }
    }
    this.#tell(refused, why)
    this.#rest()
  }

  /** One line when writing begins to fail and one when it works again, however many commits were refused between. */
  #tell(refused: number, why: string): void {
    if (refused > 0 && this.#refused === 0) this.#log(`store ${this.#path}: cannot write, commits are refused: ${why}`)
    if (refused === 0 && this.#refused > 0) this.#log(`store ${this.#path}: writes again, after ${this.#refused} refused commits`)
    this.#refused = refused === 0 ? 0 : this.#refused + refused
  }

  #rest(): void {
    if (this.#waiting.length > 0 || this.#underWay.length > 0) return
    this.#onEmpty?.()
    if (this.#purges.size === 0 && this.#onEmpty === undefined) this.#worker.unref()
  }

  /** What the worker had may be on the disk or not; what it had not is not. */
  #lose(why: string): void {
    if (this.#gone === undefined) this.#log(`store ${this.#path}: ${why}; it must be opened again`)
    this.#gone ??= why
    const lost = this.#underWay
    const never = this.#waiting
    this.#underWay = []
    this.#waiting = []
    for (const waiting of lost) waiting.reject(new OutcomeUnknown(why))
    for (const waiting of never) waiting.reject(new StoreUnavailable(why))
    for (const purge of this.#purges.values()) purge.reject(new StoreUnavailable(why))
    this.#purges.clear()
    this.#onEmpty?.()
    this.#onClosed?.()
  }
}

/** From `dist` by its public name, so that a bundler leaves it alone; from the sources beside this file, since Node strips types. */
function startWorker(input: WorkerInput): Worker {
  const fromSource = import.meta.url.endsWith('.ts')
  const url = fromSource ? new URL('./worker.ts', import.meta.url) : new URL(import.meta.resolve('@holdfast/store-sqlite/worker'))
  return new Worker(url, { name: 'holdfast-store', workerData: input, ...(fromSource ? { execArgv: ['--conditions=source'] } : {}) })
}
