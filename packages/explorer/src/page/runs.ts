import type { Runner } from '../model.ts'
import type { Catalog } from './ports.ts'

/** The runs of this page, one for each flow. They live in its memory alone: keys and tokens are gone with the page. */
export class Runs {
  readonly #catalog: Catalog
  readonly #runners = new Map<string, Runner>()

  constructor(catalog: Catalog) {
    this.#catalog = catalog
  }

  of(flow: string): Runner | undefined {
    return this.#runners.get(flow)
  }

  begin(flow: string): Runner {
    const there = this.#runners.get(flow)
    if (there !== undefined) return there
    const runner = this.#catalog.start(flow)
    this.#runners.set(flow, runner)
    return runner
  }

  end(flow: string): void {
    this.#runners.get(flow)?.close()
    this.#runners.delete(flow)
  }

  endAll(): void {
    for (const flow of this.#runners.keys()) this.end(flow)
  }
}
