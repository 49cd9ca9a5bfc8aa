import { createHash, type KeyObject } from 'node:crypto'
import { generateKeyPair, type KeyPair, signJws } from '@holdfast/proof/node'
import { newSecret } from '@holdfast/protocol/secret'
import { compactDecrypt, createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { type Held, selfSigned } from '../certificates.ts'
import type { Signed } from './page.ts'

/** Who has keys in the pages: the client and its DPoP key, and others whose word counts. */
const HOLDERS = ['client', 'dpop', 'attester', 'statement', 'partner', 'encryption'] as const

/** Keys made anew for each page, since a page cannot show private ones, and what is signed by them. */
export class Keys {
  readonly #pairs: ReadonlyMap<string, KeyPair>
  /** What the client shows to the proxy before the listener for mutual TLS. */
  readonly certificate: Held

  private constructor(pairs: ReadonlyMap<string, KeyPair>, certificate: Held) {
    this.#pairs = pairs
    this.certificate = certificate
  }

  static async make(): Promise<Keys> {
    return new Keys(new Map(HOLDERS.map((name) => [name, generateKeyPair('ES256')])), await selfSigned())
  }

  /** `<client_jwk>` in a configuration or a document is the public key, as somebody registers it. */
  registered(text: string): string {
    return text.replaceAll(/<(\w+)_jwk>/g, (_whole, name: string) => JSON.stringify(this.#registeredKey(name)))
  }

  publicJwk(holder: string): Readonly<Record<string, unknown>> {
    return { ...this.#pair(holder).publicJwk }
  }

  sign(holder: string, typ: string, payload: Readonly<Record<string, unknown>>): string {
    const { alg, privateKey } = this.#pair(holder)
    return signJws({ typ, alg, kid: holder }, payload, privateKey)
  }

  /** RFC 9449 §4.2. @param token what goes along with the proof at an API */
  dpop(claims: Readonly<Record<string, unknown>>, token: string | undefined): string {
    const { publicJwk, privateKey } = this.#pair('dpop')
    const ath = token === undefined ? {} : { ath: createHash('sha256').update(token).digest('base64url') }
    return signJws({ typ: 'dpop+jwt', alg: 'ES256', jwk: publicJwk }, { jti: newSecret(), ...claims, ...ath }, privateKey)
  }

  /** What a page shows as JSON, signed. `<now>` and `<now+60>` are seconds since 1970. */
  signed({ key, typ, claims }: Signed, now: number): string {
    const filled = claims.replaceAll(/<now([+-]\d+)?>/g, (_whole, by: string | undefined) => String(now + Number(by ?? 0)))
    return this.sign(key, typ, JSON.parse(filled) as Readonly<Record<string, unknown>>)
  }

  /** The claims of what the server signed, and encrypted to the client if it did. @throws when it did not sign it */
  async opened(jwt: string, published: JSONWebKeySet): Promise<Readonly<Record<string, unknown>>> {
    const signed = jwt.split('.').length === 5 ? await this.#decrypted(jwt) : jwt
    return (await jwtVerify(signed, createLocalJWKSet(published))).payload
  }

  async #decrypted(jwe: string): Promise<string> {
    const { plaintext } = await compactDecrypt(jwe, this.#pair('encryption').privateKey as KeyObject)
    return new TextDecoder().decode(plaintext)
  }

  #registeredKey(name: string): Readonly<Record<string, unknown>> {
    if (name === 'certificate') return this.certificate.jwk
    return { ...this.#pair(name).publicJwk, kid: name, ...(name === 'encryption' && { use: 'enc' }) }
  }

  #pair(holder: string): KeyPair {
    const pair = this.#pairs.get(holder)
    if (pair === undefined) throw new Error(`nobody is called ${holder} here; known are ${HOLDERS.join(', ')}`)
    return pair
  }
}
