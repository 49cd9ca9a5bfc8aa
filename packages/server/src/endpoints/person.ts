import type { HttpRequest } from '@holdfast/protocol/http'
import type { AuthorizationServer } from '../authorization-server.ts'
import type { Account } from '../interaction/accounts.ts'
import { provenEnough } from '../interaction/next-step.ts'
import type { Session } from '../sessions/session.ts'

/** Who is signed in at a page of ours, and where. */
export interface SignedInPerson {
  readonly session: Session
  readonly account: Account
}

/** @returns undefined for nobody, and for somebody whose account is gone, disabled, or asks for more than was proven */
export async function signedInPerson(as: AuthorizationServer, http: HttpRequest): Promise<SignedInPerson | undefined> {
  const session = await as.sessions.of(http, as.clock.now())
  const subject = session?.value.subject
  const account = subject === undefined ? undefined : await as.accounts.find(subject)
  if (session === undefined || account === undefined || account.disabled) return undefined
  // Whoever has a second factor is signed in with it or not at all (A54).
  return provenEnough(account, session.value.amr) ? { session, account } : undefined
}
