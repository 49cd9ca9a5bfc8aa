import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { parseResources } from '@holdfast/protocol/resource'
import { firstBeyond, parseScope } from '@holdfast/protocol/scope'
import { secretHash } from '@holdfast/protocol/secret'
import { parseJws, type ParsedJws } from '@holdfast/proof'
import {
  accessToken,
  type Account,
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
  /** A sentence for the operator's log when the signature is by nobody who is trusted for this client. */
  readonly issuer: TrustedIssuer | string
  readonly account: Account | undefined
  readonly used: boolean
}

/** Another party vouches for a person; what its word opens is the operator's decision, since nobody is asked. */
export const jwtBearer: RegisteredGrant = defineGrant<Params, Facts>({
  type: JWT_BEARER,
  spec: 'RFC 7523 §2.1',
  parse,
  async load({ store, accounts, trustedAssertions }, { assertion }, { client }) {
    const genuine = await trustedAssertions.verify(assertion, client.clientId)
    if (typeof genuine === 'string') return { issuer: genuine, account: undefined, used: false }
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
  const { params, facts, client, binding, policy, ambient } = input
  const { now } = ambient
  if (client.method === 'none')
    return refuse(new OAuthError('unauthorized_client', 'a public client cannot use assertions: anybody could bring them in its name'))
  const { issuer, account } = facts
  if (typeof issuer === 'string')
    return refuse(
      new OAuthError('invalid_grant', 'assertion is by no issuer that is trusted for this client', { rule: 'CAUTH-35', detail: issuer }),
    )
  const fault = claimsFault(params.assertion, policy.issuer, now)
  if (fault !== undefined) return refuse(fault)
  if (facts.used) return refuse(refused('jti of assertion was already used'))
  if (account === undefined || account.disabled) return refuse(refused('assertion names nobody who has an account here'))

  const scopes = params.scopes ?? issuer.scopes.filter((scope) => client.client.scopes.includes(scope))
  const beyond = firstBeyond(scopes, issuer.scopes) ?? firstBeyond(scopes, client.client.scopes)
  if (beyond !== undefined)
    return refuse(new OAuthError('invalid_scope', `scope ${beyond} is more than this issuer or this client may have`, { rule: 'OA-26' }))
  const target = policy.resources.target(params.resources, [], scopes, client.client)
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

type Claims = { readonly [name in 'aud' | 'exp' | 'nbf' | 'iat' | 'jti']?: unknown }

function claimsFault(assertion: ParsedJws, own: string, now: number): OAuthError | undefined {
  if (!TYPES.has(assertion.header['typ'])) return refused('typ of assertion must be authorization-grant+jwt or absent')
  const { aud, exp, nbf, iat, jti } = assertion.payload as Claims
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (!audiences.some((one) => one === own || one === `${own}/token`))
    return refused(`aud of assertion must have the issuer ${own} or its token endpoint`)
  // In whole seconds, as the token will have it: one that ends in this very second would be dead when it is issued.
  if (typeof exp !== 'number' || Math.floor(exp) <= now) return refused('exp of assertion is missing or past')
  if (exp > now + LONGEST) return refused(`exp of assertion is more than ${LONGEST} s ahead`)
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf > now + AHEAD)) return refused('nbf of assertion is not a time that has come')
  if (iat !== undefined && (typeof iat !== 'number' || iat > now + AHEAD)) return refused('iat of assertion is ahead of our clock')
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
