import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { tellerOf } from '@holdfast/protocol/witness'
import type { Stored } from '@holdfast/store'
import { event } from '../events.ts'
import type { Account } from '../interaction/accounts.ts'
import type { GrantRecord, ServerChange } from '../records.ts'
import { narrowed } from '../tokens/authorization-details.ts'
import { askedClaims } from '../tokens/claims.ts'
import { accessToken, entitledScopes } from '../tokens/issue.ts'
import { familyFor, mayHaveRefreshToken } from '../tokens/refresh-family.ts'
import { type DecideInput, type Decision, refuse } from './grant.ts'

/** What a person's yes left behind, and what proves that this request may have it. */
export interface Artefact {
  /** For descriptions: `code`, `device_code`. */
  readonly name: string
  readonly grantType: string
  readonly nonce: string | undefined
  readonly grant: Stored<GrantRecord> | undefined
  readonly account: Account | undefined
  /** Marks the artefact as used, until the grant ends. */
  spend(grantEnd: EpochSeconds): readonly ServerChange[]
}

/** What a token request may narrow. */
export interface TokenParams {
  readonly resources: readonly string[]
  /** `authorization_details`, from `parseDetails`; undefined: all that were granted (RFC 9396 §6). */
  readonly details?: readonly AuthorizationDetail[] | undefined
}

/**
 * The first tokens under a grant that a person gave: access token, ID token with `openid`, and refresh token where the
 * client may have one. The grant, made to live as long as its artefact, now lives as long as its tokens.
 */
export function firstTokens(input: DecideInput<TokenParams, unknown>, artefact: Artefact): Decision {
  const { params, client, binding, policy, ambient } = input
  const { now } = ambient
  const tell = tellerOf(artefact.name, input.witness)
  const grant = tell('grant lives', 'OA-58', artefact.grant ?? revoked(artefact.name))
  if (grant instanceof OAuthError) return refuse(grant)
  const account = tell('person is there', 'RT-09', present(artefact.account))
  if (account instanceof OAuthError) return refuse(account)

  const granted = grant.value
  const details = tell(
    'authorization_details',
    'RAR-06',
    narrowed(params.details, granted.authorizationDetails, client.client, policy.details),
  )
  if (details instanceof OAuthError) return refuse(details)
  const scopes = tell('scope', 'OA-26', entitledScopes(granted.scopes, client.client))
  if (scopes instanceof OAuthError) return refuse(scopes)
  const target = tell('resource', 'RES-04', policy.resources.target(params.resources, granted.resources, scopes, client.client, details))
  if (target instanceof OAuthError) return refuse(target)

  const family = mayHaveRefreshToken(client.client)
    ? familyFor({ grant, client: client.client, confirmation: binding, instance: client.instance, policy, ambient })
    : undefined
  const { subject, sid, claims: asked } = grant.value
  const claims = asked === undefined ? undefined : askedClaims(client.client, account.claims, asked.idToken)
  const about = { subject, grantId: grant.id, authentication: grant.value, endsAt: family?.value.endsAt, authorizationDetails: details }
  const token = accessToken({ client: client.client, binding, now }, target, about)
  const grantEnd = family?.value.endsAt ?? token.expiresAt
  const openid = scopes.includes('openid')
  return {
    answer: {
      ...token,
      idToken: openid ? { nonce: artefact.nonce, sid, expiresAt: now + policy.lifetimes.idToken, claims } : undefined,
      refreshToken: family?.token,
    },
    changes: [
      ...artefact.spend(grantEnd),
      { op: 'replace', kind: 'grant', id: grant.id, expected: grant.version, value: grant.value, expiresAt: grantEnd },
      ...(family === undefined ? [] : [family.insert]),
      event(
        'tokens.issued',
        now,
        { clientId: client.client.clientId, subject },
        { grantType: artefact.grantType, scopes: target.scopes, audience: target.audience },
      ),
    ],
  }
}

function revoked(name: string): OAuthError {
  return new OAuthError('invalid_grant', `the grant of this ${name} was revoked`, { rule: 'OA-58' })
}

function present(account: Account | undefined): Account | OAuthError {
  if (account === undefined || account.disabled)
    return new OAuthError('invalid_grant', 'the person of this grant is no longer there', { rule: 'RT-09' })
  return account
}
