import type { X509Certificate } from 'node:crypto'
import { attribute, parseDistinguishedName, type RelativeName, unescaped } from '../config/distinguished-name.ts'

/**
 * Whether a certificate's subject is the name that a client registered (RFC 8705 §2.1.2): the same relative names in
 * the same order, each with the same attributes in any order.
 *
 * @param expected RFC 4514 text, the most specific name first
 */
export function hasSubject(certificate: X509Certificate, expected: string): boolean {
  const wanted = parseDistinguishedName(expected)
  const found = subjectOf(certificate)
  return wanted !== undefined && found !== undefined && JSON.stringify(found) === JSON.stringify(wanted)
}

/**
 * Node writes the subject a line for each relative name, the least specific first, ` + ` between attributes, with
 * OpenSSL's short names, and escapes as RFC 2253 does: so no value can pass for a second line or attribute.
 *
 * @returns undefined when a type is unknown here or a value is no text
 */
export function subjectOf(certificate: X509Certificate): readonly RelativeName[] | undefined {
  // Undefined for an empty subject, other than its type says.
  const lines = (certificate.subject as string | undefined)?.split('\n') ?? []
  const names = lines.map((line) =>
    line.split(' + ').map((pair) => {
      const equals = pair.indexOf('=')
      return attribute(pair.slice(0, equals), unescaped(pair.slice(equals + 1)))
    }),
  )
  if (names.length === 0 || names.some((name) => name.includes(undefined))) return undefined
  return names.map((name) => (name as string[]).toSorted()).toReversed()
}

/** Whether a certificate has this name among its subjectAltName dNSName, exactly: a wildcard in it stands for itself and nothing else. */
export function hasDnsName(certificate: X509Certificate, name: string): boolean {
  // A leading dot would ask OpenSSL for every name below.
  return !name.startsWith('.') && certificate.checkHost(name, { subject: 'never', wildcards: false }) !== undefined
}

/** Compared in binary form by OpenSSL (MTLS-09): spellings of an IPv6 address do not count. */
export function hasIpAddress(certificate: X509Certificate, address: string): boolean {
  try {
    return certificate.checkIP(address) !== undefined
  } catch {
    // Not an address at all.
    return false
  }
}

/** RFC 5280 §7.5: the case of the domain does not count, that of the mailbox does. */
export function hasEmailAddress(certificate: X509Certificate, address: string): boolean {
  return certificate.checkEmail(address, { subject: 'never' }) !== undefined
}

/** Character by character: an identifier has one spelling. */
export function hasUri(certificate: X509Certificate, uri: string): boolean {
  return urisOf(certificate.subjectAltName ?? '').includes(uri)
}

/** Node quotes, as JSON does, every value that could be read as more than one (CVE-2021-44532). */
const ALTERNATIVE = /([A-Za-z0-9 ]+):(?:("(?:[^"\\]|\\.)*")|([^",]*))(?:, |$)/y

/** @returns nothing at all when any of the text is not understood */
export function urisOf(text: string): readonly string[] {
  const uris: string[] = []
  for (let at = 0; at < text.length; at = ALTERNATIVE.lastIndex) {
    ALTERNATIVE.lastIndex = at
    const [, kind, quoted, plain] = ALTERNATIVE.exec(text) ?? []
    if (kind === undefined) return []
    if (kind === 'URI') uris.push(quoted === undefined ? (plain as string) : (JSON.parse(quoted) as string))
  }
  return uris
}
