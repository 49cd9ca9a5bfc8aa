import { thumbprint } from '@holdfast/proof/node'
import { ORIGIN, START } from '../apis.ts'
import { CLIENT_KEY, OTHER_ISSUER_KEY } from '../keys.ts'
import { ask, bearerToken, boundToken, type Over, proofFor, withBearer, withProof } from '../make.ts'
import {
  ALLOWED,
  BAD_BEARER,
  BAD_PROOF,
  BAD_TOKEN,
  type Expected,
  NOT_NOW,
  NOTHING_SHOWN,
  refused,
  type Row,
  type Sent,
  WANTS_DPOP,
} from '../row.ts'

const MFA = 'urn:x:mfa'
const NO_SCOPE = refused(403, 'insufficient_scope', 'Bearer')
const STEP_UP = refused(401, 'insufficient_user_authentication', 'Bearer')

/** Where each API says whom it trusts (RFC 9728 §3), and what is beside it. */
export function metadataRows(): readonly Row[] {
  const at = '/.well-known/oauth-protected-resource'
  const found: Expected = { status: 200 }
  const missing: Expected = { status: 404, error: 'not_found' }
  return [
    { name: 'the metadata of an API', sent: ask(`${at}/api`), expected: found },
    { name: 'the metadata where DPoP is required', sent: ask(`${at}/dpop`), expected: found },
    { name: 'MTLS-25 the metadata where certificates are taken', sent: ask(`${at}/bound`), expected: found },
    { name: 'the metadata with a query', sent: ask(`${at}/api?x=1`), expected: found },
    { name: 'the metadata with a token that is wrong', sent: withBearer('x', `${at}/api`), expected: found },
    { name: 'HEAD of the metadata', sent: ask(`${at}/api`, [], 'HEAD'), expected: found },
    { name: 'POST to the metadata', sent: ask(`${at}/api`, [], 'POST'), expected: missing },
    { name: 'the metadata of nobody', sent: ask(`${at}/other`), expected: missing },
    { name: 'the metadata with a slash more', sent: ask(`${at}/api/`), expected: missing },
    { name: 'MCP-31 the metadata at the root, where one API has it', sent: ask(at), expected: found },
  ]
}

/** Tokens that the issuer is asked about (RFC 7662); `tokens` is filled with what it knows. */
export function introspectionRows(tokens: Record<string, object | string>): readonly Row[] {
  let made = 0
  const known = (answer: Over | string): string => {
    const token = `at_${++made}`
    const usual = { active: true, iss: 'https://as.example', sub: 'u_ada', aud: 'https://api.example/api', client_id: 'web' }
    const rest = { token_type: 'Bearer', iat: START, exp: START + 300, scope: 'accounts:read' }
    tokens[token] = typeof answer === 'string' ? answer : JSON.parse(JSON.stringify({ ...usual, ...rest, ...answer }))
    return token
  }
  const row = (name: string, answer: Over | string, expected: Expected = ALLOWED, route = '/api/opaque'): Row => ({
    name,
    sent: withBearer(known(answer), route),
    expected,
  })
  const cnf = { jkt: thumbprint(CLIENT_KEY.publicJwk) }
  const proved = (route: string, token: string): Sent => withProof(token, proofFor(token, { htu: ORIGIN + route }), route)
  return [
    row('INT-05 an active token', {}),
    row('INT-05 a token that is not active', { active: false }, BAD_BEARER),
    { name: 'INT-05 a token that the issuer does not know', sent: withBearer('at_unknown', '/api/opaque'), expected: BAD_BEARER },
    row('INT-06 a token for another API', { aud: 'https://other.example' }, BAD_BEARER),
    row('INT-06 a token for nobody', { aud: undefined }, BAD_BEARER),
    row('a token of another issuer', { iss: 'https://evil.example' }, BAD_BEARER),
    row('an answer without iss', { iss: undefined }),
    row('an answer without exp', { exp: undefined }, BAD_BEARER),
    row('an answer about a token that has expired', { exp: START - 60 }, BAD_BEARER),
    row('an answer about a token that is not valid yet', { nbf: START + 60 }, BAD_BEARER),
    row('an answer without active', { active: undefined }, NOT_NOW),
    row('an answer where active is a text', { active: 'true' }, NOT_NOW),
    row('an answer that is a page', '<h1>Hello</h1>', NOT_NOW),
    row('OA-69 a scope that the answer lacks', {}, NO_SCOPE, '/api/opaque/write'),
    row('STEP-04 the level in the answer', { acr: MFA }, ALLOWED, '/api/opaque/mfa'),
    row('STEP-04 no level in the answer', {}, STEP_UP, '/api/opaque/mfa'),
    { name: 'an answer with a key, and a proof', sent: proved('/api/opaque', known({ token_type: 'DPoP', cnf })), expected: ALLOWED },
    row('DPOP-49 an answer with a key, shown as Bearer', { token_type: 'DPoP', cnf }, WANTS_DPOP),
    {
      name: 'DPOP-49 an answer of type DPoP without a key',
      sent: proved('/api/opaque', known({ token_type: 'DPoP' })),
      expected: BAD_TOKEN,
    },
    { name: 'a JWT where opaque tokens are asked about', sent: withBearer(bearerToken(), '/api/opaque'), expected: ALLOWED },
    { name: 'a JWT where all tokens are, and it was revoked', sent: withBearer(bearerToken(), '/api/asked'), expected: BAD_BEARER },
    row('an opaque token where all tokens are asked about', {}, ALLOWED, '/api/asked'),
    { name: 'the issuer cannot be asked', sent: withBearer('at_away', '/api/mute'), expected: NOT_NOW },
    { name: 'a JWT where it cannot', sent: withBearer(bearerToken(), '/api/mute'), expected: ALLOWED },
  ]
}

/** What an operator sets: issuers, scopes that hold others, what was revoked, and a path that a proxy takes away. */
export function settingRows(): readonly Row[] {
  const shown = (name: string, target: string, claims: Over, expected: Expected = ALLOWED): Row => ({
    name,
    sent: withBearer(bearerToken(claims), target),
    expected,
  })
  const second = { iss: 'https://second.example' }
  const moved = (htu: string): Sent => {
    const token = boundToken()
    return withProof(token, proofFor(token, { htu }), '/api/behind')
  }
  return [
    shown('a token of the first of two issuers', '/api/several', {}),
    { name: 'a token of the second', sent: withBearer(bearerToken(second, {}, OTHER_ISSUER_KEY), '/api/several'), expected: ALLOWED },
    shown('a token that names the second, signed by the first', '/api/several', second, BAD_BEARER),
    {
      name: 'a token that names the first, signed by the second',
      sent: withBearer(bearerToken({}, {}, OTHER_ISSUER_KEY), '/api/several'),
      expected: BAD_BEARER,
    },
    shown('a token of a third', '/api/several', { iss: 'https://third.example' }, BAD_BEARER),
    shown('MCP-35 a scope that holds the one that is needed', '/api/tree/read', { scope: 'accounts' }),
    shown('MCP-35 a scope above that', '/api/tree/read', { scope: 'everything' }),
    shown('MCP-35 a scope beside it', '/api/tree/read', { scope: 'accounts:write' }, NO_SCOPE),
    shown('any of several scopes: the second', '/api/tree/any', { scope: 'accounts:write' }),
    shown('any of several scopes: none', '/api/tree/any', { scope: 'other' }, NO_SCOPE),
    { name: 'MCP-33 the scopes that are needed, told to who shows nothing', sent: ask('/api/tree/read'), expected: NOTHING_SHOWN },
    shown('MCP-33 and to who shows a bad token', '/api/tree/read', { exp: 1 }, BAD_BEARER),
    shown('FAPI-61 a token that is not revoked', '/api/listed', {}),
    shown('FAPI-61 a token that was', '/api/listed', { jti: 'revoked' }, BAD_BEARER),
    shown('FAPI-61 nobody knows', '/api/listed', { jti: 'fault' }, NOT_NOW),
    { name: 'a realm', sent: ask('/api/listed'), expected: NOTHING_SHOWN },
    {
      name: 'a realm where the request cannot be read',
      sent: ask('/api/listed', [['Authorization', 'Bearer']]),
      expected: refused(400, 'invalid_request', 'Bearer DPoP'),
    },
    { name: 'DPOP-11 a path that a proxy takes away', sent: moved(`${ORIGIN}/v1/api/behind`), expected: ALLOWED },
    { name: 'DPOP-11 the path without it', sent: moved(`${ORIGIN}/api/behind`), expected: BAD_PROOF },
  ]
}
