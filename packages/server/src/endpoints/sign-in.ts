import { Form } from '@holdfast/protocol/form'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { type AuthorizationServer, endpointUrl } from '../authorization-server.ts'
import { checkCsrf, csrfToken } from '../interaction/csrf.ts'
import { signIn } from '../interaction/steps/login.ts'
import { readUserCode, shownUserCode } from '../interaction/user-code.ts'
import { renderPage, SELF } from '../pages/render.ts'
import { SignIn } from '../pages/sign-in.tsx'
import type { Session } from '../sessions/session.ts'
import { seeOther } from './answer.ts'
import { errorPage, stylesheetHref } from './page.ts'
import { overtaken } from './proceed.ts'
import { signedInPerson } from './person.ts'

/** The pages of ours that a person must be signed in for: a closed list, so that nobody is ever led elsewhere (BCP-07). */
const PLACES = {
  device: 'connect a device',
  approve: 'the requests that wait for you',
} as const

export type Place = keyof typeof PLACES

/** Leads to the sign-in, and from there back to the page. A user code goes along, and nothing else of the address. */
export function toSignIn(as: AuthorizationServer, place: Place, userCode?: string): Reply {
  return seeOther(addressOf(as, `/sign-in/${place}`, userCode))
}

/** GET /sign-in/{place}. */
export async function showSignIn(as: AuthorizationServer, http: HttpRequest): Promise<Reply> {
  const place = placeOf(http)
  if (place === undefined) return unknownPlace(as, http)
  if ((await signedInPerson(as, http)) !== undefined) return onwards(as, http, place)
  const now = as.clock.now()
  const session = await as.sessions.of(http, now)
  if (session !== undefined) return page(as, http, place, session.id)
  const browser = as.sessions.open(now)
  await as.store.commit([browser.insert])
  return page(as, http, place, browser.id, undefined, { 'set-cookie': browser.cookie })
}

/** POST /sign-in/{place}: the same step, limits and rotation as within an authorization request. */
export async function answerSignIn(as: AuthorizationServer, http: HttpRequest): Promise<Reply> {
  const place = placeOf(http)
  if (place === undefined) return unknownPlace(as, http)
  const form = await Form.read(http)
  if (form instanceof OAuthError) return errorPage(as, http, form, 'This form could not be read', 'Go back and send it again.')
  const now = as.clock.now()
  const session = await as.sessions.of(http, now)
  const csrf = form.one('csrf')
  const expected = csrfToken(as.derived, session?.id ?? '', `sign-in ${place}`)
  const foreign = checkCsrf(http, typeof csrf === 'string' ? csrf : undefined, expected, as.origin)
  if (session === undefined || foreign !== undefined) return notFromHere(as, http, foreign)
  const signedIn = await signIn(as, http, form, { now, client: undefined })
  if ('fault' in signedIn) return page(as, http, place, session.id, signedIn)
  // A new id at the change of privilege: a session fixed by somebody else stays what it was, anonymous (BCP-06).
  const opened = as.sessions.open(now, { subject: signedIn.account.sub, acr: undefined, amr: ['pwd'] })
  const outcome = await as.store.commit([...rotated(session), opened.insert, signedIn.event])
  if (outcome !== 'committed') return overtaken(as, http)
  return onwards(as, http, place, { 'set-cookie': [opened.cookie, signedIn.deviceCookie] })
}

function rotated({ id, version }: Session): Parameters<AuthorizationServer['store']['commit']>[0] {
  return [
    { op: 'require', kind: 'session', id, expected: version },
    { op: 'delete', kind: 'session', id },
  ]
}

function placeOf(http: HttpRequest): Place | undefined {
  const name = http.path.slice(http.path.lastIndexOf('/') + 1)
  return Object.hasOwn(PLACES, name) ? (name as Place) : undefined
}

/** The user code in an address of ours; anything that is none is as good as absent. */
export function userCodeOf(http: HttpRequest): string | undefined {
  const form = Form.parse(http.query)
  const typed = form instanceof OAuthError ? undefined : form.one('user_code')
  return typeof typed === 'string' ? readUserCode(typed) : undefined
}

function addressOf(as: AuthorizationServer, path: string, userCode: string | undefined): string {
  return endpointUrl(as.issuer, path) + (userCode === undefined ? '' : `?user_code=${shownUserCode(userCode)}`)
}

function onwards(as: AuthorizationServer, http: HttpRequest, place: Place, headers: Reply['headers'] = {}): Reply {
  return seeOther(addressOf(as, `/${place}`, userCodeOf(http)), headers)
}

function page(
  as: AuthorizationServer,
  http: HttpRequest,
  place: Place,
  sessionId: string,
  failed?: { readonly fault: string; readonly username: string; readonly status: number },
  headers: Reply['headers'] = {},
): Reply {
  const vnode = SignIn({
    action: addressOf(as, `/sign-in/${place}`, userCodeOf(http)),
    csrf: csrfToken(as.derived, sessionId, `sign-in ${place}`),
    stylesheetHref: stylesheetHref(as),
    username: failed?.username ?? '',
    clientName: PLACES[place],
    fault: failed?.fault,
  })
  return renderPage(vnode, { status: failed?.status ?? 200, formAction: [SELF], headers })
}

function unknownPlace(as: AuthorizationServer, http: HttpRequest): Reply {
  const error = new OAuthError('invalid_request', 'there is no such page to sign in for')
  return errorPage(as, http, error, 'This page does not exist', 'Check the address.', 404)
}

export function notFromHere(as: AuthorizationServer, http: HttpRequest, foreign: OAuthError | undefined): Reply {
  return errorPage(
    as,
    http,
    foreign ?? new OAuthError('invalid_request', 'the browser session has ended', { rule: 'OIDC-22' }),
    'This form is not from here',
    'It was sent from another page or an older session. Open the page again and start anew.',
    403,
  )
}
