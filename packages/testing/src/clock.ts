import type { Clock, EpochSeconds, Seconds } from '@holdfast/protocol/time'

/** A clock that a test moves. It never moves by itself, and never back. */
export class TestClock implements Clock {
  #now: EpochSeconds

  /** @default 2027-01-15T08:00:00Z */
  constructor(start: EpochSeconds = 1_800_000_000) {
    this.#now = start
  }

  now(): EpochSeconds {
    return this.#now
  }

  /** @throws {RangeError} the length is negative or no whole number of seconds */
  advance(seconds: Seconds): void {
    if (!Number.isInteger(seconds) || seconds < 0) throw new RangeError('a clock advances by whole seconds')
    this.#now += seconds
  }
}
