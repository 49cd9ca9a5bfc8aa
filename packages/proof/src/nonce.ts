import type { EpochSeconds, Seconds } from '@holdfast/protocol/time'

/** Tells whether a nonce is one that was supplied lately (RFC 9449 §8). */
export interface NonceCheck {
  check(nonce: string, now: EpochSeconds): boolean
}

/** As `NonceCheck`, for the WebCrypto path. */
export interface AsyncNonceCheck {
  check(nonce: string, now: EpochSeconds): boolean | Promise<boolean>
}

/**
 * Stateless nonces: a MAC of the minute, so that any node with the key checks what any other issued. The current
 * and the previous one are accepted, so each is good for 60 to 120 seconds (RFC 9449 §8.2). A client may use one
 * for many proofs; `jti` keeps those apart.
 */
export interface Nonces extends NonceCheck {
  /** The nonce for `DPoP-Nonce`: 22 base64url characters, which are NQCHAR (RFC 9449 §8.1). */
  issue(now: EpochSeconds): string
}

export interface AsyncNonces extends AsyncNonceCheck {
  issue(now: EpochSeconds): Promise<string>
}

export const NONCE_STEP: Seconds = 60
const MIN_KEY_BYTES = 32
/** 128 bits of the MAC: beyond guessing within a step's two minutes. */
const NONCE_LENGTH = 22

export function stepOf(now: EpochSeconds): number {
  return Math.floor(now / NONCE_STEP)
}

/** What is signed. The label keeps these MACs apart from any other use of the key. */
export function nonceMessage(step: number): string {
  return `holdfast dpop nonce ${step}`
}

export function nonceOf(mac: string): string {
  return mac.slice(0, NONCE_LENGTH)
}

/** @throws RangeError a short key is a fault of the configuration */
export function checkNonceKey(key: Uint8Array): void {
  if (key.length < MIN_KEY_BYTES) throw new RangeError(`the key of DPoP nonces must have at least ${MIN_KEY_BYTES} bytes`)
}

/** The nonces of a few steps around now: at most four are kept. */
export class StepCache<V> {
  readonly #make: (step: number) => V
  readonly #steps: Map<number, V> = new Map()

  constructor(make: (step: number) => V) {
    this.#make = make
  }

  at(step: number): V {
    const known = this.#steps.get(step)
    if (known !== undefined) return known
    const made = this.#make(step)
    if (this.#steps.size >= 4) this.#steps.clear()
    this.#steps.set(step, made)
    return made
  }
}
