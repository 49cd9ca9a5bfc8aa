import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { Actor, Client, ReadAccessToken } from './open.ts'

/** How often a token can be exchanged in a row: each time its claims grow, and with them the work to read it. */
export const MOST_EXCHANGES = 8

/** Who acts from now on. */
export interface Acting {
  /** The new claim `act`; undefined: nobody but the subject, as far as the token tells. */
  readonly act: Actor | undefined
  readonly impersonation: boolean
}

/**
 * RFC 8693 §1.1, §4.1: who acts, with those who acted before inside, who are never lost (TEX-09). Delegation unless the
 * operator allowed the client to impersonate; and even then `may_act` names the only one who may have the token (TEX-10).
 */
export function actorOf(
  { actor: before, mayAct }: Pick<ReadAccessToken, 'actor' | 'mayAct'>,
  actorToken: Pick<ReadAccessToken, 'subject' | 'clientId'> | undefined,
  { clientId, tokenExchange }: Client,
): Acting | OAuthError {
  const identity = actorToken === undefined ? { sub: clientId, client_id: clientId } : { sub: actorToken.subject, client_id: actorToken.clientId }
  const named =
    mayAct === undefined ||
    ((mayAct.sub === undefined || mayAct.sub === identity.sub) &&
      (mayAct.client_id === undefined || mayAct.client_id === identity.client_id))
  if (!named)
    return new OAuthError('invalid_request', 'may_act of subject_token names another actor (RFC 8693 §4.4)', {
      rule: 'TEX-10',
      detail: `the actor would be ${identity.sub} of ${identity.client_id}`,
    })
  if (actorToken === undefined && tokenExchange?.impersonation === true) return { act: before, impersonation: true }
  return { act: before === undefined ? identity : { ...identity, act: before }, impersonation: false }
}
