import { type Members, textOf, utf8 } from './encoding.ts'
import type { TakenApart } from './dissect/jwt.ts'

interface Way {
  readonly kty: string
  readonly crv?: string
  readonly import: EcKeyImportParams | RsaHashedImportParams | { readonly name: string }
  readonly verify: EcdsaParams | RsaPssParams | { readonly name: string }
}

const ed25519: Way = { kty: 'OKP', crv: 'Ed25519', import: { name: 'Ed25519' }, verify: { name: 'Ed25519' } }
const WAYS: Readonly<Record<string, Way>> = {
  ES256: { kty: 'EC', crv: 'P-256', import: { name: 'ECDSA', namedCurve: 'P-256' }, verify: { name: 'ECDSA', hash: 'SHA-256' } },
  ES384: { kty: 'EC', crv: 'P-384', import: { name: 'ECDSA', namedCurve: 'P-384' }, verify: { name: 'ECDSA', hash: 'SHA-384' } },
  ES512: { kty: 'EC', crv: 'P-521', import: { name: 'ECDSA', namedCurve: 'P-521' }, verify: { name: 'ECDSA', hash: 'SHA-512' } },
  PS384: { kty: 'RSA', import: { name: 'RSA-PSS', hash: 'SHA-384' }, verify: { name: 'RSA-PSS', saltLength: 48 } },
  PS512: { kty: 'RSA', import: { name: 'RSA-PSS', hash: 'SHA-512' }, verify: { name: 'RSA-PSS', saltLength: 64 } },
  RS384: { kty: 'RSA', import: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-384' }, verify: { name: 'RSASSA-PKCS1-v1_5' } },
  RS512: { kty: 'RSA', import: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-512' }, verify: { name: 'RSASSA-PKCS1-v1_5' } },
  PS256: { kty: 'RSA', import: { name: 'RSA-PSS', hash: 'SHA-256' }, verify: { name: 'RSA-PSS', saltLength: 32 } },
  RS256: { kty: 'RSA', import: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, verify: { name: 'RSASSA-PKCS1-v1_5' } },
  EdDSA: ed25519,
  Ed25519: ed25519,
}

export type SignatureVerdict = 'good' | 'bad' | 'cannot tell'

/** By one key. An alg that is not known here, or a key that does not fit it, cannot tell. */
export async function verifySignature({ header, signingInput, signature }: TakenApart, jwk: Members): Promise<SignatureVerdict> {
  const way = wayOf(textOf(header.members, 'alg'))
  if (way === undefined || signingInput === undefined || signature === undefined || !fits(way, jwk)) return 'cannot tell'
  try {
    // Only what the key is: `use` and `key_ops` of a published key must not keep it from being imported.
    const { kty, crv, x, y, n, e } = jwk as JsonWebKey
    const bare = Object.fromEntries(Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined))
    const key = await crypto.subtle.importKey('jwk', bare as JsonWebKey, way.import, true, ['verify'])
    return (await crypto.subtle.verify(way.verify, key, signature, utf8(signingInput))) ? 'good' : 'bad'
  } catch {
    return 'cannot tell'
  }
}

function wayOf(alg: string | undefined): Way | undefined {
  return alg !== undefined && Object.hasOwn(WAYS, alg) ? WAYS[alg] : undefined
}

/** RFC 7517 §4.2 to §4.4: what its owner says that it is for. An RSA key for PS256 makes no signature by RS256. */
function isFor(key: Members, alg: string | undefined): boolean {
  const { use, key_ops: operations, alg: own } = key
  const verifies = operations === undefined || (Array.isArray(operations) && operations.includes('verify'))
  return (
    use !== 'enc' && verifies && (own === undefined || own === alg || (wayOf(textOf(key, 'alg')) === ed25519 && wayOf(alg) === ed25519))
  )
}

function fits({ kty, crv }: Way, jwk: Members): boolean {
  return jwk['kty'] === kty && (crv === undefined || jwk['crv'] === crv)
}

/** The published keys that may have signed it: of its `kid`, or without one all that fit its alg. */
export function candidates({ header }: TakenApart, keys: readonly Members[]): readonly Members[] {
  const alg = textOf(header.members, 'alg')
  const way = wayOf(alg)
  const kid = textOf(header.members, 'kid')
  return keys.filter(
    (key) =>
      way !== undefined && fits(way, key) && isFor(key, alg) && (kid === undefined || key['kid'] === undefined || key['kid'] === kid),
  )
}

/** By whichever of the candidates it is. */
export async function verifyByAny(jwt: TakenApart, keys: readonly Members[]): Promise<SignatureVerdict> {
  const verdicts = await Promise.all(keys.map((key) => verifySignature(jwt, key)))
  if (verdicts.includes('good')) return 'good'
  return verdicts.includes('bad') ? 'bad' : 'cannot tell'
}
