import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { type AuthorizationServer, endpointUrl } from '../authorization-server.ts'
import { event } from '../events.ts'
import { AuthenticatorApp } from '../pages/authenticator-app.tsx'
import { renderPage, SELF } from '../pages/render.ts'
import { accountCsrf, changer, readChange, told } from './account-request.ts'
import { seeOther } from './answer.ts'
import { stylesheetHref } from './page.ts'
import type { SignedInPerson } from './person.ts'

/** GET /account/authenticator-app: the app that waits for its first code. */
export async function showAuthenticatorApp(as: AuthorizationServer, http: HttpRequest): Promise<Reply> {
  const person = await changer(as, http)
  return 'status' in person ? person : appPage(as, person)
}

/** POST /account/authenticator-app: its first code. From then on it counts. */
export async function confirmAuthenticatorApp(as: AuthorizationServer, http: HttpRequest): Promise<Reply> {
  const read = await readChange(as, http)
  if ('status' in read) return read
  const { person, form } = read
  const { sub } = person.account
  const now = as.clock.now()
  const code = form.one('code')
  if (typeof code !== 'string') return appPage(as, person, { fault: 'Enter the code that your app shows.', status: 400 })
  // Counted first, with the codes of sign-ins: who has somebody's session open must not try them all.
  const attempt = await as.codeLimit.attempt(sub, now)
  if (!attempt.allowed) {
    if (attempt.first) await as.store.commit([event('person.sign_in_locked', now, { subject: sub }, { scope: attempt.scope })])
    return appPage(as, person, { fault: 'Too many wrong codes. Wait a quarter of an hour, then try again.', status: 429 })
  }
  if ((await as.accounts.authenticatorApps?.confirm(sub, code, now)) !== true)
    return appPage(as, person, {
      fault: 'This code is wrong or too old. Check that the clock of your phone is right, and enter the next one.',
      status: 400,
    })
  await attempt.forgive()
  await as.store.commit([event('account.factor_added', now, { subject: sub }, { factor: 'otp' })])
  return told(as, person, 'app-added')
}

async function appPage(
  as: AuthorizationServer,
  person: SignedInPerson,
  failed?: { readonly fault: string; readonly status: number },
): Promise<Reply> {
  const { sub } = person.account
  const apps = as.accounts.authenticatorApps
  const waiting = await apps?.pending(sub, new URL(as.issuer).host, as.clock.now())
  // Confirmed a moment ago, by another tab or a second click, or too late: the list says which.
  if (apps === undefined || waiting === undefined)
    return (await apps?.has(sub)) === true ? seeOther(endpointUrl(as.issuer, '/account/factors')) : told(as, person, 'app-expired')
  const page = AuthenticatorApp({
    action: endpointUrl(as.issuer, '/account/authenticator-app'),
    csrf: accountCsrf(as, person),
    stylesheetHref: stylesheetHref(as),
    ...waiting,
    replaces: await apps.has(sub),
    fault: failed?.fault,
    back: { href: endpointUrl(as.issuer, '/account/factors'), label: 'Not now' },
  })
  return renderPage(page, { status: failed?.status ?? 200, formAction: [SELF] })
}
