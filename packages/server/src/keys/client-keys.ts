import type { KeyObject } from 'node:crypto'
import { checkPublicJwk, isJwkFault, type KeySet, parseKeySet } from '@holdfast/proof'
import { importPublicKey } from '@holdfast/proof/node'
import type { Client, Encryption } from '../config/client.ts'
import { encryptionKeyFits } from '../config/client-keys.ts'

/** Where the public keys of clients come from. Promises, since those of a `jwks_uri` are fetched. */
export interface ClientKeys {
  /** The keys that a client signs with. */
  verificationKeysOf(client: Client): Promise<KeySet>
  /** The key to encrypt to with the algorithm that it registered; undefined: it has none. */
  encryptionKeyOf(client: Client, alg: Encryption['alg']): Promise<EncryptionKey | undefined>
}

export interface EncryptionKey {
  readonly kid: string | undefined
  readonly key: KeyObject
}

/** Keys that clients registered by value (`jwks`). */
export class RegisteredKeys implements ClientKeys {
  /** By the client's own object: a client that changed is a new one. */
  readonly #sets: WeakMap<Client, KeySet> = new WeakMap()

  verificationKeysOf(client: Client): Promise<KeySet> {
    const known = this.#sets.get(client)
    if (known !== undefined) return Promise.resolve(known)
    const set = parseKeySet(client.jwks ?? { keys: [] }) ?? { keys: [] }
    this.#sets.set(client, set)
    return Promise.resolve(set)
  }

  encryptionKeyOf(client: Client, alg: Encryption['alg']): Promise<EncryptionKey | undefined> {
    return Promise.resolve(encryptionKeyFrom(client.jwks?.keys ?? [], alg))
  }
}

/** The first key of a set that is for encryption with an algorithm. */
export function encryptionKeyFrom(keys: readonly Readonly<Record<string, unknown>>[], alg: Encryption['alg']): EncryptionKey | undefined {
  for (const candidate of keys) {
    const jwk = encryptionKeyFits(candidate, alg) ? checkPublicJwk(candidate) : undefined
    const key = jwk === undefined || isJwkFault(jwk) ? undefined : importPublicKey(jwk)
    if (key === undefined) continue
    const { kid } = candidate
    return { kid: typeof kid === 'string' ? kid : undefined, key }
  }
  return undefined
}
