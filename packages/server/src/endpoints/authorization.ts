import { Form } from '@holdfast/protocol/form'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { parseHandle, secretMatches } from '@holdfast/protocol/secret'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { firstRefusal, type NamedCheck, tellerOf, type Witness, witnessed } from '@holdfast/protocol/witness'
import type { Stored } from '@holdfast/store'
import { REQUEST } from '../authorization/parse.ts'
import { readAuthorizationRequest } from '../authorization/read-request.ts'
import type { AuthorizationRequest } from '../authorization/request.ts'
import { type AuthorizationServer, endpointUrl } from '../authorization-server.ts'
import type { FoundClient } from '../client-authentication/clients.ts'
import type { Client } from '../config/client.ts'
import type { PushedRequestRecord } from '../records.ts'
import { clientHash } from '../interaction/consent-record.ts'
import { seeOther } from './answer.ts'
import { outdated } from './outdated.ts'
import { errorPage } from './page.ts'
import { proceed } from './proceed.ts'
import type { Opened } from './purpose.ts'
import { telling } from './telling.ts'
import { newPushedRequest, REQUEST_URI_PREFIX } from './pushed-authorization.ts'

/** GET and POST /authorize (OAuth 2.1 §3.1). What is wrong before the redirect URI is known good ends on a page of ours. */
export async function authorization(as: AuthorizationServer, request: HttpRequest): Promise<Reply> {
  const { witness } = request
  const tell = tellerOf('request', witness)
  const form = tell('form', 'OA-07', request.method === 'POST' ? await Form.read(request) : Form.parse(request.query))
  if (form instanceof OAuthError) return brokenPage(as, request, form)
  const clientId = tell('client_id', 'OA-09', form.need('client_id'))
  if (clientId instanceof OAuthError) return brokenPage(as, request, clientId)
  const found = tellerOf('client', witness)('known', 'OA-09', (await as.clients.find(clientId)) ?? unknownClient(clientId))
  if (found instanceof OAuthError) return brokenPage(as, request, found)

  const requestUri = form.one('request_uri')
  if (requestUri instanceof OAuthError) return brokenPage(as, request, tell('request_uri', 'OA-41', requestUri))
  if (requestUri?.startsWith(REQUEST_URI_PREFIX) === true) {
    const pushed = await pushedRequest(as, requestUri, found, witness)
    if (pushed instanceof OAuthError) return expiredPage(as, request, pushed)
    const over = await outdated(as, request, found.client, pushed.request, clientHash(found.client), witness)
    if (over !== undefined) return over
    return (await withoutCookies(as, request)) ? again(as, clientId, requestUri) : begin(as, request, { client: found, ...pushed })
  }

  const parsed = await readAuthorizationRequest(form, found.client, as.requestRules, witness)
  if ('refusal' in parsed) {
    const { refusal } = parsed
    if (refusal.to === 'page') return brokenPage(as, request, refusal.error)
    as.refusals.count(refusal.error, 'authorize', clientId, request.clientAddress)
    return as.responses.refuse(found.client, refusal.target, refusal.error)
  }
  const unpushed = witnessed(witness, { about: REQUEST, check: 'pushed where it must be', rule: 'PAR-20' }, checkPushed(as, found))
  if (unpushed !== undefined) {
    as.refusals.count(unpushed, 'authorize', clientId, request.clientAddress)
    return as.responses.refuse(found.client, parsed.request, unpushed)
  }
  const opened: Opened = { client: found, request: parsed.request, pushedRequestId: undefined }
  if (!(await withoutCookies(as, request))) return begin(as, request, opened)
  const { answer, insert } = newPushedRequest(as, clientId, parsed.request, as.clock.now())
  return telling(as, opened, async () => {
    await as.store.commit([insert])
    return again(as, clientId, answer.request_uri)
  })
}

function unknownClient(clientId: string): OAuthError {
  return new OAuthError('invalid_request', 'client_id is unknown', { rule: 'OA-09', detail: clientId })
}

function checkPushed({ requestRules }: AuthorizationServer, { client }: FoundClient): OAuthError | undefined {
  if (!client.requirePushedAuthorizationRequests && !requestRules.requirePushed) return undefined
  return new OAuthError('invalid_request', 'the request must be pushed to /par first (RFC 9126 §5)', { rule: 'PAR-20' })
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
  witness: Witness | undefined,
): Promise<{ readonly request: AuthorizationRequest; readonly pushedRequestId: string } | OAuthError> {
  const handle = parseHandle(requestUri.slice(REQUEST_URI_PREFIX.length))
  const record = handle === undefined ? undefined : await as.store.read('pushed_request', handle.id)
  const known = secretMatches(handle?.secret ?? '', record?.value.secretHash) ? record : undefined
  const pushed = tellerOf('request_uri', witness)('known', 'PAR-15', known ?? gone())
  if (pushed instanceof OAuthError) return pushed
  const fault = firstRefusal('request_uri', pushedChecks, { pushed, client, now: as.clock.now() }, witness)
  return fault ?? { request: pushed.value.request, pushedRequestId: pushed.id }
}

interface Used {
  readonly pushed: Stored<PushedRequestRecord>
  readonly client: Client
  readonly now: EpochSeconds
}

/** Exported for tests, which take one out. One that was used is not there any more. */
export const pushedChecks: readonly NamedCheck<Used, OAuthError>[] = [
  { name: 'not expired', rule: 'PAR-15', check: ({ pushed, now }) => ((pushed.expiresAt ?? 0) <= now ? gone() : undefined) },
  { name: 'of this client', rule: 'PAR-16', check: checkClient },
]

function checkClient({ pushed: record, client }: Used): OAuthError | undefined {
  if (record.value.clientId !== client.clientId)
    return new OAuthError('invalid_request_uri', 'request_uri was pushed by another client', { rule: 'PAR-16' })
  return undefined
}

function gone(): OAuthError {
  return new OAuthError('invalid_request_uri', 'request_uri is unknown, used or expired', { rule: 'PAR-15' })
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
