import type { Form } from '@holdfast/protocol/form'
import { json, type HttpRequest, type Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { formatHandle, newRecordId, newSecret, secretHash } from '@holdfast/protocol/secret'
import { tellerOf } from '@holdfast/protocol/witness'
import { REQUEST } from '../authorization/parse.ts'
import { readAuthorizationRequest } from '../authorization/read-request.ts'
import type { AuthorizationRequest } from '../authorization/request.ts'
import type { AuthorizationServer } from '../authorization-server.ts'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { ServerChange } from '../records.ts'
import { checkSameKey } from '../tokens/bind.ts'
import type { SenderConstraint } from '../tokens/sender-constraint.ts'
import { tokenError } from './answer.ts'
import { type Attempt, type ClientRequest, receive, settle } from './client-request.ts'

/** RFC 9126 §2.2: what our references start with. */
export const REQUEST_URI_PREFIX = 'urn:ietf:params:oauth:request_uri:'

/** POST /par (RFC 9126 §2). */
export async function pushedAuthorization(as: AuthorizationServer, request: HttpRequest): Promise<Reply> {
  const received = await receive(as, request, 'par')
  if ('status' in received) return received
  const headers = as.dpop.headers(request, received.now)
  const binding = as.dpop.check(request, '/par', received.now)
  const asked = binding instanceof OAuthError ? binding : await requested(as, received, binding)
  return settle(as, received, binding instanceof OAuthError ? undefined : binding, () => {
    if (!(asked instanceof OAuthError)) return pushed(as, received, asked, headers)
    as.refusals.count(asked, 'par', received.client.client.clientId, request.clientAddress)
    return { reply: tokenError(request, asked, headers), changes: [] }
  })
}

/** The request as the authorization endpoint would check it; a proof on the push binds the code to its key (RFC 9449 §10.1). */
async function requested(
  as: AuthorizationServer,
  { request: { witness }, form, client }: ClientRequest,
  binding: SenderConstraint | undefined,
): Promise<AuthorizationRequest | OAuthError> {
  const tell = tellerOf(REQUEST, witness)
  const again = tell('no request_uri', 'PAR-05', checkNotPushed(form))
  if (again !== undefined) return again
  const clientId = tell('client_id', 'PAR-03', form.need('client_id'))
  if (clientId instanceof OAuthError) return clientId
  const parsed = await readAuthorizationRequest(form, client.client, as.requestRules, witness)
  if ('refusal' in parsed) return parsed.refusal.error
  const request = { ...parsed.request, instance: client.instance }
  if (binding?.jkt === undefined) return request
  return checkSameKey(request, binding, witness) ?? { ...request, dpopJkt: binding.jkt }
}

function checkNotPushed(form: Form): OAuthError | undefined {
  if (!form.has('request_uri')) return undefined
  return new OAuthError('invalid_request', 'request_uri must not be pushed (RFC 9126 §2.1)', { rule: 'PAR-05' })
}

function pushed(
  as: AuthorizationServer,
  { client, now }: ClientRequest,
  request: AuthorizationRequest,
  headers: Reply['headers'],
): Attempt {
  const { answer, insert } = newPushedRequest(as, client.client.clientId, request, now)
  return { reply: json(201, answer, headers), changes: [insert] }
}

/** A reference to a request, for one browser within its lifetime (RFC 9126 §2.2). */
export function newPushedRequest(
  { lifetimes }: AuthorizationServer,
  clientId: string,
  request: AuthorizationRequest,
  now: EpochSeconds,
): { readonly answer: { readonly request_uri: string; readonly expires_in: number }; readonly insert: ServerChange } {
  const id = newRecordId()
  const secret = newSecret()
  const lifetime = lifetimes.pushedRequest
  const value = { secretHash: secretHash(secret), clientId, request }
  return {
    answer: { request_uri: REQUEST_URI_PREFIX + formatHandle({ id, secret }), expires_in: lifetime },
    insert: { op: 'insert', kind: 'pushed_request', id, value, expiresAt: now + lifetime },
  }
}
