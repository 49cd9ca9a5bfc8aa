import type { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { firstRefusal, type NamedCheck, type Witness } from '@holdfast/protocol/witness'
import { authenticationOf } from './authentication.ts'
import type { Access } from './need.ts'
import { MismatchError, shown } from './refusal.ts'
import { detailsOf } from './token.ts'
import { checkExp, checkNbf, type Claimed, foreign, invalid, isFor, type TokenRules } from './token-checks.ts'

type Refusal = OAuthError | undefined

/** The rules of an answer in the order they are applied. */
export const answerChecks: readonly NamedCheck<Claimed, OAuthError>[] = [
  { name: 'active', rule: 'INT-05', check: checkActive },
  { name: 'iss', rule: 'TOK-12', check: checkIss },
  { name: 'aud', rule: 'INT-06', check: checkAud },
  { name: 'required members', rule: 'TOK-12', check: checkRequired },
  { name: 'exp', rule: 'TOK-12', check: checkExp },
  { name: 'nbf', rule: 'TOK-12', check: checkNbf },
  { name: 'key named', rule: 'DPOP-49', check: checkKeyNamed },
]

function checkActive({ claims: { active } }: Claimed): Refusal {
  return active === true ? undefined : invalid('the access token is not active', 'INT-05')
}

function checkIss({ claims: { iss }, rules: { issuer } }: Claimed): Refusal {
  return iss !== undefined && iss !== issuer ? foreign(iss, [issuer]) : undefined
}

/** What an opaque token is for is between issuer and API: the operator is told, its holder is not. */
function checkAud({ claims: { aud }, rules: { audiences } }: Claimed): Refusal {
  if (isFor(aud, audiences)) return undefined
  const compared = { rule: 'INT-06', received: shown(aud), expected: audiences }
  return new MismatchError('invalid_token', `aud of the access token does not have ${audiences[0]}`, compared)
}

function checkRequired({ claims: { sub, client_id: clientId, exp } }: Claimed): Refusal {
  return typeof sub === 'string' && typeof clientId === 'string' && typeof exp === 'number'
    ? undefined
    : invalid('the introspection answer lacks sub, client_id or exp')
}

/** Without the key that it is bound to it could only be taken as what it is not: a bearer token (DPOP-49). */
function checkKeyNamed({ claims: { token_type: type, cnf } }: Claimed): Refusal {
  return typeof type === 'string' && type.toLowerCase() === 'dpop' && cnf === undefined
    ? invalid('the access token is bound to a DPoP key, which the introspection answer does not name', 'DPOP-49')
    : undefined
}

/**
 * What an introspection answer (RFC 7662 §2.2) allows here. That the issuer calls a token active is not enough: it must be
 * for this API, whatever the issuer lets this API ask about (INT-06). Its `cnf` is checked like that of a JWT.
 *
 * @throws when it is no introspection answer: what cannot be read lets nobody in
 */
export function accessOf(answer: unknown, rules: TokenRules, now: EpochSeconds, witness?: Witness): Access | OAuthError {
  const claims = (typeof answer === 'object' && answer !== null ? answer : {}) as Readonly<Record<string, unknown>>
  const { active, exp, sub, scope, client_id: clientId, authorization_details: details } = claims
  if (typeof active !== 'boolean') throw new Error('the introspection answer does not say whether the token is active')
  const refusal = firstRefusal('access token', answerChecks, { claims, rules, now }, witness)
  if (refusal !== undefined) return refusal
  return {
    issuer: rules.issuer,
    subject: sub as string,
    clientId: clientId as string,
    scopes: rules.scopesOf(scope),
    authorizationDetails: detailsOf(details),
    expiresAt: exp as EpochSeconds,
    ...authenticationOf(claims),
    jkt: undefined,
    claims,
  }
}
