import type { HttpRequest } from '@holdfast/protocol/http'
import type { AuthorizationServer } from '../authorization-server.ts'
import type { Person } from '../interaction/state.ts'
import { peopleOf } from './purpose.ts'

/** Who is signed in at a page of ours, and where. */
export type SignedInPerson = Person

/** @returns undefined for nobody, and for somebody whose account is gone, disabled, or asks for more than was proven */
export async function signedInPerson(as: AuthorizationServer, http: HttpRequest): Promise<SignedInPerson | undefined> {
  // The first whose account is there still, as at the sign-in: or the two would send the browser to each other for ever.
  const [person] = await peopleOf(as, await as.sessions.all(http, as.clock.now()))
  // Whoever has a second factor is signed in with it or not at all (A54).
  return person !== undefined && !person.account.disabled && as.authentication.enough(person.account, person.session.value.amr)
    ? person
    : undefined
}
