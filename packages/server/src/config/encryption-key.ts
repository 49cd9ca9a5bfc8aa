import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { checkPublicJwk, isJwkFault, type JsonObject } from '@holdfast/proof'
import type { KeyManagementAlgorithm } from './client.ts'

/** In the order of preference. */
export const KEY_MANAGEMENT_ALGORITHMS: readonly KeyManagementAlgorithm[] = [
  'ECDH-ES',
  'ECDH-ES+A128KW',
  'ECDH-ES+A256KW',
  'RSA-OAEP',
  'RSA-OAEP-256',
]
const CURVES: ReadonlySet<unknown> = new Set(['P-256', 'P-384', 'P-521'])

/**
 * Reads a public key that something is encrypted to (RFC 7518 §4, RFC 8037 §3.2).
 *
 * @returns a sentence that tells why it is not taken
 */
export function readEncryptionKey(jwk: JsonObject): KeyObject | string {
  const checked = checkPublicJwk(jwk)
  const { kty, crv, x, y, n, e } = jwk
  if (isJwkFault(checked) && (checked.fault === 'private' || kty === 'RSA')) return checked.reason
  if (!(kty === 'RSA' || (kty === 'EC' && CURVES.has(crv)) || (kty === 'OKP' && crv === 'X25519')))
    return 'for encryption must be RSA, EC of P-256, P-384 or P-521, or OKP of X25519'
  try {
    return createPublicKey({ format: 'jwk', key: { kty, crv, x, y, n, e } as JsonWebKey })
  } catch {
    return 'is not a valid point or number of its kind'
  }
}

/** Whether a key is of the kind that an algorithm takes: nothing is encrypted to an EC key by RSA-OAEP. */
export function encryptionKeyFits(key: KeyObject, alg: KeyManagementAlgorithm): boolean {
  return alg.startsWith('RSA-OAEP') ? key.asymmetricKeyType === 'rsa' : key.asymmetricKeyType === 'ec' || key.asymmetricKeyType === 'x25519'
}
