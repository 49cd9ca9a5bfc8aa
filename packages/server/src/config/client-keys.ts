import { checkPublicJwk, isJwkFault, type PublicJwk } from '@holdfast/proof'
import { importPublicKey } from '@holdfast/proof/node'
import type { KeyManagementAlgorithm, SigningAlgorithm } from './client.ts'

/** Which kind of key an algorithm takes (RFC 7518 §3.1, RFC 8037 §3.1). */
const KEY_TYPES: Readonly<Record<SigningAlgorithm, PublicJwk['kty']>> = { ES256: 'EC', EdDSA: 'OKP', PS256: 'RSA', RS256: 'RSA' }

/** Why a key of a client is not taken, or undefined when it is: private, weak, of another kind, or off its curve. */
export function keyFault(key: Readonly<Record<string, unknown>>): string | undefined {
  const checked = checkPublicJwk(key)
  // A private key in a configuration is in its backups too: it must be replaced, not just cut down.
  if (isJwkFault(checked))
    return checked.fault === 'private'
      ? `${checked.reason}: register the public half alone, and make a new key since this one was copied`
      : checked.reason
  if (importPublicKey(checked) === undefined) return 'is not a valid point or number of its kind'
  const { use, alg } = key
  if (use === 'enc') return encryptionFault(checked, alg)
  if (use !== undefined && use !== 'sig') return 'must have use sig or enc, or none'
  if (alg !== undefined && !(typeof alg === 'string' && kindOf(alg) === checked.kty))
    return `must have an alg that fits kty ${checked.kty}, or none`
  if (key['kid'] !== undefined && (typeof key['kid'] !== 'string' || key['kid'].length > 256))
    return 'must have a kid of at most 256 characters, or none'
  return undefined
}

/** What is encrypted to a client goes to a key that says so, and says no other algorithm. */
function encryptionFault({ kty }: PublicJwk, alg: unknown): string | undefined {
  if (kty === 'OKP') return 'with use enc must have kty EC or RSA'
  if (alg !== undefined && !(typeof alg === 'string' && encryptionKind(alg) === kty))
    return `with use enc must have an alg that fits kty ${kty}, or none`
  return undefined
}

/** Whether something can be encrypted to a key with an algorithm: its owner gave it `use: enc`. */
export function encryptionKeyFits(key: Readonly<Record<string, unknown>>, alg: KeyManagementAlgorithm): boolean {
  return key['use'] === 'enc' && key['kty'] === encryptionKind(alg) && (key['alg'] === undefined || key['alg'] === alg)
}

/** How something can be encrypted to a client (RFC 7518 §4.1). */
export const KEY_MANAGEMENT: readonly KeyManagementAlgorithm[] = ['ECDH-ES', 'ECDH-ES+A128KW', 'ECDH-ES+A256KW', 'RSA-OAEP', 'RSA-OAEP-256']

function encryptionKind(alg: string): PublicJwk['kty'] | undefined {
  if (!KEY_MANAGEMENT.some((known) => known === alg)) return undefined
  return alg.startsWith('ECDH') ? 'EC' : 'RSA'
}

/** Whether one of the keys can verify assertions of an algorithm. */
export function someKeyFits(keys: readonly Readonly<Record<string, unknown>>[], alg: SigningAlgorithm): boolean {
  return keys.some((key) => key['kty'] === KEY_TYPES[alg] && key['use'] !== 'enc')
}

function kindOf(alg: string): PublicJwk['kty'] | undefined {
  return alg === 'Ed25519' ? 'OKP' : Object.hasOwn(KEY_TYPES, alg) ? KEY_TYPES[alg as SigningAlgorithm] : undefined
}
