import type { Form } from '@holdfast/protocol/form'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { equalSecrets } from '@holdfast/protocol/secret'
import type { AuthorizationServer } from '../authorization-server.ts'
import { csrfToken } from '../interaction/csrf.ts'
import type { InteractionState, Person } from '../interaction/state.ts'
import { renderPage } from '../pages/render.ts'
import { SelectAccount } from '../pages/select-account.tsx'
import { stateCookie } from '../sessions/browser-state.ts'
import { seeOther } from './answer.ts'
import { type Found, frameOf, keep } from './found-interaction.ts'
import { formActionOf } from './interaction-consent.ts'
import { nameOf } from './purpose.ts'

/** That somebody signed in before the choice, and has gone, answers nothing for whoever is chosen. */
const CHOSEN = { selected: true, choosing: false, signedInAt: undefined } as const

/** OIDC-14: whose account it is to be. */
export function showSelectAccount(as: AuthorizationServer, found: Found, state: InteractionState): Reply {
  const page = SelectAccount({
    ...frameOf(as, found, state),
    clientName: nameOf(found.purpose),
    people: state.people.map((person) => ({
      reference: referenceOf(as, found, person),
      displayName: person.account.displayName,
      username: person.account.username,
    })),
  })
  return renderPage(page, { status: 200, formAction: formActionOf(found.purpose) })
}

export async function answerSelectAccount(
  as: AuthorizationServer,
  http: HttpRequest,
  found: Found,
  state: InteractionState,
  form: Form,
): Promise<Reply> {
  const answer = form.one('account')
  if (answer === 'other') {
    await keep(as, found, { ...CHOSEN, subject: undefined, signInAgain: true })
    return seeOther(found.url)
  }
  const chosen = state.people.find((person) => typeof answer === 'string' && equalSecrets(answer, referenceOf(as, found, person)))
  if (chosen === undefined) return seeOther(found.url)
  const sessionId = chosen.session.id
  const kept = await keep(as, found, { ...CHOSEN, sessionId, subject: chosen.account.sub })
  const cookies = [as.sessions.chosen(http, sessionId), ...stateCookie(as, chosen.session.value, state.now)]
  return seeOther(found.url, kept === undefined ? {} : { 'set-cookie': cookies })
}

/** Names a person on this page alone. */
function referenceOf(as: AuthorizationServer, { interaction }: Found, { session }: Person): string {
  return csrfToken(as.derived, session.id, `choose in ${interaction.id}`)
}
