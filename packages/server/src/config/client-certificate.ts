import { type KeyObject, X509Certificate } from 'node:crypto'
import { checkPublicJwk, isJwkFault } from '@holdfast/proof'
import { importPublicKey } from '@holdfast/proof/node'

/** A JWK as a client wrote it. */
type WrittenKey = Readonly<Record<string, unknown>>

const NOT_DER = 'must be a list that begins with a certificate: DER in base64'

/** Why the certificate of a key (`x5c`, RFC 7517 §4.7) is not taken, or undefined when it is, or there is none. */
export function certificateFault(key: WrittenKey): string | undefined {
  if (key['x5c'] === undefined) return undefined
  const der = firstOf(key)
  if (der === undefined) return NOT_DER
  const publicKey = keyOf(key)
  // Whatever is wrong with the key itself is told for the key.
  if (publicKey === undefined) return undefined
  try {
    const certificate = new X509Certificate(der)
    if (!certificate.raw.equals(der)) return 'must begin with one certificate and nothing else: DER in base64'
    // RFC 8705 §2.2.2: they must say the same, or one of the two is somebody else's.
    return certificate.publicKey.equals(publicKey) ? undefined : 'begins with a certificate of another key than this one (RFC 7517 §4.7)'
  } catch {
    return NOT_DER
  }
}

/** Whether a certificate is the one of this key: the same bytes, and its key the same as the bare members (MTLS-15). */
export function isCertificateOf(key: WrittenKey, certificate: X509Certificate): boolean {
  return firstOf(key)?.equals(certificate.raw) === true && keyOf(key)?.equals(certificate.publicKey) === true
}

function firstOf({ x5c }: WrittenKey): Buffer | undefined {
  const first: unknown = Array.isArray(x5c) ? x5c[0] : undefined
  return typeof first === 'string' && /^[A-Za-z0-9+/]+={0,2}$/.test(first) ? Buffer.from(first, 'base64') : undefined
}

function keyOf(key: WrittenKey): KeyObject | undefined {
  const jwk = checkPublicJwk(key)
  return isJwkFault(jwk) ? undefined : importPublicKey(jwk)
}
