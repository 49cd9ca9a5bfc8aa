import { createHash, createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject, type webcrypto } from 'node:crypto'
import { generateKeyPair, signJws } from '@holdfast/proof/node'
import { checkPublicJwk, isJwkFault, type PublicJwk } from '@holdfast/proof'
import { newSecret } from '@holdfast/protocol/secret'
import type { EpochSeconds } from '@holdfast/protocol/time'

export type PrivateJwk = Readonly<Record<string, unknown>>

/** A new key for a new session (FAPI 2.0 §6.3: no two sessions and no two servers share one). */
export function newSessionKey(): PrivateJwk {
  return { ...generateKeyPair('ES256').privateKey.export({ format: 'jwk' }) }
}

const P256 = { name: 'ECDSA', namedCurve: 'P-256' }

/** As `oauth4webapi` takes it. */
export function cryptoKeys(jwk: PrivateJwk): webcrypto.CryptoKeyPair {
  const privateKey = keyOf(jwk)
  return {
    privateKey: privateKey.toCryptoKey(P256, false, ['sign']),
    publicKey: createPublicKey(privateKey).toCryptoKey(P256, true, ['verify']),
  }
}

/** Signs proofs for APIs. The synchronous path of `@holdfast/proof`: an API call waits for it. */
export class ProofSigner {
  readonly #key: KeyObject
  readonly #publicJwk: PublicJwk

  constructor(jwk: PrivateJwk) {
    this.#key = keyOf(jwk)
    const publicJwk = checkPublicJwk(createPublicKey(this.#key).export({ format: 'jwk' }))
    if (isJwkFault(publicJwk)) throw new Error(`a session's key ${publicJwk.reason}`)
    this.#publicJwk = publicJwk
  }

  /** A fresh proof for one request (RFC 9449 §4.2): `htu` is without query and fragment. */
  sign(method: string, url: URL, accessToken: string, nonce: string | undefined, now: EpochSeconds): string {
    return signJws(
      { typ: 'dpop+jwt', alg: 'ES256', jwk: { ...this.#publicJwk } },
      {
        jti: newSecret(),
        htm: method,
        htu: `${url.origin}${url.pathname}`,
        iat: now,
        ath: createHash('sha256').update(accessToken).digest('base64url'),
        ...(nonce === undefined ? {} : { nonce }),
      },
      this.#key,
    )
  }
}

function keyOf(jwk: PrivateJwk): KeyObject {
  return createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' })
}
