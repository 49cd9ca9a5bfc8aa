import type { Clock, EpochSeconds } from '@holdfast/protocol/time'
import type { Stored } from '@holdfast/store'
import type { SigningAlgorithm } from '../config/client.ts'
import { event } from '../events.ts'
import type { ServerChange, ServerStore, SigningKeyRecord } from '../records.ts'
import type { DerivedKeys } from './derived.ts'
import { type DecryptionKey, ENCRYPTION_ALGORITHM, generateEncryptionKey, openDecryptionKey } from './encryption-key.ts'
import { Followed, moved } from './followed.ts'
import { generateSigningKey, openSigningKey, type SigningKey } from './signing-key.ts'

/** Every algorithm that the server signs with; RS256 because OpenID Connect Core §15.1 asks for it. */
export const SIGNING_ALGORITHMS: readonly SigningAlgorithm[] = ['ES256', 'RS256', 'PS256', 'EdDSA']

/** What the ring keeps: one line of keys for each. */
const LINES: readonly RingAlgorithm[] = [...SIGNING_ALGORITHMS, ENCRYPTION_ALGORITHM]
type RingAlgorithm = SigningAlgorithm | typeof ENCRYPTION_ALGORITHM

const DAY = 24 * 60 * 60
/** A key signs for 30 days. */
const ACTIVE = 30 * DAY
/** A new key is published this long before it signs, so that every cache of the key set has it. */
const AHEAD = DAY
/** A key stays published this long after the last token it signed has expired: an hour is the longest life of a token. */
const AFTER = DAY

interface Ring {
  /** Newest first. */
  readonly keys: readonly Kept<SigningKey>[]
  readonly decryption: readonly Kept<DecryptionKey>[]
}

type Kept<K> = K & { readonly publishedUntil: EpochSeconds }
type StoredKey = Stored<SigningKeyRecord>

/** The signing keys: made when missing, published before use, kept until the last token signed with them has expired. */
export class KeyRing {
  readonly #store: ServerStore
  readonly #derived: DerivedKeys
  readonly #clock: Clock
  readonly #ring: Followed<Ring>

  constructor(store: ServerStore, derived: DerivedKeys, clock: Clock) {
    this.#store = store
    this.#derived = derived
    this.#clock = clock
    this.#ring = new Followed(store, 'keys', clock, () => this.#load())
  }

  /** Follows what other nodes did; call before `signer` and `published`. Synchronous but once a second. */
  refresh(): void | Promise<void> {
    const ring = this.#ring.get()
    if (ring instanceof Promise) return ring.then(() => undefined)
  }

  /** The key that signs now: of those that are active, the newest. */
  signer(alg: SigningAlgorithm): SigningKey {
    const now = this.#clock.now()
    const key = this.#ring.last.keys.find((one) => one.alg === alg && one.activeFrom <= now)
    if (key === undefined) throw new Error(`no active signing key for ${alg}`)
    return key
  }

  /** Every key that may have signed something still valid, and those about to sign. */
  published(): readonly SigningKey[] {
    const now = this.#clock.now()
    return this.#ring.last.keys.filter((key) => key.publishedUntil > now)
  }

  /** The keys that clients may have encrypted to, the newest first. */
  decryption(): readonly DecryptionKey[] {
    const now = this.#clock.now()
    return this.#ring.last.decryption.filter((key) => key.publishedUntil > now)
  }

  find(kid: string): SigningKey | undefined {
    const now = this.#clock.now()
    return this.#ring.last.keys.find((key) => key.kid === kid && key.publishedUntil > now)
  }

  /**
   * Makes what is missing and publishes the successor of a key that is about to retire. Two nodes may do so
   * at once: ids are numbered, so one of them loses the commit and reads what the other made.
   */
  async maintain(): Promise<void> {
    for (const alg of LINES) await this.#maintain(alg)
    await this.#ring.get()
  }

  async #maintain(alg: RingAlgorithm): Promise<void> {
    const now = this.#clock.now()
    const newest = (await this.#stored(alg)).at(-1)
    if (newest === undefined) await this.#publish(alg, undefined, now)
    else if (newest.value.activeFrom + ACTIVE - AHEAD <= now)
      await this.#publish(alg, newest, Math.max(newest.value.activeFrom + ACTIVE, now + AHEAD))
  }

  /** Publishes successors at once; they sign after the time ahead, or now with `immediately`. @returns their kids */
  async rotate(immediately: boolean): Promise<readonly string[]> {
    const now = this.#clock.now()
    const kids: string[] = []
    for (const alg of LINES) kids.push(await this.#publish(alg, (await this.#stored(alg)).at(-1), immediately ? now : now + AHEAD))
    return kids
  }

  async #publish(alg: RingAlgorithm, before: StoredKey | undefined, activeFrom: EpochSeconds): Promise<string> {
    const now = this.#clock.now()
    const sealing = this.#derived.current('signing-keys')
    const times = { publishedAt: now, activeFrom }
    const value = await (alg === ENCRYPTION_ALGORITHM ? generateEncryptionKey(sealing, times) : generateSigningKey(alg, sealing, times))
    const id = idOf(alg, before === undefined ? 1 : numberOf(before.id) + 1)
    for (;;) {
      const changes: ServerChange[] = [
        { op: 'insert', kind: 'signing_key', id, value, expiresAt: activeFrom + ACTIVE + AFTER },
        ...keptUntil(before, activeFrom + AFTER),
        await moved(this.#store, 'keys', now),
        event('key.published', now, {}, { alg, kid: value.kid, activeFrom }),
      ]
      const outcome = await this.#store.commit(changes)
      if (outcome === 'committed') return value.kid
      // Another node published this number: its key is as good. A moved revision is only looked at again.
      if (outcome.conflict.kind === 'signing_key') return (await this.#store.read('signing_key', id))?.value.kid ?? value.kid
    }
  }

  async #load(): Promise<Ring> {
    const now = this.#clock.now()
    const keys: Kept<SigningKey>[] = []
    const decryption: Kept<DecryptionKey>[] = []
    for (const alg of LINES) {
      for (const { value, expiresAt: publishedUntil = Infinity } of (await this.#stored(alg)).toReversed()) {
        if (publishedUntil <= now) continue
        if (alg === ENCRYPTION_ALGORITHM) decryption.push({ ...openDecryptionKey(value, this.#derived), publishedUntil })
        else keys.push({ ...openSigningKey(value, this.#derived), publishedUntil })
      }
    }
    return { keys: keys.toSorted((a, b) => b.activeFrom - a.activeFrom), decryption }
  }

  /** Oldest first. */
  async #stored(alg: RingAlgorithm): Promise<readonly StoredKey[]> {
    return (await this.#store.list('signing_key', 'alg', alg, { limit: 1000 })).items
  }
}

/** A key signs until its successor does, however late that was made: a server that was away for weeks signs from its first second. */
function keptUntil(key: StoredKey | undefined, until: EpochSeconds): readonly ServerChange[] {
  if (key === undefined || key.expiresAt === undefined || key.expiresAt >= until) return []
  return [{ op: 'replace', kind: 'signing_key', id: key.id, expected: key.version, value: key.value, expiresAt: until }]
}

/** Numbered so that ids of one algorithm sort by age. */
function idOf(alg: string, number: number): string {
  return `${alg}.${String(number).padStart(6, '0')}`
}

function numberOf(id: string): number {
  return Number(id.slice(id.lastIndexOf('.') + 1))
}
