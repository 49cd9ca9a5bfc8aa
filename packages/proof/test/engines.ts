import * as node from '@holdfast/proof/node'
import * as web from '@holdfast/proof/web'
import type { DpopInput, DpopProof, DpopRefusal, JsonObject, JwsAlgorithm, ParsedJws, PublicJwk } from '@holdfast/proof'

/** Both engines behind one asynchronous face, so that one table of tests runs against both. */
export interface Engine {
  readonly name: 'node' | 'web'
  check(input: DpopInput): Promise<DpopProof | DpopRefusal>
  verify(jws: ParsedJws, alg: JwsAlgorithm, jwk: PublicJwk): Promise<boolean>
  imports(jwk: PublicJwk, alg: JwsAlgorithm): Promise<boolean>
  thumbprint(jwk: PublicJwk): Promise<string>
  hash(text: string): Promise<string>
  /** A new key, and what it signs. */
  signer(alg: JwsAlgorithm): Promise<{
    readonly publicJwk: PublicJwk
    sign(header: JsonObject, payload: JsonObject): Promise<string>
    jwt(options: { typ?: string; kid?: string }, payload: JsonObject): Promise<string>
  }>
  nonces(key: Uint8Array): { issue(now: number): Promise<string>; check(nonce: string, now: number): Promise<boolean> }
}

export const engines: readonly Engine[] = [
  {
    name: 'node',
    check: async (input) => node.checkDpopProof(input),
    async verify(jws, alg, jwk) {
      const key = node.importPublicKey(jwk)
      return key !== undefined && node.verifyJws(jws, alg, key)
    },
    imports: async (jwk) => node.importPublicKey(jwk) !== undefined,
    thumbprint: async (jwk) => node.thumbprint(jwk),
    hash: async (text) => node.sha256Base64url(text),
    async signer(alg) {
      const { publicJwk, privateKey } = node.generateKeyPair(alg)
      return {
        publicJwk,
        sign: async (header, payload) => node.signJws({ ...header, alg }, payload, privateKey),
        jwt: async (options, payload) => node.createJwtSigner({ ...options, alg, key: privateKey }).sign(payload),
      }
    },
    nonces(key) {
      const nonces = node.createNonces({ key })
      return { issue: async (now) => nonces.issue(now), check: async (nonce, now) => nonces.check(nonce, now) }
    },
  },
  {
    name: 'web',
    check: (input) => web.checkDpopProof(input),
    async verify(jws, alg, jwk) {
      const key = await web.importPublicKey(jwk, alg)
      return key !== undefined && web.verifyJws(jws, alg, key)
    },
    imports: async (jwk, alg) => (await web.importPublicKey(jwk, alg)) !== undefined,
    thumbprint: (jwk) => web.thumbprint(jwk),
    hash: (text) => web.sha256Base64url(text),
    async signer(alg) {
      const { publicJwk, privateKey } = await web.generateKeyPair(alg)
      return {
        publicJwk,
        sign: (header, payload) => web.signJws({ ...header, alg }, payload, privateKey),
        jwt: (options, payload) => web.createJwtSigner({ ...options, alg, key: privateKey }).sign(payload),
      }
    },
    nonces(key) {
      const nonces = web.createNonces({ key })
      return { issue: (now) => nonces.issue(now), check: async (nonce, now) => nonces.check(nonce, now) }
    },
  },
]
