import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { Client } from '../config/client.ts'
import { detailsFor } from './authorization-details.ts'
import type { Authentication, Issuance } from './issuance.ts'
import type { Target } from './resources.ts'
import type { SenderConstraint } from './sender-constraint.ts'

/**
 * An access token for a target, bound to the keys that the request proved: what every grant starts from.
 *
 * @param about.authorizationDetails those of the request or the grant: the token gets the ones that its audience is to see (RAR-08)
 * @param about.endsAt the end of what it stands under, which no access token outlives (RT-11)
 */
export function accessToken(
  { client, binding, now }: { readonly client: Client; readonly binding: SenderConstraint | undefined; readonly now: EpochSeconds },
  target: Target,
  about: {
    readonly subject: string
    readonly grantId: string | undefined
    readonly authentication: Authentication | undefined
    readonly endsAt?: EpochSeconds | undefined
    readonly authorizationDetails?: readonly AuthorizationDetail[] | undefined
  },
): Issuance {
  return {
    client,
    subject: about.subject,
    grantId: about.grantId,
    audience: target.audience,
    scopes: target.scopes,
    format: target.format,
    confirmation: binding === undefined ? undefined : { jkt: binding.jkt, x5t: binding.x5t },
    authorizationDetails: detailsFor(target.audience, about.authorizationDetails ?? []),
    issuedAt: now,
    expiresAt: Math.min(now + target.lifetime, about.endsAt ?? Infinity),
    authentication: about.authentication,
    idToken: undefined,
    refreshToken: undefined,
  }
}

/**
 * Of the scopes that a person granted, those that the client may still have: an operator may have taken one away since, as with
 * resources and `authorization_details`. The grant keeps them all.
 *
 * @returns `invalid_scope` when there were some and none is left
 */
export function entitledScopes(granted: readonly string[], { scopes }: Client): readonly string[] | OAuthError {
  const left = granted.filter((scope) => scopes.includes(scope))
  return left.length > 0 || granted.length === 0
    ? left
    : new OAuthError('invalid_scope', 'none of the granted scopes is registered for this client any more', { rule: 'OA-26' })
}
