import { Form } from '@holdfast/protocol/form'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { type AuthorizationServer, endpointUrl } from '../authorization-server.ts'
import { checkCsrf, csrfToken } from '../interaction/csrf.ts'
import { LogoutConfirm } from '../pages/logout.tsx'
import { formActionSource, renderPage, SELF } from '../pages/render.ts'
import { endSessions } from '../sessions/end-session.ts'
import type { Session } from '../sessions/session.ts'
import { seeOther } from './answer.ts'
import { hintedSession, type LogoutRequest, readLogoutRequest, sealedLogoutRequest } from './end-session-request.ts'
import { errorPage, stylesheetHref } from './page.ts'
import { notFromHere } from './sign-in.ts'
import { signedOut, stayed } from './signed-out.ts'

/** GET and POST /end-session (RP-Initiated Logout §2). */
export async function endSession(as: AuthorizationServer, http: HttpRequest): Promise<Reply> {
  const form = http.method === 'POST' ? await Form.read(http) : Form.parse(http.query)
  const request = form instanceof OAuthError ? form : await readLogoutRequest(as, form, http.witness)
  if (request instanceof OAuthError) return brokenPage(as, http, request)
  const sessions = await signedIn(as, http)
  // A form of the client's own site may come without our cookie (SameSite=Lax). By GET it goes along.
  if (sessions.length === 0 && http.method === 'POST')
    return seeOther(
      `${endpointUrl(as.issuer, '/end-session')}?${new URLSearchParams({ request: sealedLogoutRequest(as, request) }).toString()}`,
    )
  // Nobody there: it is what was wanted (LOGO-07).
  if (sessions.length === 0) return signedOut(as, http, request, { ids: [], frames: [], known: request.hint !== undefined })
  const hinted = hintedSession(request, sessions)
  if (hinted === undefined) return confirmPage(as, request, sessions)
  return ended(as, http, request, [hinted])
}

/** POST /end-session/confirm: the person's own answer. */
export async function confirmEndSession(as: AuthorizationServer, http: HttpRequest): Promise<Reply> {
  const form = await Form.read(http)
  const request = form instanceof OAuthError ? form : await readLogoutRequest(as, form, http.witness)
  if (form instanceof OAuthError || request instanceof OAuthError) return brokenPage(as, http, request as OAuthError)
  const sessions = await signedIn(as, http)
  if (sessions.length === 0) return signedOut(as, http, request, { ids: [], frames: [], known: false })
  const csrf = form.one('csrf')
  const foreign = checkCsrf(http, typeof csrf === 'string' ? csrf : undefined, csrfOf(as, sessions), as.origin)
  if (foreign !== undefined) return notFromHere(as, http, foreign)
  const answer = form.one('answer')
  if (answer === 'deny') return stayed(as)
  return answer === 'allow' ? ended(as, http, request, sessions) : confirmPage(as, request, sessions)
}

async function ended(as: AuthorizationServer, http: HttpRequest, request: LogoutRequest, sessions: readonly Session[]): Promise<Reply> {
  const { ids, frames } = await endSessions(as, sessions, 'logout')
  return signedOut(as, http, request, { ids, frames, known: true })
}

async function signedIn(as: AuthorizationServer, http: HttpRequest): Promise<readonly Session[]> {
  return (await as.sessions.all(http, as.clock.now())).filter(({ value }) => value.subject !== undefined)
}

/** Bound to everybody whom the page named: a person who signed in since is not signed out by an older page. */
function csrfOf(as: AuthorizationServer, sessions: readonly Session[]): string {
  return csrfToken(as.derived, sessions.map(({ id }) => id).join(' '), 'end-session')
}

async function confirmPage(as: AuthorizationServer, request: LogoutRequest, sessions: readonly Session[]): Promise<Reply> {
  const accounts = await Promise.all(sessions.map(({ value }) => as.accounts.find(value.subject ?? '')))
  const page = LogoutConfirm({
    stylesheetHref: stylesheetHref(as),
    action: endpointUrl(as.issuer, '/end-session/confirm'),
    csrf: csrfOf(as, sessions),
    request: sealedLogoutRequest(as, request),
    clientName: request.clientName,
    people: accounts.map((account) => account?.displayName ?? 'somebody whose account is gone'),
  })
  const onwards = request.place === undefined ? [] : [formActionSource(request.place)]
  return renderPage(page, { status: 200, formAction: [SELF, ...onwards] })
}

function brokenPage(as: AuthorizationServer, http: HttpRequest, error: OAuthError): Reply {
  return errorPage(
    as,
    http,
    error,
    'This sign-out link does not work',
    'The application that sent you here made a mistake in its request. You are as signed in as before. To sign out, close all windows of your browser or sign out in the application.',
  )
}
