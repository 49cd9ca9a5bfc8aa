import type { HttpRequest } from '@holdfast/protocol/http'
import type { AuthorizationServer } from '../authorization-server.ts'
import type { Person } from '../interaction/state.ts'
import { peopleOf } from './purpose.ts'

/** Who is signed in at a page of ours, and where. */
export type SignedInPerson = Person

/** @returns undefined for nobody, and for somebody whose account is gone, disabled, or asks for more than was proven */
export async function signedInPerson(as: AuthorizationServer, http: HttpRequest): Promise<SignedInPerson | undefined> {
  const session = await as.sessions.of(http, as.clock.now())
  const [person] = session === undefined ? [] : await peopleOf(as, [session])
  // Whoever has a second factor is signed in with it or not at all (A54).
  return person !== undefined && !person.account.disabled && as.authentication.enough(person.account, person.session.value.amr)
    ? person
    : undefined
}
