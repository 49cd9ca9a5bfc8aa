import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { OAuthError, type OAuthErrorCode } from '@holdfast/protocol/oauth-error'
import { formatHandle, newRecordId, newSecret, secretHash } from '@holdfast/protocol/secret'
import { type Finding, tellerOf, type Witness, witnessed } from '@holdfast/protocol/witness'
import { newCode } from '../authorization/code.ts'
import { REQUEST } from '../authorization/parse.ts'
import { type AuthorizationServer, endpointUrl } from '../authorization-server.ts'
import { clientHash } from '../interaction/consent-record.ts'
import { nextStep, type StepName } from '../interaction/next-step.ts'
import type { InteractionRecord, ServerChange } from '../records.ts'
import { sessionState, stateCookie } from '../sessions/browser-state.ts'
import { sessionClient } from '../sessions/session-clients.ts'
import type { Session } from '../sessions/session.ts'
import { seeOther } from './answer.ts'
import { LastAttempt } from './last-attempt.ts'
import { errorPage } from './page.ts'
import { isVisit, loadState, type Opened, type Purpose } from './purpose.ts'
import { withCookies } from './telling.ts'
import { wayBack } from './way-back.ts'

/** How often a commit is tried again that another one overtook. */
const TRIES = 3

/** The start: answers at once when nothing is needed of the person, else opens an interaction and leads to its page. */
export async function proceed(as: AuthorizationServer, http: HttpRequest, opened: Opened): Promise<Reply> {
  const last = new LastAttempt(http.witness)
  try {
    return await proceeded(as, http, opened, last, TRIES)
  } finally {
    last.end()
  }
}

async function proceeded(as: AuthorizationServer, http: HttpRequest, opened: Opened, last: LastAttempt, tries: number): Promise<Reply> {
  const witness = last.begin()
  const tell = tellerOf('interaction', witness)
  const here = await as.sessions.all(http, as.clock.now())
  const { state } = await loadState(as, opened, here, undefined)
  const step = nextStep(state)
  if (step === undefined && state.person !== undefined) {
    const again = (): Promise<Reply> =>
      tries > 1 ? proceeded(as, http, opened, last, tries - 1) : Promise.resolve(overtaken(as, http, opened, witness))
    return issueCode(as, http, opened, state.person.session, { also: state.requested?.standing ?? [], again, witness })
  }
  const silent = step !== undefined && opened.request.prompt.includes('none')
  const asking = silent ? refusalOf(step, 'the person would have to be asked, and prompt is none') : undefined
  const refused =
    tell('nobody asked with prompt none', 'OIDC-10', asking) ??
    tell('acr can be reached', 'STEP-12', step?.name === 'unmet' ? unmet() : undefined)
  if (refused !== undefined) return as.responses.refuse(opened.client.client, opened.request, refused)
  return openInteraction(as, http, opened, here)
}

/** @param http the browser; `here` its sessions, one of which the interaction belongs to */
export async function openInteraction(
  as: AuthorizationServer,
  http: HttpRequest,
  purpose: Purpose,
  here: readonly Session[],
): Promise<Reply> {
  const now = as.clock.now()
  const browser = here.length === 0 ? as.sessions.open(http, now, here) : undefined
  const session = browser ?? (here[0] as Session)
  const id = newRecordId()
  const secret = newSecret()
  const value: InteractionRecord = {
    secretHash: secretHash(secret),
    sessionId: session.id,
    browser: session.value.browser,
    signedInAt: undefined,
    ...(isVisit(purpose)
      ? { visit: purpose }
      : { request: purpose.request, pushedRequestId: purpose.pushedRequestId, clientHash: clientHash(purpose.client.client) }),
  }
  await as.store.commit([
    ...(browser?.changes ?? []),
    { op: 'insert', kind: 'interaction', id, value, expiresAt: now + as.lifetimes.interaction },
  ])
  return seeOther(
    endpointUrl(as.issuer, `/interaction/${formatHandle({ id, secret })}`),
    browser === undefined ? {} : { 'set-cookie': browser.cookie },
  )
}

/**
 * The answer to the client: a code, a grant under it, and the end of the request it came from, in one commit.
 * The pushed request is required and deleted, so of two tabs that finish the same one only the first succeeds (PAR-17).
 *
 * @param on what is written with it, and the way on where consent or session moved meanwhile: the person may have taken it back, or left
 */
export async function issueCode(
  as: AuthorizationServer,
  http: HttpRequest,
  opened: Opened,
  session: Session,
  on: { readonly also: readonly ServerChange[]; readonly again: () => Reply | Promise<Reply>; readonly witness: Witness | undefined },
  headers: Reply['headers'] = {},
): Promise<Reply> {
  const { request } = opened
  let current: Session | undefined = session
  for (let tries = 0; tries < TRIES && current !== undefined; tries++) {
    const { code, changes } = codeFor(as, opened, current)
    // Made before the commit: an answer that cannot be signed or encrypted costs nothing.
    const answer = await as.responses.answer(
      opened.client.client,
      request,
      { code, ...sessionState(as, request, current.value) },
      withCookies(headers, stateCookie(as, current.value, as.clock.now())),
    )
    const outcome = await as.store.commit([
      ...changes,
      ...spent(opened),
      ...opened.client.require,
      ...as.sessions.used(current, as.clock.now()),
      // Logout tokens say who it was: only who was told that at the sign-in is told.
      ...(request.scopes.includes('openid') ? await sessionClient(as, opened.client.client, current, as.clock.now()) : []),
      ...on.also,
    ])
    if (outcome === 'committed') {
      witnessed(on.witness, notUsed(opened), undefined)
      return answer
    }
    if (outcome.conflict.kind === 'consent') return on.again()
    // Another tab noted this client in the same session first.
    if (outcome.conflict.kind === 'session_client') continue
    // Another tab moved the session's idle end; or the person signed out, or in anew: then it is looked at again from the start.
    if (outcome.conflict.kind !== 'session') break
    current = await as.sessions.again(current)
  }
  return current === undefined ? on.again() : overtaken(as, http, opened, on.witness)
}

/** A code for whoever is signed in. */
function codeFor(as: AuthorizationServer, { request }: Opened, session: Session): ReturnType<typeof newCode> {
  const { subject, authTime, sid, amr } = session.value
  if (subject === undefined || authTime === undefined) throw new Error('a code is issued for a signed-in session only')
  const lifetime = as.lifetimes.authorizationCode
  const authorizationDetails = as.requestRules.details.granted(request.authorizationDetails, { subject, clientId: request.clientId })
  const asked = { ...request, authorizationDetails }
  const acr = as.authentication.achieved(amr, request.acrValues)
  return newCode(asked, request.redirectUri, { subject, sid, authTime, acr, amr }, { now: as.clock.now(), lifetime })
}

/** The request is over without a code: the client is told why. */
export async function refuse(
  as: AuthorizationServer,
  http: HttpRequest,
  opened: Opened,
  error: OAuthError,
  also: readonly ServerChange[],
): Promise<Reply> {
  const outcome = await as.store.commit([...spent(opened), ...also])
  return outcome === 'committed'
    ? as.responses.refuse(opened.client.client, opened.request, error)
    : overtaken(as, http, opened, http.witness)
}

/** What the client is told when a step is in the way that nobody can or may take. */
export function refusalOf({ name, silent }: { readonly name: StepName; readonly silent: OAuthErrorCode }, otherwise: string): OAuthError {
  if (name === 'unmet') return unmet()
  if (name === 'other-person')
    return new OAuthError('login_required', 'another person signed in than the one that the request names', { rule: 'OIDC-18' })
  return new OAuthError(silent, otherwise, { rule: 'OIDC-10' })
}

function unmet(): OAuthError {
  return new OAuthError(
    'unmet_authentication_requirements',
    'the person has no way to sign in that reaches the acr asked for: see acr_values_supported, and the factors at /account',
    { rule: 'STEP-12' },
  )
}

function spent({ pushedRequestId }: Opened): readonly ServerChange[] {
  if (pushedRequestId === undefined) return []
  return [
    { op: 'require', kind: 'pushed_request', id: pushedRequestId, expected: 1 },
    { op: 'delete', kind: 'pushed_request', id: pushedRequestId },
  ]
}

/** What the commit alone knows. */
function notUsed({ pushedRequestId }: Opened): Omit<Finding, 'refused'> {
  return { about: pushedRequestId === undefined ? REQUEST : 'request_uri', check: 'not used before', rule: 'PAR-17' }
}

/** Another tab finished the same request meanwhile. */
function overtaken(as: AuthorizationServer, http: HttpRequest, opened: Opened, witness: Witness | undefined): Reply {
  const error = new OAuthError('invalid_request', 'the request was answered already', { rule: 'PAR-17' })
  witnessed(witness, notUsed(opened), error)
  return errorPage(
    as,
    http,
    error,
    'This request is already answered',
    'It was finished in another tab or window. Go back to the application: you may be signed in already.',
    400,
    wayBack(as, opened.client.client),
  )
}
