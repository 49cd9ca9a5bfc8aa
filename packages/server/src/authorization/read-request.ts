import type { Form } from '@holdfast/protocol/form'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { tellerOf, type Witness } from '@holdfast/protocol/witness'
import type { Client } from '../config/client.ts'
import { underMessageSigning } from '../config/profile.ts'
import { withHintedSubject } from './hinted-subject.ts'
import { parseAuthorizationRequest, type ParsedRequest, responseTargetOf } from './parse.ts'
import type { RequestRules } from './rules.ts'

/** Reads an authorization request, signed or plain; PAR and the authorization endpoint share it (PAR-06). */
export async function readAuthorizationRequest(form: Form, client: Client, rules: RequestRules, witness?: Witness): Promise<ParsedRequest> {
  const tell = tellerOf('request object', witness)
  const needed = tell('signed where it must be', 'JAR-14', checkSigned(form, client, rules))
  if (needed !== undefined) return refusedOutside(form, client, needed)
  if (!form.has('request')) return parsed(form, client, rules, witness)
  const two = tell('no request_uri beside it', 'JAR-03', checkAlone(form))
  if (two !== undefined) return refusedOutside(form, client, two)
  const object = form.fault ?? form.one('request')
  const inside =
    typeof object === 'string' ? await rules.requestObjects.read(object, client, witness) : tell('form', 'OA-41', object ?? unsigned())
  if (inside instanceof OAuthError) return refusedOutside(form, client, inside)
  if (client.mergesRequestObject !== true) return parsed(inside, client, rules, witness)
  const wrong = tell('parameters outside it', 'OIDC-52', mergeFault(form, inside))
  if (wrong !== undefined) return refusedOutside(form, client, wrong)
  return parsed(inside.over(form, ['request']), client, rules, witness)
}

async function parsed(form: Form, client: Client, rules: RequestRules, witness: Witness | undefined): Promise<ParsedRequest> {
  const read = parseAuthorizationRequest(form, client, rules, witness)
  if ('refusal' in read) return read
  const request = await withHintedSubject(read.request, form, client, rules, witness)
  return request instanceof OAuthError ? { refusal: { to: 'client', error: request, target: read.request } } : { request }
}

function checkSigned(form: Form, client: Client, rules: RequestRules): OAuthError | undefined {
  return !form.has('request') && !form.has('request_uri') && mustBeSigned(client, rules) ? unsigned() : undefined
}

function checkAlone(form: Form): OAuthError | undefined {
  if (!form.has('request_uri')) return undefined
  return new OAuthError('invalid_request', 'request and request_uri must not be sent together (RFC 9101 §5)', { rule: 'JAR-03' })
}

/**
 * OpenID Connect Core §6.1, for clients that an operator marked (OIDC-52): outside stands a request that is complete by OAuth
 * 2.0 and says that it is one of OpenID Connect; what is inside wins, but may not say another `response_type`.
 */
function mergeFault(outside: Form, inside: Form): OAuthError | undefined {
  const fault = (description: string): OAuthError =>
    new OAuthError('invalid_request', `${description} (OpenID Connect Core §6.1)`, { rule: 'OIDC-52' })
  const missing = ['response_type', 'client_id', 'scope'].find((name) => !outside.has(name))
  if (missing !== undefined) return fault(`${missing} is missing outside the request object`)
  const scope = outside.one('scope')
  if (typeof scope !== 'string' || !scope.split(' ').includes('openid')) return fault('scope outside the request object must have openid')
  return inside.has('response_type') && inside.one('response_type') !== outside.one('response_type')
    ? fault('response_type inside the request object must be the one outside')
    : undefined
}

function mustBeSigned(client: Client, { requireSigned }: RequestRules): boolean {
  return requireSigned || client.requireSignedRequestObject || underMessageSigning(client)
}

function unsigned(): OAuthError {
  return new OAuthError('invalid_request', 'the request must be signed: send it as a request object (RFC 9101 §10.5)', { rule: 'JAR-14' })
}

/** The client is told by what stands outside the object, if that names where; else a page tells the person (JAR-11). */
function refusedOutside(form: Form, client: Client, error: OAuthError): ParsedRequest {
  const named = typeof form.one('redirect_uri') === 'string'
  const target = named ? responseTargetOf(form, client) : error
  return { refusal: target instanceof OAuthError ? { to: 'page', error } : { to: 'client', error, target } }
}
