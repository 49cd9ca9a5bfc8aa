import type { EpochSeconds, Seconds } from '@holdfast/protocol/time'
import type { PrivateJwk } from './session-key.ts'

/** What a session holds and no page may see. It rests encrypted. */
export interface Contents {
  readonly sub: string
  readonly sid: string | undefined
  /** Those that pages may see. */
  readonly claims: Readonly<Record<string, unknown>>
  /** The hint at sign-out (RP-Initiated Logout §2). */
  readonly idToken: string
  /** What was granted. */
  readonly scope: string
  readonly refreshToken: string | undefined
  /** The key that the tokens are bound to (RFC 9449): each session has one of its own. Absent without DPoP. */
  readonly key: PrivateJwk | undefined
  /** What the token of sign-in is for (RFC 8707); absent: the server said. */
  readonly resource: string | undefined
  /** The token of sign-in under `SIGN_IN`, and one for each API that was called. */
  readonly tokens: Readonly<Record<string, AccessToken>>
}

export interface AccessToken {
  readonly value: string
  readonly expiresAt: EpochSeconds
  /** How long it was good when it was new. */
  readonly life: Seconds
}

/** The place of the token that came with sign-in. */
export const SIGN_IN = 'sign-in'

/** Renewed when this much of its life is left, or a fifth where it is shorter-lived: a request that is under way must still arrive with it. */
const MARGIN: Seconds = 30

export function isFresh(token: AccessToken | undefined, now: EpochSeconds): token is AccessToken {
  return token !== undefined && token.expiresAt - now > Math.min(MARGIN, token.life / 5)
}

/** Whether an API would still take it. */
export function isAlive(token: AccessToken | undefined, now: EpochSeconds): token is AccessToken {
  return token !== undefined && token.expiresAt > now
}
