import type { Seconds } from '@holdfast/protocol/time'
import type { Place } from '../records.ts'

/** The pages of ours that a person must be signed in for: a closed list, so that nobody is ever led elsewhere (BCP-07). */
export const PLACES: Readonly<Record<Place, string>> = {
  device: 'connect a device',
  approve: 'the requests that wait for you',
  account: 'your account',
  'account/factors': 'change how you sign in',
}

/** Whoever changes how they sign in must have signed in within this time, and with a second factor if they have one. */
export const FRESH: Seconds = 600
