/** A scope and those that it holds in it (MCP-35). */
export type ScopeImplications = Readonly<Record<string, readonly string[]>>

/** The scopes of a `scope` claim, with all that they imply. */
export type ScopeReader = (claim: unknown) => readonly string[]

/** OAuth 2.1 §1.4.1: `%x21 / %x23-5B / %x5D-7E`. */
const TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/**
 * What is implied is worked out once for each scope, and once for each token: a request compares texts.
 *
 * @throws TypeError a name that cannot be a scope
 */
export function scopeReader(implied: ScopeImplications = {}): ScopeReader {
  checkScopes(Object.keys(implied), 'scopeImplies')
  for (const [scope, others] of Object.entries(implied)) checkScopes(others, `scopeImplies.${scope}`)
  const reach = new Map(Object.keys(implied).map((scope) => [scope, reached(scope, implied)]))
  return (claim) => {
    if (typeof claim !== 'string' || claim === '') return []
    const scopes = claim.split(' ')
    return reach.size === 0 ? scopes : [...new Set(scopes.flatMap((scope) => reach.get(scope) ?? [scope]))]
  }
}

/** The scope itself first. Whoever writes a circle means that those are one. */
function reached(scope: string, implied: ScopeImplications): readonly string[] {
  const found = new Set([scope])
  // A set gives also what is added while it is walked.
  for (const one of found) if (Object.hasOwn(implied, one)) for (const other of implied[one] ?? []) found.add(other)
  return [...found]
}

/**
 * Each request's need passes here: a loop, no copies.
 *
 * @throws TypeError no list; a name that cannot be a scope; `offline_access`, which is between client and issuer: an API needs
 *   nobody's refresh token, and a client that is told to ask for it would (MCP-40)
 */
export function checkScopes(scopes: unknown, name: string): void {
  if (!Array.isArray(scopes)) throw new TypeError(`${name} must be a list of scopes`)
  for (const scope of scopes as readonly unknown[]) {
    if (typeof scope !== 'string' || !TOKEN.test(scope))
      throw new TypeError(`${name} must hold scopes: printable ASCII without space, quote and backslash (OAuth 2.1 §1.4.1)`)
    if (scope === 'offline_access') throw new TypeError(`${name} must not hold offline_access: it is no scope of an API (MCP)`)
  }
}
