/** Whole seconds since 1970-01-01T00:00:00Z, as in a JWT's NumericDate (RFC 7519 §2). */
export type EpochSeconds = number
/** A length of time in whole seconds. */
export type Seconds = number

/** Where the present comes from: an argument everywhere, so that a test can hold time still. */
export interface Clock {
  now(): EpochSeconds
}

export const systemClock: Clock = { now: () => Math.floor(Date.now() / 1000) }
