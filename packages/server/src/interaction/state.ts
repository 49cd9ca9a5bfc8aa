import type { EpochSeconds } from '@holdfast/protocol/time'
import type { AuthorizationRequest } from '../authorization/request.ts'
import type { Client } from '../config/client.ts'
import type { ConsentRecord, PendingSignIn } from '../records.ts'
import type { Session } from '../sessions/session.ts'
import type { Account } from './accounts.ts'

/** What the steps look at to tell whether they are needed: read anew for every request, so that no step can be skipped. */
export interface InteractionState {
  readonly request: AuthorizationRequest
  readonly client: Client
  readonly session: Session | undefined
  readonly account: Account | undefined
  /** What the person allowed this client before. */
  readonly consent: ConsentRecord | undefined
  /** What happened within this interaction. */
  readonly signedInAt: EpochSeconds | undefined
  readonly consented: boolean
  /** Whose password was right, while a second factor is owed. */
  readonly pending?: PendingSignIn | undefined
  readonly now: EpochSeconds
}
