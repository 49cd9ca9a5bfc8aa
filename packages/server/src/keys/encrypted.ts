import { CompactEncrypt, importJWK } from 'jose'
import type { Encryption } from '../config/client.ts'
import { encryptionKey } from '../config/encryption-keys.ts'

type Jwk = Readonly<Record<string, unknown>>

/** Imported keys by the identity of their JWK and the algorithm: a client that changed has other objects. */
const imported: WeakMap<Jwk, Map<string, ReturnType<typeof importJWK>>> = new WeakMap()

/**
 * Encrypts a signed JWT to its receiver (RFC 7519 §5.2, nested: sign first, then encrypt; RFC 8725 §3.11 keeps the types apart).
 *
 * @param keys the receiver's key set, as registered or fetched
 * @returns a compact JWE with `cty` JWT
 * @throws when no key of the set fits: what was to be encrypted must not leave in the clear
 */
export async function encryptTo(keys: readonly Jwk[], { alg, enc }: Encryption, jwt: string): Promise<string> {
  const jwk = encryptionKey(keys, alg)
  if (jwk === undefined) throw new Error(`the receiver has no key with use enc that ${alg} can encrypt to`)
  const { kid } = jwk
  return new CompactEncrypt(new TextEncoder().encode(jwt))
    .setProtectedHeader({ alg, enc, cty: 'JWT', ...(typeof kid === 'string' ? { kid } : {}) })
    .encrypt(await keyOf(jwk, alg))
}

function keyOf(jwk: Jwk, alg: string): ReturnType<typeof importJWK> {
  const known = imported.get(jwk) ?? new Map<string, ReturnType<typeof importJWK>>()
  imported.set(jwk, known)
  const key = known.get(alg) ?? importJWK(jwk, alg)
  known.set(alg, key)
  return key
}
