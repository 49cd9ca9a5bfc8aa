import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** COSE algorithms: EdDSA, ES256, ES384, RS256. */
export type CoseAlgorithm = -8 | -7 | -35 | -257

/** What COSE makes of a public key (RFC 9052 §7): labels that are numbers, and bytes. */
export type CoseKey = ReadonlyMap<number, number | Uint8Array>

export interface CredentialKey {
  readonly publicKey: CoseKey
  sign(data: Uint8Array): Buffer
}

export function newCredentialKey(algorithm: CoseAlgorithm): CredentialKey {
  const { publicKey, privateKey } = pairOf(algorithm)
  const hash = { [-8]: null, [-7]: 'sha256', [-35]: 'sha384', [-257]: 'sha256' }[algorithm]
  return { publicKey: coseOf(algorithm, publicKey), sign: (data) => sign(hash, data, privateKey) }
}

function pairOf(algorithm: CoseAlgorithm): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  if (algorithm === -8) return generateKeyPairSync('ed25519')
  if (algorithm === -257) return generateKeyPairSync('rsa', { modulusLength: 2048 })
  return generateKeyPairSync('ec', { namedCurve: algorithm === -7 ? 'P-256' : 'P-384' })
}

/** RFC 9053 §7, RFC 8230 §4: 1 is the type, 3 the algorithm, the rest is below zero. */
function coseOf(algorithm: CoseAlgorithm, key: KeyObject): CoseKey {
  const jwk = key.export({ format: 'jwk' })
  const bytes = (text: string | undefined): Uint8Array => Uint8Array.from(Buffer.from(text ?? '', 'base64url'))
  const own: Readonly<Record<CoseAlgorithm, readonly (readonly [number, number | Uint8Array])[]>> = {
    [-8]: [
      [1, 1],
      [-1, 6],
      [-2, bytes(jwk.x)],
    ],
    [-7]: [
      [1, 2],
      [-1, 1],
      [-2, bytes(jwk.x)],
      [-3, bytes(jwk.y)],
    ],
    [-35]: [
      [1, 2],
      [-1, 2],
      [-2, bytes(jwk.x)],
      [-3, bytes(jwk.y)],
    ],
    [-257]: [
      [1, 3],
      [-1, bytes(jwk.n)],
      [-2, bytes(jwk.e)],
    ],
  }
  return new Map([...own[algorithm], [3, algorithm]])
}
