import type { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Log } from './config/options.ts'
import { event } from './events.ts'
import type { ServerStore } from './records.ts'

/** Counters of one minute at most; what is more goes into one counter for all the rest. */
const COUNTERS = 200
/** Of one address prefix so many tell clients apart: a stranger who makes up names must not use up everybody's counters, and mute the log. */
const PER_PREFIX = 20

/**
 * Whether an error asks for a nonce, a challenge or a younger attestation: a step of the protocol (RFC 9449 §8, attestation-based
 * client authentication §7.4), which every new client takes first. It is no failed attempt of anybody.
 */
export function asksAgain({ code }: OAuthError): boolean {
  return code === 'use_dpop_nonce' || code === 'use_attestation_challenge' || code === 'use_fresh_attestation'
}

/**
 * Refusals of the unproven: counted by reason, client and address prefix, and stored as one event a minute.
 * Whoever is not authenticated cannot make the store grow (design §6, Audit events).
 */
export class Refusals {
  readonly #store: ServerStore
  readonly #log: Log
  #counts: Map<string, number> = new Map()
  #prefixes: Map<string, number> = new Map()
  #told = 0

  constructor(store: ServerStore, log: Log) {
    this.#store = store
    this.#log = log
  }

  count(error: OAuthError, endpoint: string, clientId: string | undefined, address: string): void {
    if (asksAgain(error)) return
    const prefix = prefixOf(address)
    const kind = (client: string): string => `${endpoint} ${error.code} ${error.rule ?? '-'} ${client} ${prefix}`
    const own = kind(clientId?.slice(0, 64) ?? '-')
    const ofPrefix = this.#prefixes.get(prefix) ?? 0
    const key = this.#counts.has(own) || ofPrefix < PER_PREFIX ? own : kind('*')
    const known = this.#counts.get(key)
    if (known !== undefined) this.#counts.set(key, known + 1)
    else if (this.#counts.size < COUNTERS) {
      this.#counts.set(key, 1)
      this.#prefixes.set(prefix, ofPrefix + 1)
      // The first of its kind in a minute is told in full, the rest in the summary: a flood does not fill the disk with lines.
      this.#log.warn('request refused', {
        endpoint,
        code: error.code,
        rule: error.rule,
        description: error.description,
        detail: error.detail,
        clientId: clientId?.slice(0, 64),
        address: prefix,
      })
    } else this.#counts.set('more', (this.#counts.get('more') ?? 0) + 1)
  }

  /** Whether an error page may still have its own line in the log this minute. */
  mayTell(): boolean {
    return this.#told++ < COUNTERS
  }

  /** Stores the summary of what was counted since the last time; called once a minute and at the end. */
  async flush(now: EpochSeconds): Promise<void> {
    this.#told = 0
    if (this.#counts.size === 0) return
    const counts = this.#counts
    this.#counts = new Map()
    this.#prefixes = new Map()
    try {
      await this.#store.commit([event('requests.refused', now, {}, Object.fromEntries(counts))])
    } catch (fault) {
      // They wait for the next time, together with what came meanwhile.
      for (const [key, count] of counts) {
        const place = this.#counts.has(key) || this.#counts.size < COUNTERS ? key : 'more'
        this.#counts.set(place, (this.#counts.get(place) ?? 0) + count)
      }
      throw fault
    }
  }
}

/** /24 of IPv4, /48 of IPv6: enough to see a source, too little to name a person. */
function prefixOf(address: string): string {
  if (address.includes(':')) return `${address.split(':').slice(0, 3).join(':')}::/48`
  const dot = address.lastIndexOf('.')
  return dot === -1 ? '-' : `${address.slice(0, dot)}.0/24`
}
