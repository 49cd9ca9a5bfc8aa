import { Form } from '@holdfast/protocol/form'
import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { AuthorizationServer } from '../authorization-server.ts'
import { checkCsrf, csrfToken } from '../interaction/csrf.ts'
import { openReference } from './answer-waiting.ts'
import { errorPage } from './page.ts'
import { signedInPerson, type SignedInPerson } from './person.ts'
import type { Place } from '../records.ts'
import { notFromHere, toSignIn } from './sign-in.ts'

/** A form of ours about a request that waits, sent by the browser session that was shown it. */
export interface ReadAnswer {
  readonly person: SignedInPerson
  /** Of the request. */
  readonly id: string
  /** Undefined for anything but a clear yes or no, which is neither. */
  readonly answer: 'allow' | 'deny' | undefined
}

/**
 * Another session's form does not open here, so whoever is talked into signing in somewhere cannot be made to approve there
 * (RFC 8628 §5.4).
 *
 * @returns the reply to send instead, when nobody is signed in or the form is not one of this session's
 */
export async function readAnswer(as: AuthorizationServer, http: HttpRequest, place: Place): Promise<ReadAnswer | Reply> {
  const form = await Form.read(http)
  if (form instanceof OAuthError) return errorPage(as, http, form, 'This form could not be read', 'Go back and send it again.')
  const person = await signedInPerson(as, http)
  if (person === undefined) return toSignIn(as, place)
  const id = openReference(as, place, form.one('request'), person.session.id)
  const csrf = form.one('csrf')
  const expected = csrfToken(as.derived, person.session.id, `${place} ${id ?? ''}`)
  const foreign = checkCsrf(http, typeof csrf === 'string' ? csrf : undefined, expected, as.origin)
  if (id === undefined || foreign !== undefined) return notFromHere(as, http, foreign)
  const answer = form.one('answer')
  return { person, id, answer: answer === 'allow' || answer === 'deny' ? answer : undefined }
}
