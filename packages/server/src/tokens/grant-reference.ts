import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto'
import { recordIdBytes, recordIdOf } from '@holdfast/protocol/secret'
import type { DerivedKey, DerivedKeys } from '../keys/derived.ts'

/**
 * How a JWT tells us, and only us, which grant it stands under. The grant's id is 16 bytes: one block of
 * AES under a key of its own for each audience, so that two audiences cannot see that they serve the same
 * grant. It needs no nonce (equal grants at one audience may look equal) and no tag (the JWT is signed).
 */
export class GrantReferences {
  readonly #keys: DerivedKeys
  readonly #perAudience: Map<string, Buffer> = new Map()

  constructor(keys: DerivedKeys) {
    this.#keys = keys
  }

  make(grantId: string, audience: string): string {
    const key = this.#keys.current('grant-reference')
    const cipher = createCipheriv('aes-256-ecb', this.#keyFor(key, audience), null).setAutoPadding(false)
    return `${key.id}.${cipher.update(recordIdBytes(grantId)).toString('base64url')}`
  }

  /** @returns undefined when the text is no reference of ours */
  read(reference: string, audience: string): string | undefined {
    const dot = reference.lastIndexOf('.')
    const key = this.#keys.find('grant-reference', reference.slice(0, dot))
    const block = Buffer.from(reference.slice(dot + 1), 'base64url')
    if (key === undefined || block.length !== 16) return undefined
    const decipher = createDecipheriv('aes-256-ecb', this.#keyFor(key, audience), null).setAutoPadding(false)
    return recordIdOf(decipher.update(block))
  }

  #keyFor(key: DerivedKey, audience: string): Buffer {
    const name = `${key.id} ${audience}`
    const known = this.#perAudience.get(name)
    if (known !== undefined) return known
    const made = createHmac('sha256', key.bytes).update(audience).digest()
    // Audiences are configured, so they are few; the bound is for the day when they are not.
    if (this.#perAudience.size < 10_000) this.#perAudience.set(name, made)
    return made
  }
}
