import type { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds, Seconds } from '@holdfast/protocol/time'
import type { NamedCheck } from '@holdfast/protocol/witness'
import { isJwsAlgorithm, type JsonObject, type JwsAlgorithm } from '@holdfast/proof'
import { type Comparison, MismatchError, shown } from './refusal.ts'
import type { ScopeReader } from './scopes.ts'

/** Clocks may differ so much. */
export const LEEWAY: Seconds = 10

export interface TokenRules {
  readonly issuer: string
  /** What may stand in `aud`: this API's identifier in its canonical form, and as it is configured (MCP-42). */
  readonly audiences: readonly [string, ...string[]]
  readonly algorithms: readonly JwsAlgorithm[]
  readonly scopesOf: ScopeReader
}

/** What is said of a token, by itself or by an introspection answer; nothing is believed. */
export interface Claimed {
  readonly claims: JsonObject
  readonly rules: TokenRules
  readonly now: EpochSeconds
}

interface Token extends Claimed {
  readonly header: JsonObject
}

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
function checkTyp({ header }: Token): Refusal {
  const typ = header['typ']
  const type = typeof typ === 'string' ? typ.toLowerCase() : undefined
  return type === 'at+jwt' || type === 'application/at+jwt'
    ? undefined
    : invalid('typ of the access token must be at+jwt (RFC 9068 §4)', 'TOK-03')
}

function checkAlg({ header, rules }: Token): Refusal {
  const alg = header['alg']
  return isJwsAlgorithm(alg) && rules.algorithms.includes(alg) ? undefined : invalid('alg of the access token is not allowed here')
}

function checkIss({ claims: { iss }, rules: { issuer } }: Token): Refusal {
  return iss === issuer ? undefined : foreign(iss, [issuer])
}

function checkAud({ claims: { aud }, rules: { audiences } }: Token): Refusal {
  if (isFor(aud, audiences)) return undefined
  const compared = { received: shown(aud), expected: audiences }
  return invalid(`aud of the access token is ${shown(aud)}, this API is ${audiences[0]}`, 'TOK-12', compared)
}

function checkRequired({ claims: { sub, client_id: clientId, jti, iat } }: Token): Refusal {
  return typeof sub === 'string' && typeof clientId === 'string' && typeof jti === 'string' && typeof iat === 'number'
    ? undefined
    : invalid('the access token lacks sub, client_id, jti or iat (RFC 9068 §2.2)', 'TOK-04')
}

function checkExpPresent({ claims: { exp } }: Token): Refusal {
  return typeof exp === 'number' ? undefined : invalid('the access token lacks exp', 'TOK-04')
}

export function checkExp({ claims, now }: Claimed): Refusal {
  const exp = claims['exp'] as EpochSeconds
  return exp + LEEWAY <= now ? expired(exp, now) : undefined
}

export function checkNbf({ claims: { nbf }, now }: Claimed): Refusal {
  return nbf !== undefined && (typeof nbf !== 'number' || nbf > now + LEEWAY) ? early(nbf, now) : undefined
}

/** `aud` as it is, compared with each form of this API's identifier: the token is never rewritten (MCP-42). */
export function isFor(aud: unknown, audiences: readonly string[]): boolean {
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  return audiences.some((audience) => named.includes(audience))
}

export function foreign(iss: unknown, trusted: readonly string[]): OAuthError {
  return invalid(`iss of the access token is ${shown(iss)}, this API trusts ${trusted.join(' ')}`, 'TOK-12', {
    received: shown(iss),
    expected: trusted,
  })
}

export function expired(exp: EpochSeconds, now: EpochSeconds): OAuthError {
  const skewSeconds = Math.round(exp - now)
  return invalid(`the access token has expired ${-skewSeconds} s ago`, 'TOK-12', { skewSeconds })
}

export function early(nbf: unknown, now: EpochSeconds): OAuthError {
  const skewSeconds = typeof nbf === 'number' ? Math.round(nbf - now) : undefined
  return invalid(`the access token is not valid yet${skewSeconds === undefined ? '' : ` for ${skewSeconds} s`}`, 'TOK-12', { skewSeconds })
}

export function invalid(description: string, rule = 'TOK-12', compared: Comparison = {}): OAuthError {
  return new MismatchError('invalid_token', description, { rule, ...compared })
}
