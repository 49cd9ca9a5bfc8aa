import { webAddressFault } from './web-address.ts'

/**
 * Why a text cannot be an issuer identifier, or undefined when it can (RFC 8414 §2, META-03). Clients compare
 * it character by character, so only one spelling is taken: that of the URL standard, without the last slash.
 */
export function checkIssuer(issuer: string): string | undefined {
  const fault = webAddressFault(issuer)
  if (fault !== undefined) return fault
  if (issuer.includes('?')) return 'must not have a query (RFC 8414 §2)'
  if (issuer.includes('#')) return 'must not have a fragment (RFC 8414 §2)'
  if (issuer.endsWith('/')) return `must not end with a slash; write ${issuer.replace(/\/+$/, '')}`
  const canonical = new URL(issuer).href.replace(/\/$/, '')
  return canonical === issuer ? undefined : `must be written as clients will compare it: ${canonical}`
}
