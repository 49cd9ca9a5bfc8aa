import { secretHash } from '@holdfast/protocol/secret'

/** Printed in standards and in our own pages: whoever reads them has them. */
export const EXAMPLE_SECRETS: ReadonlySet<string> = new Set([
  // RFC 6749 §2.3.1, RFC 7591 §3.2.1, OpenID Connect Registration §3.2, RFC 9126 §1.1
  '7Fjfp0ZBr1KtDRbnfVdmIw',
  'cf136dc3c1fc93f31185e5885805d',
  'ZJYCqe3GGRvdrudKyZS0XhGv_Z45DuKhCUk0gBR1vZk',
  // ours
  'replace-this-by-the-output-of-openssl-rand',
  'change-me-change-me-change-me-change-me',
  'an-example-secret-that-nobody-should-use',
])

const HASHED = /^sha256:[A-Za-z0-9_-]{43}$/

/** Why a configured secret is not taken, without showing it (design §6, CAUTH-17). */
export function secretFault(secret: string): string | undefined {
  if (secret.startsWith('sha256:'))
    return HASHED.test(secret) ? undefined : 'must be sha256: and the SHA-256 of the secret as 43 base64url characters'
  if (secret.length < 32) return `must have at least 32 characters and has ${secret.length}; make one with: openssl rand -base64 33`
  if (!/^[\x20-\x7e]+$/.test(secret)) return 'must be printable ASCII (OAuth 2.1 App. A)'
  if (EXAMPLE_SECRETS.has(secret)) return 'is an example from the documentation; make one with: openssl rand -base64 33'
  // A random secret of 32 characters has fewer than 10 different ones about never; a typed one often.
  if (new Set(secret).size < 10) return 'must be random; make one with: openssl rand -base64 33'
  return undefined
}

/** What is kept of it: SHA-256 (CAUTH-07). */
export function hashOf(secret: string): string {
  return secret.startsWith('sha256:') ? secret.slice('sha256:'.length) : secretHash(secret)
}
