import type { JwsAlgorithm } from './algorithms.ts'
import { encodeBase64url } from './base64url.ts'
import { checkPublicJwk, isJwkFault, type PublicJwk } from './jwk.ts'
import type { JsonObject } from './jws.ts'
import { keyParameters, signatureParameters } from './web-engine.ts'

const utf8 = new TextEncoder()

export interface KeyPair {
  readonly alg: JwsAlgorithm
  readonly publicJwk: PublicJwk
  readonly publicKey: CryptoKey
  readonly privateKey: CryptoKey
}

/**
 * A new key for an algorithm; RSA keys have 2048 bits.
 *
 * @param options.extractable whether the private key can be exported. @default false
 */
export async function generateKeyPair(alg: JwsAlgorithm, options: { readonly extractable?: boolean } = {}): Promise<KeyPair> {
  const rsa = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }
  const made = await crypto.subtle.generateKey({ ...rsa, ...keyParameters(alg) }, options.extractable ?? false, ['sign', 'verify'])
  // An asymmetric algorithm always gives a pair; the declarations do not know all of them.
  const { publicKey, privateKey } = made as CryptoKeyPair
  const publicJwk = checkPublicJwk(await crypto.subtle.exportKey('jwk', publicKey))
  if (isJwkFault(publicJwk)) throw new Error(`a new key ${publicJwk.reason}`)
  return { alg, publicJwk, publicKey, privateKey }
}

/**
 * A compact JWS (RFC 7515 §7.1) of a JSON payload.
 *
 * @throws TypeError the private key is not one for `header.alg`: a fault of the caller
 */
export async function signJws(header: JsonObject & { readonly alg: JwsAlgorithm }, payload: JsonObject, key: CryptoKey): Promise<string> {
  checkPrivateKey(key, header.alg)
  return signed(encode(header), payload, header.alg, key)
}

/** Signs many payloads under one header. */
export interface JwtSigner {
  readonly alg: JwsAlgorithm
  readonly kid: string | undefined
  sign(payload: JsonObject): Promise<string>
}

export interface JwtSignerOptions {
  readonly key: CryptoKey
  readonly alg: JwsAlgorithm
  /** The media type of what is signed, such as `at+jwt` (RFC 9068 §2.1). */
  readonly typ?: string
  readonly kid?: string
}

/** @throws TypeError the private key is not one for `alg` */
export function createJwtSigner({ key, alg, typ, kid }: JwtSignerOptions): JwtSigner {
  checkPrivateKey(key, alg)
  const header = encode({ ...(typ !== undefined && { typ }), alg, ...(kid !== undefined && { kid }) })
  return { alg, kid, sign: (payload) => signed(header, payload, alg, key) }
}

function checkPrivateKey(key: CryptoKey, alg: JwsAlgorithm): void {
  if (key.type !== 'private' || key.algorithm.name !== keyParameters(alg).name) throw new TypeError(`${alg} cannot sign with this key`)
}

async function signed(headerSegment: string, payload: JsonObject, alg: JwsAlgorithm, key: CryptoKey): Promise<string> {
  const signingInput = `${headerSegment}.${encode(payload)}`
  const signature = await crypto.subtle.sign(signatureParameters(alg), key, utf8.encode(signingInput))
  return `${signingInput}.${encodeBase64url(new Uint8Array(signature))}`
}

function encode(value: JsonObject): string {
  return encodeBase64url(utf8.encode(JSON.stringify(value)))
}
