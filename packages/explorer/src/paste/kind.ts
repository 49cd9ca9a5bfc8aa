import type { TakenApart } from '../dissect/jwt.ts'
import { type Members, textOf } from '../encoding.ts'

export type TokenKind = 'access token' | 'ID token' | 'DPoP proof' | 'logout token' | 'request object' | 'client assertion' | 'JWT'

const BY_TYP: Readonly<Record<string, TokenKind>> = {
  'dpop+jwt': 'DPoP proof',
  'at+jwt': 'access token',
  'logout+jwt': 'logout token',
  'oauth-authz-req+jwt': 'request object',
  'client-authentication+jwt': 'client assertion',
}

/** What must stand in `typ`; the first is told where another is there. Undefined: none is asked for. */
export const TYPES: Readonly<Record<TokenKind, readonly (string | undefined)[]>> = {
  'DPoP proof': ['dpop+jwt'],
  'access token': ['at+jwt'],
  'logout token': ['logout+jwt', 'jwt', undefined],
  'request object': ['oauth-authz-req+jwt', 'jwt', undefined],
  'client assertion': ['client-authentication+jwt', 'jwt', undefined],
  'ID token': ['jwt', undefined],
  JWT: [],
}

/** RFC 7515 §4.1.9: `application/` may be left out, and case does not count. */
export function typOf({ header }: TakenApart): string | undefined {
  return textOf(header.members, 'typ')
    ?.toLowerCase()
    .replace(/^application\//, '')
}

/** By what it says it is; else by what only one kind has. */
export function guessKind(jwt: TakenApart): TokenKind {
  const typ = typOf(jwt) ?? ''
  const told = Object.hasOwn(BY_TYP, typ) ? BY_TYP[typ] : undefined
  if (told !== undefined) return told
  const claims: Members = jwt.payload?.members ?? {}
  const has = (...names: readonly string[]): boolean => names.some((name) => claims[name] !== undefined)
  if (has('htm', 'htu')) return 'DPoP proof'
  if (has('events')) return 'logout token'
  if (has('response_type', 'redirect_uri')) return 'request object'
  if (has('at_hash', 'nonce') || (has('auth_time') && !has('scope', 'client_id'))) return 'ID token'
  if (has('scope', 'client_id', 'cnf')) return 'access token'
  return claims['iss'] !== undefined && claims['iss'] === claims['sub'] ? 'client assertion' : 'JWT'
}
