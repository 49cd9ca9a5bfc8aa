import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import type { Client } from '../config/client.ts'
import { type DerivedKeys, seal, unseal } from '../keys/derived.ts'
import type { ServerStore } from '../records.ts'

/** No `client_id` begins with `u_` (OA-73), and no `sub` of the built-in accounts has a dot. */
const PREFIX = 'u_p.'
/** There is one such key, for ever. */
const ID = 'pairwise'

type Named = Pick<Client, 'pairwiseSector'>

/** Whether a `sub` was made by `subjectFor`, for some pairwise client. */
export function isPairwise(sub: string): boolean {
  return sub.startsWith(PREFIX)
}

/**
 * What a client calls people and their sessions (OpenID Connect Core §8). For a public client these are our own names. For a
 * pairwise one they are HMACs over its sector, so that clients of two sectors cannot find out that they serve one person
 * (OIDC-56). The key is random and never rotates, or every person would become another one: it is stored, sealed under the
 * master secret, and sealed anew when that is replaced.
 */
export class Subjects {
  readonly #store: ServerStore
  readonly #derived: DerivedKeys
  #key: KeyObject | undefined

  constructor(store: ServerStore, derived: DerivedKeys) {
    this.#store = store
    this.#derived = derived
  }

  /**
   * Reads the key, and makes it where there is none yet: of two nodes that start at once, one inserts it and both read it.
   *
   * @throws when the secret that it is sealed under is gone: with another key every pairwise client would take its people for new ones
   */
  async open(): Promise<void> {
    const current = this.#derived.current('pairwise')
    for (;;) {
      const found = await this.#store.read('pairwise_key', ID)
      if (found === undefined) {
        const sealedKey = seal(current, randomBytes(32).toString('base64url'), ID)
        await this.#store.commit([{ op: 'insert', kind: 'pairwise_key', id: ID, value: { sealedKey, secretId: current.id } }])
        continue
      }
      const { secretId, sealedKey } = found.value
      const under = this.#derived.find('pairwise', secretId)
      const key = under === undefined ? undefined : unseal(under, sealedKey, ID)
      if (key === undefined)
        throw new Error(
          `the key of pairwise subjects cannot be decrypted: it is encrypted under the secret ${secretId}, which is not configured or is another one; keep it in the list of secrets`,
        )
      this.#key = createSecretKey(Buffer.from(key, 'base64url'))
      if (secretId === current.id) return
      // Under the new secret, so that the old one can be taken away. Who loses the race finds it done.
      const value = { sealedKey: seal(current, key, ID), secretId: current.id }
      await this.#store.commit([{ op: 'replace', kind: 'pairwise_key', id: ID, expected: found.version, value }])
      return
    }
  }

  /** The `sub` of a person for this client: 47 ASCII characters for a pairwise one, the same each time (OIDC-56, OIDC-59). */
  subjectFor({ pairwiseSector }: Named, subject: string): string {
    return pairwiseSector === undefined ? subject : PREFIX + this.#mac(`sub\n${pairwiseSector}\n${subject}`)
  }

  /** The `sid` of a session for this client: one name for all would tell two of them that they share a person. */
  sidFor({ pairwiseSector }: Named, sid: string): string {
    return pairwiseSector === undefined ? sid : this.#mac(`sid\n${pairwiseSector}\n${sid}`)
  }

  /** What an ID token of a pairwise client says to us alone: whom and which session it is about. Never the same text twice. */
  reference(clientId: string, subject: string, sid: string | undefined): string {
    const key = this.#derived.current('pairwise')
    return `${key.id}.${seal(key, JSON.stringify([subject, sid ?? null]), `reference ${clientId}`)}`
  }

  /** @returns undefined when it is none of ours, another client's, or of a secret that was taken away */
  readReference(clientId: string, reference: string): { readonly subject: string; readonly sid: string | undefined } | undefined {
    const dot = reference.lastIndexOf('.')
    const key = this.#derived.find('pairwise', reference.slice(0, dot))
    const plain = key === undefined ? undefined : unseal(key, reference.slice(dot + 1), `reference ${clientId}`)
    if (plain === undefined) return undefined
    const [subject, sid] = JSON.parse(plain) as [string, string | null]
    return { subject, sid: sid ?? undefined }
  }

  #mac(text: string): string {
    if (this.#key === undefined) throw new Error('the key of pairwise subjects was not opened')
    return createHmac('sha256', this.#key).update(text).digest('base64url')
  }
}
