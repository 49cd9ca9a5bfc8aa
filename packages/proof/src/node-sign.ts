import crypto, { type KeyObject } from 'node:crypto'
import { type JwsAlgorithm, ruleOf } from './algorithms.ts'
import { derToP1363 } from './ecdsa.ts'
import { checkPublicJwk, isJwkFault, type PublicJwk } from './jwk.ts'
import type { JsonObject } from './jws.ts'
import { keyFits, PSS } from './node-engine.ts'

export interface KeyPair {
  readonly alg: JwsAlgorithm
  readonly publicJwk: PublicJwk
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

/** A new key for an algorithm; RSA keys have 2048 bits. Takes the time of a few signatures, for RSA that of hundreds. */
export function generateKeyPair(alg: JwsAlgorithm): KeyPair {
  const { publicKey, privateKey } = newKeys(alg)
  const publicJwk = checkPublicJwk(publicKey.export({ format: 'jwk' }))
  if (isJwkFault(publicJwk)) throw new Error(`a new key ${publicJwk.reason}`)
  return { alg, publicJwk, publicKey, privateKey }
}

function newKeys(alg: JwsAlgorithm): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  const { kty } = ruleOf(alg)
  if (kty === 'EC') return crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })
  if (kty === 'OKP') return crypto.generateKeyPairSync('ed25519')
  return crypto.generateKeyPairSync('rsa', { modulusLength: 2048 })
}

/**
 * A compact JWS (RFC 7515 §7.1) of a JSON payload.
 *
 * @throws TypeError the private key is not one for `header.alg`: a fault of the caller
 */
export function signJws(header: JsonObject & { readonly alg: JwsAlgorithm }, payload: JsonObject, key: KeyObject): string {
  checkPrivateKey(key, header.alg)
  return signed(encode(header), payload, header.alg, key)
}

/** Signs many payloads under one header: each costs one `JSON.stringify` and one signature. */
export interface JwtSigner {
  readonly alg: JwsAlgorithm
  readonly kid: string | undefined
  sign(payload: JsonObject): string
}

export interface JwtSignerOptions {
  readonly key: KeyObject
  readonly alg: JwsAlgorithm
  /** The media type of what is signed, such as `at+jwt` (RFC 9068 §2.1). */
  readonly typ?: string
  readonly kid?: string
}

/** @throws TypeError the private key is not one for `alg`: a fault of the configuration, told at start */
export function createJwtSigner({ key, alg, typ, kid }: JwtSignerOptions): JwtSigner {
  checkPrivateKey(key, alg)
  const header = encode({ ...(typ !== undefined && { typ }), alg, ...(kid !== undefined && { kid }) })
  return { alg, kid, sign: (payload) => signed(header, payload, alg, key) }
}

function checkPrivateKey(key: KeyObject, alg: JwsAlgorithm): void {
  if (key.type !== 'private' || !keyFits(key, alg)) throw new TypeError(`${alg} cannot sign with this key`)
}

function signed(headerSegment: string, payload: JsonObject, alg: JwsAlgorithm, key: KeyObject): string {
  const signingInput = `${headerSegment}.${encode(payload)}`
  const signature = sign(Buffer.from(signingInput, 'latin1'), alg, key)
  return `${signingInput}.${signature.toString('base64url')}`
}

function sign(data: Buffer, alg: JwsAlgorithm, key: KeyObject): Buffer {
  if (alg === 'PS256') return crypto.sign('sha256', data, { key, ...PSS })
  if (alg === 'RS256') return crypto.sign('sha256', data, key)
  if (alg !== 'ES256') return crypto.sign(null, data, key)
  // The bare key, converted here: see ecdsa.ts.
  const p1363 = derToP1363(crypto.sign('sha256', data, key))
  if (p1363 === undefined) throw new Error('node:crypto gave no ECDSA signature in DER')
  return Buffer.from(p1363.buffer)
}

function encode(value: JsonObject): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
