/** One request of the list. Plain data: a runtime that cannot make tokens is handed the list as JSON. */
export interface Row {
  readonly name: string
  readonly sent: Sent
  readonly expected: Expected
}

/** Lines in order, repeats included; bytes beyond ASCII as Latin-1. */
export interface Sent {
  readonly method: string
  readonly target: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: string
}

/** Written by hand beside each request, so that the recorded answers cannot hide a fault. */
export interface Expected {
  readonly status: number
  /** `error` of the body, and of each challenge that has one. */
  readonly error?: string
  /** The schemes of the challenges, in order. */
  readonly schemes?: string
}

export const ALLOWED: Expected = { status: 200 }
/** Nothing was shown that is a token: both schemes are offered, no error is told (RFC 6750 §3.1). */
export const NOTHING_SHOWN: Expected = { status: 401, schemes: 'Bearer DPoP' }
export const UNREADABLE: Expected = { status: 400, error: 'invalid_request', schemes: 'Bearer DPoP' }
export const NOT_NOW: Expected = { status: 503, error: 'temporarily_unavailable' }
/** In the challenge of the scheme that was used (DPOP-56). */
export const BAD_BEARER: Expected = { status: 401, error: 'invalid_token', schemes: 'Bearer' }
/** The token must be of another kind: DPoP is offered beside the scheme that was used. */
export const WANTS_DPOP: Expected = { status: 401, error: 'invalid_token', schemes: 'Bearer DPoP' }
export const BAD_TOKEN: Expected = { status: 401, error: 'invalid_token', schemes: 'DPoP' }
export const BAD_PROOF: Expected = { status: 401, error: 'invalid_dpop_proof', schemes: 'DPoP' }
export const NONCE_WANTED: Expected = { status: 401, error: 'use_dpop_nonce', schemes: 'DPoP' }

export function refused(status: number, error: string, schemes: string): Expected {
  return { status, error, schemes }
}
