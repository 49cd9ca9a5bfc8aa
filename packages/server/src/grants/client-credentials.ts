import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { parseResources } from '@holdfast/protocol/resource'
import { firstBeyond, parseScope } from '@holdfast/protocol/scope'
import { tellerOf } from '@holdfast/protocol/witness'
import {
  accessToken,
  type AuthenticatedClient,
  type Client,
  type DecideInput,
  type Decision,
  defineGrant,
  detailsFault,
  OPENID_SCOPES,
  type Policy,
  refuse,
  type RegisteredGrant,
  type Target,
} from './open.ts'

interface Params {
  /** Undefined: whatever the client is registered for at the resource. */
  readonly scopes: readonly string[] | undefined
  readonly resources: readonly string[]
}

/**
 * A client that acts for itself: it is the subject of its token, no person is involved, and nothing is refreshed,
 * since it can ask again whenever it likes.
 */
export const clientCredentials: RegisteredGrant = defineGrant<Params, undefined>({
  type: 'client_credentials',
  spec: 'OAuth 2.1 §4.2',
  parse,
  load: () => Promise.resolve(undefined),
  decide,
})

function parse(form: Form): Params | OAuthError {
  const scope = form.one('scope')
  if (scope instanceof OAuthError) return scope
  const scopes = scope === undefined ? undefined : parseScope(scope)
  if (scopes instanceof OAuthError) return scopes
  const resources = parseResources(form.all('resource'))
  if (resources instanceof OAuthError) return resources
  return detailsFault(form) ?? { scopes, resources }
}

/** Exported for its tests, which tell it facts as literals. */
export function decide({ params, client, binding, policy, ambient, witness }: DecideInput<Params, undefined>): Decision {
  const { clientId } = client.client
  const tell = tellerOf('client', witness)
  const unproven = tell('authenticated', 'OA-56', checkProven(client))
  if (unproven !== undefined) return refuse(unproven)
  const scopes = tell('scope', 'OA-26', scopesOf(params, client.client))
  if (scopes instanceof OAuthError) return refuse(scopes)
  const target = tell('resource', 'TOK-09', targetOf(params, scopes, client.client, policy))
  if (target instanceof OAuthError) return refuse(target)
  const about = { subject: clientId, grantId: undefined, authentication: undefined }
  const { audience } = target
  return {
    answer: accessToken({ client: client.client, binding, now: ambient.now }, target, about),
    changes: [],
    counted: { grantType: 'client_credentials', clientId, audience, scopes: target.scopes },
  }
}

/** Registration refuses such a client too; a token for whoever knows a name must not hang on that alone. */
function checkProven({ method }: AuthenticatedClient): OAuthError | undefined {
  if (method !== 'none') return undefined
  return new OAuthError('unauthorized_client', 'a public client cannot use client_credentials (OAuth 2.1 §4.2)', { rule: 'OA-56' })
}

/** What is registered bounds what is asked (A38); scopes that tell of a person have nobody to tell of. */
function scopesOf({ scopes }: Params, client: Client): readonly string[] | OAuthError {
  const registered = client.scopes.filter((scope) => !OPENID_SCOPES.includes(scope))
  if (scopes === undefined) return registered
  const personal = scopes.find((scope) => OPENID_SCOPES.includes(scope))
  if (personal !== undefined)
    return new OAuthError('invalid_scope', `scope ${personal} is about a person, and client_credentials has none`, { rule: 'OA-56' })
  const beyond = firstBeyond(scopes, registered)
  return beyond === undefined
    ? scopes
    : new OAuthError('invalid_scope', `scope ${beyond} is not registered for this client`, { rule: 'OA-26' })
}

/** One resource for each token, as everywhere: the one named, the only one registered, or the one that the scopes belong to. */
function targetOf(params: Params, scopes: readonly string[], client: Client, policy: Policy): Target | OAuthError {
  const only = client.resources?.length === 1 ? client.resources : []
  // The client itself grants what it is registered for, so what it names counts as granted; the catalog checks that it may name it.
  const target = policy.resources.target(params.resources, params.resources.length > 0 ? params.resources : only, scopes, client)
  if (target instanceof OAuthError) return target
  if (target.audience.includes(policy.issuer))
    return new OAuthError('invalid_target', 'name a resource: the issuer itself has nothing for a client without a person', {
      rule: 'TOK-09',
    })
  // Without scopes a token says no more than who it is for: only where the operator listed this very resource.
  const listed = target.audience.every((one) => client.resources?.includes(one))
  if (target.scopes.length === 0 && (params.scopes !== undefined || !listed))
    return new OAuthError('invalid_scope', 'none of the scopes belongs to the resource', { rule: 'RES-05' })
  return target
}
