import { createECDH, createHash, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { isJwkFault, type PublicJwk } from '@holdfast/proof'
import { checkPublicJwk } from '../../packages/proof/src/jwk.ts'

/** A private key of the list, and what others see of it. */
export interface Key {
  readonly alg: string
  readonly privateKey: KeyObject
  readonly publicJwk: PublicJwk
  /** With the private members: what must never stand in a proof. */
  readonly privateJwk: Readonly<Record<string, unknown>>
}

/** The same key for the same name in every run, so that what is recorded of it stays. Nothing but this list trusts it. */
export function p256(name: string): Key {
  const d = createHash('sha256').update(`guard requests ${name}`).digest()
  const point = createECDH('prime256v1')
  point.setPrivateKey(d)
  const bytes = point.getPublicKey()
  const [x, y] = [bytes.subarray(1, 33), bytes.subarray(33)].map((half) => half.toString('base64url'))
  return keyOf('ES256', { kty: 'EC', crv: 'P-256', x, y, d: d.toString('base64url') })
}

/** The PKCS #8 prefix of an Ed25519 seed (RFC 8410 §7). */
const ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex')

export function ed25519(name: string, alg = 'EdDSA'): Key {
  const seed = createHash('sha256').update(`guard requests ${name}`).digest()
  return madeOf(alg, createPrivateKey({ key: Buffer.concat([ED25519, seed]), format: 'der', type: 'pkcs8' }))
}

/** New in every run: its thumbprint is told by name in what is recorded. */
export function rsa(alg: 'RS256' | 'PS256'): Key {
  return madeOf(alg, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)
}

function madeOf(alg: string, key: KeyObject): Key {
  return keyOf(alg, key.export({ format: 'jwk' }) as Readonly<Record<string, unknown>>)
}

function keyOf(alg: string, privateJwk: Readonly<Record<string, unknown>>): Key {
  const { kty, crv, x, y, n, e } = privateJwk
  const publicJwk = checkPublicJwk({ kty, crv, x, y, n, e })
  if (isJwkFault(publicJwk)) throw new Error(`a key of the list ${publicJwk.reason}`)
  return { alg, publicJwk, privateJwk, privateKey: createPrivateKey({ key: { ...privateJwk }, format: 'jwk' }) }
}

export const ISSUER_KEY: Key = p256('issuer')
export const ISSUER_RSA: Key = rsa('RS256')
export const ISSUER_PS256: Key = { ...ISSUER_RSA, alg: 'PS256' }
export const ISSUER_ED: Key = ed25519('issuer')
export const OTHER_ISSUER_KEY: Key = p256('second issuer')
export const CLIENT_KEY: Key = p256('client')
export const CLIENT_ED: Key = ed25519('client')
export const CLIENT_RSA: Key = rsa('PS256')
/** Nobody knows it. */
export const STRANGER: Key = p256('stranger')

/** The issuer's key set; two algorithms of one RSA key need two entries. */
export const PUBLISHED: readonly object[] = [
  { ...ISSUER_KEY.publicJwk, kid: 'es', alg: 'ES256', use: 'sig' },
  { ...ISSUER_RSA.publicJwk, kid: 'rs', alg: 'RS256', use: 'sig' },
  { ...ISSUER_RSA.publicJwk, kid: 'ps', alg: 'PS256', use: 'sig' },
  { ...ISSUER_ED.publicJwk, kid: 'ed', use: 'sig' },
  { ...STRANGER.publicJwk, kid: 'enc', use: 'enc' },
]
/** Of the second issuer, under the same `kid`. */
export const OTHER_PUBLISHED: readonly object[] = [{ ...OTHER_ISSUER_KEY.publicJwk, kid: 'es', alg: 'ES256', use: 'sig' }]
