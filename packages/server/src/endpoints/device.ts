import { Form } from '@holdfast/protocol/form'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { tellerOf } from '@holdfast/protocol/witness'
import type { Stored } from '@holdfast/store'
import { stillAllowed } from '../authorization/asked.ts'
import { type AuthorizationServer, endpointUrl } from '../authorization-server.ts'
import type { Client } from '../config/client.ts'
import { event } from '../events.ts'
import { checkCsrf, csrfToken } from '../interaction/csrf.ts'
import { permissionsOf, strangerOf } from '../interaction/steps/consent-page.ts'
import { refused } from '../interaction/steps/login.ts'
import { readUserCode, shownUserCode, userCodeIds } from '../interaction/user-code.ts'
import { attemptUserCode } from '../interaction/user-code-limit.ts'
import { DeviceConfirm, DeviceEntry } from '../pages/device.tsx'
import { renderPage, SELF } from '../pages/render.ts'
import type { DeviceRequestRecord } from '../records.ts'
import { sealedReference } from './answer-waiting.ts'
import { DEVICE_CODE_GRANT } from './device-authorization.ts'
import { errorPage, stylesheetHref } from './page.ts'
import { type SignedInPerson, signedInPerson } from './person.ts'
import { notFromHere, toSignIn, userCodeOf } from './sign-in.ts'

/** GET /device (RFC 8628 §3.3): asks for the code. It looks nothing up and answers nothing, whatever stands in the address (DEV-14). */
export async function showDevice(as: AuthorizationServer, http: HttpRequest): Promise<Reply> {
  const code = userCodeOf(http)
  const person = await signedInPerson(as, http)
  return person === undefined ? toSignIn(as, 'device', code) : entryPage(as, person, code === undefined ? '' : shownUserCode(code))
}

/** POST /device: the code that the person typed, and then the request it belongs to. Nothing is decided here. */
export async function enterUserCode(as: AuthorizationServer, http: HttpRequest): Promise<Reply> {
  const form = await Form.read(http)
  if (form instanceof OAuthError) return errorPage(as, http, form, 'This form could not be read', 'Go back and send it again.')
  const person = await signedInPerson(as, http)
  if (person === undefined) return toSignIn(as, 'device')
  const { session, account } = person
  const csrf = form.one('csrf')
  const expected = csrfToken(as.derived, session.id, 'device')
  const foreign = checkCsrf(http, typeof csrf === 'string' ? csrf : undefined, expected, as.origin)
  if (foreign !== undefined) return notFromHere(as, http, foreign)

  const now = as.clock.now()
  const attempt = await attemptUserCode(as.memory, { sessionId: session.id, subject: account.sub, address: http.clientAddress }, now)
  const tell = tellerOf('interaction', http.witness)
  const locked = tell('attempts left', 'DEV-13', attempt.allowed ? undefined : refused(TOO_MANY))
  if (locked !== undefined && !attempt.allowed) {
    if (attempt.first) await as.store.commit([event('device.entry_locked', now, { subject: account.sub }, { scope: attempt.scope })])
    return entryPage(as, person, '', { fault: TOO_MANY, status: 429 })
  }
  const typed = form.one('user_code')
  const code = typeof typed === 'string' ? readUserCode(typed) : undefined
  const waiting = code === undefined ? undefined : await waitingDevice(as, code, now)
  const found = tell('user_code', 'DEV-13', waiting ?? refused(UNKNOWN_CODE))
  if (code === undefined || found instanceof OAuthError)
    return entryPage(as, person, typeof typed === 'string' ? typed : '', { fault: UNKNOWN_CODE, status: 400 })
  if (attempt.allowed) await attempt.forgive()
  return confirmPage(as, http, person, code, found)
}

const TOO_MANY = 'Too many codes were wrong. Wait a quarter of an hour, then try again.'
const UNKNOWN_CODE = 'This code is not valid. Compare it with the one on your device; if it took long, let the device show a new one.'

interface Found {
  readonly request: Stored<DeviceRequestRecord>
  readonly client: Client
}

/** @returns undefined for a code that is unknown, answered, expired, or of a client that is gone: the person is told the same (DEV-13) */
async function waitingDevice(as: AuthorizationServer, code: string, now: number): Promise<Found | undefined> {
  for (const id of userCodeIds(as.derived, code)) {
    const entry = await as.store.read('user_code', id)
    const request = entry === undefined ? undefined : await as.store.read('device_request', entry.value.requestId)
    if (request === undefined || request.value.state !== 'pending' || request.value.endsAt <= now) continue
    const client = await as.clients.find(request.value.clientId)
    // What it may not have any more is not asked for either.
    if (client !== undefined && stillAllowed(request.value, DEVICE_CODE_GRANT, client.client, as.requestRules) === undefined)
      return { request, client: client.client }
  }
  return undefined
}

function entryPage(
  as: AuthorizationServer,
  { session }: SignedInPerson,
  userCode: string,
  failed?: { readonly fault: string; readonly status: number },
): Reply {
  const page = DeviceEntry({
    action: endpointUrl(as.issuer, '/device'),
    csrf: csrfToken(as.derived, session.id, 'device'),
    stylesheetHref: stylesheetHref(as),
    userCode,
    fault: failed?.fault,
  })
  return renderPage(page, { status: failed?.status ?? 200, formAction: [SELF] })
}

function confirmPage(
  as: AuthorizationServer,
  http: HttpRequest,
  { session, account }: SignedInPerson,
  code: string,
  { request, client }: Found,
): Reply {
  const { id, value } = request
  const page = DeviceConfirm({
    action: endpointUrl(as.issuer, '/device/decision'),
    csrf: csrfToken(as.derived, session.id, `device ${id}`),
    request: sealedReference(as, 'device', id, session.id),
    stylesheetHref: stylesheetHref(as),
    clientName: client.clientName,
    stranger: strangerOf(client),
    subjectName: account.displayName,
    userCode: shownUserCode(code),
    address: value.address,
    sameAddress: value.address !== '' && value.address === http.clientAddress,
    requestedAt: new Date(value.requestedAt * 1000),
    permissions: permissionsOf(value.scopes, as.resources),
    details: as.requestRules.details.words(value.authorizationDetails),
  })
  return renderPage(page, { status: 200, formAction: [SELF] })
}
