import { OAuthError } from './oauth-error.ts'

/** OAuth 2.1 §1.4.1: `%x21 / %x23-5B / %x5D-7E`. */
const TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/** @returns the tokens without repeats, in the order sent; `invalid_scope` when one is malformed */
export function parseScope(scope: string): readonly string[] | OAuthError {
  const tokens = scope.split(' ')
  if (!tokens.every((token) => TOKEN.test(token)))
    return new OAuthError('invalid_scope', 'scope must be tokens of printable ASCII, each separated by one space (OAuth 2.1 §1.4.1)', {
      rule: 'OA-26',
    })
  return [...new Set(tokens)]
}

/** The first of `scopes` that `allowed` lacks. */
export function firstBeyond(scopes: readonly string[], allowed: readonly string[]): string | undefined {
  return scopes.find((scope) => !allowed.includes(scope))
}
