import type { Seconds } from '@holdfast/protocol/time'

/** The pages of ours that a person must be signed in for: a closed list, so that nobody is ever led elsewhere (BCP-07). */
export const PLACES = {
  device: 'connect a device',
  approve: 'the requests that wait for you',
  account: 'your account',
} as const

export type Place = keyof typeof PLACES

/** Whoever changes how they sign in must have signed in within this time. */
export const FRESH: Seconds = 600

/** A sign-in for a page of ours. */
export interface Visit {
  readonly place: Place
  /** Goes along, and nothing else of the address. */
  readonly userCode: string | undefined
  /** Seconds. */
  readonly maxAge: Seconds | undefined
}
