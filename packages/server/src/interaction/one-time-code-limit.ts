import type { Memory } from '@holdfast/proof/memory'
import { secretHash } from '@holdfast/protocol/secret'
import type { EpochSeconds, Seconds } from '@holdfast/protocol/time'
import type { Attempt } from './sign-in-limit.ts'

/**
 * A quarter of an hour, and a day. Three codes of a million are right at any time, so thirty guesses a day are right once
 * in thirty years. Only who has the password can use them up.
 */
const WINDOWS: readonly { readonly seconds: Seconds; readonly allowed: number }[] = [
  { seconds: 900, allowed: 10 },
  { seconds: 86_400, allowed: 30 },
]

/** Slows the guessing of one-time codes: counted for each person before a code is checked, wherever it comes from. */
export class OneTimeCodeLimit {
  readonly #memory: Memory

  constructor(memory: Memory) {
    this.#memory = memory
  }

  async attempt(subject: string, now: EpochSeconds): Promise<Attempt> {
    const name = secretHash(subject).slice(0, 22)
    const counters = WINDOWS.map(({ seconds, allowed }) => {
      const until = now - (now % seconds) + seconds
      return { key: `one-time-code ${seconds} ${until} ${name}`, until, allowed }
    })
    for (const { key, until, allowed } of counters) {
      const count = await this.#memory.increment(key, until)
      if (count > allowed) return { allowed: false, scope: 'one-time code', first: count === allowed + 1 }
    }
    return {
      allowed: true,
      forgive: async () => {
        for (const { key } of counters) await this.#memory.forgive(key)
      },
    }
  }
}
