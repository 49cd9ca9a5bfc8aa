import { isJwsAlgorithm, type JwsAlgorithm, ruleOf } from './algorithms.ts'
import { encodeBase64url } from './base64url.ts'
import { jwkFits, type PublicJwk, thumbprintInput } from './jwk.ts'
import type { ParsedJws } from './jws.ts'

const utf8 = new TextEncoder()

/** For `importKey` and `generateKey`: the name and what fixes the kind of key. */
export function keyParameters(alg: JwsAlgorithm): EcKeyImportParams | RsaHashedImportParams | Algorithm {
  if (alg === 'ES256') return { name: 'ECDSA', namedCurve: 'P-256' }
  if (alg === 'PS256') return { name: 'RSA-PSS', hash: 'SHA-256' }
  if (alg === 'RS256') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  return { name: 'Ed25519' }
}

/** For `sign` and `verify`. RFC 7518 §3.5: the salt has the size of the hash. */
export function signatureParameters(alg: JwsAlgorithm): EcdsaParams | RsaPssParams | Algorithm {
  if (alg === 'ES256') return { name: 'ECDSA', hash: 'SHA-256' }
  if (alg === 'PS256') return { name: 'RSA-PSS', saltLength: 32 }
  return { name: keyParameters(alg).name }
}

/** Imported keys by the identity of their JWK; a WebCrypto key is for one algorithm. */
const imported = new WeakMap<PublicJwk, Map<JwsAlgorithm, CryptoKey>>()

/** @returns undefined when the members are no key for the algorithm, such as a point that is not on its curve; never rejects */
export async function importPublicKey(jwk: PublicJwk, alg: JwsAlgorithm): Promise<CryptoKey | undefined> {
  if (!isJwsAlgorithm(alg) || !jwkFits(jwk, alg)) return undefined
  const known = imported.get(jwk)?.get(alg)
  if (known !== undefined) return known
  try {
    const key = await crypto.subtle.importKey('jwk', { ...jwk }, keyParameters(alg), true, ['verify'])
    const keys = imported.get(jwk) ?? new Map<JwsAlgorithm, CryptoKey>()
    imported.set(jwk, keys.set(alg, key))
    return key
  } catch {
    return undefined
  }
}

/** Verifies a JWS (RFC 7515 §5.2): the header must name the caller's algorithm, and the key must have been imported for it. */
export async function verifyJws(jws: ParsedJws, alg: JwsAlgorithm, key: CryptoKey): Promise<boolean> {
  if (jws.header['alg'] !== alg || !isJwsAlgorithm(alg) || key.algorithm.name !== keyParameters(alg).name) return false
  const { signatureLength } = ruleOf(alg)
  if (signatureLength !== undefined && jws.signature.length !== signatureLength) return false
  try {
    return await crypto.subtle.verify(signatureParameters(alg), key, jws.signature, utf8.encode(jws.signingInput))
  } catch {
    return false
  }
}

/** SHA-256 of the UTF-8 of a text, as 43 base64url characters. */
export async function sha256Base64url(text: string): Promise<string> {
  return encodeBase64url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8.encode(text))))
}

/** The SHA-256 thumbprint of a certificate in DER (RFC 8705 §3.1), as in `cnf["x5t#S256"]`. */
export async function certificateThumbprint(der: Uint8Array): Promise<string> {
  return encodeBase64url(new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(der))))
}

/** The SHA-256 thumbprint of a key (RFC 7638 §3), as in `cnf.jkt` and `dpop_jkt`. */
export function thumbprint(jwk: PublicJwk): Promise<string> {
  return sha256Base64url(thumbprintInput(jwk))
}
