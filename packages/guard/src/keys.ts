import type { Clock, EpochSeconds } from '@holdfast/protocol/time'
import { type KeySet, type ParsedJws, parseKeySet, selectKeys, type JwsAlgorithm, thumbprintInput } from '@holdfast/proof'
import type { PublicJwk } from '@holdfast/proof'
import { discover, fetchJson } from './issuer-document.ts'

/** No cached key fits and the issuer's key set cannot be fetched: the caller answers 503. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable'
}

/** How long a key set is used before it is fetched again, in seconds. */
const FRESH = 300
/** An unknown `kid` may cause one fetch in this time, so that made-up ones do not become traffic (TOK-16). */
const BETWEEN_FETCHES = 10

interface Cached {
  readonly keys: KeySet
  readonly fetchedAt: EpochSeconds
}

/** The key by which a signature was verified, and how it was found. */
export interface UsedKey {
  readonly kid: string | undefined
  readonly alg: JwsAlgorithm
  readonly jwk: PublicJwk
}

/** The issuer's signing keys: found through its metadata, fetched once, kept within bounds. */
export class IssuerKeys {
  readonly #issuer: string
  readonly #fetch: typeof fetch
  readonly #clock: Clock
  #jwksUri: string | undefined
  #cached: Cached | undefined
  #generation = 0
  #triedAt: EpochSeconds = Number.NEGATIVE_INFINITY
  #fetching: Promise<void> | undefined
  /** Why the last fetch failed; undefined after one that did not. */
  #failure: unknown

  constructor(issuer: string, jwksUri: string | undefined, fetcher: typeof fetch, clock: Clock) {
    this.#issuer = issuer
    this.#jwksUri = jwksUri
    this.#fetch = fetcher
    this.#clock = clock
  }

  /** Grows with each key set that is fetched. */
  get generation(): number {
    return this.#generation
  }

  /** The keys to try; at once while the cache has them. */
  for(jws: ParsedJws, alg: JwsAlgorithm): readonly PublicJwk[] | Promise<readonly PublicJwk[]> {
    const kid = kidOf(jws)
    const found = this.#select(kid, alg)
    if (found.length > 0 && this.#isFresh(this.#clock.now())) return found
    return this.#after(kid, alg, found)
  }

  /**
   * For who remembers what a key verified: has the set fetched again when it is time, although no key is asked for.
   *
   * @returns when the new set is there; undefined when there is nothing to wait for. While the issuer is away nobody waits
   */
  keepFresh(now: EpochSeconds): Promise<void> | undefined {
    if (this.#isFresh(now)) return undefined
    this.#begin(now)
    return this.#failure === undefined ? this.#fetching?.catch(() => undefined) : undefined
  }

  /** Whether the set still has a key: one that was withdrawn takes what it verified along. */
  has({ kid, alg, jwk }: UsedKey): boolean {
    const material = thumbprintInput(jwk)
    return this.#select(kid, alg).some((each) => each === jwk || thumbprintInput(each) === material)
  }

  async #after(kid: string | undefined, alg: JwsAlgorithm, found: readonly PublicJwk[]): Promise<readonly PublicJwk[]> {
    const now = this.#clock.now()
    this.#begin(now)
    try {
      await this.#fetching
    } catch (cause) {
      // A key that is known stays good while the issuer is away: its tokens live for minutes.
      if (found.length > 0) return found
      throw new KeysUnavailable(
        `the keys of ${this.#issuer} cannot be fetched: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      )
    }
    const known = this.#select(kid, alg)
    // Until the next try nobody knows whether the key is a new one of the issuer: 401 would have its token thrown away.
    if (known.length === 0 && (this.#cached === undefined || this.#failure !== undefined))
      throw new KeysUnavailable(
        `the keys of ${this.#issuer} could not be fetched ${now - this.#triedAt} s ago; the next try is in ${BETWEEN_FETCHES} s`,
        { cause: this.#failure },
      )
    return known
  }

  #begin(now: EpochSeconds): void {
    if (this.#fetching !== undefined || now < this.#triedAt + BETWEEN_FETCHES) return
    this.#triedAt = now
    this.#fetching = this.#load()
      .then(
        () => {
          this.#failure = undefined
        },
        (fault: unknown) => {
          this.#failure = fault
          throw fault
        },
      )
      .finally(() => {
        this.#fetching = undefined
      })
    // Who does not wait for it must not bring the process down.
    this.#fetching.catch(() => undefined)
  }

  #isFresh(now: EpochSeconds): boolean {
    return this.#cached !== undefined && now < this.#cached.fetchedAt + FRESH
  }

  #select(kid: string | undefined, alg: JwsAlgorithm): readonly PublicJwk[] {
    return this.#cached === undefined ? [] : selectKeys(this.#cached.keys, { kid, alg }).map((key) => key.jwk)
  }

  async #load(): Promise<void> {
    this.#jwksUri ??= await discover(this.#fetch, this.#issuer, 'jwks_uri')
    const keys = parseKeySet(await fetchJson(this.#fetch, this.#jwksUri))
    if (keys === undefined) throw new Error(`${this.#jwksUri} is no JWK Set`)
    this.#cached = { keys, fetchedAt: this.#clock.now() }
    this.#generation++
  }
}

export function kidOf({ header }: ParsedJws): string | undefined {
  return typeof header['kid'] === 'string' ? header['kid'] : undefined
}
