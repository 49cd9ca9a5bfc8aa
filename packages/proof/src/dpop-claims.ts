import { DEFAULT_MAX_AGE, DEFAULT_MAX_AHEAD, MAX_JTI_LENGTH, type PresentedProof } from './dpop-input.ts'
import { normaliseOwnTarget } from './dpop-target.ts'
import { after, type Hashing, type Maybe } from './engine.ts'
import type { AsyncNonceCheck } from './nonce.ts'

/** Rules for the claims of a proof (RFC 9449 §4.2, §4.3). Each gives the reason it refuses, or undefined. */

type Proof = PresentedProof<unknown>

export function checkClaimTypes({ jws: { payload } }: Proof): string | undefined {
  for (const claim of ['jti', 'htm', 'htu']) if (typeof payload[claim] !== 'string') return `${claim} in the proof must be a string`
  return isNumericDate(payload['iat']) ? undefined : 'iat in the proof must be a number of seconds'
}

/** The cap keeps a client from filling the memory of those who store it as sent (RFC 9449 §11.1). */
export function checkJti({ jws: { payload } }: Proof): string | undefined {
  const jti = payload['jti']
  return typeof jti === 'string' && jti.length >= 1 && jti.length <= MAX_JTI_LENGTH
    ? undefined
    : `jti in the proof must have 1 to ${MAX_JTI_LENGTH} characters`
}

export function checkHtm({ jws: { payload }, input }: Proof): string | undefined {
  return payload['htm'] === input.method
    ? undefined
    : `htm in the proof is ${shown(payload['htm'])}, this request is ${shown(input.method)}`
}

export function checkHtu({ input: { otherUrls = [] }, jws: { payload }, htu, target }: Proof): string | undefined {
  if (htu !== undefined && (htu === target || otherUrls.some((url) => htu === normaliseOwnTarget(url)))) return undefined
  return `htu in the proof is ${shown(payload['htu'])}, this endpoint is ${shown(target)}`
}

export function checkNotTooOld({ jws: { payload }, input }: Proof): string | undefined {
  const maxAge = input.maxAgeSeconds ?? DEFAULT_MAX_AGE
  const age = input.now - secondsOf(payload['iat'])
  return age <= maxAge ? undefined : `iat in the proof is ${whole(age)} seconds ago, at most ${maxAge} are allowed`
}

export function checkNotAhead({ jws: { payload }, input }: Proof): string | undefined {
  const maxAhead = input.maxAheadSeconds ?? DEFAULT_MAX_AHEAD
  const ahead = secondsOf(payload['iat']) - input.now
  return ahead <= maxAhead
    ? undefined
    : `iat in the proof is ${whole(ahead)} seconds ahead of this server's clock, at most ${maxAhead} are allowed`
}

/** A memory that began after the proof was made cannot tell whether it was used before. */
export function checkMemoryKnows({ jws: { payload }, input }: Proof): string | undefined {
  if (input.notBefore === undefined || Math.floor(secondsOf(payload['iat'])) >= input.notBefore) return undefined
  return 'iat in the proof is before this server started: make a new proof'
}

/** RFC 9449 asks for neither; a client that sets an end wants it kept. */
export function checkExp({ jws: { payload }, input }: Proof): string | undefined {
  if (payload['exp'] === undefined) return undefined
  return input.now < secondsOf(payload['exp']) ? undefined : 'exp in the proof has passed'
}

/** A clock may be ahead here as far as for `iat`. */
export function checkNbf({ jws: { payload }, input }: Proof): string | undefined {
  if (payload['nbf'] === undefined) return undefined
  const maxAhead = input.maxAheadSeconds ?? DEFAULT_MAX_AHEAD
  return secondsOf(payload['nbf']) <= input.now + maxAhead ? undefined : 'nbf in the proof has not come yet'
}

/** RFC 9449 §11.3: once nonces are required, a proof without one is never accepted. */
export function checkNoncePresent({ jws: { payload }, input }: Proof): string | undefined {
  return input.nonce === undefined || typeof payload['nonce'] === 'string'
    ? undefined
    : 'nonce in the proof is required: use the one in DPoP-Nonce'
}

export function checkNonceKnown({ jws: { payload }, input }: PresentedProof<AsyncNonceCheck>): Maybe<string | undefined> {
  const nonce = payload['nonce']
  if (input.nonce === undefined || typeof nonce !== 'string') return undefined
  return after(input.nonce.check(nonce, input.now), (known) =>
    known ? undefined : 'nonce in the proof is unknown or has expired: use the one in DPoP-Nonce',
  )
}

export function checkAth({ jws: { payload }, input }: Proof, engine: Hashing): Maybe<string | undefined> {
  if (input.accessToken === undefined) return undefined
  if (typeof payload['ath'] !== 'string') return 'ath in the proof is missing: the hash of the access token'
  return after(engine.sha256Base64url(input.accessToken), (hash) =>
    payload['ath'] === hash ? undefined : 'ath in the proof is not the hash of this access token',
  )
}

/** NaN for what is no date, and every comparison with NaN refuses. */
function secondsOf(value: unknown): number {
  return isNumericDate(value) ? value : Number.NaN
}

/** RFC 7519 §2: seconds, a fraction allowed. Beyond the safe integers a sum would lose its seconds. */
function isNumericDate(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER / 2
}

function whole(seconds: number): string {
  return Number.isNaN(seconds) ? 'an unknown number of' : String(Math.ceil(seconds))
}

/** Two such values and the words around them fit into a description. */
function shown(value: unknown): string {
  if (typeof value !== 'string') return 'not a URL'
  return value.length > 160 ? `${value.slice(0, 157)}...` : value
}
