import { Form } from '@holdfast/protocol/form'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { parseHandle, secretMatches } from '@holdfast/protocol/secret'
import { readAuthorizationRequest } from '../authorization/read-request.ts'
import type { AuthorizationRequest } from '../authorization/request.ts'
import { resumeFault } from '../authorization/resume.ts'
import type { AuthorizationServer } from '../authorization-server.ts'
import type { FoundClient } from '../client-authentication/clients.ts'
import { errorPage } from './page.ts'
import { type Opened, proceed, telling } from './proceed.ts'
import { REQUEST_URI_PREFIX } from './pushed-authorization.ts'

/** GET and POST /authorize (OAuth 2.1 §3.1). What is wrong before the redirect URI is known good ends on a page of ours. */
export async function authorization(as: AuthorizationServer, request: HttpRequest): Promise<Reply> {
  const form = request.method === 'POST' ? await Form.read(request) : Form.parse(request.query)
  if (form instanceof OAuthError) return brokenPage(as, request, form)
  const clientId = form.need('client_id')
  if (clientId instanceof OAuthError) return brokenPage(as, request, clientId)
  const found = await as.clients.find(clientId)
  if (found === undefined)
    return brokenPage(as, request, new OAuthError('invalid_request', 'client_id is unknown', { rule: 'OA-09', detail: clientId }))

  const requestUri = form.one('request_uri')
  if (requestUri instanceof OAuthError) return brokenPage(as, request, requestUri)
  if (requestUri?.startsWith(REQUEST_URI_PREFIX) === true) {
    const pushed = await pushedRequest(as, requestUri, found)
    return pushed instanceof OAuthError ? expiredPage(as, request, pushed) : begin(as, request, { client: found, ...pushed })
  }

  const parsed = await readAuthorizationRequest(form, found.client, as.requestRules)
  if ('refusal' in parsed) {
    const { refusal } = parsed
    if (refusal.to === 'page') return brokenPage(as, request, refusal.error)
    as.refusals.count(refusal.error, 'authorize', clientId, request.clientAddress)
    return as.responses.refuse(found.client, refusal.target, refusal.error)
  }
  if (found.client.requirePushedAuthorizationRequests || as.requestRules.requirePushed) {
    const error = new OAuthError('invalid_request', 'the request must be pushed to /par first (RFC 9126 §5)', { rule: 'PAR-20' })
    as.refusals.count(error, 'authorize', clientId, request.clientAddress)
    return as.responses.refuse(found.client, parsed.request, error)
  }
  return begin(as, request, { client: found, request: parsed.request, pushedRequestId: undefined })
}

function begin(as: AuthorizationServer, http: HttpRequest, opened: Opened): Promise<Reply> {
  return telling(as, opened, () => proceed(as, http, opened))
}

/** RFC 9126 §4. Other parameters of the URL are not looked at: the client did not vouch for them (PAR-19). */
async function pushedRequest(
  as: AuthorizationServer,
  requestUri: string,
  { client }: FoundClient,
): Promise<{ readonly request: AuthorizationRequest; readonly pushedRequestId: string } | OAuthError> {
  const handle = parseHandle(requestUri.slice(REQUEST_URI_PREFIX.length))
  const record = handle === undefined ? undefined : await as.store.read('pushed_request', handle.id)
  const known = secretMatches(handle?.secret ?? '', record?.value.secretHash)
  if (!known || record === undefined || (record.expiresAt ?? 0) <= as.clock.now()) {
    return new OAuthError('invalid_request_uri', 'request_uri is unknown, used or expired', { rule: 'PAR-15' })
  }
  if (record.value.clientId !== client.clientId)
    return new OAuthError('invalid_request_uri', 'request_uri was pushed by another client', { rule: 'PAR-16' })
  const { request } = record.value
  return resumeFault(request, client, as.requestRules) ?? { request, pushedRequestId: record.id }
}

function brokenPage(as: AuthorizationServer, request: HttpRequest, error: OAuthError): Reply {
  return errorPage(
    as,
    request,
    error,
    'This sign-in link does not work',
    'The application that sent you here made a mistake in its request. Nothing was shared with it. Go back to the application and try again; if it happens again, tell its makers.',
  )
}

function expiredPage(as: AuthorizationServer, request: HttpRequest, error: OAuthError): Reply {
  return errorPage(
    as,
    request,
    error,
    'This sign-in request is over',
    'It was used already, or it took too long. Go back to the application and start again.',
  )
}
