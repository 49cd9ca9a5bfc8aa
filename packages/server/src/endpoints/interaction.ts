import { Form } from '@holdfast/protocol/form'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { AuthorizationServer } from '../authorization-server.ts'
import { checkCsrf } from '../interaction/csrf.ts'
import { nextStep } from '../interaction/next-step.ts'
import { seeOther } from './answer.ts'
import { csrfOf, type Found, findInteraction } from './found-interaction.ts'
import { goOn } from './go-on.ts'
import { answerConsent, showConsent } from './interaction-consent.ts'
import { answerLogin, answerSecondFactor, showLogin, showSecondFactor } from './interaction-sign-in.ts'
import { answerSelectAccount, showSelectAccount } from './interaction-select-account.ts'
import { answerSignUp, showSignUp } from './interaction-sign-up.ts'
import { errorPage } from './page.ts'
import { telling } from './telling.ts'
import { isVisit, loadState } from './purpose.ts'

/** GET /interaction/{handle}: the page of the step that is needed now, whatever the browser asked for before. */
export async function showInteraction(as: AuthorizationServer, http: HttpRequest): Promise<Reply> {
  const found = await findInteraction(as, http)
  return 'status' in found ? found : safely(as, found, () => show(as, http, found))
}

/** POST /interaction/{handle}: the answer to the step that is needed now; an answer to another one is not taken (A56). */
export async function answerInteraction(as: AuthorizationServer, http: HttpRequest): Promise<Reply> {
  const found = await findInteraction(as, http)
  return 'status' in found ? found : safely(as, found, () => answer(as, http, found))
}

/** A fault of ours is told to the client, where there is one. */
function safely(as: AuthorizationServer, { purpose }: Found, work: () => Promise<Reply>): Promise<Reply> {
  return isVisit(purpose) ? work() : telling(as, purpose, work)
}

async function show(as: AuthorizationServer, http: HttpRequest, found: Found): Promise<Reply> {
  const loaded = await loadState(as, found.purpose, found.here, found.interaction.value)
  const { state } = loaded
  switch (nextStep(state)?.name) {
    case 'select-account':
      return showSelectAccount(as, found, state)
    case 'sign-up':
      return showSignUp(as, found, state, undefined)
    case 'login':
      return showLogin(as, found, state, undefined)
    case 'second-factor':
      return showSecondFactor(as, found, state, undefined)
    case 'consent':
      return showConsent(as, found, state)
    default:
      return goOn(as, http, found, state)
  }
}

async function answer(as: AuthorizationServer, http: HttpRequest, found: Found): Promise<Reply> {
  const form = await Form.read(http)
  if (form instanceof OAuthError) return errorPage(as, http, form, 'This form could not be read', 'Go back and send it again.')
  const loaded = await loadState(as, found.purpose, found.here, found.interaction.value)
  const { state } = loaded
  const csrf = form.one('csrf')
  const foreign = checkCsrf(http, typeof csrf === 'string' ? csrf : undefined, csrfOf(as, found, state), as.origin)
  // By the browser's own word it came from a page of ours: one from before, of another step or another person. It counts for
  // nothing, and the page shows where things stand.
  if (foreign?.rule === 'BCP-06' && http.headers('sec-fetch-site')[0] === 'same-origin') return seeOther(found.url)
  if (foreign !== undefined)
    return errorPage(
      as,
      http,
      foreign,
      'This form is not from here',
      'It was sent from another page or an older session. Go back to the application and start again.',
      403,
    )
  switch (nextStep(state)?.name) {
    case 'select-account':
      return answerSelectAccount(as, http, found, state, form)
    case 'sign-up':
      return answerSignUp(as, http, found, state, form)
    case 'login':
      return answerLogin(as, http, found, state, form)
    case 'second-factor':
      return answerSecondFactor(as, http, found, state, form)
    case 'consent':
      return answerConsent(as, http, found, loaded, form)
    default:
      return goOn(as, http, found, state)
  }
}
