import type { Client, Encryption } from '../config/client.ts'
import type { ClientKeys } from './client-keys.ts'

/**
 * Encrypts a signed JWT to its receiver (RFC 7519 §5.2, nested: sign first, then encrypt; RFC 8725 §3.11 keeps the types apart).
 *
 * @returns a compact JWE with `cty` JWT
 * @throws when the client has no key that fits: what was to be encrypted must not leave in the clear
 */
export async function encryptTo(keys: ClientKeys, client: Client, { alg, enc }: Encryption, jwt: string): Promise<string> {
  const found = await keys.encryptionKey(client, alg)
  if (typeof found === 'string') throw new Error(`nothing can be encrypted to ${client.clientId}: ${found}`)
  const { kid, key } = found
  // Loaded by the first that is encrypted: most clients ask for none.
  const { CompactEncrypt } = await import('jose')
  return new CompactEncrypt(new TextEncoder().encode(jwt))
    .setProtectedHeader({ alg, enc, cty: 'JWT', ...(kid === undefined ? {} : { kid }) })
    .encrypt(key)
}
