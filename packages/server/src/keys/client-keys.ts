import type { KeyObject } from 'node:crypto'
import type { Clock } from '@holdfast/protocol/time'
import { type JsonObject, type JwsAlgorithm, type KeySet, type ParsedJws, parseKeySet, selectKeys } from '@holdfast/proof'
import { importPublicKey, verifyJws } from '@holdfast/proof/node'
import type { Client, KeyManagementAlgorithm } from '../config/client.ts'
import { encryptionKeyFits, readEncryptionKey } from '../config/encryption-key.ts'
import { type Outbound, OutboundRefusal, type OutboundReply } from '../config/outbound.ts'
import { Fetched, jsonObjectOf } from '../outbound/fetched.ts'

/** The keys of a client, read once: what cannot be used is left out. */
export interface ClientKeySet {
  /** Every member as it is written, for who compares certificates (`x5c`, RFC 8705 §2.2.2). */
  readonly members: readonly JsonObject[]
  readonly verification: KeySet
  readonly encryption: readonly EncryptionKey[]
}

/** A public key that something is encrypted to; `kid` goes into the header of the JWE. */
export interface EncryptionKey {
  readonly kid: string | undefined
  /** The only algorithm it is for, when its owner says so. */
  readonly alg: string | undefined
  readonly key: KeyObject
}

/** Keys of one set: a client that has more is not one client. */
const MOST_KEYS = 20
/** Seconds that a set still serves after its end while its host is away: a client's outage is not at once ours. */
const STALE = 3600

type ClientWithKeys = Pick<Client, 'jwks' | 'jwksUri'>

/**
 * The keys of clients, by value (`jwks`) or by reference (`jwks_uri`), for all that is signed by them or encrypted to them.
 * A key that is missing in a set by reference is looked for once more at its place, at most every 10 s (CAUTH-28).
 */
export class ClientKeys {
  readonly #fetched: Fetched<ClientKeySet>
  /** Keyed by the client's own object: a client that changed is a new one. */
  readonly #byValue: WeakMap<ClientWithKeys, ClientKeySet> = new WeakMap()

  constructor(outbound: Outbound, clock: Clock) {
    const accept = 'application/jwk-set+json, application/json'
    this.#fetched = new Fetched({ outbound, clock, accept, read: readPublished, stale: STALE })
  }

  /** @returns an `OutboundRefusal` when the set is at a `jwks_uri` that cannot be fetched */
  async get(client: ClientWithKeys): Promise<ClientKeySet | OutboundRefusal> {
    return client.jwksUri === undefined ? this.#ownOf(client) : this.#fetched.get(client.jwksUri)
  }

  /** What `pick` finds in the set, or in the set as it is now at its place when it is not in the one we know. */
  async find<T>(client: ClientWithKeys, pick: (keys: ClientKeySet) => T | undefined): Promise<T | undefined | OutboundRefusal> {
    const known = await this.get(client)
    if (known instanceof OutboundRefusal) return known
    const found = pick(known)
    if (found !== undefined || client.jwksUri === undefined) return found
    const fresh = await this.#fetched.refetch(client.jwksUri)
    return fresh instanceof OutboundRefusal || fresh === known ? undefined : pick(fresh)
  }

  /**
   * Verifies a JWS by a key of the client that is for `alg` and, when the header names one, of that `kid`. Only registered keys
   * count: `jwk`, `jku`, `x5u` and `x5c` of the header are not looked at (CAUTH-28).
   *
   * @param alg the algorithm of the header, once it is known to be allowed
   * @returns nothing when it is genuine; otherwise why not, for the operator's log
   */
  async checkSignature(client: ClientWithKeys, jws: ParsedJws, alg: JwsAlgorithm): Promise<string | undefined> {
    const { kid } = jws.header
    if (kid !== undefined && typeof kid !== 'string') return 'kid of its header is no text'
    const verdict = await this.find(client, ({ verification }) => {
      const keys = selectKeys(verification, { alg, kid })
      if (keys.some(({ jwk }) => verifiedBy(jws, alg, importPublicKey(jwk)))) return 'genuine'
      // The named key is here, so the signature is wrong: a fetch would change nothing, and strangers could cause it.
      return kid !== undefined && keys.length > 0 ? 'wrong' : undefined
    })
    if (verdict === 'genuine') return undefined
    if (verdict instanceof OutboundRefusal) return `jwks_uri cannot be used: ${verdict.reason}: ${verdict.detail}`
    return verdict === 'wrong'
      ? 'the signature is by no registered key'
      : `no registered key verifies it: alg ${alg}, kid ${kid === undefined ? 'none' : 'unknown'}`
  }

  /**
   * The key to encrypt to: of the kind that `alg` takes, one that says this `alg` before one that says none.
   *
   * @returns a sentence, for the operator's log, when there is none; an `OutboundRefusal` when the set cannot be fetched
   */
  async encryptionKey(client: ClientWithKeys, alg: KeyManagementAlgorithm): Promise<EncryptionKey | OutboundRefusal | string> {
    const found = await this.find(client, ({ encryption }) => {
      const fitting = encryption.filter((one) => encryptionKeyFits(one.key, alg) && (one.alg === undefined || one.alg === alg))
      return fitting.find((one) => one.alg === alg) ?? fitting[0]
    })
    return found ?? `the client has no key with use enc for ${alg}`
  }

  #ownOf(client: ClientWithKeys): ClientKeySet {
    const known = this.#byValue.get(client)
    if (known !== undefined) return known
    const read = keySetOf(client.jwks?.keys ?? [])
    this.#byValue.set(client, read)
    return read
  }
}

function verifiedBy(jws: ParsedJws, alg: JwsAlgorithm, key: KeyObject | undefined): boolean {
  return key !== undefined && verifyJws(jws, alg, key)
}

function readPublished(reply: OutboundReply, url: string): ClientKeySet | OutboundRefusal {
  const document = jsonObjectOf(reply)
  if (document instanceof OutboundRefusal) return document
  const { keys } = document
  if (!Array.isArray(keys)) return new OutboundRefusal('document', `${url} is not a JWK Set`)
  if (keys.length > MOST_KEYS) return new OutboundRefusal('document', `${url} has more than ${MOST_KEYS} keys`)
  return keySetOf(keys.filter((key): key is JsonObject => typeof key === 'object' && key !== null && !Array.isArray(key)))
}

function keySetOf(members: readonly JsonObject[]): ClientKeySet {
  return { members, verification: parseKeySet({ keys: members }) ?? { keys: [] }, encryption: members.flatMap(encryptionKeyOf) }
}

/** Only a key that says `use` enc: to one that may be for signing nothing is encrypted. */
function encryptionKeyOf(member: JsonObject): readonly EncryptionKey[] {
  const { use, alg, kid } = member
  if (use !== 'enc' || (alg !== undefined && typeof alg !== 'string') || (kid !== undefined && typeof kid !== 'string')) return []
  const key = readEncryptionKey(member)
  return typeof key === 'string' ? [] : [{ kid, alg, key }]
}
