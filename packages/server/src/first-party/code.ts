import { newCode } from '../authorization/code.ts'
import type { Lifetimes } from '../config/options.ts'
import { event } from '../events.ts'
import type { ServerChange } from '../records.ts'
import type { RequestRules } from '../authorization/rules.ts'
import type { Presenter, SessionContent } from './auth-session.ts'
import type { Outcome } from './outcome.ts'

/** What a session is about once its request was answered: nothing, so that one request gives one code. */
export const ANSWERED = { request: undefined, redirectUri: undefined, pending: undefined, attempts: 0 } as const

/**
 * The code (FIPA-13) and its grant. The session lives on beyond it (FIPA-23).
 *
 * @param content the request, and who signed in
 * @param session the handle of the session that lives on, and what writes it
 * @param happened `auth_session.reused`: nobody was asked, since the person signed in on this device before
 */
export function codeOutcome(
  { lifetimes, requestRules }: { readonly lifetimes: Lifetimes; readonly requestRules: Pick<RequestRules, 'details' | 'authentication'> },
  { client, now }: Presenter,
  { request, subject, authTime, amr, jkt }: SessionContent,
  { handle, write }: { readonly handle: string; readonly write: ServerChange },
  happened: 'person.signed_in' | 'auth_session.reused',
): Outcome {
  if (request === undefined || subject === undefined || authTime === undefined)
    throw new Error('a code is issued for a request and a signed-in person only')
  const { clientId } = client.client
  // As in a browser: the operator's functions say what is granted (RFC 9396 §7.1).
  const authorizationDetails = requestRules.details.granted(request.authorizationDetails, { subject, clientId })
  const bound = { ...request, authorizationDetails, dpopJkt: request.dpopJkt ?? jkt }
  const person = { subject, sid: undefined, authTime, acr: requestRules.authentication.achieved(amr, request.acrValues), amr }
  const { code, changes } = newCode(bound, undefined, person, { now, lifetime: lifetimes.authorizationCode })
  const { scopes, resources } = request
  const told = event(happened, now, { clientId, subject }, { amr, scopes, resources, firstParty: true })
  return { kind: 'code', handle, code, changes: [write, ...changes, told] }
}
