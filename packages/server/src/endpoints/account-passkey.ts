import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { type AuthorizationServer, endpointUrl } from '../authorization-server.ts'
import { event } from '../events.ts'
import { askPasskey, challengeOf, passkeysAt } from '../interaction/steps/passkey.ts'
import { assetHref, passkeyScriptPath } from '../pages/assets.ts'
import { AddPasskey } from '../pages/authenticator-app.tsx'
import { renderPage, SELF } from '../pages/render.ts'
import { accountCsrf, changer, readChange, told } from './account-request.ts'
import { errorPage, stylesheetHref } from './page.ts'
import type { SignedInPerson } from './person.ts'

const NOT_ACCEPTED = 'The passkey was not accepted, or the page was open for too long. Try again.'

/** GET /account/passkey: has the browser make a passkey. */
export async function showAddPasskey(as: AuthorizationServer, http: HttpRequest): Promise<Reply> {
  const person = await changer(as, http)
  return 'status' in person ? person : addPage(as, http, person, 'Passkey')
}

/** POST /account/passkey: the passkey that the browser made. Its challenge is spent, whatever comes of it. */
export async function addPasskey(as: AuthorizationServer, http: HttpRequest): Promise<Reply> {
  const read = await readChange(as, http)
  if ('status' in read) return read
  const { person, form } = read
  const typed = form.one('passkey_name')
  const name = typeof typed === 'string' ? typed.trim() : ''
  const here = passkeysAt(as)
  if (here === undefined) return addPage(as, http, person, name)
  const now = as.clock.now()
  const { sub } = person.account
  // Made for this page, session and person: one that was made for another session or an attacker's own account is none (A54, CVE-2026-37982).
  const answered = await challengeOf(as, form, boundOf(person), now)
  if (answered === undefined) return addPage(as, http, person, name, NOT_ACCEPTED)
  const added = await here.passkeys.add(here.place, sub, answered.challenge, answered.response, name, now)
  if (added !== 'added') return addPage(as, http, person, name, added.field === 'response' ? NOT_ACCEPTED : added.message)
  await as.store.commit([event('account.factor_added', now, { subject: sub }, { factor: 'passkey' })])
  return told(as, person, 'passkey-added')
}

function boundOf({ session, account }: SignedInPerson): string {
  return `account ${session.id} ${account.sub}`
}

async function addPage(as: AuthorizationServer, http: HttpRequest, person: SignedInPerson, name: string, fault?: string): Promise<Reply> {
  const here = passkeysAt(as)
  if (here === undefined)
    return errorPage(
      as,
      http,
      new OAuthError('invalid_request', 'the accounts have no passkeys, or the issuer is an address and no name'),
      'There are no passkeys here',
      'This server does not take passkeys. Go back to your account for other ways to protect it.',
      404,
    )
  const options = await here.passkeys.creationOptions(here.place, person.account.sub)
  const page = AddPasskey({
    action: endpointUrl(as.issuer, '/account/passkey'),
    csrf: accountCsrf(as, person),
    stylesheetHref: stylesheetHref(as),
    passkey: {
      ...askPasskey(as, options, boundOf(person), as.clock.now()),
      creates: true,
      scriptHref: assetHref(as.issuer, passkeyScriptPath),
    },
    name,
    fault,
    back: { href: endpointUrl(as.issuer, '/account/factors'), label: 'Not now' },
  })
  return renderPage(page, { status: fault === undefined ? 200 : 400, formAction: [SELF], script: true })
}
