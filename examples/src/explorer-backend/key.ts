import { type SigningKey, signingKeyOf } from '@holdfast/explorer'

const ES256 = { name: 'ECDSA', namedCurve: 'P-256' }

/** The back end's registered key, from the file that keeps it; it cannot be read back. */
export async function signingKey({ kty, crv, x, y, d }: Readonly<Record<string, unknown>>): Promise<SigningKey> {
  const publicJwk = { kty, crv, x, y } as JsonWebKey
  return signingKeyOf({
    privateKey: await crypto.subtle.importKey('jwk', { ...publicJwk, d } as JsonWebKey, ES256, false, ['sign']),
    publicKey: await crypto.subtle.importKey('jwk', publicJwk, ES256, true, ['verify']),
  })
}
