import { availableParallelism } from 'node:os'

/** More sign-ins at once than can be answered in time: the caller answers 503. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded'
}

export interface TurnstileLimits {
  /** How many work at once. */
  readonly atOnce: number
  /** How many may wait: beyond that a sign-in would take longer than a person waits. */
  readonly waiting: number
}

/** Node has four threads for hashes, files and names: one stays free, so that a rush of sign-ins stops nothing else. */
const LIMITS: TurnstileLimits = { atOnce: Math.min(3, availableParallelism()), waiting: 100 }

/** Lets a few pass at a time, in the order they came, and turns away who would wait too long. */
export class Turnstile {
  readonly #limits: TurnstileLimits
  readonly #waiting: (() => void)[] = []
  #inside = 0

  constructor(limits: TurnstileLimits = LIMITS) {
    this.#limits = limits
  }

  /** @throws {Overloaded} nothing was begun */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside < this.#limits.atOnce) this.#inside++
    else {
      if (this.#waiting.length >= this.#limits.waiting) throw new Overloaded('too many passwords to check at once')
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    try {
      return await work()
    } finally {
      // The place goes to the next in line, or is free: nobody who comes now slips in between.
      const next = this.#waiting.shift()
      if (next === undefined) this.#inside--
      else next()
    }
  }
}
