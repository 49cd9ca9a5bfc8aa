import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { witnessed } from '@holdfast/protocol/witness'
import type { AuthorizationServer } from '../authorization-server.ts'
import { nextStep } from '../interaction/next-step.ts'
import type { InteractionState } from '../interaction/state.ts'
import { seeOther } from './answer.ts'
import { type Found, finished } from './found-interaction.ts'
import { issueCode, refusalOf, refuse } from './proceed.ts'
import { isVisit } from './purpose.ts'
import { addressOf } from './sign-in.ts'

/** Nothing is needed any more, or nothing can be done: the way back to where the person came from. */
export async function goOn(
  as: AuthorizationServer,
  http: HttpRequest,
  found: Found,
  state: InteractionState,
  headers: Reply['headers'] = {},
): Promise<Reply> {
  const { purpose } = found
  if (isVisit(purpose)) {
    await as.store.commit(finished(found))
    return seeOther(addressOf(as, `/${purpose.place}`, purpose.userCode), headers)
  }
  const step = nextStep(state)
  const missing = step === undefined ? undefined : refusalOf(step, 'the person did not sign in')
  const refused = witnessed(http.witness, { about: 'interaction', check: 'nothing left to do', rule: 'OIDC-10' }, missing)
  if (refused !== undefined) return refuse(as, http, purpose, refused, finished(found))
  if (state.person === undefined) throw new Error('nothing is needed of nobody')
  const also = [...finished(found), ...(state.requested?.standing ?? [])]
  return issueCode(
    as,
    http,
    purpose,
    state.person.session,
    { also, again: () => seeOther(found.url, headers), witness: http.witness },
    headers,
  )
}
