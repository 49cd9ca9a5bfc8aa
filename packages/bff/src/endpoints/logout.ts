import { Form } from '@holdfast/protocol/form'
import { type HttpRequest, json, type Reply } from '@holdfast/protocol/http'
import { Failure } from '../authorization-server/failure.ts'
import { revoke } from '../authorization-server/tokens.ts'
import type { Backend } from '../backend.ts'
import { told } from '../checks.ts'
import { clearCookie, cookiesOf, setCookie } from '../cookies.ts'
import { checkCsrf, checkOrigin, CSRF_HEADER } from '../csrf.ts'
import { redirect } from '../pages.ts'
import type { Session } from '../sessions/sessions.ts'
import type { Settings } from '../settings.ts'

/** How long a browser may take from sign-out here to sign-out there. */
const HINTED = 120
/** The hint goes into a cookie; a longer one is left out, and the server asks the person. */
const LONGEST_HINT = 2800

const OWN_LINK = { about: 'request', check: 'sign-out link', rule: 'BFF-35' }
const NOT_OWN_LINK = `sign-out needs the header ${CSRF_HEADER}, or the address that the session endpoint gives as logout_url`

/** A link that signs out this session and no other: it works without scripts (BFF-35). */
export function logoutUrl({ basePath, seals }: Settings, sessionId: string): string {
  return `${basePath}/logout?t=${seals.tokenFor(sessionId)}`
}

/**
 * /bff/logout. A script POSTs with the header, and is told where to navigate to. A form POSTs, or a link leads here, with the
 * session's token `t`: the browser is redirected. Both end at the authorization server (RP-Initiated Logout §2).
 *
 * The session is gone before anybody else is asked: an authorization server that is away keeps nobody signed in (BFF-10).
 */
export async function logout(backend: Backend, request: HttpRequest): Promise<Reply> {
  const { settings, sessions } = backend
  const byScript = request.method === 'POST' && request.headers(CSRF_HEADER).length > 0
  const session = await sessions.find(request)
  const forbidden = byScript ? checkCsrf(request, settings.publicUrl) : await checkLink(settings, request, session)
  if (forbidden !== undefined) return forbidden
  if (session === undefined)
    return byScript ? json(200, { location: settings.home }, cookies(sessions.forget(request))) : onwards(backend, request)

  // A renewal may have been quicker than this request: the newest refresh token is the one to revoke.
  const contents = (await sessions.end(session.id)) ?? session.contents
  settings.tell({ type: 'session.ended', reason: 'logout', sub: contents.sub })
  const failure = await revoke(backend.link, contents)
  if (failure !== undefined) settings.tell({ type: 'revocation.failed', code: failure.code, detail: failure.detail })
  const forgotten = sessions.forget(request)
  const { idToken } = contents
  if (!byScript) return redirect((await endSessionUrl(backend, idToken)) ?? settings.home, forgotten)
  // BFF-02: the ID token stays out of the script's hands. It waits in a cookie for the navigation that follows.
  const name = hintCookie(settings)
  const hint = idToken.length > LONGEST_HINT ? {} : { idToken }
  const kept = setCookie(
    settings.cookie,
    name,
    await settings.seals.seal('signed-out', name, { ...hint, at: settings.clock.now() }),
    'Strict',
    HINTED,
  )
  return json(200, { location: `${settings.basePath}/logout` }, cookies([...forgotten, kept]))
}

async function checkLink(settings: Settings, request: HttpRequest, session: Session | undefined): Promise<Reply | undefined> {
  // A form says where it is from; a link in an old browser says nothing, and has the token all the same.
  const foreign = request.method === 'POST' ? checkOrigin(request, settings.publicUrl, false) : undefined
  if (foreign !== undefined || session === undefined) return foreign
  const form = request.method === 'POST' ? await Form.read(request) : Form.parse(request.query)
  const token = form instanceof Form ? form.one('t') : undefined
  const own = typeof token === 'string' && settings.seals.isTokenFor(token, session.id)
  const reason = told(request.witness, OWN_LINK, own ? undefined : NOT_OWN_LINK)
  return reason === undefined ? undefined : json(403, { error: 'csrf', error_description: reason, rule: OWN_LINK.rule })
}

/** Nobody is signed in here. Where a script has just signed out, the authorization server is next. */
async function onwards(backend: Backend, request: HttpRequest): Promise<Reply> {
  const { settings, sessions } = backend
  const name = hintCookie(settings)
  const sent = cookiesOf(request)
  const sealed = sent.get(name)
  const hint =
    sealed === undefined
      ? undefined
      : ((await settings.seals.open('signed-out', name, sealed)) as { readonly idToken?: string; readonly at: number } | undefined)
  const recent = hint !== undefined && hint.at + HINTED > settings.clock.now()
  const location = recent ? await endSessionUrl(backend, hint.idToken) : undefined
  // A link of another site brings no Strict cookie: what was not sent is not taken away, or the link would sign out (BFF-35).
  const forgotten = sent.has(settings.cookie.name) ? sessions.forget(request) : []
  return redirect(location ?? settings.home, sealed === undefined ? forgotten : [...forgotten, clearCookie(settings.cookie, name)])
}

/** @returns nothing where the server has no such endpoint, or cannot be asked */
async function endSessionUrl({ settings, link }: Backend, idToken: string | undefined): Promise<string | undefined> {
  const server = await link.metadata()
  if (server instanceof Failure || server.end_session_endpoint === undefined || !URL.canParse(server.end_session_endpoint)) return undefined
  const url = new URL(server.end_session_endpoint)
  url.searchParams.set('client_id', settings.clientId)
  url.searchParams.set('post_logout_redirect_uri', settings.publicUrl + settings.home)
  if (idToken !== undefined) url.searchParams.set('id_token_hint', idToken)
  return url.href
}

function hintCookie({ cookie }: Settings): string {
  return `${cookie.name}-out`
}

function cookies(setCookie: readonly string[]): Reply['headers'] {
  return { 'set-cookie': setCookie }
}
