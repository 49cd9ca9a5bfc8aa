import type { Clock, EpochSeconds } from '@holdfast/protocol/time'
import type { ServerChange, ServerReader } from '../records.ts'

/**
 * A value in memory that follows a revision row: looked at once a second at most, loaded anew when the row
 * moved. So a client that was removed or a key that was added is known to every node within a second, and
 * a request in between pays for nothing.
 */
export class Followed<T> {
  readonly #store: ServerReader
  readonly #name: string
  readonly #clock: Clock
  readonly #load: () => Promise<T>
  #value: T | undefined
  #version = -1
  #checkedAt: EpochSeconds = -1
  #checking: Promise<void> | undefined

  constructor(store: ServerReader, name: string, clock: Clock, load: () => Promise<T>) {
    this.#store = store
    this.#name = name
    this.#clock = clock
    this.#load = load
  }

  /** The value itself while it is fresh; a promise of it once a second. */
  get(): T | Promise<T> {
    if (this.#value !== undefined && this.#checkedAt === this.#clock.now()) return this.#value
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined
    })
    return this.#checking.then(() => this.#value as T)
  }

  /** The value as last seen, for synchronous use after one `get`. */
  get last(): T {
    return this.#value as T
  }

  async #check(): Promise<void> {
    const now = this.#clock.now()
    const row = await this.#store.read('revision', this.#name)
    const version = row?.version ?? 0
    if (this.#value === undefined || version !== this.#version) {
      this.#value = await this.#load()
      this.#version = version
    }
    this.#checkedAt = now
  }
}

/** The change that moves a revision row: goes into the commit of what changed. */
export async function moved(store: ServerReader, name: string, now: EpochSeconds): Promise<ServerChange> {
  const row = await store.read('revision', name)
  const value = { changedAt: now }
  return row === undefined
    ? { op: 'insert', kind: 'revision', id: name, value }
    : { op: 'replace', kind: 'revision', id: name, expected: row.version, value }
}
