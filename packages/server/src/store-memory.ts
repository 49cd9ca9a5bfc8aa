import type { Memory } from '@holdfast/proof/memory'
import { secretHash } from '@holdfast/protocol/secret'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { ServerStore } from './records.ts'

/** A counter that many change at once is tried so often; each try that loses means that another one counted. */
const TRIES = 50

/**
 * The replay memory on the store: what one process saw, every process on that store has seen, and a restart forgets
 * nothing (RFC 9449 §11.1). It costs a commit where the one in the process costs a look-up.
 */
export function createStoreMemory(store: ServerStore): Memory {
  return new StoreMemory(store)
}

class StoreMemory implements Memory {
  readonly processLocal = false
  readonly startedAt = undefined
  readonly #store: ServerStore

  constructor(store: ServerStore) {
    this.#store = store
  }

  async add(key: string, until: EpochSeconds): Promise<'new' | 'seen'> {
    const outcome = await this.#store.commit([
      { op: 'insert', kind: 'replay', id: secretHash(key), value: {}, expiresAt: Math.ceil(until) },
    ])
    return outcome === 'committed' ? 'new' : 'seen'
  }

  async increment(key: string, until: EpochSeconds): Promise<number> {
    const id = secretHash(key)
    for (let tries = 0; tries < TRIES; tries++) {
      const counter = await this.#store.read('counter', id)
      const count = (counter?.value.count ?? 0) + 1
      const outcome = await this.#store.commit([
        counter === undefined
          ? { op: 'insert', kind: 'counter', id, value: { count }, expiresAt: Math.ceil(until) }
          : { op: 'replace', kind: 'counter', id, expected: counter.version, value: { count }, expiresAt: counter.expiresAt },
      ])
      if (outcome === 'committed') return count
    }
    // So many at once are above any limit: none of them is let through for want of a number.
    return Number.MAX_SAFE_INTEGER
  }

  async forgive(key: string): Promise<void> {
    const id = secretHash(key)
    for (let tries = 0; tries < TRIES; tries++) {
      const counter = await this.#store.read('counter', id)
      if (counter === undefined || counter.value.count <= 0) return
      const value = { count: counter.value.count - 1 }
      const outcome = await this.#store.commit([
        { op: 'replace', kind: 'counter', id, expected: counter.version, value, expiresAt: counter.expiresAt },
      ])
      if (outcome === 'committed') return
    }
  }
}
