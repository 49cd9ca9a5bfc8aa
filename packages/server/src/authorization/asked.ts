import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { matchRedirectUri, type ValidRedirectUri } from '@holdfast/protocol/redirect-uri'
import { parseResources } from '@holdfast/protocol/resource'
import { firstBeyond } from '@holdfast/protocol/scope'
import type { Client } from '../config/client.ts'
import { requestedDetails } from '../tokens/authorization-details.ts'
import { scopesOf } from './parse.ts'
import type { RequestRules } from './rules.ts'

/** What a client asks a person to allow, where there is no authorization request (RFC 8628 §3.1, CIBA Core §7.1). */
export interface Asked {
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  readonly authorizationDetails: readonly AuthorizationDetail[]
}

/** By the rules of the authorization endpoint: no grant is a way around them (A39, A40). */
export function parseAsked(form: Form, client: Client, { resources: catalog, details }: RequestRules): Asked | OAuthError {
  const resources = parseResources(form.all('resource'))
  if (resources instanceof OAuthError) return resources
  const fault = catalog.checkRequested(resources, client)
  if (fault !== undefined) return fault
  const authorizationDetails = requestedDetails(form, client, details) ?? []
  if (authorizationDetails instanceof OAuthError) return authorizationDetails
  const scopes = authorizationDetails.length > 0 && !form.has('scope') ? [] : scopesOf(form, client, catalog)
  return scopes instanceof OAuthError ? scopes : { scopes, resources, authorizationDetails }
}

/** The same rules again when the person answers: the client may be allowed less by then (A39). */
export function stillAllowed(asked: Asked, grantType: string, client: Client, rules: RequestRules): OAuthError | undefined {
  if (!client.grantTypes.includes(grantType))
    return new OAuthError('unauthorized_client', `this client may not use grant_type ${grantType} any more`, { rule: 'DEV-30' })
  const scope = firstBeyond(asked.scopes, client.scopes) ?? asked.scopes.find((one) => !rules.resources.knowsScope(one))
  if (scope !== undefined)
    return new OAuthError('invalid_scope', `scope ${scope} is not allowed to this client any more`, { rule: 'OA-26' })
  return rules.resources.checkRequested(asked.resources, client) ?? rules.details.check(asked.authorizationDetails, client)
}

/** Whether a request that was read a while ago may still be answered there. Where not, nobody is told by redirect (OA-11). */
export function stillRedirects(redirectUri: ValidRedirectUri, client: Client): OAuthError | undefined {
  if (matchRedirectUri(redirectUri, client.redirectUris, client.applicationType === 'native') !== undefined) return undefined
  return new OAuthError('invalid_request', 'redirect_uri is not one of this client any more', { rule: 'OA-11' })
}
