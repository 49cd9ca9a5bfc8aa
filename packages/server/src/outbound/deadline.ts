/** One deadline for a whole exchange, whatever part of it takes so long. */
export class Deadline {
  readonly #controller: AbortController = new AbortController()
  readonly #timer: ReturnType<typeof setTimeout>
  readonly milliseconds: number

  constructor(milliseconds: number) {
    this.milliseconds = milliseconds
    this.#timer = setTimeout(() => this.#controller.abort(), milliseconds)
  }

  get passed(): boolean {
    return this.#controller.signal.aborted
  }

  /** Calls `stop` when the time is up, unless the returned function was called before. */
  whenPassed(stop: () => void): () => void {
    const { signal } = this.#controller
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
    return () => signal.removeEventListener('abort', stop)
  }

  clear(): void {
    clearTimeout(this.#timer)
  }
}
