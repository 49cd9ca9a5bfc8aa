import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto'
import type { MasterSecret } from '../config/options.ts'

/** What a derived key is for. Each use has a key of its own, so that one cannot be turned against another. */
export type KeyUse =
  | 'refresh'
  | 'dpop-nonce'
  | 'csrf'
  | 'grant-reference'
  | 'signing-keys'
  | 'device'
  | 'user-code'
  | 'waiting-request'
  | 'notification'
  | 'passkey'
  | 'pairwise'
  | 'logout'
  | 'browser-state'

export interface DerivedKey {
  readonly id: string
  readonly bytes: Buffer
  /** The same, imported once: bytes are imported anew at every HMAC, which costs more than the HMAC. */
  readonly key: KeyObject
}

/** Keys derived from the master secrets by HKDF-SHA-256 (RFC 5869); the newest first. */
export class DerivedKeys {
  readonly #masters: readonly MasterSecret[]
  readonly #made: Map<string, DerivedKey> = new Map()

  constructor(masters: readonly MasterSecret[]) {
    this.#masters = masters
  }

  /** The key for what is new. */
  current(use: KeyUse): DerivedKey {
    const master = this.#masters[0] as MasterSecret
    return this.#derive(master, use)
  }

  /** The key of that id; undefined when its secret was retired. */
  find(use: KeyUse, id: string): DerivedKey | undefined {
    const master = this.#masters.find((one) => one.id === id)
    return master === undefined ? undefined : this.#derive(master, use)
  }

  /** Every key that may have made what is still there; the newest first. */
  all(use: KeyUse): readonly DerivedKey[] {
    return this.#masters.map((master) => this.#derive(master, use))
  }

  #derive(master: MasterSecret, use: KeyUse): DerivedKey {
    const name = `${use} ${master.id}`
    const known = this.#made.get(name)
    if (known !== undefined) return known
    const bytes = Buffer.from(hkdfSync('sha256', master.value, 'holdfast', use, 32))
    const made = { id: master.id, bytes, key: createSecretKey(bytes) }
    this.#made.set(name, made)
    return made
  }
}

/** AES-256-GCM with a fresh nonce: nonce (12 bytes), tag (16), ciphertext; base64url. `context` must be the same to open. */
export function seal(key: DerivedKey, plain: string, context: string): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce)
  cipher.setAAD(Buffer.from(context))
  const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')
}

/** @returns undefined when the key, the context or a bit is another */
export function unseal(key: DerivedKey, sealed: string, context: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url')
  if (bytes.length < 28) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key.bytes, bytes.subarray(0, 12), { authTagLength: 16 })
  decipher.setAAD(Buffer.from(context))
  decipher.setAuthTag(bytes.subarray(12, 28))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}

/** HMAC-SHA-256 as 43 base64url characters. */
export function mac(key: DerivedKey, text: string): string {
  return createHmac('sha256', key.key).update(text).digest('base64url')
}
