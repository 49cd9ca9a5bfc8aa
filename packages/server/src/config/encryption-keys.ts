import type { PublicJwk } from '@holdfast/proof'
import type { ContentEncryption, KeyManagementAlgorithm } from './client.ts'

/** RFC 7518 §4.1: which kind of key an algorithm encrypts to; the order of preference. */
const KEY_TYPES: Readonly<Record<KeyManagementAlgorithm, PublicJwk['kty']>> = {
  'ECDH-ES': 'EC',
  'ECDH-ES+A128KW': 'EC',
  'ECDH-ES+A256KW': 'EC',
  'RSA-OAEP-256': 'RSA',
  'RSA-OAEP': 'RSA',
}

export const KEY_MANAGEMENT_ALGORITHMS: readonly KeyManagementAlgorithm[] = Object.keys(KEY_TYPES) as KeyManagementAlgorithm[]
export const CONTENT_ENCRYPTION_ALGORITHMS: readonly ContentEncryption[] = ['A128CBC-HS256', 'A256CBC-HS512', 'A128GCM', 'A256GCM']

type Jwk = Readonly<Record<string, unknown>>

/** The first key of a set that its owner published for receiving what this algorithm encrypts (RFC 7517 §4.2): P-256 or RSA, `use` enc. */
export function encryptionKey(keys: readonly Jwk[], alg: KeyManagementAlgorithm): Jwk | undefined {
  return keys.find((key) => key['use'] === 'enc' && key['kty'] === KEY_TYPES[alg] && (key['alg'] === undefined || key['alg'] === alg))
}

/** Why a public key with `use` enc is not taken. */
export function encryptionKeyFault(key: Jwk, kty: PublicJwk['kty']): string | undefined {
  if (kty === 'OKP') return 'must not have use enc: a key of kty OKP can only sign here'
  const { alg } = key
  if (alg === undefined) return undefined
  const fits = typeof alg === 'string' && Object.hasOwn(KEY_TYPES, alg) && KEY_TYPES[alg as KeyManagementAlgorithm] === kty
  return fits ? undefined : `must have an alg that encrypts to kty ${kty}, or none`
}
