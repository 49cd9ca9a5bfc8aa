import { type ConfidentialClient, createRun, createStage, type Flow, type Runner, type RunView, type World } from '@holdfast/explorer'
import type { RunOrder, RunState } from '@holdfast/explorer'
import { newSecret } from '@holdfast/protocol/secret'

/** Runs that are kept; the oldest goes first. */
const MOST = 20
/** A run that nobody asks for so long is forgotten, with its keys and tokens. In milliseconds. */
const IDLE = 10 * 60_000
/** How long a page waits for news, in milliseconds. */
const NEWS = 15_000

interface Entry {
  readonly run: Runner
  version: number
  touched: number
  /** Ends the waiting of who waits for news. */
  readonly news: Set<() => void>
}

interface Waiting {
  readonly resolve: (callback: string) => void
  readonly isOwn: (callback: string) => boolean
}

export interface RunsOptions {
  readonly world: World
  readonly client: ConfidentialClient
  /** Milliseconds since 1970. @default the system's clock */
  readonly now?: () => number
}

/** The runs of flows whose client has to keep a key. */
export class Runs {
  readonly #entries: Map<string, Entry> = new Map()
  readonly #options: RunsOptions
  readonly #now: () => number
  /** Who waits for a browser to come back; the one that began to wait last is first. */
  #waiting: Waiting[] = []

  constructor(options: RunsOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
    // Also where nobody ever asks again: keys and tokens of a page that was closed must not stay.
    setInterval(() => this.#forgetIdle(), IDLE).unref()
  }

  begin(flow: Flow): { readonly id: string; readonly state: RunState } {
    this.#forgetIdle()
    this.#makeRoom()
    const stage = createStage({ ...this.#options, navigate: (_url, signal, isOwn) => this.#comeBack(signal, isOwn) })
    const run = createRun(flow, stage)
    const entry: Entry = { run, version: 1, touched: this.#now(), news: new Set() }
    run.subscribe(() => {
      entry.version++
      for (const tell of entry.news) tell()
    })
    const id = newSecret()
    this.#entries.set(id, entry)
    return { id, state: stateOf(entry) }
  }

  /** @returns undefined for a run that is not there, or not any more */
  order(id: string, order: RunOrder): RunState | undefined {
    const entry = this.#find(id)
    if (entry === undefined) return undefined
    const { run } = entry
    if (order.do === 'step') void run.step()
    else if (order.do === 'attack') void run.attack(order.attack)
    else if (order.do === 'answer') run.answer?.(order.text)
    else if (order.do === 'cancel') run.cancel?.()
    else {
      run.close()
      this.#entries.delete(id)
    }
    return stateOf(entry)
  }

  /** The state as soon as it is newer than what was seen, or after a while as it is. */
  async news(id: string, seen: number): Promise<RunState | undefined> {
    const entry = this.#find(id)
    if (entry === undefined || entry.version > seen) return entry && stateOf(entry)
    await new Promise<void>((resolve) => {
      const timer = setTimeout(tell, NEWS)
      function tell(): void {
        clearTimeout(timer)
        entry?.news.delete(tell)
        resolve()
      }
      entry.news.add(tell)
    })
    return stateOf(entry)
  }

  /** A browser arrived at the callback. @returns whether anybody waited for it */
  arrived(url: string): boolean {
    const waiting = this.#waiting.find(({ isOwn }) => isOwn(url))
    this.#waiting = this.#waiting.filter((one) => one !== waiting)
    waiting?.resolve(url)
    return waiting !== undefined
  }

  #comeBack(signal: AbortSignal, isOwn: Waiting['isOwn']): Promise<string> {
    return new Promise((resolve) => {
      const waiting = { resolve, isOwn }
      this.#waiting.unshift(waiting)
      signal.addEventListener('abort', () => (this.#waiting = this.#waiting.filter((one) => one !== waiting)), { once: true })
    })
  }

  #find(id: string): Entry | undefined {
    this.#forgetIdle()
    const entry = this.#entries.get(id)
    if (entry !== undefined) entry.touched = this.#now()
    return entry
  }

  #forgetIdle(): void {
    const since = this.#now() - IDLE
    for (const [id, entry] of this.#entries) if (entry.touched <= since) this.#forget(id, entry)
  }

  #makeRoom(): void {
    for (const [id, entry] of this.#entries) if (this.#entries.size >= MOST) this.#forget(id, entry)
  }

  #forget(id: string, { run }: Entry): void {
    run.close()
    this.#entries.delete(id)
  }
}

function stateOf({ version, run }: Entry): RunState {
  return { version, view: run.view satisfies RunView }
}
