import { explain } from '../words/explain.ts'
import type { TokenKind } from './kind.ts'

/** Where the whole kind is written. */
const BY_KIND: Readonly<Record<TokenKind, string>> = {
  'DPoP proof': 'RFC 9449 §4.3',
  'access token': 'RFC 9068 §4',
  'ID token': 'OpenID Connect Core §3.1.3.7',
  'logout token': 'OpenID Connect Back-Channel Logout §2.6',
  'request object': 'RFC 9101 §6',
  'client assertion': 'RFC 7523 §3',
  JWT: 'RFC 7519 §7.2',
}
/** Checks that are no single member’s. */
const BY_CHECK: Readonly<Record<string, string>> = {
  form: 'RFC 7515 §7.1',
  content: 'RFC 7516 §3',
  signature: 'RFC 7515 §5.2',
  alg: 'RFC 8725 §3.1',
  typ: 'RFC 8725 §3.11',
  kid: 'RFC 7515 §4.1.4',
}

export function sectionOf(kind: TokenKind, check: string): string {
  // A proof and a logout token are checked by one list of their own standard.
  if (kind === 'DPoP proof' || kind === 'logout token') return BY_KIND[kind]
  return BY_CHECK[check] ?? explain('claim', check)?.section ?? BY_KIND[kind]
}
