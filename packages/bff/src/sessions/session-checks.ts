import type { EpochSeconds } from '@holdfast/protocol/time'
import type { NamedCheck } from '@holdfast/protocol/witness'
import type { Settings } from '../settings.ts'

/** A session that was found, and what it must agree with. */
interface Found {
  readonly application: string
  readonly idleAt: EpochSeconds
  readonly endsAt: EpochSeconds
  readonly settings: Pick<Settings, 'application' | 'clock'>
}

/** Whether a session is alive, wherever it is kept. */
export const sessionChecks: readonly NamedCheck<Found, string>[] = [
  { name: 'application', rule: 'BFF-07', check: checkApplication },
  { name: 'idle end', rule: 'BFF-06', check: checkIdleEnd },
  { name: 'absolute end', rule: 'BFF-06', check: checkAbsoluteEnd },
]

/** That the cookie belongs to a session, and that what it holds can be opened: they make the next value. */
export const COOKIE_KNOWN = { about: 'session', check: 'cookie known', rule: 'BFF-08' }
export const OPENS = { about: 'session', check: 'opens', rule: 'BFF-23' }
export const NOT_ENDED = { about: 'session', check: 'not ended', rule: 'BFF-10' }
export const NOBODY = 'the cookie is missing, or of no session'

/** Another application on the same store, or with the same secrets, is another audience. */
function checkApplication({ application, settings }: Found): string | undefined {
  return application === settings.application ? undefined : 'the session is of another application'
}

function checkIdleEnd({ idleAt, settings }: Found): string | undefined {
  return idleAt > settings.clock.now() ? undefined : 'the session was idle for too long'
}

function checkAbsoluteEnd({ endsAt, settings }: Found): string | undefined {
  return endsAt > settings.clock.now() ? undefined : 'the session is older than any may be'
}
