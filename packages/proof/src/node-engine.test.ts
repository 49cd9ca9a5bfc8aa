import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { JwsAlgorithm } from './algorithms.ts'
import type { ParsedJws } from './jws.ts'
import { parseJws } from './jws.ts'
import { createJwtSigner, generateKeyPair, importPublicKey, signJws, verifyJws } from './node.ts'

/** Signed by OpenSSL without asking whether the key is one for the algorithm. */
function signedAnyway(alg: JwsAlgorithm, key: KeyObject): ParsedJws {
  const signingInput = `${Buffer.from(JSON.stringify({ alg })).toString('base64url')}.e30`
  const signature = sign('sha256', Buffer.from(signingInput), { key, dsaEncoding: 'ieee-p1363' })
  return parseJws(`${signingInput}.${signature.toString('base64url')}`, { maxLength: 8192 }) as ParsedJws
}

describe('keys of node:crypto', () => {
  test('RFC 7518 §3.4: a good signature by a key of another curve is refused though it has 64 bytes', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
    expect(verifyJws(signedAnyway('ES256', privateKey), 'ES256', publicKey)).toBe(false)
    const right = generateKeyPair('ES256')
    expect(verifyJws(signedAnyway('ES256', right.privateKey), 'ES256', right.publicKey)).toBe(true)
  })

  test('RFC 7518 §3.3: a good signature by a weak RSA key is refused', () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    expect(verifyJws(signedAnyway('RS256', privateKey), 'RS256', publicKey)).toBe(false)
  })

  test('RFC 7515 §5.2: a private key does not verify', () => {
    const { privateKey } = generateKeyPair('ES256')
    const jws = signedAnyway('ES256', privateKey)
    expect(verifyJws(jws, 'ES256', privateKey)).toBe(false)
    expect(verifyJws(jws, 'ES256', createPublicKey(privateKey))).toBe(true)
  })

  test('RFC 8725 §3.1: a key that is not for the algorithm signs nothing', () => {
    const { privateKey, publicKey } = generateKeyPair('ES256')
    for (const alg of ['RS256', 'PS256', 'EdDSA', 'Ed25519'] as const) {
      expect(() => signJws({ alg }, {}, privateKey)).toThrow(TypeError)
      expect(() => createJwtSigner({ alg, key: privateKey })).toThrow(TypeError)
    }
    expect(() => createJwtSigner({ alg: 'ES256', key: publicKey })).toThrow(TypeError)
  })

  test('performance §4: the key of one JWK is imported once', () => {
    const { publicJwk } = generateKeyPair('ES256')
    expect(importPublicKey(publicJwk)).toBe(importPublicKey(publicJwk))
  })
})
