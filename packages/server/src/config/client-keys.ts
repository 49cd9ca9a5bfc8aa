import { checkPublicJwk, isJwkFault, type JwkFault, type PublicJwk } from '@holdfast/proof'
import { importPublicKey } from '@holdfast/proof/node'
import type { SigningAlgorithm } from './client.ts'
import { encryptionKeyFits, KEY_MANAGEMENT_ALGORITHMS, readEncryptionKey } from './encryption-key.ts'

/** Which kind of key an algorithm takes (RFC 7518 §3.1, RFC 8037 §3.1). */
const KEY_TYPES: Readonly<Record<SigningAlgorithm, PublicJwk['kty']>> = { ES256: 'EC', EdDSA: 'OKP', PS256: 'RSA', RS256: 'RSA' }

/** Why a key of a client is not taken, or undefined when it is: private, weak, of another kind, or off its curve. */
export function keyFault(key: Readonly<Record<string, unknown>>): string | undefined {
  const { use, kid } = key
  const checked = checkPublicJwk(key)
  // A private key in a configuration is in its backups too: it must be replaced, not just cut down.
  if (isJwkFault(checked) && checked.fault === 'private')
    return `${checked.reason}: register the public half alone, and make a new key since this one was copied`
  if (use !== undefined && use !== 'sig' && use !== 'enc') return 'must have use sig or enc, or none'
  const fault = use === 'enc' ? encryptionKeyFault(key) : signingKeyFault(checked, key['alg'])
  if (fault !== undefined) return fault
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > 256)) return 'must have a kid of at most 256 characters, or none'
  return undefined
}

function signingKeyFault(checked: PublicJwk | JwkFault, alg: unknown): string | undefined {
  if (isJwkFault(checked)) return checked.reason
  if (importPublicKey(checked) === undefined) return 'is not a valid point or number of its kind'
  return alg === undefined || (typeof alg === 'string' && kindOf(alg) === checked.kty)
    ? undefined
    : `must have an alg that fits kty ${checked.kty}, or none`
}

function encryptionKeyFault(jwk: Readonly<Record<string, unknown>>): string | undefined {
  const key = readEncryptionKey(jwk)
  if (typeof key === 'string') return key
  const { alg } = jwk
  return alg === undefined || KEY_MANAGEMENT_ALGORITHMS.some((one) => one === alg && encryptionKeyFits(key, one))
    ? undefined
    : 'with use enc must have an alg for encryption that fits it, or none'
}

/** Whether one of the keys can verify assertions, of one algorithm or of any. */
export function someKeyFits(keys: readonly Readonly<Record<string, unknown>>[], alg?: SigningAlgorithm): boolean {
  return keys.some((key) => key['use'] !== 'enc' && (alg === undefined || key['kty'] === KEY_TYPES[alg]))
}

function kindOf(alg: string): PublicJwk['kty'] | undefined {
  return alg === 'Ed25519' ? 'OKP' : Object.hasOwn(KEY_TYPES, alg) ? KEY_TYPES[alg as SigningAlgorithm] : undefined
}
