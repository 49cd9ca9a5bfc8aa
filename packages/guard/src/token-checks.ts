import type { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds, Seconds } from '@holdfast/protocol/time'
import type { NamedCheck } from '@holdfast/protocol/witness'
import { isJwsAlgorithm, type JwsAlgorithm, type ParsedJws } from '@holdfast/proof'
import { shown } from './refusal.ts'
import type { ScopeReader } from './scopes.ts'
import { early, expired, foreign, invalid } from './token-refusal.ts'

/** Clocks may differ so much. */
export const LEEWAY: Seconds = 10

export interface TokenRules {
  readonly issuer: string
  /** What may stand in `aud`: this API's identifier in its canonical form, and as it is configured (MCP-42). */
  readonly audiences: readonly [string, ...string[]]
  readonly algorithms: readonly JwsAlgorithm[]
  readonly scopesOf: ScopeReader
}

/** A JWT that could be taken apart; nothing is believed. */
export interface PresentedToken {
  readonly jws: ParsedJws
  readonly rules: TokenRules
  readonly now: EpochSeconds
}

type Token = PresentedToken
type Refusal = OAuthError | undefined

/** The rules of a JWT access token (RFC 9068 §4) in the order they are applied; the signature comes after them, since it costs the most. */
export const tokenChecks: readonly NamedCheck<Token, OAuthError>[] = [
  { name: 'typ', rule: 'TOK-03', check: checkTyp },
  { name: 'alg', rule: 'TOK-12', check: checkAlg },
  { name: 'iss', rule: 'TOK-12', check: checkIss },
  { name: 'aud', rule: 'TOK-12', check: checkAud },
  { name: 'required claims', rule: 'TOK-04', check: checkRequired },
  { name: 'exp present', rule: 'TOK-04', check: checkExpPresent },
  { name: 'exp', rule: 'TOK-12', check: checkExp },
  { name: 'nbf', rule: 'TOK-12', check: checkNbf },
]

/** RFC 9068 §4: the type keeps an ID token, which the issuer signs too, from passing as an access token. */
function checkTyp({ jws: { header } }: Token): Refusal {
  const typ = header['typ']
  const type = typeof typ === 'string' ? typ.toLowerCase() : undefined
  return type === 'at+jwt' || type === 'application/at+jwt'
    ? undefined
    : invalid('typ of the access token must be at+jwt (RFC 9068 §4)', 'TOK-03')
}

function checkAlg({ jws: { header }, rules }: Token): Refusal {
  const alg = header['alg']
  return isJwsAlgorithm(alg) && rules.algorithms.includes(alg) ? undefined : invalid('alg of the access token is not allowed here')
}

function checkIss({ jws: { payload }, rules: { issuer } }: Token): Refusal {
  return payload['iss'] === issuer ? undefined : foreign(payload['iss'], [issuer])
}

function checkAud({ jws: { payload }, rules: { audiences } }: Token): Refusal {
  const aud = payload['aud']
  if (isFor(aud, audiences)) return undefined
  const compared = { received: shown(aud), expected: audiences }
  return invalid(`aud of the access token is ${shown(aud)}, this API is ${audiences[0]}`, 'TOK-12', compared)
}

function checkRequired({ jws: { payload } }: Token): Refusal {
  const { sub, client_id: clientId, jti, iat } = payload as { sub?: unknown; client_id?: unknown; jti?: unknown; iat?: unknown }
  return typeof sub !== 'string' || typeof clientId !== 'string' || typeof jti !== 'string' || typeof iat !== 'number'
    ? invalid('the access token lacks sub, client_id, jti or iat (RFC 9068 §2.2)', 'TOK-04')
    : undefined
}

function checkExpPresent({ jws: { payload } }: Token): Refusal {
  return typeof payload['exp'] === 'number' ? undefined : invalid('the access token lacks exp', 'TOK-04')
}

function checkExp({ jws: { payload }, now }: Token): Refusal {
  const exp = payload['exp'] as EpochSeconds
  return exp + LEEWAY <= now ? expired(exp, now) : undefined
}

function checkNbf({ jws: { payload }, now }: Token): Refusal {
  const nbf = payload['nbf']
  return isNotYet(nbf, now) ? early(nbf, now) : undefined
}

export function isNotYet(nbf: unknown, now: EpochSeconds): boolean {
  return nbf !== undefined && (typeof nbf !== 'number' || nbf > now + LEEWAY)
}

/** `aud` as it is, compared with each form of this API's identifier: the token is never rewritten (MCP-42). */
export function isFor(aud: unknown, audiences: readonly string[]): boolean {
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  return audiences.some((audience) => named.includes(audience))
}
