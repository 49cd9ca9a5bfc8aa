import { Form } from '@holdfast/protocol/form'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { equalSecrets } from '@holdfast/protocol/secret'
import { type AuthorizationServer, endpointUrl } from '../authorization-server.ts'
import { checkCsrf, csrfToken } from '../interaction/csrf.ts'
import { tooOld } from '../interaction/next-step.ts'
import { FRESH } from '../interaction/places.ts'
import { Notice } from '../pages/notice.tsx'
import { renderPage } from '../pages/render.ts'
import type { PageLink } from '../pages/models.ts'
import type { Session } from '../sessions/session.ts'
import { seeOther } from './answer.ts'
import { errorPage, stylesheetHref } from './page.ts'
import { type SignedInPerson, signedInPerson } from './person.ts'
import { notFromHere, toFreshSignIn, toSignIn } from './sign-in.ts'

/** What a person is told once it was done. A closed list: no page of ours says what an address tells it to say. */
const DONE = {
  'app-added': 'Your authenticator app is set up. From now on you are asked for a code of it when you sign in.',
  'app-removed': 'Your authenticator app was removed. Its codes count no more.',
  'app-expired': 'It took too long, and nothing was changed. Begin again when you are ready.',
  'passkey-added': 'Your passkey was added. You can sign in with it from now on.',
  'passkey-removed': 'The passkey was removed. Your device may still list it: it opens nothing here any more.',
  'session-ended': 'Signed out there.',
  'others-ended': 'Signed out everywhere else.',
  'application-revoked': 'Taken back. The application has no access any more.',
} as const

export type Done = keyof typeof DONE

export const TO_ACCOUNT = 'Back to your account'

export function accountLink(as: AuthorizationServer): PageLink {
  return { href: endpointUrl(as.issuer, '/account'), label: TO_ACCOUNT }
}

/** What every form of the account's pages holds; good in this browser session alone. */
export function accountCsrf(as: AuthorizationServer, { session }: SignedInPerson): string {
  return csrfToken(as.derived, session.id, 'account')
}

/** Who looks at the page. @returns the way to the sign-in for nobody */
export async function visitor(as: AuthorizationServer, http: HttpRequest): Promise<SignedInPerson | Reply> {
  const person = await signedInPerson(as, http)
  if (person !== undefined) return person
  // Who has just set up a factor owes it at once: they are told that it is set up before they are asked for it.
  const session = await as.sessions.of(http, as.clock.now())
  const explanation = session === undefined ? undefined : doneOf(as, http, session)
  if (explanation === undefined) return toSignIn(as, 'account')
  const page = Notice({ stylesheetHref: stylesheetHref(as), title: 'Done', explanation, link: accountLink(as) })
  return renderPage(page, { status: 200, formAction: [] })
}

/** Whoever changes how they sign in: signed in a moment ago, and with a second factor if they have one (A54). */
export function mayChange(as: AuthorizationServer, { account, session: { value } }: SignedInPerson): boolean {
  return as.authentication.complete(account, value.amr) && !tooOld({ maxAge: FRESH }, value.authTime ?? 0, as.clock.now())
}

/** The same, for a page. @returns the way to a sign-in of now, which leads back to what can be changed */
export async function changer(as: AuthorizationServer, http: HttpRequest): Promise<SignedInPerson | Reply> {
  const person = await signedInPerson(as, http)
  if (person === undefined) return toFreshSignIn(as, 'account/factors')
  return mayChange(as, person) ? person : toFreshSignIn(as, 'account/factors')
}

export interface AccountForm {
  readonly person: SignedInPerson
  readonly form: Form
}

/** A form of the account's pages, from the browser session that was shown it (OIDC-22). */
export async function readAccountForm(as: AuthorizationServer, http: HttpRequest): Promise<AccountForm | Reply> {
  const form = await Form.read(http)
  if (form instanceof OAuthError) return errorPage(as, http, form, 'This form could not be read', 'Go back and send it again.')
  const person = await signedInPerson(as, http)
  if (person === undefined) return toSignIn(as, 'account')
  const csrf = form.one('csrf')
  const foreign = checkCsrf(http, typeof csrf === 'string' ? csrf : undefined, accountCsrf(as, person), as.origin)
  return foreign === undefined ? { person, form } : notFromHere(as, http, foreign)
}

/** The same, of whoever may change how they sign in. */
export async function readChange(as: AuthorizationServer, http: HttpRequest): Promise<AccountForm | Reply> {
  const read = await readAccountForm(as, http)
  return 'status' in read || mayChange(as, read.person) ? read : toFreshSignIn(as, 'account/factors')
}

/** Back to the page, which says what happened: in this browser session only, so that no link from elsewhere makes it say so. */
export function told(as: AuthorizationServer, { session }: SignedInPerson, done: Done): Reply {
  return seeOther(endpointUrl(as.issuer, `/account?done=${done}.${markOf(as, session, done)}`))
}

/** What was just done, in words. */
export function doneOf(as: AuthorizationServer, http: HttpRequest, session: Session): string | undefined {
  const query = Form.parse(http.query)
  const said = query instanceof OAuthError ? undefined : query.one('done')
  if (typeof said !== 'string') return undefined
  const [name = '', mark = ''] = said.split('.')
  return Object.hasOwn(DONE, name) && equalSecrets(mark, markOf(as, session, name as Done)) ? DONE[name as Done] : undefined
}

function markOf(as: AuthorizationServer, session: Session, done: Done): string {
  return csrfToken(as.derived, session.id, `done ${done}`)
}
