import { Form } from '@holdfast/protocol/form'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { type AuthorizationServer, endpointUrl } from '../authorization-server.ts'
import { nextStep } from '../interaction/next-step.ts'
import { FRESH, PLACES } from '../interaction/places.ts'
import type { Place, Visit } from '../records.ts'
import { readUserCode, shownUserCode } from '../interaction/user-code.ts'
import { seeOther } from './answer.ts'
import { errorPage } from './page.ts'
import { openInteraction } from './proceed.ts'
import { loadState } from './purpose.ts'

/** Leads to the sign-in, and from there back to the page. A user code goes along, and nothing else of the address. */
export function toSignIn(as: AuthorizationServer, place: Place, userCode?: string): Reply {
  return seeOther(addressOf(as, `/sign-in/${place}`, userCode))
}

/** The same for somebody who is signed in, and not lately enough, or not with a second factor, for what they are about to do. */
export function toFreshSignIn(as: AuthorizationServer, place: Place): Reply {
  return seeOther(endpointUrl(as.issuer, `/sign-in/${place}?fresh=1`))
}

/** The same for somebody who is signed in, and must show now who they are. */
export function toSignInAnew(as: AuthorizationServer, place: Place): Reply {
  return seeOther(endpointUrl(as.issuer, `/sign-in/${place}?anew=1`))
}

/** GET /sign-in/{place}: to the page for whoever is signed in, else the same steps as within an authorization request. */
export async function showSignIn(as: AuthorizationServer, http: HttpRequest): Promise<Reply> {
  const place = placeOf(http)
  if (place === undefined) {
    const error = new OAuthError('invalid_request', 'there is no such page to sign in for')
    return errorPage(as, http, error, 'This page does not exist', 'Check the address.', 404)
  }
  const fresh = asksFor(http, 'fresh')
  const maxAge = asksFor(http, 'anew') ? 0 : fresh ? FRESH : undefined
  const visit: Visit = { place, userCode: userCodeOf(http), maxAge, allFactors: fresh }
  const here = await as.sessions.all(http, as.clock.now())
  const { state } = await loadState(as, visit, here, undefined)
  return nextStep(state) === undefined ? seeOther(addressOf(as, `/${place}`, visit.userCode)) : openInteraction(as, http, visit, here)
}

const BELOW = '/sign-in/'

function placeOf(http: HttpRequest): Place | undefined {
  const name = http.path.slice(http.path.lastIndexOf(BELOW) + BELOW.length)
  return Object.hasOwn(PLACES, name) ? (name as Place) : undefined
}

function asksFor(http: HttpRequest, name: 'fresh' | 'anew'): boolean {
  const form = Form.parse(http.query)
  return !(form instanceof OAuthError) && form.has(name)
}

/** The user code in an address of ours; anything that is none is as good as absent. */
export function userCodeOf(http: HttpRequest): string | undefined {
  const form = Form.parse(http.query)
  const typed = form instanceof OAuthError ? undefined : form.one('user_code')
  return typeof typed === 'string' ? readUserCode(typed) : undefined
}

export function addressOf(as: AuthorizationServer, path: string, userCode: string | undefined): string {
  return endpointUrl(as.issuer, path) + (userCode === undefined ? '' : `?user_code=${shownUserCode(userCode)}`)
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
