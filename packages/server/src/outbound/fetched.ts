import type { Clock, EpochSeconds, Seconds } from '@holdfast/protocol/time'
import { type Outbound, OutboundRefusal, type OutboundReply } from '../config/outbound.ts'
import { lifetimeOf } from './freshness.ts'

export interface FetchedOptions<T> {
  readonly outbound: Outbound
  readonly clock: Clock
  readonly accept: string
  /** @default 65536 */
  readonly maxBytes?: number
  /** Reads an answer of status 200; what is refused here counts as a failure and is not kept (CIMD-06). */
  readonly read: (reply: OutboundReply, url: string) => T | OutboundRefusal | Promise<T | OutboundRefusal>
  /** Documents kept; beyond, the one that was used longest ago goes. @default 1000 */
  readonly most?: number
  /** The least and the most that a document is kept, whatever its headers say. @default 60 and 3600 */
  readonly shortest?: Seconds
  readonly longest?: Seconds
  /** How long a document is kept whose headers say nothing. @default 300 */
  readonly standard?: Seconds
  /** After a try, how long until the next one of the same URL. @default 10 */
  readonly hold?: Seconds
  /** How long after its end a document still serves while no new one can be had. @default 0 */
  readonly stale?: Seconds
}

interface Entry<T> {
  document: { readonly value: T; readonly freshUntil: EpochSeconds } | undefined
  triedAt: EpochSeconds
  failure: OutboundRefusal | undefined
  fetching: Promise<T | OutboundRefusal> | undefined
}

/**
 * Documents at the URLs of others, kept for a while. Fetches of one URL at the same time are one fetch, and a URL is tried
 * once in `hold` seconds, whatever happens: nobody hammers a third party through us with broken URLs or unknown key ids.
 */
export class Fetched<T extends object> {
  readonly #options: FetchedOptions<T>
  readonly #entries: Map<string, Entry<T>> = new Map()

  constructor(options: FetchedOptions<T>) {
    this.#options = options
  }

  /** The document, from memory while it is fresh. */
  async get(url: string): Promise<T | OutboundRefusal> {
    const entry = this.#entry(url)
    const { document } = entry
    if (document !== undefined && document.freshUntil > this.#now()) return document.value
    const found = await this.#attempt(url, entry)
    return found instanceof OutboundRefusal ? (this.#stillServes(entry) ?? found) : found
  }

  /** Whether there was a document at this URL lately. */
  knows(url: string): boolean {
    return this.#entries.get(url)?.document !== undefined
  }

  /** The document as it is now at its place, for who did not find in it what must be there; in the hold, as it was. */
  async refetch(url: string): Promise<T | OutboundRefusal> {
    const entry = this.#entry(url)
    const found = await this.#attempt(url, entry)
    return found instanceof OutboundRefusal ? (this.#stillServes(entry) ?? found) : found
  }

  #now(): EpochSeconds {
    return this.#options.clock.now()
  }

  #stillServes({ document }: Entry<T>): T | undefined {
    const { stale = 0 } = this.#options
    return document !== undefined && document.freshUntil + stale > this.#now() ? document.value : undefined
  }

  /** The entry of a URL, now the one used last. */
  #entry(url: string): Entry<T> {
    const entry: Entry<T> = this.#entries.get(url) ?? { document: undefined, triedAt: -Infinity, failure: undefined, fetching: undefined }
    this.#entries.delete(url)
    this.#entries.set(url, entry)
    if (this.#entries.size > (this.#options.most ?? 1000)) this.#entries.delete(this.#leastWorth(url))
    return entry
  }

  /** Of the others the one without a document that was asked for longest ago: made-up URLs, which cost nothing, push no real one out. */
  #leastWorth(url: string): string {
    let underway: string | undefined
    for (const [one, { document, fetching }] of this.#entries) {
      if (document !== undefined || one === url) continue
      if (fetching === undefined) return one
      underway ??= one
    }
    return underway ?? (this.#entries.keys().next().value as string)
  }

  /** One fetch at a time, and one in `hold` seconds. */
  #attempt(url: string, entry: Entry<T>): Promise<T | OutboundRefusal> {
    if (entry.fetching !== undefined) return entry.fetching
    const { hold = 10 } = this.#options
    if (entry.triedAt + hold > this.#now()) {
      const why = entry.failure === undefined ? 'it was fetched a moment ago' : `${entry.failure.reason}: ${entry.failure.detail}`
      return Promise.resolve(new OutboundRefusal('held', why))
    }
    entry.triedAt = this.#now()
    entry.fetching = this.#fetch(url, entry).finally(() => {
      entry.fetching = undefined
    })
    return entry.fetching
  }

  async #fetch(url: string, entry: Entry<T>): Promise<T | OutboundRefusal> {
    const { outbound, accept, maxBytes, read } = this.#options
    const reply = await outbound.get(url, { accept, ...(maxBytes !== undefined && { maxBytes }) })
    const value =
      reply instanceof OutboundRefusal
        ? reply
        : reply.status === 200
          ? await read(reply, url)
          : new OutboundRefusal('status', `${url} answers with status ${reply.status}`)
    if (value instanceof OutboundRefusal) {
      entry.failure = value
      return value
    }
    const { shortest = 60, longest = 3600, standard = 300 } = this.#options
    const lifetime = lifetimeOf((reply as OutboundReply).headers) ?? standard
    entry.failure = undefined
    entry.document = { value, freshUntil: this.#now() + Math.min(Math.max(lifetime, shortest), longest) }
    return value
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

/** The JSON object in an answer, or why there is none. */
export function jsonObjectOf({ body }: OutboundReply): Readonly<Record<string, unknown>> | OutboundRefusal {
  try {
    const value: unknown = JSON.parse(utf8.decode(body))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>
  } catch {
    // Said below: the text itself has no place in a log.
  }
  return new OutboundRefusal('document', 'the body is not a JSON object in UTF-8')
}
