import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { parseResources } from '@holdfast/protocol/resource'
import { firstBeyond, parseScope } from '@holdfast/protocol/scope'
import type { Stored } from '@holdfast/store'
import {
  accessToken,
  type Account,
  askedClaims,
  type DecideInput,
  type Decision,
  defineGrant,
  endOf,
  entitledScopes,
  event,
  type GrantRecord,
  type Issuance,
  narrowed,
  parseDetails,
  parseRefreshToken,
  type RefreshFamilyRecord,
  type RefreshToken,
  refuse,
  type RegisteredGrant,
  rotates,
  type ServerChange,
} from './open.ts'

interface Params {
  readonly token: RefreshToken | undefined
  readonly scopes: readonly string[] | undefined
  readonly resources: readonly string[]
  readonly details: readonly AuthorizationDetail[] | undefined
}

interface Facts {
  readonly family: Stored<RefreshFamilyRecord> | undefined
  readonly mac: 'genuine' | 'forged' | 'retired'
  readonly grant: Stored<GrantRecord> | undefined
  readonly account: Account | undefined
}

export const refreshToken: RegisteredGrant = defineGrant<Params, Facts>({
  type: 'refresh_token',
  spec: 'OAuth 2.1 §4.3',
  parse,
  async load({ store, accounts, refreshTokens }, { token }) {
    if (token === undefined) return { family: undefined, mac: 'forged', grant: undefined, account: undefined }
    const family = await store.read('refresh_family', token.familyId)
    const mac = refreshTokens.verify(token, family?.value)
    if (family === undefined || mac !== 'genuine') return { family: undefined, mac, grant: undefined, account: undefined }
    const grant = await store.read('grant', family.value.grantId)
    const account = grant === undefined ? undefined : await accounts.find(grant.value.subject)
    return { family, mac, grant, account }
  },
  decide,
})

function parse(form: Form): Params | OAuthError {
  const token = form.need('refresh_token')
  if (token instanceof OAuthError) return token
  const scope = form.one('scope')
  if (scope instanceof OAuthError) return scope
  const scopes = scope === undefined ? undefined : parseScope(scope)
  if (scopes instanceof OAuthError) return scopes
  const resources = parseResources(form.all('resource'))
  if (resources instanceof OAuthError) return resources
  const details = parseDetails(form)
  if (details instanceof OAuthError) return details
  return { token: parseRefreshToken(token), scopes, resources, details }
}

type Live = {
  readonly account: Account
  readonly family: Stored<RefreshFamilyRecord>
  readonly grant: Stored<GrantRecord>
  readonly generation: number
}

/** Exported for its tests, which tell it facts as literals. */
export function decide(input: DecideInput<Params, Facts>): Decision {
  const live = checkLive(input)
  if (live instanceof OAuthError) return refuse(live)
  const { family, generation } = live
  const { lifetimes } = input.policy
  const { now } = input.ambient

  if (generation === family.value.generation) return refreshed(input, live)
  const { rotatedAt } = family.value
  const inGrace = generation === family.value.generation - 1 && rotatedAt !== undefined && now < rotatedAt + lifetimes.refreshTokenGrace
  return inGrace ? retried(input, live) : reused(input, live)
}

/**
 * Everything that must hold before the generation is looked at: a failure here, a forged token included,
 * revokes nothing, or a stranger could end other people's grants (RT-06).
 */
function checkLive({ params, facts, client, binding, policy, ambient }: DecideInput<Params, Facts>): Live | OAuthError {
  const { family, grant, account } = facts
  const { token } = params
  if (facts.mac === 'retired')
    return new OAuthError('invalid_grant', 'refresh_token was made under a key that is retired: sign in again', { rule: 'OA-57' })
  if (token === undefined || family === undefined)
    return new OAuthError('invalid_grant', 'refresh_token is unknown, expired or revoked', { rule: 'OA-57' })
  if (family.value.clientId !== client.client.clientId)
    return new OAuthError('invalid_grant', 'refresh_token is unknown, expired or revoked', {
      rule: 'OA-57',
      detail: `token of ${family.value.clientId}`,
    })
  if (family.value.jkt !== undefined && family.value.jkt !== binding?.jkt) {
    const description =
      binding === undefined
        ? 'refresh_token is bound to a DPoP key: send a proof (RFC 9449 §5)'
        : 'refresh_token is bound to another DPoP key (RFC 9449 §5)'
    return new OAuthError('invalid_grant', description, { rule: 'DPOP-24' })
  }
  if (family.value.x5t !== undefined && family.value.x5t !== binding?.x5t)
    return new OAuthError('invalid_grant', 'refresh_token is bound to another certificate (RFC 8705 §4)', { rule: 'MTLS-28' })
  if (family.value.instance !== undefined && family.value.instance !== client.instance)
    return new OAuthError('invalid_grant', 'refresh_token is bound to another instance of this client', { rule: 'ABCA-13' })
  if (endOf(family.value, policy) <= ambient.now || token.generation > family.value.generation)
    return new OAuthError('invalid_grant', 'refresh_token is unknown, expired or revoked', { rule: 'OA-61' })
  if (grant === undefined) return new OAuthError('invalid_grant', 'the grant of refresh_token was revoked', { rule: 'OA-58' })
  if (account === undefined || account.disabled)
    return new OAuthError('invalid_grant', 'the person of this grant is no longer there', { rule: 'RT-09' })
  return { family, grant, account, generation: token.generation }
}

/** The current token: replaced where the client rotates, kept where it proves itself anew each time. */
function refreshed(input: DecideInput<Params, Facts>, live: Live): Decision {
  const { family, grant } = live
  const { policy, ambient, client, binding } = input
  const { now } = ambient
  const who = { clientId: client.client.clientId, subject: grant.value.subject }
  const requireGrant: ServerChange = { op: 'require', kind: 'grant', id: grant.id, expected: grant.version }

  if (!rotates(client.client, binding !== undefined)) {
    const answer = issue(input, live, {
      familyId: family.id,
      generation: family.value.generation,
      salt: family.value.salt,
      keyId: family.value.keyId,
    })
    if (answer instanceof OAuthError) return refuse(answer)
    // The idle time starts anew, but not with a write for each of many refreshes: a day late at most in seven.
    const stale = now - family.value.usedAt > policy.lifetimes.refreshTokenIdle / 7
    const value = { ...family.value, usedAt: now }
    const kept: ServerChange = stale
      ? { op: 'replace', kind: 'refresh_family', id: family.id, expected: family.version, value, expiresAt: endOf(value, policy) }
      : { op: 'require', kind: 'refresh_family', id: family.id, expected: family.version }
    return { answer, changes: [kept, requireGrant] }
  }

  const value: RefreshFamilyRecord = {
    ...family.value,
    generation: family.value.generation + 1,
    rotatedAt: now,
    keyId: policy.refreshKeyId,
    usedAt: now,
  }
  const answer = issue(input, live, { familyId: family.id, generation: value.generation, salt: value.salt, keyId: value.keyId })
  if (answer instanceof OAuthError) return refuse(answer)
  return {
    answer,
    changes: [
      { op: 'replace', kind: 'refresh_family', id: family.id, expected: family.version, value, expiresAt: endOf(value, policy) },
      requireGrant,
      event('refresh.rotated', now, who, { generation: value.generation }),
    ],
  }
}

/** The predecessor within the grace: a lost answer or a second tab. The very same successor, a fresh access token (RT-04). */
function retried(input: DecideInput<Params, Facts>, live: Live): Decision {
  const { family, grant } = live
  const { clientId, generation, salt, keyId } = family.value
  const answer = issue(input, live, { familyId: family.id, generation, salt, keyId })
  if (answer instanceof OAuthError) return refuse(answer)
  return {
    answer,
    changes: [
      { op: 'require', kind: 'refresh_family', id: family.id, expected: family.version },
      { op: 'require', kind: 'grant', id: grant.id, expected: grant.version },
      event('refresh.retried', input.ambient.now, { clientId, subject: grant.value.subject }, { generation }),
    ],
  }
}

/** A token that was replaced long ago or twice: somebody else has it. Family and grant end in this commit (RT-03). */
function reused(input: DecideInput<Params, Facts>, { family, grant, generation }: Live): Decision {
  return refuse(new OAuthError('invalid_grant', 'refresh_token was already used: the grant is revoked', { rule: 'RT-03' }), [
    { op: 'require', kind: 'refresh_family', id: family.id, expected: family.version },
    { op: 'deleteBy', kind: 'refresh_family', index: 'grantId', value: grant.id },
    { op: 'delete', kind: 'grant', id: grant.id },
    event(
      'refresh.reused',
      input.ambient.now,
      { clientId: family.value.clientId, subject: grant.value.subject },
      { generation, current: family.value.generation },
    ),
  ])
}

function issue(
  { params, client, binding, policy, ambient }: DecideInput<Params, Facts>,
  { family, grant, account }: Live,
  token: Issuance['refreshToken'],
): Issuance | OAuthError {
  const { now } = ambient
  const beyond = params.scopes === undefined ? undefined : firstBeyond(params.scopes, family.value.scopes)
  if (beyond !== undefined) return new OAuthError('invalid_scope', `scope ${beyond} was not granted`, { rule: 'OA-59' })
  const details = narrowed(params.details, family.value.authorizationDetails, client.client, policy.details)
  if (details instanceof OAuthError) return details
  // A narrowed access token does not shrink the grant: the family keeps its scopes and details (RT-07, RAR-12).
  const scopes = entitledScopes(params.scopes ?? family.value.scopes, client.client)
  if (scopes instanceof OAuthError) return scopes
  const target = policy.resources.target(params.resources, family.value.resources, scopes, client.client, details)
  if (target instanceof OAuthError) return target
  const about = {
    subject: grant.value.subject,
    grantId: grant.id,
    authentication: grant.value,
    endsAt: family.value.endsAt,
    authorizationDetails: details,
  }
  const asked = grant.value.claims
  const claims = asked === undefined ? undefined : askedClaims(client.client, account.claims, asked.idToken)
  return {
    ...accessToken({ client: client.client, binding, now }, target, about),
    idToken:
      client.client.scopes.includes('openid') && family.value.scopes.includes('openid')
        ? { nonce: undefined, sid: grant.value.sid, expiresAt: now + policy.lifetimes.idToken, claims }
        : undefined,
    refreshToken: token,
  }
}
