import crypto, { type KeyObject } from 'node:crypto'
import { isJwsAlgorithm, type JwsAlgorithm, RSA_BITS, ruleOf } from './algorithms.ts'
import { p1363ToDer } from './ecdsa.ts'
import { type PublicJwk, thumbprintInput } from './jwk.ts'
import type { ParsedJws } from './jws.ts'

/** RFC 7518 §3.5: the salt has the size of the hash, and MGF1 the same hash. */
export const PSS: { readonly padding: number; readonly saltLength: number } = {
  padding: crypto.constants.RSA_PKCS1_PSS_PADDING,
  saltLength: 32,
}

/** Imported keys by the identity of their JWK: whoever keeps a key set pays for each key once. */
const imported = new WeakMap<PublicJwk, KeyObject>()

/** @returns undefined when the members are no key, such as a point that is not on its curve; never throws */
export function importPublicKey(jwk: PublicJwk): KeyObject | undefined {
  const known = imported.get(jwk)
  if (known !== undefined) return known
  try {
    const key = crypto.createPublicKey({ key: { ...jwk }, format: 'jwk' })
    imported.set(jwk, key)
    return key
  } catch {
    return undefined
  }
}

/**
 * Verifies a JWS (RFC 7515 §5.2). The algorithm is the caller's, from its allow-list; the header must name the same
 * and the key must be of its kind, so that no key serves an algorithm it was not made for (RFC 8725 §3.1).
 */
export function verifyJws(jws: ParsedJws, alg: JwsAlgorithm, key: KeyObject): boolean {
  if (jws.header['alg'] !== alg || !isJwsAlgorithm(alg) || key.type !== 'public' || !keyFits(key, alg)) return false
  const { hash, signatureLength } = ruleOf(alg)
  if (signatureLength !== undefined && jws.signature.length !== signatureLength) return false
  const data = Buffer.from(jws.signingInput, 'latin1')
  try {
    if (alg === 'PS256') return crypto.verify('sha256', data, { key, ...PSS }, jws.signature)
    // The bare key, and DER made here: with an option object Node 24 imports the key again at every call.
    const signature = alg === 'ES256' ? p1363ToDer(jws.signature) : jws.signature
    return signature !== undefined && crypto.verify(hash === undefined ? null : 'sha256', data, key, signature)
  } catch {
    return false
  }
}

/** RFC 7518 §3 and RFC 8037 §3.1, for a key that is imported. */
export function keyFits(key: KeyObject, alg: JwsAlgorithm): boolean {
  const type = key.asymmetricKeyType
  const { kty } = ruleOf(alg)
  if (kty === 'OKP') return type === 'ed25519'
  if (kty === 'EC') return type === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  return type === 'rsa' && bits >= RSA_BITS.min && bits <= RSA_BITS.max
}

/** SHA-256 of the UTF-8 of a text, as 43 base64url characters. */
export function sha256Base64url(text: string): string {
  // The one-shot function spares an object per hash; Node 20.11 and older lack it.
  return typeof crypto.hash === 'function'
    ? crypto.hash('sha256', text, 'base64url')
    : crypto.createHash('sha256').update(text).digest('base64url')
}

/** The SHA-256 thumbprint of a certificate in DER (RFC 8705 §3.1), as in `cnf["x5t#S256"]`. */
export function certificateThumbprint(der: Uint8Array): string {
  return crypto.createHash('sha256').update(der).digest('base64url')
}

/** The SHA-256 thumbprint of a key (RFC 7638 §3), as in `cnf.jkt` and `dpop_jkt`. */
export function thumbprint(jwk: PublicJwk): string {
  return sha256Base64url(thumbprintInput(jwk))
}
