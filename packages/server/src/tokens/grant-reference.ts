import { type Cipheriv, createCipheriv, createDecipheriv, createHmac, type Decipheriv } from 'node:crypto'
import { recordIdBytes, recordIdOf } from '@holdfast/protocol/secret'
import type { DerivedKey, DerivedKeys } from '../keys/derived.ts'

/** One block at a time, whole and unpadded, leaves no state behind: each is made once and serves every token. */
interface Permutation {
  readonly forwards: Cipheriv
  readonly backwards: Decipheriv
}

/**
 * How a JWT tells us, and only us, which grant it stands under. The grant's id is 16 bytes: one block of
 * AES under a key of its own for each audience, so that two audiences cannot see that they serve the same
 * grant. It needs no nonce (equal grants at one audience may look equal) and no tag (the JWT is signed).
 */
export class GrantReferences {
  readonly #keys: DerivedKeys
  readonly #perAudience: Map<string, Permutation> = new Map()

  constructor(keys: DerivedKeys) {
    this.#keys = keys
  }

  make(grantId: string, audience: string): string {
    const key = this.#keys.current('grant-reference')
    return `${key.id}.${this.#permutation(key, audience).forwards.update(recordIdBytes(grantId)).toString('base64url')}`
  }

  /** @returns undefined when the text is no reference of ours */
  read(reference: string, audience: string): string | undefined {
    const dot = reference.lastIndexOf('.')
    const key = this.#keys.find('grant-reference', reference.slice(0, dot))
    const block = Buffer.from(reference.slice(dot + 1), 'base64url')
    if (key === undefined || block.length !== 16) return undefined
    return recordIdOf(this.#permutation(key, audience).backwards.update(block))
  }

  #permutation(key: DerivedKey, audience: string): Permutation {
    const name = `${key.id} ${audience}`
    const known = this.#perAudience.get(name)
    if (known !== undefined) return known
    const bytes = createHmac('sha256', key.key).update(audience).digest()
    const made = {
      forwards: createCipheriv('aes-256-ecb', bytes, null).setAutoPadding(false),
      backwards: createDecipheriv('aes-256-ecb', bytes, null).setAutoPadding(false),
    }
    // Audiences are configured, so they are few; the bound is for the day when they are not.
    if (this.#perAudience.size < 10_000) this.#perAudience.set(name, made)
    return made
  }
}
