import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { type Challenge, parseChallenge } from '@holdfast/protocol/pkce'
import { matchRedirectUri, type ValidRedirectUri } from '@holdfast/protocol/redirect-uri'
import { parseResources } from '@holdfast/protocol/resource'
import { parseScope } from '@holdfast/protocol/scope'
import { tellerOf, type Witness } from '@holdfast/protocol/witness'
import { checkDpopJkt } from '@holdfast/proof'
import type { Client } from '../config/client.ts'
import { requestedDetails } from '../tokens/authorization-details.ts'
import { underFapi } from '../config/profile.ts'
import type { ResourceCatalog } from '../tokens/resources.ts'
import { requiredAcrs } from './required-acrs.ts'
import type { RequestRules } from './rules.ts'
import { claimsOf } from './claims.ts'
import { responseModeOf } from './response-mode.ts'
import { type AskedAuthorization, type AuthorizationRequest, type Prompt, type ResponseTarget } from './request.ts'

/** What the checks here are about. */
export const REQUEST = 'authorization request'

/** Where a refusal may go: to a page of ours while no redirect URI is trusted, else back to the client. */
export type Refusal =
  | { readonly to: 'page'; readonly error: OAuthError }
  | { readonly to: 'client'; readonly error: OAuthError; readonly target: ResponseTarget }

export type ParsedRequest = { readonly request: AuthorizationRequest } | { readonly refusal: Refusal }

/** Checks the parameters of an authorization request, wherever they stood; see `readAuthorizationRequest` for that. */
export function parseAuthorizationRequest(form: Form, client: Client, rules: RequestRules, witness?: Witness): ParsedRequest {
  const target = responseTargetOf(form, client, witness)
  if (target instanceof OAuthError) return { refusal: { to: 'page', error: target } }
  const asked = parseAskedAuthorization(form, client, rules, witness)
  return asked instanceof OAuthError ? { refusal: { to: 'client', error: asked, target } } : { request: { ...asked, ...target } }
}

/** Where the request may be answered: nobody is told anything while this is not known. */
export function responseTargetOf(form: Form, client: Client, witness?: Witness): ResponseTarget | OAuthError {
  const tell = tellerOf(REQUEST, witness)
  const redirectUri = tell('redirect_uri', 'OA-11', redirectUriOf(form, client))
  if (redirectUri instanceof OAuthError) return redirectUri
  const responseMode = tell('response_mode', 'OIDC-05', responseModeOf(form, client, redirectUri))
  if (responseMode instanceof OAuthError) return responseMode
  return { redirectUri, responseMode, state: text(form, 'state') }
}

/** OAuth 2.1 §2.3.2: may be left out only when one is registered and this is no OpenID or FAPI request (OA-15). */
export function redirectUriOf(form: Form, client: Client): ValidRedirectUri | OAuthError {
  const sent = form.one('redirect_uri')
  if (sent instanceof OAuthError) return sent
  const only = client.redirectUris.length === 1 ? client.redirectUris[0] : undefined
  const scope = form.one('scope')
  const openid = typeof scope === 'string' && scope.split(' ').includes('openid')
  const optional = only !== undefined && !openid && !underFapi(client)
  const requested = sent ?? (optional ? only : undefined)
  if (requested === undefined) return new OAuthError('invalid_request', 'redirect_uri is missing', { rule: 'OA-15' })
  const valid = matchRedirectUri(requested, client.redirectUris, client.applicationType === 'native')
  if (valid !== undefined) return valid
  const detail = `sent ${requested.slice(0, 300)}; registered ${client.redirectUris.join(' ')}`
  return new OAuthError(
    'invalid_request',
    'redirect_uri is not one that this client registered: it must be equal, character by character',
    { rule: 'OA-11', detail },
  )
}

/** All but where the answer goes: `redirect_uri` and `response_mode` mean nothing where nobody is redirected (FIPA-04). */
export function parseAskedAuthorization(
  form: Form,
  client: Client,
  { resources, details: catalog, authentication, prompts }: RequestRules,
  witness?: Witness,
): AskedAuthorization | OAuthError {
  const tell = tellerOf(REQUEST, witness)
  const fault = tell('form', 'OA-41', form.fault)
  if (fault !== undefined) return fault
  const wrong = tell('response_type', 'OA-18', responseTypeFault(form, client))
  if (wrong !== undefined) return wrong
  const off = tell('no other request in it', 'JAR-11', unsupported(form))
  if (off !== undefined) return off
  const challenge = tell('code_challenge', 'OA-21', parseChallenge(text(form, 'code_challenge'), text(form, 'code_challenge_method')))
  if (challenge instanceof OAuthError) return challenge
  const without = tell('PKCE', 'OA-20', checkPkce(challenge, form, client))
  if (without !== undefined) return without
  const dpopJkt = text(form, 'dpop_jkt')
  const jktFault = tell('dpop_jkt', 'DPOP-35', dpopJkt === undefined ? undefined : checkDpopJkt(dpopJkt))
  if (jktFault !== undefined) return jktFault
  const targets = tell('resource', 'RES-01', resourcesOf(form, client, resources))
  if (targets instanceof OAuthError) return targets
  const details = tell('authorization_details', 'RAR-02', requestedDetails(form, client, catalog) ?? [])
  if (details instanceof OAuthError) return details
  const scopes = tell('scope', 'OA-26', details.length > 0 && !form.has('scope') ? [] : scopesOf(form, client, resources))
  if (scopes instanceof OAuthError) return scopes
  const prompt = tell('prompt', 'OIDC-09', promptOf(form, prompts))
  if (prompt instanceof OAuthError) return prompt
  const maxAge = tell('max_age', 'OIDC-16', maxAgeOf(form, client))
  if (maxAge instanceof OAuthError) return maxAge
  const claims = tell('claims', 'OIDC-46', claimsOf(form, client, scopes))
  if (claims instanceof OAuthError) return claims
  const asked = text(form, 'acr_values')?.split(' ') ?? client.defaultAcrValues ?? []
  const acrValues = tell('acr_values', 'STEP-26', requiredAcrs(asked, claims, authentication))
  if (acrValues instanceof OAuthError) return acrValues
  return {
    clientId: client.clientId,
    state: text(form, 'state'),
    nonce: text(form, 'nonce'),
    scopes,
    resources: targets,
    authorizationDetails: details,
    challenge,
    dpopJkt,
    instance: undefined,
    prompt,
    maxAge,
    loginHint: text(form, 'login_hint'),
    acrValues,
    ...(claims === undefined ? {} : { claims }),
  }
}

function checkPkce(challenge: Challenge | undefined, form: Form, client: Client): OAuthError | undefined {
  if (challenge === undefined && !mayLeavePkceOut(form, client))
    return new OAuthError('invalid_request', 'code_challenge is missing: PKCE with S256 is required of every client (OAuth 2.1 §4.1.1)', {
      rule: 'OA-20',
    })
  return undefined
}

/** RFC 8707 §2: those that the client may ask for. */
export function resourcesOf(form: Form, client: Client, catalog: ResourceCatalog): readonly string[] | OAuthError {
  const resources = parseResources(form.all('resource'))
  return resources instanceof OAuthError ? resources : (catalog.checkRequested(resources, client) ?? resources)
}

/** OAuth 2.1 §7.5.1: for a confidential OpenID Connect client, `nonce` binds the code to who asked; the client must check it. */
function mayLeavePkceOut(form: Form, client: Client): boolean {
  const openid = text(form, 'scope')?.split(' ').includes('openid') === true
  const allowed = client.unsafeWithoutPkce && client.tokenEndpointAuthMethod !== 'none' && client.profile === 'oauth21'
  return allowed && openid && text(form, 'nonce') !== undefined
}

function responseTypeFault(form: Form, client: Client): OAuthError | undefined {
  const type = text(form, 'response_type')
  if (type === undefined) return new OAuthError('invalid_request', 'response_type is missing', { rule: 'OA-18' })
  if (type !== 'code') return new OAuthError('unsupported_response_type', 'response_type must be code', { rule: 'OA-18' })
  return client.grantTypes.includes('authorization_code')
    ? undefined
    : new OAuthError('unauthorized_client', 'this client may not use response_type code', { rule: 'OA-18' })
}

/** RFC 9101 §7: what is off is refused by name, not ignored. */
function unsupported(form: Form): OAuthError | undefined {
  if (form.has('request')) return new OAuthError('request_not_supported', 'request objects are not supported', { rule: 'JAR-11' })
  if (form.has('request_uri'))
    return new OAuthError('request_uri_not_supported', 'request_uri must be one that /par answered', { rule: 'JAR-11' })
  return undefined
}

/** A scope that nobody knows is ignored in an OpenID request (OIDC-04) and refused in any other (OA-25, OA-26). */
export function scopesOf(form: Form, client: Client, resources: ResourceCatalog): readonly string[] | OAuthError {
  const sent = text(form, 'scope')
  if (sent === undefined) return new OAuthError('invalid_scope', 'scope is missing and there is no default', { rule: 'OA-25' })
  const scopes = parseScope(sent)
  if (scopes instanceof OAuthError) return scopes
  const openid = scopes.includes('openid')
  // It asks for refresh tokens: of a client that may not have any it is ignored and shown to nobody (OIDC-25).
  const wanted = scopes.filter((scope) => scope !== 'offline_access' || client.grantTypes.includes('refresh_token'))
  const known = openid ? wanted.filter((scope) => resources.knowsScope(scope)) : wanted
  const refused = known.find((scope) => !resources.knowsScope(scope) || !client.scopes.includes(scope))
  return refused === undefined
    ? known
    : new OAuthError('invalid_scope', `scope ${refused} is unknown or not allowed to this client`, { rule: 'OA-26' })
}

function promptOf(form: Form, prompts: readonly Prompt[]): readonly Prompt[] | OAuthError {
  const sent = text(form, 'prompt')?.split(' ') ?? []
  const unknown = sent.find((one) => !prompts.some((known) => known === one))
  if (unknown !== undefined) return new OAuthError('invalid_request', `prompt ${unknown} is not supported`, { rule: 'OIDC-09' })
  if (sent.includes('none') && sent.length > 1)
    return new OAuthError('invalid_request', 'prompt none must stand alone', { rule: 'OIDC-11' })
  // Whoever makes an account has no other one to choose or to prove: what the rest would mean, nobody could say (OIDC-15).
  if (sent.includes('create') && sent.length > 1)
    return new OAuthError('invalid_request', 'prompt create must stand alone', { rule: 'OIDC-15' })
  return sent as Prompt[]
}

function maxAgeOf(form: Form, client: Client): number | OAuthError | undefined {
  const sent = text(form, 'max_age')
  if (sent === undefined) return client.defaultMaxAge
  return /^\d{1,9}$/.test(sent)
    ? Number(sent)
    : new OAuthError('invalid_request', 'max_age must be a whole number of seconds', { rule: 'OIDC-16' })
}

/** After `form.fault` was ruled out, a parameter is there or not. */
function text(form: Form, name: string): string | undefined {
  const value = form.one(name)
  return value instanceof OAuthError ? undefined : value
}
