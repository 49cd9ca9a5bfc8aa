import { Form } from '@holdfast/protocol/form'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { type AuthorizationServer, endpointUrl } from '../authorization-server.ts'
import { checkCsrf, csrfToken } from '../interaction/csrf.ts'
import { owesFactor } from '../interaction/next-step.ts'
import { type CompleteSignIn, signIn } from '../interaction/steps/login.ts'
import { claimed, secondFactor } from '../interaction/steps/second-factor.ts'
import { readUserCode, shownUserCode } from '../interaction/user-code.ts'
import { OneTimeCode } from '../pages/one-time-code.tsx'
import { renderPage, SELF } from '../pages/render.ts'
import { SignIn } from '../pages/sign-in.tsx'
import type { PendingSignIn, ServerChange } from '../records.ts'
import { stateCookie } from '../sessions/browser-state.ts'
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
  if (session !== undefined && owesFactor(session.value.pending, now)) return factorPage(as, http, place, session)
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
  const { pending } = session.value
  if (owesFactor(pending, now)) return answerFactor(as, http, { place, session, now }, pending, form)
  const signedIn = await signIn(as, http, form, { now, client: undefined })
  if ('fault' in signedIn) return page(as, http, place, session.id, signedIn)
  if ('account' in signedIn) return enter(as, http, { place, session, now }, signedIn)
  await keep(as, session, signedIn.pending, [signedIn.event])
  return again(as, http, place)
}

interface Signing {
  readonly place: Place
  readonly session: Session
  readonly now: EpochSeconds
}

/** The second factor, counted before it is checked: of any number of codes at once a single one is looked at. */
async function answerFactor(
  as: AuthorizationServer,
  http: HttpRequest,
  signing: Signing,
  pending: PendingSignIn,
  form: Form,
): Promise<Reply> {
  const { place, session, now } = signing
  if (form.one('answer') === 'restart') {
    await keep(as, session, undefined, [])
    return again(as, http, place)
  }
  const claim = claimed(form, pending)
  if ('fault' in claim) return factorPage(as, http, place, session, claim)
  const held = await keep(as, session, claim.pending, [])
  if (held === undefined) return again(as, http, place)
  const answered = await secondFactor(as, claim, { now, client: undefined })
  if (!('fault' in answered)) return enter(as, http, { place, session: held, now }, answered)
  await as.store.commit(answered.changes)
  return claim.pending === undefined
    ? page(as, http, place, session.id, { ...answered, username: pending.username })
    : factorPage(as, http, place, session, answered)
}

/** Writes how far the sign-in is. @returns undefined when another tab was first */
async function keep(
  as: AuthorizationServer,
  session: Session,
  pending: PendingSignIn | undefined,
  also: readonly ServerChange[],
): Promise<Session | undefined> {
  const { id, version, expiresAt } = session
  const value = { ...session.value, pending }
  const outcome = await as.store.commit([{ op: 'replace', kind: 'session', id, expected: version, value, expiresAt }, ...also])
  return outcome === 'committed' ? { id, version: version + 1, value, expiresAt } : undefined
}

/** A new id at the change of privilege: a session fixed by somebody else stays what it was, anonymous (BCP-06). */
async function enter(
  as: AuthorizationServer,
  http: HttpRequest,
  { place, session, now }: Signing,
  signedIn: CompleteSignIn,
): Promise<Reply> {
  const opened = as.sessions.open(now, { subject: signedIn.account.sub, acr: undefined, amr: signedIn.amr })
  const outcome = await as.store.commit([...rotated(session), opened.insert, signedIn.event])
  if (outcome !== 'committed') return overtaken(as, http)
  return onwards(as, http, place, { 'set-cookie': [opened.cookie, signedIn.deviceCookie, ...stateCookie(as, opened.value, now)] })
}

function again(as: AuthorizationServer, http: HttpRequest, place: Place): Reply {
  return seeOther(addressOf(as, `/sign-in/${place}`, userCodeOf(http)))
}

function rotated({ id, version }: Session): readonly ServerChange[] {
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

function factorPage(
  as: AuthorizationServer,
  http: HttpRequest,
  place: Place,
  session: Session,
  failed?: { readonly fault: string; readonly status: number },
): Reply {
  const vnode = OneTimeCode({
    action: addressOf(as, `/sign-in/${place}`, userCodeOf(http)),
    csrf: csrfToken(as.derived, session.id, `sign-in ${place}`),
    stylesheetHref: stylesheetHref(as),
    username: session.value.pending?.username ?? '',
    clientName: PLACES[place],
    fault: failed?.fault,
  })
  return renderPage(vnode, { status: failed?.status ?? 200, formAction: [SELF] })
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
