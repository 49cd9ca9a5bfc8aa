import type { Clock, EpochSeconds, Seconds } from '@holdfast/protocol/time'

const MOST = 20_000

/** What was so lately, in this process alone. The oldest is forgotten when there is too much of it. */
export class Recent<Value> {
  readonly #clock: Clock
  readonly #life: Seconds
  readonly #held = new Map<string, { readonly value: Value; readonly until: EpochSeconds }>()

  constructor(clock: Clock, life: Seconds) {
    this.#clock = clock
    this.#life = life
  }

  get(key: string): Value | undefined {
    const held = this.#held.get(key)
    return held === undefined || held.until <= this.#clock.now() ? undefined : held.value
  }

  set(key: string, value: Value): void {
    this.#held.delete(key)
    this.#held.set(key, { value, until: this.#clock.now() + this.#life })
    // A map keeps the order in which its keys came: the first are the oldest.
    for (const [oldest, { until }] of this.#held) {
      if (this.#held.size <= MOST && until > this.#clock.now()) break
      this.#held.delete(oldest)
    }
  }
}
