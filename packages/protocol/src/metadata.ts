/**
 * The places where an issuer's or resource's metadata is found. RFC 8414 §3 and RFC 9728 §3.1 insert the
 * well-known part between host and path; OpenID Connect Discovery §4 appends it.
 */
export function insertedWellKnown(identifier: string, name: string): string {
  const url = new URL(identifier)
  const path = url.pathname === '/' ? '' : url.pathname.replace(/\/$/, '')
  return `${url.origin}/.well-known/${name}${path}${url.search}`
}

export function appendedWellKnown(identifier: string, name: string): string {
  return `${identifier.replace(/\/$/, '')}/.well-known/${name}`
}

/** RFC 8414 §3.2: a member without elements is left out. */
export function withoutEmpty(metadata: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(metadata).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  )
}
