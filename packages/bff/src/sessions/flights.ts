import { Failure } from '../authorization-server/failure.ts'
import type { Renewed } from './sessions.ts'

/** One renewal at a time for each session in this process. Who comes while one is under way waits for it. */
export class Flights {
  readonly #under = new Map<string, { readonly topic: string; readonly done: Promise<Renewed> }>()

  /**
   * @param topic what is renewed: a failure of the same is shared, so that an outage is met once and not by each in turn
   * @param look the session as it is now; what is settled needs no flight
   */
  async join(id: string, topic: string, look: () => Promise<Renewed | undefined>, fly: () => Promise<Renewed>): Promise<Renewed> {
    // Each round either ends or follows a renewal of another topic: there are not many of those.
    for (let rounds = 0; rounds < 20; rounds++) {
      const other = this.#under.get(id)
      if (other === undefined) return this.#begin(id, topic, fly)
      const outcome = await other.done
      // What is left to revoke is so for one.
      if (other.topic === topic && outcome.kind !== 'renewed') return 'left' in outcome ? { ...outcome, left: undefined } : outcome
      const settled = await look()
      if (settled !== undefined) return settled
    }
    return { kind: 'failed', failure: new Failure('away', 'busy', 'the session is renewed all the time'), setCookie: [] }
  }

  #begin(id: string, topic: string, fly: () => Promise<Renewed>): Promise<Renewed> {
    const done = fly().finally(() => this.#under.delete(id))
    this.#under.set(id, { topic, done })
    return done
  }
}
