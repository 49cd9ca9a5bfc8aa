import { generateKeyPair, type KeyPair, signJws } from '@holdfast/proof/node'
import { type DpopInput, type DpopProof, DpopRefusal, type JsonObject, type JwsAlgorithm } from '@holdfast/proof'

export const NOW = 1_800_000_000
export const URL_OF_TOKEN = 'https://server.example.com/token'

const pairs = new Map<JwsAlgorithm, KeyPair>()
export function pairFor(alg: JwsAlgorithm): KeyPair {
  const pair = pairs.get(alg) ?? generateKeyPair(alg)
  pairs.set(alg, pair)
  return pair
}

let count = 0
/** A good proof but for what is given: members that are `undefined` are left out. The signature is always right for the pair. */
export function proofWith(changes: { readonly header?: JsonObject; readonly claims?: JsonObject; readonly pair?: KeyPair } = {}): string {
  const { alg, publicJwk, privateKey } = changes.pair ?? pairFor('ES256')
  const header = { typ: 'dpop+jwt', alg, jwk: publicJwk, ...changes.header }
  const claims = { jti: `jti-${++count}`, htm: 'POST', htu: URL_OF_TOKEN, iat: NOW, ...changes.claims }
  if (header.alg === alg) return signJws({ ...header, alg }, claims, privateKey)
  // A header that names another algorithm is signed as before: only the header lies.
  return forged(header, claims)
}

/** A proof whose signature is 64 bytes of nothing. */
export function forged(header: unknown, claims: unknown): string {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${encode(header)}.${encode(claims)}.${Buffer.alloc(64, 7).toString('base64url')}`
}

export function inputWith(proof: string | readonly string[], changes: Partial<DpopInput> = {}): DpopInput {
  return {
    headers: typeof proof === 'string' ? [proof] : proof,
    method: 'POST',
    url: URL_OF_TOKEN,
    now: NOW,
    algorithms: ['ES256', 'Ed25519', 'EdDSA', 'PS256', 'RS256'],
    ...changes,
  }
}

/** What became of a proof in one word: `ok`, or the name of the check that refused. */
export function verdict(outcome: DpopProof | DpopRefusal): string {
  return outcome instanceof DpopRefusal ? outcome.check : 'ok'
}
