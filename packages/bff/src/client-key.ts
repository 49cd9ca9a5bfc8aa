import { createPrivateKey, type JsonWebKey as NodeJwk, type KeyObject, type webcrypto } from 'node:crypto'
import { check } from './option-checks.ts'

type KeyAlgorithm = Parameters<KeyObject['toCryptoKey']>[0]

/** FAPI 2.0 §5.4.1: nothing else signs. */
const ALGORITHMS: Readonly<Record<string, KeyAlgorithm>> = {
  ES256: { name: 'ECDSA', namedCurve: 'P-256' } as KeyAlgorithm,
  PS256: { name: 'RSA-PSS', hash: 'SHA-256' } as KeyAlgorithm,
  EdDSA: { name: 'Ed25519' },
  Ed25519: { name: 'Ed25519' },
}

/** The key of `private_key_jwt` (RFC 7523 §2.2). */
export interface ClientKey {
  readonly key: webcrypto.CryptoKey
  readonly alg: string
  readonly kid: string | undefined
}

/** @throws {TypeError} it is no private key, or does not say what it signs with */
export function clientKeyOf(jwk: JsonWebKey & { readonly kid?: string }): ClientKey {
  const { alg = '' } = jwk
  const algorithm = Object.hasOwn(ALGORITHMS, alg) ? ALGORITHMS[alg] : undefined
  check(algorithm !== undefined, 'client.privateJwk', `must have alg, one of ${Object.keys(ALGORITHMS).join(', ')} (RFC 7517 §4.4)`)
  check(jwk.d !== undefined, 'client.privateJwk', 'must be a private key: it has no d')
  let key: webcrypto.CryptoKey | undefined
  try {
    key = createPrivateKey({ key: jwk as NodeJwk, format: 'jwk' }).toCryptoKey(algorithm, false, ['sign'])
  } catch {
    // What node:crypto says could have a piece of the key in it.
  }
  check(key !== undefined, 'client.privateJwk', `must be a key for ${alg}`)
  return { key, alg, kid: jwk.kid }
}
