import type { EpochSeconds } from '@holdfast/protocol/time'
import { event } from '../events.ts'
import type { ServerStore } from '../records.ts'

/** Tokens that are told in a sum, one event a minute for each client and audience (docs/decisions/0010). */
export interface CountedTokens {
  readonly grantType: string
  readonly clientId: string
  readonly audience: readonly string[]
  readonly scopes: readonly string[]
}

interface Sum {
  readonly of: CountedTokens
  readonly scopes: Set<string>
  count: number
}

/** Sums of one minute at most; what is more goes into one for all the rest. */
const SUMS = 5000
/** Events in one commit. */
const TOGETHER = 500

/**
 * What machines do all the time is counted, and stored once a minute: an event for each token would be
 * the only thing that the request writes, and millions of rows a day that all say the same.
 */
export class IssuedCounts {
  readonly #store: ServerStore
  #sums: Map<string, Sum> = new Map()
  #rest = 0

  constructor(store: ServerStore) {
    this.#store = store
  }

  count(tokens: CountedTokens): void {
    const key = `${tokens.grantType}\n${tokens.clientId}\n${tokens.audience.join(' ')}`
    const sum = this.#sums.get(key)
    if (sum !== undefined) {
      sum.count++
      for (const scope of tokens.scopes) sum.scopes.add(scope)
    } else if (this.#sums.size < SUMS) this.#sums.set(key, { of: tokens, scopes: new Set(tokens.scopes), count: 1 })
    else this.#rest++
  }

  /** Stores the sums since the last time; called once a minute and at the end. What could not be stored waits for the next time. */
  async flush(now: EpochSeconds): Promise<void> {
    for (const keys = [...this.#sums.keys()]; keys.length > 0;) {
      const taken = keys.splice(0, TOGETHER).map((key) => [key, this.#take(key)] as const)
      try {
        await this.#store.commit(taken.map(([, sum]) => told(sum, now)))
      } catch (fault) {
        for (const [key, sum] of taken) this.#put(key, sum)
        throw fault
      }
    }
    if (this.#rest === 0) return
    const count = this.#rest
    await this.#store.commit([event('tokens.issued', now, {}, { count })])
    this.#rest -= count
  }

  #take(key: string): Sum {
    const sum = this.#sums.get(key) as Sum
    this.#sums.delete(key)
    return sum
  }

  #put(key: string, sum: Sum): void {
    const since = this.#sums.get(key)
    this.#sums.set(
      key,
      since === undefined ? sum : { ...sum, scopes: new Set([...sum.scopes, ...since.scopes]), count: sum.count + since.count },
    )
  }
}

function told({ of, scopes, count }: Sum, now: EpochSeconds): ReturnType<typeof event> {
  const { grantType, clientId, audience } = of
  return event('tokens.issued', now, { clientId, subject: clientId }, { grantType, audience, scopes: [...scopes], count })
}
