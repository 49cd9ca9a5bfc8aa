import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { parseResources } from '@holdfast/protocol/resource'
import { parseScope } from '@holdfast/protocol/scope'
import { tellerOf } from '@holdfast/protocol/witness'
import {
  accessToken,
  checkPresenter,
  type Actor,
  type AuthenticatedClient,
  type Client,
  type DecideInput,
  type Decision,
  defineGrant,
  event,
  exchangeReach,
  type LiveToken,
  parseDetails,
  type ReadAccessToken,
  refuse,
  type RegisteredGrant,
  type SenderConstraint,
  type ServerChange,
  type Target,
  unusableToken,
} from './open.ts'

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
export const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
export const JWT = 'urn:ietf:params:oauth:token-type:jwt'

/** How often a token can be exchanged in a row: each time its claims grow, and with them the work to read it. */
const MOST_EXCHANGES = 8

/** RFC 8693 §3: of the six types the two that our own access tokens are; the others are known and not exchanged. */
type TokenType = typeof ACCESS_TOKEN | typeof JWT

interface SentToken {
  readonly token: string
  readonly type: TokenType
}

interface Params {
  readonly subject: SentToken
  readonly actor: SentToken | undefined
  readonly requested: TokenType
  readonly scopes: readonly string[] | undefined
  /** `resource` and `audience` together: both name resources here. */
  readonly targets: readonly string[]
  readonly details: readonly AuthorizationDetail[] | undefined
}

interface Facts {
  readonly subject: LiveToken | undefined
  readonly actor: LiveToken | undefined
}

/**
 * An access token for another one of ours, never wider and never longer-lived: an API calls the next API for the same
 * person, or a client gives a part of what it may do away.
 */
export const tokenExchange: RegisteredGrant = defineGrant<Params, Facts>({
  type: TOKEN_EXCHANGE,
  spec: 'RFC 8693 §2.1',
  parse,
  async load({ accessTokens }, { subject, actor }) {
    const [subjectToken, actorToken] = await Promise.all([
      accessTokens.live(subject.token),
      actor === undefined ? undefined : accessTokens.live(actor.token),
    ])
    return { subject: subjectToken, actor: actorToken }
  },
  decide,
})

function parse(form: Form): Params | OAuthError {
  const subject = sentToken(form, 'subject_token')
  if (subject instanceof OAuthError) return subject
  if (subject === undefined) return invalid('subject_token is missing', 'TEX-01')
  const actor = sentToken(form, 'actor_token')
  if (actor instanceof OAuthError) return actor
  const asked = form.one('requested_token_type')
  if (asked instanceof OAuthError) return asked
  const requested = asked ?? ACCESS_TOKEN
  if (!isTokenType(requested)) return invalid(`requested_token_type must be ${ACCESS_TOKEN} or ${JWT}`, 'TEX-06')
  const scope = form.one('scope')
  if (scope instanceof OAuthError) return scope
  const scopes = scope === undefined ? undefined : parseScope(scope)
  if (scopes instanceof OAuthError) return scopes
  const resources = parseResources(form.all('resource'))
  if (resources instanceof OAuthError) return resources
  const audiences = form.all('audience')
  const details = parseDetails(form)
  if (details instanceof OAuthError) return details
  return { subject, actor, requested, scopes, targets: [...new Set([...resources, ...audiences])], details }
}

/** RFC 8693 §2.1: a token and its type come together, or not at all (TEX-01, TEX-02). */
function sentToken(form: Form, name: 'subject_token' | 'actor_token'): SentToken | OAuthError | undefined {
  const token = form.one(name)
  if (token instanceof OAuthError) return token
  const type = form.one(`${name}_type`)
  if (type instanceof OAuthError) return type
  const rule = name === 'subject_token' ? 'TEX-01' : 'TEX-02'
  if (token === undefined) return type === undefined ? undefined : invalid(`${name}_type stands without ${name}`, rule)
  if (type === undefined) return invalid(`${name}_type is missing`, rule)
  return isTokenType(type) ? { token, type } : invalid(`${name}_type must be ${ACCESS_TOKEN} or ${JWT}`, 'TEX-06')
}

function isTokenType(type: string): type is TokenType {
  return type === ACCESS_TOKEN || type === JWT
}

/** Exported for its tests, which tell it facts as literals. */
export function decide(input: DecideInput<Params, Facts>): Decision {
  const { params, client, binding, policy, ambient, witness } = input
  const { now } = ambient
  const { clientId } = client.client
  const unproven = tellerOf('client', witness)('authenticated', 'TEX-08', checkProven(client))
  if (unproven !== undefined) return refuse(unproven)
  const presented = presentedTokens(input)
  if (presented instanceof OAuthError) return refuse(presented)
  const { subject, actor } = presented
  const { read } = subject
  const exchangedFrom = [read.jti, ...read.exchangedFrom]
  const tell = tellerOf('subject_token', witness)
  const often = tell('exchanged a few times', 'TEX-09', checkExchanges(exchangedFrom))
  if (often !== undefined) return refuse(often)
  const acting = tell('may_act', 'TEX-10', actorOf(read, actor, client.client))
  if (acting instanceof OAuthError) return refuse(acting)
  const reach = tell('reach', 'TEX-08', exchangeReach(params, read, client.client, policy))
  if (reach instanceof OAuthError) return refuse(reach)
  const { target, details } = reach
  const unlike = tell('requested_token_type', 'TEX-06', checkRequested(params, target))
  if (unlike !== undefined) return refuse(unlike)

  // Who signed in, when and how is as it was (TEX-12); nothing outlives what it came from.
  const { grantId, authentication, expiresAt: endsAt } = read
  const { subject: sub } = subject
  const about = { subject: sub, grantId, authentication, endsAt, authorizationDetails: details }
  const answer = {
    ...accessToken({ client: client.client, binding, now }, target, about),
    actor: acting.act,
    exchangedFrom,
    response: { issued_token_type: params.requested },
  }
  const told = {
    grantType: TOKEN_EXCHANGE,
    scopes: target.scopes,
    audience: target.audience,
    subjectClient: read.clientId,
    // The outermost alone: the others are told by the events before.
    actor: acting.act?.sub ?? '',
    impersonation: acting.impersonation,
  }
  return { answer, changes: [...requires([subject, actor]), event('tokens.issued', now, { clientId, subject: sub }, told)] }
}

function checkProven({ method }: AuthenticatedClient): OAuthError | undefined {
  if (method !== 'none') return undefined
  return new OAuthError('unauthorized_client', 'a public client cannot exchange tokens: anybody could, in its name', { rule: 'TEX-08' })
}

function checkExchanges({ length }: readonly string[]): OAuthError | undefined {
  if (length <= MOST_EXCHANGES) return undefined
  return invalid(`subject_token was exchanged ${MOST_EXCHANGES} times in a row, which is the most`, 'TEX-09')
}

function checkRequested({ requested }: Params, { format }: Target): OAuthError | undefined {
  if (requested !== JWT || format !== 'opaque') return undefined
  return invalid('requested_token_type cannot be jwt: tokens for this resource are opaque', 'TEX-06')
}

/** Both tokens, each from somebody who may present it. */
function presentedTokens({
  params,
  facts,
  client: { client },
  binding,
  witness,
}: DecideInput<Params, Facts>): { readonly subject: LiveToken; readonly actor: LiveToken | undefined } | OAuthError {
  const tell = tellerOf('subject_token', witness)
  const subject = tell('lives', 'TEX-03', facts.subject ?? unusableToken('subject_token', GONE))
  if (subject instanceof OAuthError) return subject
  const shown = { about: 'subject_token', read: subject.read, asJwt: params.subject.type === JWT, client, binding } as const
  const fault = checkPresenter(shown, witness)
  if (fault !== undefined) return fault
  const unbound = tell('new token bound', 'TEX-11', checkStaysBound(subject, binding))
  if (unbound !== undefined) return unbound
  if (params.actor === undefined) return { subject, actor: undefined }
  const actor = tellerOf('actor_token', witness)('lives', 'TEX-03', facts.actor ?? unusableToken('actor_token', GONE))
  if (actor instanceof OAuthError) return actor
  const other = { about: 'actor_token', read: actor.read, asJwt: params.actor.type === JWT, client, binding } as const
  const strange = checkPresenter(other, witness)
  return strange ?? { subject, actor }
}

const GONE = 'unknown, expired or revoked'

function checkStaysBound(subject: LiveToken, binding: SenderConstraint | undefined): OAuthError | undefined {
  if (subject.read.confirmation !== undefined && binding === undefined)
    return invalid('subject_token is bound to a key: send a DPoP proof, so that the new token is bound too', 'TEX-11')
  return undefined
}

/** Who acts from now on. */
interface Acting {
  /** The new claim `act`; undefined: nobody but the subject, as far as the token tells. */
  readonly act: Actor | undefined
  readonly impersonation: boolean
}

/**
 * RFC 8693 §1.1, §4.1: who acts, with those who acted before inside, who are never lost (TEX-09). Delegation unless the
 * operator allowed the client to impersonate; and even then `may_act` names the only one who may have the token (TEX-10).
 */
function actorOf(
  { actor: before, mayAct }: Pick<ReadAccessToken, 'actor' | 'mayAct'>,
  actorToken: LiveToken | undefined,
  { clientId, tokenExchange }: Client,
): Acting | OAuthError {
  const identity =
    actorToken === undefined ? { sub: clientId, client_id: clientId } : { sub: actorToken.subject, client_id: actorToken.read.clientId }
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

/** What the tokens stand on must still be there when the answer is stored: a revocation that came between wins. */
function requires(tokens: readonly (LiveToken | undefined)[]): readonly ServerChange[] {
  const byId = new Map<string, ServerChange>()
  for (const token of tokens) {
    const { grant, read } = token ?? {}
    if (grant !== undefined) byId.set(grant.id, { op: 'require', kind: 'grant', id: grant.id, expected: grant.version })
    if (read?.recordId !== undefined) byId.set(read.recordId, { op: 'require', kind: 'access_token', id: read.recordId, expected: 1 })
  }
  return [...byId.values()]
}

function invalid(description: string, rule: string, detail?: string): OAuthError {
  return new OAuthError('invalid_request', description, { rule, ...(detail === undefined ? {} : { detail }) })
}
