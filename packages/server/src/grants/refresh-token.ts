import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { parseResources } from '@holdfast/protocol/resource'
import { firstBeyond, parseScope } from '@holdfast/protocol/scope'
import { tellerOf, witnessed } from '@holdfast/protocol/witness'
import type { Stored } from '@holdfast/store'
import {
  accessToken,
  type Account,
  askedClaims,
  checkRefreshHolder,
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
  unknownRefreshToken,
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

  const current = generation === family.value.generation
  const { rotatedAt } = family.value
  const inGrace = generation === family.value.generation - 1 && rotatedAt !== undefined && now < rotatedAt + lifetimes.refreshTokenGrace
  const about = { about: 'refresh_token', check: 'not used before', rule: 'RT-03' }
  const reuse = witnessed(input.witness, about, current || inGrace ? undefined : usedBefore())
  if (reuse !== undefined) return reused(input, live, reuse)
  return current ? refreshed(input, live) : retried(input, live)
}

function usedBefore(): OAuthError {
  return new OAuthError('invalid_grant', 'refresh_token was already used: the grant is revoked', { rule: 'RT-03' })
}

/**
 * Everything that must hold before the generation is looked at: a failure here, a forged token included,
 * revokes nothing, or a stranger could end other people's grants (RT-06).
 */
function checkLive({ params, facts, client, binding, policy, ambient, witness }: DecideInput<Params, Facts>): Live | OAuthError {
  const tell = tellerOf('refresh_token', witness)
  const known = tell('known', 'OA-57', genuine(params, facts))
  if (known instanceof OAuthError) return known
  const { family, token } = known
  const presented = { token, family: family.value, client, binding, policy, now: ambient.now }
  const fault = checkRefreshHolder(presented, witness)
  if (fault !== undefined) return fault
  const grant = tell('grant lives', 'OA-58', facts.grant ?? revoked())
  if (grant instanceof OAuthError) return grant
  const account = tell('person is there', 'RT-09', personOf(facts))
  if (account instanceof OAuthError) return account
  return { family, grant, account, generation: token.generation }
}

interface Known {
  readonly token: RefreshToken
  readonly family: Stored<RefreshFamilyRecord>
}

function genuine({ token }: Params, { mac, family }: Facts): Known | OAuthError {
  if (mac === 'retired')
    return new OAuthError('invalid_grant', 'refresh_token was made under a key that is retired: sign in again', { rule: 'OA-57' })
  return token === undefined || family === undefined ? unknownRefreshToken('OA-57') : { token, family }
}

function revoked(): OAuthError {
  return new OAuthError('invalid_grant', 'the grant of refresh_token was revoked', { rule: 'OA-58' })
}

function personOf({ account }: Facts): Account | OAuthError {
  if (account === undefined || account.disabled)
    return new OAuthError('invalid_grant', 'the person of this grant is no longer there', { rule: 'RT-09' })
  return account
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
function reused(input: DecideInput<Params, Facts>, { family, grant, generation }: Live, reuse: OAuthError): Decision {
  return refuse(reuse, [
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
  { params, client, binding, policy, ambient, witness }: DecideInput<Params, Facts>,
  { family, grant, account }: Live,
  token: Issuance['refreshToken'],
): Issuance | OAuthError {
  const { now } = ambient
  const tell = tellerOf('refresh_token', witness)
  const beyond = tell('scope granted', 'OA-59', checkGranted(params, family.value))
  if (beyond !== undefined) return beyond
  const granted = family.value
  const details = tell(
    'authorization_details',
    'RAR-06',
    narrowed(params.details, granted.authorizationDetails, client.client, policy.details),
  )
  if (details instanceof OAuthError) return details
  // A narrowed access token does not shrink the grant: the family keeps its scopes and details (RT-07, RAR-12).
  const scopes = tell('scope', 'OA-26', entitledScopes(params.scopes ?? granted.scopes, client.client))
  if (scopes instanceof OAuthError) return scopes
  const target = tell('resource', 'RES-04', policy.resources.target(params.resources, granted.resources, scopes, client.client, details))
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

function checkGranted(params: Params, { scopes }: RefreshFamilyRecord): OAuthError | undefined {
  const beyond = params.scopes === undefined ? undefined : firstBeyond(params.scopes, scopes)
  if (beyond !== undefined) return new OAuthError('invalid_scope', `scope ${beyond} was not granted`, { rule: 'OA-59' })
  return undefined
}
