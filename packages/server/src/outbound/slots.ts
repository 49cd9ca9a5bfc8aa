/** How many exchanges run at once, in all and to one host. What is more is refused, not queued: a queue is where memory goes. */
export class Slots {
  readonly #most: number
  readonly #mostPerHost: number
  #all = 0
  readonly #byHost: Map<string, number> = new Map()

  constructor(most: number, mostPerHost: number) {
    this.#most = most
    this.#mostPerHost = mostPerHost
  }

  /** @returns what gives the slot back, once however often it is called; undefined when there is none */
  take(host: string): (() => void) | undefined {
    const here = this.#byHost.get(host) ?? 0
    if (this.#all >= this.#most || here >= this.#mostPerHost) return undefined
    this.#all++
    this.#byHost.set(host, here + 1)
    let held = true
    return () => {
      if (!held) return
      held = false
      this.#all--
      const left = (this.#byHost.get(host) ?? 1) - 1
      if (left === 0) this.#byHost.delete(host)
      else this.#byHost.set(host, left)
    }
  }
}
