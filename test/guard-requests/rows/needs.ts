import { createNonces, thumbprint } from '@holdfast/proof/node'
import { NONCE_SECRET, ORIGIN, START } from '../apis.ts'
import { CLIENT_KEY } from '../keys.ts'
import { ask, bearerToken, boundToken, type Over, proofFor, withBearer, withProof } from '../make.ts'
import {
  ALLOWED,
  BAD_BEARER,
  BAD_PROOF,
  BAD_TOKEN,
  type Expected,
  NONCE_WANTED,
  NOTHING_SHOWN,
  refused,
  type Row,
  type Sent,
  WANTS_DPOP,
} from '../row.ts'

/** A client certificate as a proxy tells it (RFC 9440), and its thumbprint. */
export interface Shown {
  readonly header: string
  readonly thumbprint: string
}

const MFA = 'urn:x:mfa'
const NO_SCOPE = refused(403, 'insufficient_scope', 'Bearer')
const STEP_UP = refused(401, 'insufficient_user_authentication', 'Bearer')

/** What a route needs beyond a good token (RFC 6750 §3.1, RFC 9470 §3, RFC 9396 §9). */
export function needRows(): readonly Row[] {
  const row = (name: string, route: string, claims: Over, expected: Expected = ALLOWED): Row => ({
    name,
    sent: withBearer(bearerToken(claims), `/api/accounts/${route}`),
    expected,
  })
  const transfer = (name: string, details: unknown, expected?: Expected): Row =>
    row(name, 'transfer', { authorization_details: details }, expected)
  const weak = boundToken({ acr: 'urn:x:pwd' })
  return [
    row('OA-69 the scope is there', 'read', {}),
    row('OA-69 the scope is lacking', 'write', {}, NO_SCOPE),
    row('OA-69 one of two scopes is lacking', 'both', {}, NO_SCOPE),
    row('OA-69 both scopes, in another order', 'both', { scope: 'x accounts:write accounts:read' }),
    row('OA-69 a scope that begins alike', 'read', { scope: 'accounts:reader' }, NO_SCOPE),
    row('OA-69 a scope in another case', 'read', { scope: 'ACCOUNTS:READ' }, NO_SCOPE),
    row('OA-69 no scope', 'read', { scope: undefined }, NO_SCOPE),
    row('OA-69 scopes as a list', 'read', { scope: ['accounts:read'] }, NO_SCOPE),
    row('OA-69 scopes with a tab between', 'read', { scope: 'x\taccounts:read' }, NO_SCOPE),
    row('STEP-06 the first level', 'mfa', { acr: MFA }),
    row('STEP-06 any of the levels', 'mfa', { acr: 'urn:x:hw' }),
    row('STEP-06 another level', 'mfa', { acr: 'urn:x:pwd' }, STEP_UP),
    row('STEP-04 no level', 'mfa', {}, STEP_UP),
    row('STEP-32 the level as a list', 'mfa', { acr: [MFA] }, STEP_UP),
    row('STEP-05 just recent enough', 'recent', { auth_time: START - 300 }),
    row('STEP-05 a second too old', 'recent', { auth_time: START - 301 }, STEP_UP),
    row('STEP-34 no auth_time', 'recent', { iat: START }, STEP_UP),
    row('STEP-05 auth_time in milliseconds', 'recent', { auth_time: START * 1000 }, STEP_UP),
    row('STEP-05 this very second', 'now', { auth_time: START }),
    row('STEP-05 the second before', 'now', { auth_time: START - 1 }, STEP_UP),
    row('STEP-10 level, age and scope', 'pay', { acr: MFA, auth_time: START, scope: 'accounts:write' }),
    row('STEP-10 the level before the scope', 'pay', { acr: 'urn:x:pwd' }, STEP_UP),
    row('STEP-10 the scope alone is lacking', 'pay', { acr: MFA, auth_time: START }, NO_SCOPE),
    row('STEP-10 an expired token before all', 'pay', { exp: START - 60 }, BAD_BEARER),
    { name: 'STEP-07 who shows nothing learns nothing', sent: ask('/api/accounts/pay'), expected: NOTHING_SHOWN },
    {
      name: 'STEP-30 in the scheme DPoP',
      sent: withProof(weak, proofFor(weak, { htu: `${ORIGIN}/api/accounts/mfa` }), '/api/accounts/mfa'),
      expected: refused(401, 'insufficient_user_authentication', 'DPoP'),
    },
    { name: 'STEP-07 nor does who holds no key', sent: withProof(weak, proofFor(weak), '/api/accounts/mfa'), expected: BAD_PROOF },
    transfer('RAR-14 details that allow it', [{ type: 'transfer', most: 100 }]),
    transfer('RAR-14 one of several', [{ type: 'read' }, { type: 'transfer', most: 500 }]),
    transfer('RAR-14 details that allow less', [{ type: 'transfer', most: 99 }], NO_SCOPE),
    transfer('RAR-14 no details', undefined, NO_SCOPE),
    transfer('RAR-14 details without a type', [{ type: 'transfer', most: 100 }, { most: 5 }], NO_SCOPE),
    transfer('RAR-14 details as an object', { type: 'transfer', most: 100 }, NO_SCOPE),
  ]
}

/** Nonces (RFC 9449 §9). */
export function nonceRows(): readonly Row[] {
  const path = '/api/nonce'
  const { issue } = createNonces({ key: Uint8Array.from(NONCE_SECRET) })
  const row = (name: string, nonce: unknown, expected: Expected = NONCE_WANTED): Row => {
    const token = boundToken()
    return { name, sent: withProof(token, proofFor(token, { nonce, htu: ORIGIN + path }), path), expected }
  }
  return [
    row('DPOP-53 no nonce', undefined),
    row('DPOP-39 the nonce', issue(START), ALLOWED),
    row('DPOP-39 the one before', issue(START - 1), ALLOWED),
    row('DPOP-39 an old one', issue(START - 61)),
    row('DPOP-39 one to come', issue(START + 60)),
    row('DPOP-39 one under another secret', createNonces({ key: new Uint8Array(32).fill(7) }).issue(START)),
    row('DPOP-39 one in another case', issue(START).toUpperCase()),
    row('DPOP-39 an empty one', ''),
    row('DPOP-40 one that is no text', 5),
    { name: 'DPOP-39 a proof that is wrong besides', sent: wrongBesides(issue(START)), expected: BAD_PROOF },
    { name: 'a bearer token needs none', sent: withBearer(bearerToken(), path), expected: ALLOWED },
    { name: 'a wrong bearer token is told of none', sent: withBearer('x', path), expected: BAD_BEARER },
    { name: 'who shows nothing is told of none', sent: ask(path), expected: NOTHING_SHOWN },
  ]
}

function wrongBesides(nonce: string): Sent {
  const token = boundToken()
  return withProof(token, proofFor(token, { nonce, htm: 'POST', htu: `${ORIGIN}/api/nonce` }), '/api/nonce')
}

/** APIs that take bound tokens only, and tokens bound to a certificate (RFC 8705 §3). */
export function boundRows(mine: Shown, other: Shown): readonly Row[] {
  const dpop = { jkt: thumbprint(CLIENT_KEY.publicJwk) }
  const cert = { 'x5t#S256': mine.thumbprint }
  const certificate = (shown: Shown): Sent['headers'] => [['Client-Cert', shown.header]]
  const row = (
    name: string,
    cnf: unknown,
    more: Sent['headers'],
    expected: Expected = BAD_BEARER,
    at = '/api/accounts',
    aud?: string,
  ): Row => ({
    name,
    sent: withBearer(bearerToken({ cnf, ...(aud && { aud }) }), at, more),
    expected,
  })
  const both = (name: string, more: Sent['headers'], expected: Expected): Row => {
    const token = bearerToken({ cnf: { ...dpop, ...cert } })
    const { headers, ...sent } = withProof(token, proofFor(token))
    return { name, sent: { ...sent, headers: [...headers, ...more] }, expected }
  }
  const only = (name: string, at: string, aud: string, cnf: unknown): Sent => {
    const token = bearerToken({ aud, cnf })
    return withProof(token, proofFor(token, { htu: ORIGIN + at }), at)
  }
  const bound = 'https://api.example/bound'
  const required = 'https://api.example/dpop'
  return [
    row('MTLS-20 the certificate of the token', cert, certificate(mine), ALLOWED),
    row('MTLS-20 another certificate', cert, certificate(other)),
    row('MTLS-21 no certificate', cert, []),
    row('MTLS-33 a certificate that cannot be read', cert, [['Client-Cert', ':bm8=:']]),
    row('MTLS-33 two certificates', cert, [...certificate(mine), ...certificate(mine)]),
    row('MTLS-19 a thumbprint that is a number', { 'x5t#S256': 5 }, certificate(mine)),
    row('a certificate beside a token that is not bound', undefined, certificate(mine), ALLOWED),
    both('MTLS-29 both are shown', certificate(mine), ALLOWED),
    both('MTLS-29 the certificate is lacking', [], BAD_TOKEN),
    both('MTLS-29 the certificate is another', certificate(other), BAD_TOKEN),
    row('MTLS-29 the proof is lacking', { ...dpop, ...cert }, certificate(mine), WANTS_DPOP),
    row('FAPI-63 a bearer token where bound ones alone come in', undefined, [], WANTS_DPOP, '/api/bound', bound),
    row('FAPI-63 one that is bound to a certificate', cert, certificate(mine), ALLOWED, '/api/bound', bound),
    { name: 'FAPI-63 one that is bound to a key', sent: only('', '/api/bound', bound, dpop), expected: ALLOWED },
    row('DPOP-59 a bearer token where DPoP is required', undefined, [], WANTS_DPOP, '/api/dpop', required),
    row('DPOP-59 a certificate where DPoP is required', cert, certificate(mine), WANTS_DPOP, '/api/dpop', required),
    { name: 'DPOP-59 a proof where it is required', sent: only('', '/api/dpop', required, dpop), expected: ALLOWED },
    { name: 'DPOP-59 Bearer is not offered there', sent: ask('/api/dpop'), expected: { status: 401, schemes: 'DPoP' } },
  ]
}
