import { secretHash } from '@holdfast/protocol/secret'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Memory } from '@holdfast/proof/memory'

/** Failed attempts a minute, for one client from one address, of IPv6 from one /64. */
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
    // As long as nobody is blocked, a client at work does not even pay for the hash.
    if (this.#blocked.size === 0) return false
    const name = nameOf(guess)
    const until = this.#blocked.get(name)
    if (until === undefined) return false
    if (until > now) return true
    this.#blocked.delete(name)
    return false
  }

  async failed(guess: string, now: EpochSeconds): Promise<void> {
    const name = nameOf(guess)
    const until = now - (now % 60) + 60
    // A memory that is full or away must not turn a refusal into an outage: the secret has 256 bits.
    const count = await this.#memory.increment(`client-guess ${until} ${name}`, until).catch(() => 0)
    if (count < ALLOWED) return
    if (this.#blocked.size >= REMEMBERED) this.#blocked.delete(this.#blocked.keys().next().value as string)
    this.#blocked.set(name, until)
  }
}

/** Names come from strangers, who could fill the memory with long ones: of each as much is kept as of any other. */
function nameOf(guess: string): string {
  return secretHash(guess).slice(0, 22)
}
