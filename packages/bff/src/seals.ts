import { createHmac, hkdfSync } from 'node:crypto'
import { equalSecrets } from '@holdfast/protocol/secret'
import { CompactEncrypt, compactDecrypt, errors } from 'jose'
import type { BffSecret } from './options.ts'

const ENCRYPTION = 'A256GCM'
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** What a key is for: a text sealed for one use opens for no other. */
export type SealLabel = 'transaction' | 'session' | 'signed-out'

/**
 * Encryption at rest and in cookies: a JWE whose key is derived (HKDF, RFC 5869) from one of the secrets for one use and one
 * place. A sealed text that is moved to another record or cookie does not open there; and no key meets so many texts that
 * random nonces could repeat.
 */
export class Seals {
  readonly #secrets: ReadonlyMap<string, string>
  readonly #first: BffSecret

  /** @param secrets the first seals, all open */
  constructor(secrets: readonly [BffSecret, ...BffSecret[]]) {
    this.#first = secrets[0]
    this.#secrets = new Map(secrets.map(({ id, value }) => [id, value]))
  }

  /** @param place the id of the record, or the name of the cookie, that holds it */
  async seal(label: SealLabel, place: string, value: object): Promise<string> {
    const key = derived(this.#first.value, label, place)
    return new CompactEncrypt(Buffer.from(JSON.stringify(value)))
      .setProtectedHeader({ kid: this.#first.id, alg: 'dir', enc: ENCRYPTION })
      .encrypt(key)
  }

  /** @returns what was sealed for this use and place; undefined for everything else, whatever is wrong with it */
  async open(label: SealLabel, place: string, text: string): Promise<object | undefined> {
    try {
      const { plaintext } = await compactDecrypt(
        text,
        ({ kid = '' }) => {
          const secret = this.#secrets.get(kid)
          if (secret === undefined) throw new errors.JWEInvalid('unknown secret')
          return derived(secret, label, place)
        },
        { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: [ENCRYPTION] },
      )
      return JSON.parse(utf8.decode(plaintext)) as object
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined
      throw error
    }
  }

  /** A token that is good in one session alone, and tells nothing about it. */
  tokenFor(sessionId: string): string {
    return mac(this.#first.value, sessionId)
  }

  isTokenFor(token: string, sessionId: string): boolean {
    return [...this.#secrets.values()].map((secret) => equalSecrets(token, mac(secret, sessionId))).includes(true)
  }
}

function derived(secret: string, use: string, place: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, place, `holdfast bff ${use}`, 32))
}

function mac(secret: string, sessionId: string): string {
  return createHmac('sha256', derived(secret, 'logout token', ''))
    .update(sessionId)
    .digest('base64url')
}
