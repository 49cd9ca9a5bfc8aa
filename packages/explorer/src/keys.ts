import { hashText, newSecret, toBase64url, utf8, type Members } from './encoding.ts'
import { canonicalJwk } from './dissect/thumbprint.ts'

/** A public key as JWK (RFC 7517), with the members that count and no other. */
export interface PublicJwk {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
}

/** A key pair for ES256. Its private half signs and cannot be read, not even by this page: a script that is smuggled in can use it while it runs, and take nothing away. */
export interface SigningKey {
  readonly privateKey: CryptoKey
  readonly publicJwk: PublicJwk
  /** RFC 7638. */
  readonly thumbprint: string
}

const ES256 = { name: 'ECDSA', namedCurve: 'P-256' } as const

export async function newSigningKey(): Promise<SigningKey> {
  const pair = await crypto.subtle.generateKey(ES256, false, ['sign', 'verify'])
  return signingKeyOf(pair)
}

/** A key that is there already, such as the example client's. */
export async function signingKeyOf({ privateKey, publicKey }: CryptoKeyPair): Promise<SigningKey> {
  const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', publicKey)
  const publicJwk: PublicJwk = { kty: 'EC', crv: 'P-256', x, y }
  return { privateKey, publicJwk, thumbprint: await hashText(canonicalJwk(publicJwk) ?? '') }
}

/** A private JWK that a client keeps in a file (RFC 7517). Here it cannot be read back. */
export async function importSigningKey({ kty, crv, x, y, d }: Members): Promise<SigningKey> {
  const publicJwk = { kty, crv, x, y } as JsonWebKey
  return signingKeyOf({
    privateKey: await crypto.subtle.importKey('jwk', { ...publicJwk, d } as JsonWebKey, ES256, false, ['sign']),
    publicKey: await crypto.subtle.importKey('jwk', publicJwk, ES256, true, ['verify']),
  })
}

/** A compact JWS (RFC 7515 §7.1) by ES256. The members stand in the order given. */
export async function signJws(header: Members, payload: Members, key: SigningKey): Promise<string> {
  const input = [header, payload].map((part) => toBase64url(utf8(JSON.stringify(part)))).join('.')
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key.privateKey, utf8(input))
  return `${input}.${toBase64url(new Uint8Array(signature))}`
}

export interface Pkce {
  /** RFC 7636 §4.1: 256 random bits as 43 signs. Stays here until the code is redeemed. */
  readonly verifier: string
  /** §4.2, by S256. */
  readonly challenge: string
}

export async function newPkce(): Promise<Pkce> {
  const verifier = newSecret()
  return { verifier, challenge: await hashText(verifier) }
}
