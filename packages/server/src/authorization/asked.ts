import type { AuthorizationDetail } from '@holdfast/protocol/authorization-details'
import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { matchRedirectUri, type ValidRedirectUri } from '@holdfast/protocol/redirect-uri'
import { firstBeyond } from '@holdfast/protocol/scope'
import { firstRefusal, type NamedCheck, tellerOf, type Witness } from '@holdfast/protocol/witness'
import type { Client } from '../config/client.ts'
import { requestedDetails } from '../tokens/authorization-details.ts'
import { REQUEST, resourcesOf, scopesOf } from './parse.ts'
import type { RequestRules } from './rules.ts'

/** What a client asks a person to allow, where there is no authorization request (RFC 8628 §3.1, CIBA Core §7.1). */
export interface Asked {
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  readonly authorizationDetails: readonly AuthorizationDetail[]
}

/** By the rules of the authorization endpoint: no grant is a way around them (A39, A40). */
export function parseAsked(
  form: Form,
  client: Client,
  { resources: catalog, details }: RequestRules,
  witness?: Witness,
): Asked | OAuthError {
  const tell = tellerOf(REQUEST, witness)
  const resources = tell('resource', 'RES-01', resourcesOf(form, client, catalog))
  if (resources instanceof OAuthError) return resources
  const authorizationDetails = tell('authorization_details', 'RAR-02', requestedDetails(form, client, details) ?? [])
  if (authorizationDetails instanceof OAuthError) return authorizationDetails
  const without = authorizationDetails.length > 0 && !form.has('scope')
  const scopes = tell('scope', 'OA-26', without ? [] : scopesOf(form, client, catalog))
  return scopes instanceof OAuthError ? scopes : { scopes, resources, authorizationDetails }
}

/** The same rules again when the person answers: the client may be allowed less by then (A39). */
export function stillAllowed(
  asked: Asked,
  grantType: string,
  client: Client,
  rules: RequestRules,
  witness?: Witness,
): OAuthError | undefined {
  return firstRefusal(REQUEST, stillChecks, { asked, grantType, client, rules }, witness)
}

interface Waited {
  readonly asked: Asked
  readonly grantType: string
  readonly client: Client
  readonly rules: RequestRules
}

const stillChecks: readonly NamedCheck<Waited, OAuthError>[] = [
  { name: 'grant_type still allowed', rule: 'DEV-30', check: checkGrantType },
  { name: 'scope still allowed', rule: 'OA-26', check: checkScopes },
  {
    name: 'resource still allowed',
    rule: 'RES-01',
    check: ({ asked, client, rules }) => rules.resources.checkRequested(asked.resources, client),
  },
  {
    name: 'authorization_details still allowed',
    rule: 'RAR-02',
    check: ({ asked, client, rules }) => rules.details.check(asked.authorizationDetails, client),
  },
]

function checkGrantType({ grantType, client }: Waited): OAuthError | undefined {
  if (!client.grantTypes.includes(grantType))
    return new OAuthError('unauthorized_client', `this client may not use grant_type ${grantType} any more`, { rule: 'DEV-30' })
  return undefined
}

function checkScopes({ asked, client, rules }: Waited): OAuthError | undefined {
  const scope = firstBeyond(asked.scopes, client.scopes) ?? asked.scopes.find((one) => !rules.resources.knowsScope(one))
  if (scope !== undefined)
    return new OAuthError('invalid_scope', `scope ${scope} is not allowed to this client any more`, { rule: 'OA-26' })
  return undefined
}

/** Whether a request that was read a while ago may still be answered there. Where not, nobody is told by redirect (OA-11). */
export function stillRedirects(redirectUri: ValidRedirectUri, client: Client): OAuthError | undefined {
  if (matchRedirectUri(redirectUri, client.redirectUris, client.applicationType === 'native') !== undefined) return undefined
  return new OAuthError('invalid_request', 'redirect_uri is not one of this client any more', { rule: 'OA-11' })
}
