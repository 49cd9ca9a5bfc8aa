import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { type AuthorizationServer, endpointUrl } from '../authorization-server.ts'
import { Account } from '../pages/account.tsx'
import { renderPage, SELF } from '../pages/render.ts'
import { applicationsOf } from './account-applications.ts'
import { factorsOf } from './account-factors.ts'
import { accountCsrf, doneOf, visitor } from './account-request.ts'
import { sessionsShown } from './account-sessions.ts'
import { stylesheetHref } from './page.ts'

/** GET /account: how the person signs in, where they are signed in, and which applications they gave access. */
export async function showAccount(as: AuthorizationServer, http: HttpRequest): Promise<Reply> {
  const person = await visitor(as, http)
  if ('status' in person) return person
  const { account, session } = person
  const [factors, sessions, applications] = await Promise.all([
    factorsOf(as, account),
    sessionsShown(as, person),
    applicationsOf(as, account.sub),
  ])
  const page = Account({
    stylesheetHref: stylesheetHref(as),
    csrf: accountCsrf(as, person),
    displayName: account.displayName,
    username: account.username,
    done: doneOf(as, http, session),
    factors,
    ...sessions,
    applications,
    hrefs: {
      factors: endpointUrl(as.issuer, '/account/factors'),
      sessions: endpointUrl(as.issuer, '/account/sessions'),
      applications: endpointUrl(as.issuer, '/account/applications'),
      endSession: endpointUrl(as.issuer, '/end-session'),
    },
  })
  return renderPage(page, { status: 200, formAction: [SELF] })
}
