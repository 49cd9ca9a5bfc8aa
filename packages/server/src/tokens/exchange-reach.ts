import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { firstBeyond } from '@holdfast/protocol/scope'
import type { Client } from '../config/client.ts'
import { OPENID_SCOPES } from '../config/openid-scopes.ts'
import { narrowed } from './authorization-details.ts'
import type { ReadAccessToken } from './read-access-token.ts'
import type { Target } from './resources.ts'
import type { Policy } from './sources.ts'

/** Of an exchanged token (RFC 8693): whom it is for, and what it may do there. */
export interface ExchangeReach {
  readonly target: Target
  readonly details: readonly AuthorizationDetail[]
}

interface Asked {
  readonly scopes: readonly string[] | undefined
  readonly targets: readonly string[]
  readonly details: readonly AuthorizationDetail[] | undefined
}

/**
 * Never more than the subject token says, nor than the client is registered for (TEX-08). A scope is worth the same at
 * the resource that the subject token is for; at another one it is worth what the operator's map says: two APIs may call
 * two things by one name. What tells of a person goes to userinfo alone, when the subject token opened it and it is asked for.
 */
export function exchangeReach(asked: Asked, read: ReadAccessToken, client: Client, policy: Policy): ExchangeReach | OAuthError {
  const { resources } = policy
  // `offline_access` ends here: nothing is refreshed.
  const held = resources.meaningfulAt(read.audience, read.scopes).filter((scope) => scope !== 'offline_access')
  const mapped = mappedScopes(held, client)
  const all = [...new Set([...held, ...mapped])]
  const toUserinfo = asked.targets.includes(policy.issuer)
  const usual = all.filter((scope) => client.scopes.includes(scope) && OPENID_SCOPES.includes(scope) === toUserinfo)
  const scopes = asked.scopes ?? usual
  const beyond = firstBeyond(scopes, all) ?? firstBeyond(scopes, client.scopes)
  if (beyond !== undefined)
    return new OAuthError('invalid_scope', `scope ${beyond} is more than subject_token says or this client may have`, { rule: 'TEX-08' })

  const details = narrowed(asked.details, read.authorizationDetails, client, policy.details)
  if (details instanceof OAuthError) return details
  const target = resources.target(asked.targets, [], scopes, client, details)
  // Nothing was asked wrongly where it is only unclear whom the token is for.
  if (target instanceof OAuthError) return target.code === 'invalid_scope' ? unclear() : target
  if (target.audience.includes(policy.issuer)) {
    // Userinfo was asked for, and goes with no other API than the one that could ask it before.
    const others = target.audience.filter((one) => !read.audience.includes(one))
    if (!target.scopes.includes('openid') || others.length > 0) return unclear()
  }

  const known = resources.meaningfulAt(
    target.audience.filter((one) => read.audience.includes(one)),
    held,
  )
  const carried = target.scopes.filter((scope) => known.includes(scope) || mapped.includes(scope))
  const forIt = details.filter(({ locations }) => Array.isArray(locations) && target.audience.some((one) => locations.includes(one)))
  if (carried.length === 0 && forIt.length === 0)
    return new OAuthError('invalid_target', 'subject_token says nothing that this client may do at the resource', { rule: 'TEX-04' })
  return { target: { ...target, scopes: carried }, details }
}

/** What the operator lets the scopes of a subject token become in this client's hands. */
function mappedScopes(held: readonly string[], { tokenExchange }: Client): readonly string[] {
  const map = tokenExchange?.scopes ?? {}
  return held.flatMap((scope) => (Object.hasOwn(map, scope) ? (map[scope] ?? []) : []))
}

function unclear(): OAuthError {
  return new OAuthError('invalid_target', 'it is not clear whom the token is for: name one with resource or audience', { rule: 'TEX-04' })
}
