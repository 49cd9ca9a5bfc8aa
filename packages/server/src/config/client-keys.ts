import { checkPublicJwk, isJwkFault, type PublicJwk } from '@holdfast/proof'
import { importPublicKey } from '@holdfast/proof/node'
import type { SigningAlgorithm } from './client.ts'
import { encryptionKeyFault } from './encryption-keys.ts'

/** Which kind of key an algorithm takes (RFC 7518 §3.1, RFC 8037 §3.1). */
const KEY_TYPES: Readonly<Record<SigningAlgorithm, PublicJwk['kty']>> = { ES256: 'EC', EdDSA: 'OKP', PS256: 'RSA', RS256: 'RSA' }

/** Why a key of a client is not taken, or undefined when it is: private, weak, of another kind, off its curve, or of a use it cannot have. */
export function keyFault(key: Readonly<Record<string, unknown>>): string | undefined {
  const checked = checkPublicJwk(key)
  // A private key in a configuration is in its backups too: it must be replaced, not just cut down.
  if (isJwkFault(checked))
    return checked.fault === 'private'
      ? `${checked.reason}: register the public half alone, and make a new key since this one was copied`
      : checked.reason
  if (importPublicKey(checked) === undefined) return 'is not a valid point or number of its kind'
  if (key['use'] !== undefined && key['use'] !== 'sig' && key['use'] !== 'enc') return 'must have use sig or enc, or none'
  const { alg } = key
  const unfit = key['use'] === 'enc' ? encryptionKeyFault(key, checked.kty) : undefined
  if (unfit !== undefined) return unfit
  if (key['use'] !== 'enc' && alg !== undefined && !(typeof alg === 'string' && kindOf(alg) === checked.kty))
    return `must have an alg that fits kty ${checked.kty}, or none`
  if (key['kid'] !== undefined && (typeof key['kid'] !== 'string' || key['kid'].length > 256))
    return 'must have a kid of at most 256 characters, or none'
  return undefined
}

/** Whether one of the keys can verify assertions of an algorithm. */
export function someKeyFits(keys: readonly Readonly<Record<string, unknown>>[], alg: SigningAlgorithm): boolean {
  return keys.some((key) => key['use'] !== 'enc' && key['kty'] === KEY_TYPES[alg])
}

function kindOf(alg: string): PublicJwk['kty'] | undefined {
  return alg === 'Ed25519' ? 'OKP' : Object.hasOwn(KEY_TYPES, alg) ? KEY_TYPES[alg as SigningAlgorithm] : undefined
}
