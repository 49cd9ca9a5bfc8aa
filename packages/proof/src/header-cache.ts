/** A longer header is not remembered: 4096-bit RSA needs some 1,200 characters. */
const MAX_KEY_LENGTH = 2048

/**
 * What was found out about a text, for the texts seen lately: a client repeats its proof's header byte for byte, and
 * importing its key costs a third of the whole check. Two generations make it a cheap LRU: what was not asked for
 * during a whole generation is dropped with it. At most `maxEntries` entries and `maxCharacters` of text in all.
 */
export class HeaderCache<V> {
  #young: Map<string, V> = new Map()
  #old: Map<string, V> = new Map()
  #characters = 0
  readonly #maxEntries: number
  readonly #maxCharacters: number

  constructor(limits: { readonly maxEntries?: number; readonly maxCharacters?: number } = {}) {
    this.#maxEntries = (limits.maxEntries ?? 10_000) / 2
    this.#maxCharacters = (limits.maxCharacters ?? 8 * 1024 * 1024) / 2
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  get(text: string): V | undefined {
    const young = this.#young.get(text)
    if (young !== undefined) return young
    const old = this.#old.get(text)
    if (old !== undefined) {
      this.#old.delete(text)
      this.set(text, old)
    }
    return old
  }

  set(text: string, value: V): void {
    if (text.length > MAX_KEY_LENGTH || this.#young.get(text) === value) return
    if (this.#young.size >= this.#maxEntries || this.#characters + text.length > this.#maxCharacters) {
      this.#old = this.#young
      this.#young = new Map()
      this.#characters = 0
    }
    if (!this.#young.has(text)) this.#characters += text.length
    this.#young.set(detached(text), value)
  }
}

/** A copy: a slice would keep the whole text alive that it was cut from. */
function detached(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string
}
