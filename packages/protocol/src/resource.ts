import { OAuthError } from './oauth-error.ts'

/** RFC 3986 §2: what a URI is written with. `URL` forgives spaces, tabs and line breaks, and would let two texts be one resource. */
const URI = /^[a-z][a-z0-9+.-]*:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+$/i

/** RFC 8707 §2: every `resource` is an absolute URI without a fragment. Compared by code points, never normalised (RES-07). */
export function parseResources(values: readonly string[]): readonly string[] | OAuthError {
  for (const value of values) {
    if (!URI.test(value) || !URL.canParse(value))
      return new OAuthError('invalid_target', 'resource must be an absolute URI (RFC 8707 §2)', { rule: 'RES-01' })
    if (value.includes('#')) return new OAuthError('invalid_target', 'resource must not have a fragment (RFC 8707 §2)', { rule: 'RES-01' })
    if (value.length > 1024) return new OAuthError('invalid_target', 'resource is longer than 1024 characters', { rule: 'RES-01' })
  }
  return [...new Set(values)]
}
