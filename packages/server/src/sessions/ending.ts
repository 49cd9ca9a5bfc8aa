import type { Clock } from '@holdfast/protocol/time'
import { event } from '../events.ts'
import type { ServerStore } from '../records.ts'
import type { Session } from './session.ts'

export interface EndingGround {
  readonly store: ServerStore
  readonly clock: Clock
}

/** Tries against tabs that move a session's idle end. */
const TRIES = 20

/** Ends sessions. One that is gone already is no conflict: somebody else ended it. */
export async function endSessions({ store, clock }: EndingGround, sessions: readonly Session[], reason: 'account'): Promise<void> {
  for (const session of sessions) {
    let left: Session | undefined = session
    for (let tries = 0; tries < TRIES && left !== undefined; tries++) {
      const { id, version, value }: Session = left
      const outcome = await store.commit([
        { op: 'require', kind: 'session', id, expected: version },
        { op: 'delete', kind: 'session', id },
        event('account.session_ended', clock.now(), { subject: value.subject }, { reason, sid: value.sid }),
      ])
      left = outcome === 'committed' ? undefined : await store.read('session', id)
    }
  }
}
