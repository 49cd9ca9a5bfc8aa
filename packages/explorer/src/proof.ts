import { hashText, newSecret, type Members } from './encoding.ts'
import { signJws, type SigningKey } from './keys.ts'

export interface ProofOf {
  readonly key: SigningKey
  readonly method: string
  readonly url: string
  /** Milliseconds since 1970. */
  readonly now: number
  readonly nonce?: string | undefined
  /** The access token that it goes with (`ath`). */
  readonly token?: string | undefined
  /** For who wants another than a right one; `undefined` leaves a member out. */
  readonly claims?: Members | undefined
  readonly header?: Members | undefined
}

/** A DPoP proof (RFC 9449 §4.2). Fresh for each request, tries again included: a `jti` counts once. */
export async function newProof({ key, method, url, now, nonce, token, claims, header }: ProofOf): Promise<string> {
  const payload = {
    jti: newSecret(),
    htm: method,
    htu: htuOf(url),
    iat: Math.floor(now / 1000),
    nonce,
    ath: token === undefined ? undefined : await hashText(token),
    ...claims,
  }
  return signJws({ typ: 'dpop+jwt', alg: 'ES256', jwk: key.publicJwk, ...header }, payload, key)
}

/** RFC 9449 §4.2: without query and fragment. */
export function htuOf(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}
