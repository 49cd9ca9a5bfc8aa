import type { Seconds } from '@holdfast/protocol/time'
import type { Fault } from './fault.ts'
import type { Lifetimes } from './options.ts'

/** One lifetime's bounds, in seconds, and the sentence that its documentation is made from. */
export interface LifetimeRule {
  readonly least: Seconds
  readonly most: Seconds
  readonly standard: Seconds
  readonly doc: string
}

const HOUR = 60 * 60
const DAY = 24 * HOUR

export const LIFETIMES: Readonly<Record<keyof Lifetimes, LifetimeRule>> = {
  authorizationCode: {
    least: 10,
    most: 60,
    standard: 60,
    doc: 'How long an authorization code may be redeemed (FAPI 2.0 §5.3.2.1: at most 60).',
  },
  pushedRequest: {
    least: 5,
    most: 599,
    standard: 300,
    doc: 'How long a pushed request waits for its browser (RFC 9126 §2.2; FAPI 2.0: less than 600).',
  },
  deviceCode: {
    least: 60,
    most: HOUR / 2,
    standard: 600,
    doc: 'How long a device waits for its person (RFC 8628 §3.2). A short time leaves those who talk people into typing a code little of it (§5.4).',
  },
  backchannelRequest: {
    least: 30,
    most: HOUR / 2,
    standard: 300,
    doc: 'How long a request waits for the person it is addressed to (CIBA Core §7.3). A client may ask for less with requested_expiry.',
  },
  interaction: { least: 60, most: HOUR, standard: HOUR / 2, doc: 'How long a person may take to sign in and consent.' },
  accessToken: {
    least: 30,
    most: HOUR,
    standard: 300,
    doc: 'How long an access token lives where its resource does not say. A JWT cannot be recalled from an API that does not ask, so keep it short.',
  },
  idToken: { least: 30, most: HOUR, standard: 300, doc: 'How long an ID token may be taken in.' },
  refreshTokenGrace: {
    least: 0,
    most: 120,
    standard: 10,
    doc: 'How long a rotated refresh token may be presented again. Within it a second use is a retry and is answered; after it the second use is theft and the family is revoked (RFC 9700 §4.14.2). With 0, two browser tabs that refresh at once sign the person out.',
  },
  refreshTokenAbsolute: {
    least: 300,
    most: 365 * DAY,
    standard: 30 * DAY,
    doc: 'How long refreshing goes on after the grant; rotation never moves the end.',
  },
  refreshTokenIdle: { least: 300, most: 365 * DAY, standard: 7 * DAY, doc: 'How long a refresh token may lie unused.' },
  sessionAbsolute: { least: 300, most: 90 * DAY, standard: 12 * HOUR, doc: 'How long a browser stays signed in after the sign-in.' },
  sessionIdle: { least: 60, most: 90 * DAY, standard: 2 * HOUR, doc: 'How long a browser stays signed in without being seen.' },
}

/** What holds where the operator says nothing. */
export const DEFAULT_LIFETIMES: Lifetimes = Object.fromEntries(
  Object.entries(LIFETIMES).map(([name, rule]) => [name, rule.standard]),
) as unknown as Lifetimes

/** @returns every lifetime that is out of its bounds or contradicts another, with paths below `lifetimes` */
export function checkLifetimes(lifetimes: Partial<Lifetimes>): readonly Fault[] {
  const all = { ...DEFAULT_LIFETIMES, ...lifetimes }
  const faults: Fault[] = []
  for (const [name, { least, most }] of Object.entries(LIFETIMES)) {
    const value = all[name as keyof Lifetimes]
    if (!Number.isInteger(value) || value < least || value > most)
      faults.push({ path: `lifetimes.${name}`, message: `must be a whole number of seconds from ${least} to ${most}` })
  }
  if (all.refreshTokenIdle > all.refreshTokenAbsolute)
    faults.push({
      path: 'lifetimes.refreshTokenIdle',
      message: `must be at most lifetimes.refreshTokenAbsolute, which is ${all.refreshTokenAbsolute}`,
    })
  if (all.sessionIdle > all.sessionAbsolute)
    faults.push({ path: 'lifetimes.sessionIdle', message: `must be at most lifetimes.sessionAbsolute, which is ${all.sessionAbsolute}` })
  return faults
}
