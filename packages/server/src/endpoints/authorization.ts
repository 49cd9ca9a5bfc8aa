import { Form } from '@holdfast/protocol/form'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { parseHandle, secretMatches } from '@holdfast/protocol/secret'
import { readAuthorizationRequest } from '../authorization/read-request.ts'
import type { AuthorizationRequest } from '../authorization/request.ts'
import { type AuthorizationServer, endpointUrl } from '../authorization-server.ts'
import type { FoundClient } from '../client-authentication/clients.ts'
import { seeOther } from './answer.ts'
import { outdated } from './outdated.ts'
import { errorPage } from './page.ts'
import { proceed } from './proceed.ts'
import type { Opened } from './purpose.ts'
import { telling } from './telling.ts'
import { newPushedRequest, REQUEST_URI_PREFIX } from './pushed-authorization.ts'

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
    if (pushed instanceof OAuthError) return expiredPage(as, request, pushed)
    const over = await outdated(as, request, found.client, pushed.request)
    if (over !== undefined) return over
    return (await withoutCookies(as, request)) ? again(as, clientId, requestUri) : begin(as, request, { client: found, ...pushed })
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
  const opened: Opened = { client: found, request: parsed.request, pushedRequestId: undefined }
  if (!(await withoutCookies(as, request))) return begin(as, request, opened)
  const { answer, insert } = newPushedRequest(as, clientId, parsed.request, as.clock.now())
  return telling(as, opened, async () => {
    await as.store.commit([insert])
    return again(as, clientId, answer.request_uri)
  })
}

/**
 * Whether this may be a form of the client's own site, which browsers send without our cookie (SameSite=Lax). Taken for a
 * browser without a session, it would be given a new one in place of the one it has: any site could sign people out.
 */
async function withoutCookies(as: AuthorizationServer, request: HttpRequest): Promise<boolean> {
  return request.method === 'POST' && (await as.sessions.of(request, as.clock.now())) === undefined
}

/** The same once more by GET, to which the cookie goes along. */
function again(as: AuthorizationServer, clientId: string, requestUri: string): Reply {
  const query = new URLSearchParams({ client_id: clientId, request_uri: requestUri })
  return seeOther(`${endpointUrl(as.issuer, '/authorize')}?${query.toString()}`)
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
  return { request: record.value.request, pushedRequestId: record.id }
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
