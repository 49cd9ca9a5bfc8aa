import type { Form } from '@holdfast/protocol/form'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { witnessed } from '@holdfast/protocol/witness'
import type { AuthorizationServer } from '../authorization-server.ts'
import { event } from '../events.ts'
import { consentGiven } from '../interaction/consent-record.ts'
import type { InteractionState } from '../interaction/state.ts'
import { consentPage } from '../interaction/steps/consent-page.ts'
import { formActionSource, SELF } from '../pages/render.ts'
import { seeOther } from './answer.ts'
import { type Found, finished, frameOf, keep } from './found-interaction.ts'
import { issueCode, refuse } from './proceed.ts'
import { isVisit, type Loaded, type Purpose } from './purpose.ts'

/** Where forms of an interaction may end: here, or at the client whose request it is. */
export function formActionOf(purpose: Purpose): readonly string[] {
  return isVisit(purpose) ? [SELF] : [SELF, formActionSource(purpose.request.redirectUri)]
}

export function showConsent(as: AuthorizationServer, found: Found, { requested, person }: InteractionState): Reply {
  if (requested === undefined) throw new Error('consent is given to a client only')
  return consentPage(requested, person?.account, frameOf(as, found, { person }), as.requestRules)
}

export async function answerConsent(
  as: AuthorizationServer,
  http: HttpRequest,
  found: Found,
  { state, consent }: Loaded,
  form: Form,
): Promise<Reply> {
  const { purpose } = found
  const { person, requested, now } = state
  if (person === undefined || requested === undefined || isVisit(purpose)) throw new Error('consent is given by a person to a client only')
  const answer = form.one('answer')
  const subject = person.account.sub
  const denied = witnessed(http.witness, { about: 'interaction', check: 'not denied', rule: 'OIDC-23' }, checkNotDenied(answer))
  if (denied !== undefined) {
    const { clientId } = requested.client
    return refuse(as, http, purpose, denied, [...finished(found), event('consent.refused', now, { clientId, subject })])
  }
  if (answer === 'switch')
    await keep(as, found, { choosing: true, selected: false, subject: undefined, signedInAt: undefined, signInAgain: false })
  if (answer !== 'allow') return seeOther(found.url)
  const given = consentGiven(consent, subject, requested.request, now, as.requestRules.details, requested.client)
  return issueCode(as, http, purpose, person.session, {
    also: [...finished(found), ...given],
    again: () => seeOther(found.url),
    witness: http.witness,
  })
}

function checkNotDenied(answer: unknown): OAuthError | undefined {
  return answer === 'deny' ? new OAuthError('access_denied', 'the person did not allow it') : undefined
}
