import type { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { firstRefusal, type NamedCheck, type Witness } from '@holdfast/protocol/witness'
import { authenticationOf } from './authentication.ts'
import type { Access } from './need.ts'
import { MismatchError, shown } from './refusal.ts'
import { detailsOf } from './token.ts'
import { isFor, isNotYet, LEEWAY, type TokenRules } from './token-checks.ts'
import { early, expired, foreign, invalid } from './token-refusal.ts'

interface Members extends Readonly<Record<string, unknown>> {
  readonly active?: unknown
  readonly iss?: unknown
  readonly aud?: unknown
  readonly exp?: unknown
  readonly nbf?: unknown
  readonly sub?: unknown
  readonly scope?: unknown
  readonly client_id?: unknown
  readonly token_type?: unknown
  readonly cnf?: unknown
}

interface Answer {
  readonly members: Members
  readonly rules: TokenRules
  readonly now: EpochSeconds
}

type Refusal = OAuthError | undefined

/** The rules of an answer in the order they are applied. */
export const answerChecks: readonly NamedCheck<Answer, OAuthError>[] = [
  { name: 'active', rule: 'INT-05', check: checkActive },
  { name: 'iss', rule: 'TOK-12', check: checkIss },
  { name: 'aud', rule: 'INT-06', check: checkAud },
  { name: 'required members', rule: 'TOK-12', check: checkRequired },
  { name: 'exp', rule: 'TOK-12', check: checkExp },
  { name: 'nbf', rule: 'TOK-12', check: checkNbf },
  { name: 'key named', rule: 'DPOP-49', check: checkKeyNamed },
]

function checkActive({ members: { active } }: Answer): Refusal {
  return active === true ? undefined : invalid('the access token is not active', 'INT-05')
}

function checkIss({ members: { iss }, rules: { issuer } }: Answer): Refusal {
  return iss !== undefined && iss !== issuer ? foreign(iss, [issuer]) : undefined
}

/** What an opaque token is for is between issuer and API: the operator is told, its holder is not. */
function checkAud({ members: { aud }, rules: { audiences } }: Answer): Refusal {
  if (isFor(aud, audiences)) return undefined
  const compared = { rule: 'INT-06', received: shown(aud), expected: audiences }
  return new MismatchError('invalid_token', `aud of the access token does not have ${audiences[0]}`, compared)
}

function checkRequired({ members: { sub, client_id: clientId, exp } }: Answer): Refusal {
  return typeof sub !== 'string' || typeof clientId !== 'string' || typeof exp !== 'number'
    ? invalid('the introspection answer lacks sub, client_id or exp')
    : undefined
}

function checkExp({ members, now }: Answer): Refusal {
  const exp = members.exp as EpochSeconds
  return exp + LEEWAY <= now ? expired(exp, now) : undefined
}

function checkNbf({ members: { nbf }, now }: Answer): Refusal {
  return isNotYet(nbf, now) ? early(nbf, now) : undefined
}

/** Without the key that it is bound to it could only be taken as what it is not: a bearer token (DPOP-49). */
function checkKeyNamed({ members: { token_type: type, cnf } }: Answer): Refusal {
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
  const members = (typeof answer === 'object' && answer !== null ? answer : {}) as Members
  if (typeof members.active !== 'boolean') throw new Error('the introspection answer does not say whether the token is active')
  const refusal = firstRefusal('access token', answerChecks, { members, rules, now }, witness)
  if (refusal !== undefined) return refusal
  return {
    issuer: rules.issuer,
    subject: members.sub as string,
    clientId: members.client_id as string,
    scopes: rules.scopesOf(members.scope),
    authorizationDetails: detailsOf(members['authorization_details']),
    expiresAt: members.exp as EpochSeconds,
    ...authenticationOf(members),
    jkt: undefined,
    claims: members,
  }
}
