import type { Memory } from '@holdfast/proof/memory'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Attempt } from '../interaction/sign-in-limit.ts'

/** A quarter of an hour, in seconds. */
const WINDOW = 900
/** Wrong passwords of one app in a window, from everywhere. */
const PER_CLIENT = 2000

/**
 * Slows guessing through one app by many addresses (§9.3). It locks nobody out: who is over is sent to the sign-in page,
 * which has limits of its own.
 */
export class FirstPartyLimit {
  readonly #memory: Memory

  constructor(memory: Memory) {
    this.#memory = memory
  }

  async attempt(clientId: string, now: EpochSeconds): Promise<Attempt> {
    const until = now - (now % WINDOW) + WINDOW
    const key = `first-party ${until} ${clientId}`
    const count = await this.#memory.increment(key, until)
    if (count > PER_CLIENT) return { allowed: false, scope: 'client', first: count === PER_CLIENT + 1 }
    return { allowed: true, forgive: () => this.#memory.forgive(key) }
  }
}
