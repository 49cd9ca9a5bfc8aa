import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Memory } from '@holdfast/proof/memory'

/** Failed attempts a minute, for one client from one address. */
const ALLOWED = 30
/** How many blocks one process remembers; beyond that the oldest is forgotten, the counters stay. */
const REMEMBERED = 10_000

/** Slows the guessing of client secrets (OA-49): only failures count, so that a client at work pays nothing. */
export class GuessLimit {
  readonly #memory: Memory
  readonly #blocked: Map<string, EpochSeconds> = new Map()

  constructor(memory: Memory) {
    this.#memory = memory
  }

  blocked(guess: string, now: EpochSeconds): boolean {
    const until = this.#blocked.get(guess)
    if (until === undefined) return false
    if (until > now) return true
    this.#blocked.delete(guess)
    return false
  }

  async failed(guess: string, now: EpochSeconds): Promise<void> {
    const until = now - (now % 60) + 60
    // A memory that is full or away must not turn a refusal into an outage: the secret has 256 bits.
    const count = await this.#memory.increment(`client-guess ${until} ${guess}`, until).catch(() => 0)
    if (count < ALLOWED) return
    if (this.#blocked.size >= REMEMBERED) this.#blocked.delete(this.#blocked.keys().next().value as string)
    this.#blocked.set(guess, until)
  }
}
