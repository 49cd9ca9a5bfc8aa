import type { OAuthError } from '@holdfast/protocol/oauth-error'
import type { ContentEncryption } from '../config/client.ts'
import { CONTENT_ENCRYPTION_ALGORITHMS } from '../config/encryption-key.ts'
import { ENCRYPTION_ALGORITHM } from '../keys/encryption-key.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { invalidRequestObject } from './request-object-refusal.ts'

/** RFC 7516 §7.1: five parts. */
export function looksEncrypted(text: string): boolean {
  return text.split('.', 6).length === 5
}

/**
 * Decrypts what a client encrypted to our published key (RFC 9101 §6.1). Nothing is unpacked: a compressed one is
 * refused, since a few bytes of it could fill the memory; nor is one looked for inside another.
 *
 * @returns the text inside, or one and the same refusal whatever failed (JAR-06)
 */
export async function decryptRequestObject(text: string, keys: KeyRing): Promise<string | OAuthError> {
  await keys.refresh()
  // Loaded by the first that is encrypted: most servers never see one.
  const { compactDecrypt } = await import('jose')
  const options = {
    keyManagementAlgorithms: [ENCRYPTION_ALGORITHM],
    contentEncryptionAlgorithms: [...CONTENT_ENCRYPTION_ALGORITHMS] as ContentEncryption[],
    maxDecompressedLength: 0,
  }
  for (const { privateKey } of keys.decryption()) {
    try {
      const { plaintext } = await compactDecrypt(text, privateKey, options)
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plaintext)
    } catch {
      // There are two while one replaces the other: the next may be the one.
    }
  }
  return invalidRequestObject('the request object cannot be decrypted: it must be encrypted to a key of /jwks with use enc', 'JAR-06')
}
