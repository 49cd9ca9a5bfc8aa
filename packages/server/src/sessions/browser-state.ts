import { createHash } from 'node:crypto'
import { newSecret } from '@holdfast/protocol/secret'
import type { EpochSeconds } from '@holdfast/protocol/time'
import type { Lifetimes } from '../config/options.ts'
import { type DerivedKeys, mac } from '../keys/derived.ts'
import type { SessionRecord } from '../records.ts'

/** What the state of a browser is made of. */
export interface StateGround {
  readonly issuer: string
  readonly derived: DerivedKeys
  readonly lifetimes: Lifetimes
  readonly thirdPartyFrames: boolean
}

/** The cookie that the check frame reads: a name of the state, from which nothing of the session can be told. */
export function stateCookieName(issuer: string): string {
  return issuer.startsWith('https:') ? '__Host-holdfast-state' : 'holdfast-state'
}

/** Session Management §2: another one after a sign-in, a sign-out and a switch of person; the same while none of them happens. */
function stateOf(derived: DerivedKeys, { sid, subject, authTime }: SessionRecord): string {
  return mac(derived.current('browser-state'), JSON.stringify([sid, subject, authTime]))
}

/**
 * What is set beside the session cookie, for the script of the check frame to read: hence not HttpOnly. Nothing where the
 * frame is off.
 *
 * @param session of whoever is signed in now; undefined: nobody is
 */
export function stateCookie(
  { issuer, derived, lifetimes, thirdPartyFrames }: StateGround,
  session: SessionRecord | undefined,
  now: EpochSeconds,
): readonly string[] {
  if (!thirdPartyFrames) return []
  const value = session?.subject === undefined ? '' : stateOf(derived, session)
  const age = value === '' ? 0 : Math.max(0, (session?.createdAt ?? now) + lifetimes.sessionAbsolute - now)
  const attributes = issuer.startsWith('https:') ? 'SameSite=None; Secure' : 'SameSite=Lax'
  return [`${stateCookieName(issuer)}=${value}; Path=/; Max-Age=${age}; ${attributes}`]
}

/**
 * Session Management §2 (LOGO-22): what an authentication response says of the state. The check frame computes the same from
 * the client and origin that ask it and the cookie. An application without an origin can have no frame.
 */
export function sessionState(
  { derived, thirdPartyFrames }: StateGround,
  { clientId, redirectUri, scopes }: { readonly clientId: string; readonly redirectUri: string; readonly scopes: readonly string[] },
  session: SessionRecord,
): Readonly<Record<string, string>> {
  if (!thirdPartyFrames || !scopes.includes('openid')) return {}
  const { origin } = new URL(redirectUri)
  if (origin === 'null') return {}
  const salt = newSecret().slice(0, 16)
  const hash = createHash('sha256')
    .update(`${clientId} ${origin} ${stateOf(derived, session)} ${salt}`)
    .digest('base64url')
  return { session_state: `${hash}.${salt}` }
}
