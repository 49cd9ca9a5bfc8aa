import type { HttpRequest } from '@holdfast/protocol/http'
import type { AuthorizationServer } from '../authorization-server.ts'
import type { Account } from '../interaction/accounts.ts'
import type { Session } from '../sessions/session.ts'

/** Who is signed in at a page of ours, and where. */
export interface SignedInPerson {
  readonly session: Session
  readonly account: Account
}

/** @returns undefined for nobody, and for somebody whose account is gone or disabled */
export async function signedInPerson(as: AuthorizationServer, http: HttpRequest): Promise<SignedInPerson | undefined> {
  const session = await as.sessions.of(http, as.clock.now())
  const subject = session?.value.subject
  const account = subject === undefined ? undefined : await as.accounts.find(subject)
  return session === undefined || account === undefined || account.disabled ? undefined : { session, account }
}
