import type { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { authenticationOf } from './authentication.ts'
import type { Access } from './need.ts'
import { MismatchError, shown } from './refusal.ts'
import { detailsOf, early, expired, foreign, invalid, isFor, LEEWAY, type TokenRules } from './token.ts'

/**
 * What an introspection answer (RFC 7662 §2.2) allows here. That the issuer calls a token active is not enough: it must be
 * for this API, whatever the issuer lets this API ask about (INT-06). Its `cnf` is checked like that of a JWT.
 *
 * @throws when it is no introspection answer: what cannot be read lets nobody in
 */
export function accessOf(answer: unknown, { issuer, audiences, scopesOf }: TokenRules, now: EpochSeconds): Access | OAuthError {
  const members = (typeof answer === 'object' && answer !== null ? answer : {}) as Readonly<Record<string, unknown>>
  const { active, iss, aud, exp, nbf, sub, scope, client_id: clientId, token_type: type, cnf } = members
  if (typeof active !== 'boolean') throw new Error('the introspection answer does not say whether the token is active')
  if (!active) return invalid('the access token is not active', 'INT-05')
  if (iss !== undefined && iss !== issuer) return foreign(iss, [issuer])
  if (!isFor(aud, audiences))
    // What an opaque token is for is between issuer and API: the operator is told, its holder is not.
    return new MismatchError('invalid_token', `aud of the access token does not have ${audiences[0]}`, {
      rule: 'INT-06',
      received: shown(aud),
      expected: audiences,
    })
  if (typeof sub !== 'string' || typeof clientId !== 'string' || typeof exp !== 'number')
    return invalid('the introspection answer lacks sub, client_id or exp')
  if (exp + LEEWAY <= now) return expired(exp, now)
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf > now + LEEWAY)) return early(nbf, now)
  // Without the key that it is bound to it could only be taken as what it is not: a bearer token (DPOP-49).
  if (typeof type === 'string' && type.toLowerCase() === 'dpop' && cnf === undefined)
    return invalid('the access token is bound to a DPoP key, which the introspection answer does not name', 'DPOP-49')
  return {
    issuer,
    subject: sub,
    clientId,
    scopes: scopesOf(scope),
    authorizationDetails: detailsOf(members['authorization_details']),
    expiresAt: exp,
    ...authenticationOf(members),
    jkt: undefined,
    claims: members,
  }
}
