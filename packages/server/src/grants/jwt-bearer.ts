import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { parseResources } from '@holdfast/protocol/resource'
import { firstBeyond, parseScope } from '@holdfast/protocol/scope'
import { secretHash } from '@holdfast/protocol/secret'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { firstRefusal, type NamedCheck, tellerOf } from '@holdfast/protocol/witness'
import { parseJws, type ParsedJws } from '@holdfast/proof'
import {
  accessToken,
  type Account,
  type AuthenticatedClient,
  type Client,
  type DecideInput,
  type Decision,
  defineGrant,
  detailsFault,
  event,
  type GrantRecord,
  refuse,
  type RegisteredGrant,
  type ServerChange,
  type TrustedIssuer,
} from './open.ts'

export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** Its own type, or none; never a JWT made for something else. */
const TYPES: ReadonlySet<unknown> = new Set([undefined, 'JWT', 'authorization-grant+jwt'])
/** An assertion may live an hour at most: its `jti` is kept until it ends. */
const LONGEST = 3600
const AHEAD = 10

interface Params {
  readonly assertion: ParsedJws
  readonly scopes: readonly string[] | undefined
  readonly resources: readonly string[]
}

interface Facts {
  /** A refusal when the signature is by nobody who is trusted for this client. */
  readonly issuer: TrustedIssuer | OAuthError
  readonly account: Account | undefined
  readonly used: boolean
}

/** Another party vouches for a person; what its word opens is the operator's decision, since nobody is asked. */
export const jwtBearer: RegisteredGrant = defineGrant<Params, Facts>({
  type: JWT_BEARER,
  spec: 'RFC 7523 §2.1',
  parse,
  async load({ store, accounts, trustedAssertions }, { assertion }, { client }, witness) {
    const genuine = await trustedAssertions.verify(assertion, client.clientId, witness)
    if (genuine instanceof OAuthError) return { issuer: genuine, account: undefined, used: false }
    const { issuer } = genuine
    const name = assertion.payload[issuer.subjectClaim]
    const [account, used] = await Promise.all([
      typeof name !== 'string' || name === ''
        ? undefined
        : issuer.subjectIs === 'sub'
          ? accounts.find(name)
          : accounts.findByUsername?.(name),
      store.read('grant_assertion', usedId(issuer, assertion)),
    ])
    return { issuer, account, used: used !== undefined }
  },
  decide,
})

function parse(form: Form): Params | OAuthError {
  const sent = form.need('assertion')
  if (sent instanceof OAuthError) return sent
  const assertion = parseJws(sent, { maxLength: 8192 })
  if (assertion === undefined) return refused('assertion is not a compact JWS')
  const scope = form.one('scope')
  if (scope instanceof OAuthError) return scope
  const scopes = scope === undefined ? undefined : parseScope(scope)
  if (scopes instanceof OAuthError) return scopes
  const resources = parseResources(form.all('resource'))
  if (resources instanceof OAuthError) return resources
  return detailsFault(form) ?? { assertion, scopes, resources }
}

/** Exported for its tests, which tell it facts as literals. */
export function decide(input: DecideInput<Params, Facts>): Decision {
  const { params, facts, client, binding, policy, ambient, witness } = input
  const { now } = ambient
  const unproven = tellerOf('client', witness)('authenticated', 'CAUTH-35', checkProven(client))
  if (unproven !== undefined) return refuse(unproven)
  const tell = tellerOf('assertion', witness)
  const { issuer } = facts
  if (issuer instanceof OAuthError) return refuse(issuer)
  const claims = { header: params.assertion.header, claims: params.assertion.payload, own: policy.issuer, now }
  const fault = firstRefusal('assertion', assertionChecks, claims, witness)
  if (fault !== undefined) return refuse(fault)
  const used = tell('jti is new', 'CAUTH-35', checkUnused(facts))
  if (used !== undefined) return refuse(used)
  const account = tell('person is there', 'CAUTH-35', personOf(facts))
  if (account instanceof OAuthError) return refuse(account)

  const scopes = params.scopes ?? issuer.scopes.filter((scope) => client.client.scopes.includes(scope))
  const beyond = tell('scope', 'OA-26', checkScopes(scopes, issuer, client.client))
  if (beyond !== undefined) return refuse(beyond)
  const target = tell('resource', 'RES-04', policy.resources.target(params.resources, [], scopes, client.client))
  if (target instanceof OAuthError) return refuse(target)

  const grantId = ambient.recordId()
  const { exp, auth_time: authTime, acr } = params.assertion.payload as { readonly exp: number; auth_time?: unknown; acr?: unknown }
  const authentication = {
    authTime: typeof authTime === 'number' && authTime >= 0 && authTime <= now ? Math.floor(authTime) : now,
    acr: typeof acr === 'string' ? acr : undefined,
    amr: [],
  }
  const about = { subject: account.sub, grantId, authentication, endsAt: Math.floor(exp) }
  const answer = accessToken({ client: client.client, binding, now }, target, about)
  const { clientId } = client.client
  const grant: GrantRecord = {
    clientId,
    subject: account.sub,
    sid: undefined,
    scopes,
    resources: params.resources,
    authorizationDetails: [],
    ...authentication,
    createdAt: now,
  }
  const changes: readonly ServerChange[] = [
    // Fifty at once: one is stored, the others find it and are refused.
    { op: 'insert', kind: 'grant_assertion', id: usedId(issuer, params.assertion), value: {}, expiresAt: Math.ceil(exp) + AHEAD },
    { op: 'insert', kind: 'grant', id: grantId, value: grant, expiresAt: answer.expiresAt },
    event(
      'tokens.issued',
      now,
      { clientId, subject: account.sub },
      { grantType: JWT_BEARER, issuer: issuer.issuer, scopes: target.scopes, audience: target.audience },
    ),
  ]
  return { answer, changes }
}

function checkProven({ method }: AuthenticatedClient): OAuthError | undefined {
  if (method !== 'none') return undefined
  return new OAuthError('unauthorized_client', 'a public client cannot use assertions: anybody could bring them in its name')
}

function checkUnused(facts: Facts): OAuthError | undefined {
  if (facts.used) return refused('jti of assertion was already used')
  return undefined
}

function personOf({ account }: Facts): Account | OAuthError {
  if (account === undefined || account.disabled) return refused('assertion names nobody who has an account here')
  return account
}

function checkScopes(scopes: readonly string[], issuer: TrustedIssuer, client: Client): OAuthError | undefined {
  const beyond = firstBeyond(scopes, issuer.scopes) ?? firstBeyond(scopes, client.scopes)
  if (beyond === undefined) return undefined
  return new OAuthError('invalid_scope', `scope ${beyond} is more than this issuer or this client may have`, { rule: 'OA-26' })
}

interface Asserted {
  readonly header: { readonly typ?: unknown }
  readonly claims: { readonly [name in 'aud' | 'exp' | 'nbf' | 'iat' | 'jti']?: unknown }
  readonly own: string
  readonly now: EpochSeconds
}

/** In this order. Exported for tests, which take one out. */
export const assertionChecks: readonly NamedCheck<Asserted, OAuthError>[] = [
  { name: 'typ', rule: 'CAUTH-35', check: checkTyp },
  { name: 'aud', rule: 'CAUTH-35', check: checkAud },
  { name: 'exp', rule: 'CAUTH-35', check: checkExp },
  { name: 'exp not far ahead', rule: 'CAUTH-35', check: checkLifetime },
  { name: 'nbf', rule: 'CAUTH-35', check: checkNbf },
  { name: 'iat', rule: 'CAUTH-35', check: checkIat },
  { name: 'jti', rule: 'CAUTH-35', check: checkJti },
]

function checkTyp({ header: { typ } }: Asserted): OAuthError | undefined {
  return TYPES.has(typ) ? undefined : refused('typ of assertion must be authorization-grant+jwt or absent')
}

function checkAud({ claims: { aud }, own }: Asserted): OAuthError | undefined {
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (audiences.some((one) => one === own || one === `${own}/token`)) return undefined
  return refused(`aud of assertion must have the issuer ${own} or its token endpoint`)
}

/** In whole seconds, as the token will have it: one that ends in this very second would be dead when it is issued. */
function checkExp({ claims: { exp }, now }: Asserted): OAuthError | undefined {
  return typeof exp !== 'number' || Math.floor(exp) <= now ? refused('exp of assertion is missing or past') : undefined
}

function checkLifetime({ claims: { exp }, now }: Asserted): OAuthError | undefined {
  return typeof exp === 'number' && exp > now + LONGEST ? refused(`exp of assertion is more than ${LONGEST} s ahead`) : undefined
}

function checkNbf({ claims: { nbf }, now }: Asserted): OAuthError | undefined {
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf > now + AHEAD)) return refused('nbf of assertion is not a time that has come')
  return undefined
}

function checkIat({ claims: { iat }, now }: Asserted): OAuthError | undefined {
  if (iat !== undefined && (typeof iat !== 'number' || iat > now + AHEAD)) return refused('iat of assertion is ahead of our clock')
  return undefined
}

function checkJti({ claims: { jti } }: Asserted): OAuthError | undefined {
  if (typeof jti !== 'string' || jti === '' || jti.length > 256) return refused('jti of assertion must be 1 to 256 characters')
  return undefined
}

/** Each issuer counts for itself. */
function usedId({ issuer }: TrustedIssuer, { payload }: ParsedJws): string {
  return secretHash(`${issuer}\n${String(payload['jti'])}`)
}

function refused(description: string): OAuthError {
  return new OAuthError('invalid_grant', description, { rule: 'CAUTH-35' })
}
