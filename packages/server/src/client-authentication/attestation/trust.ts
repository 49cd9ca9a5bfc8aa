import type { EpochSeconds, Seconds } from '@holdfast/protocol/time'
import { isJwsAlgorithm, type KeySet, type Nonces, parseKeySet, type ParsedJws, selectKeys } from '@holdfast/proof'
import { importPublicKey, verifyJws } from '@holdfast/proof/node'
import type { AttestationOptions, Attester } from '../../config/attestation.ts'

interface KnownAttester extends Attester {
  readonly keySet: KeySet
}

/** Who may attest client instances here, and the challenges that their proofs must carry. */
export class AttestationTrust {
  readonly draft: 9 | 10
  readonly maxAge: Seconds | undefined
  readonly #attesters: readonly KnownAttester[]
  readonly #challenges: Nonces | undefined

  /** @param nonces the same as those of DPoP: in combined mode the challenge is the proof's `nonce` (§5.2) */
  constructor(options: AttestationOptions, nonces: Nonces) {
    this.draft = options.draft ?? 9
    this.maxAge = options.maxAge
    this.#attesters = options.attesters.map((one) => ({ ...one, keySet: parseKeySet(one.jwks) ?? { keys: [] } }))
    this.#challenges = options.challenge === 'off' ? undefined : nonces
  }

  get challenges(): boolean {
    return this.#challenges !== undefined
  }

  /** @returns undefined where challenges are off */
  challenge(now: EpochSeconds): string | undefined {
    return this.#challenges?.issue(now)
  }

  /** Whether a proof's challenge is one of ours; with challenges off every proof passes. */
  knows(challenge: unknown, now: EpochSeconds): boolean {
    return this.#challenges === undefined || (typeof challenge === 'string' && this.#challenges.check(challenge, now))
  }

  /** Whether an attester that may attest this client signed. An attester of other clients counts as a stranger. */
  vouchedFor(attestation: ParsedJws, clientId: string): boolean {
    const { alg, kid } = attestation.header
    if (!isJwsAlgorithm(alg)) return false
    return this.#attesters.some(
      ({ clients, keySet }) =>
        (clients === undefined || clients.includes(clientId)) &&
        selectKeys(keySet, { alg, kid: typeof kid === 'string' ? kid : undefined }).some(({ jwk }) => {
          const key = importPublicKey(jwk)
          return key !== undefined && verifyJws(attestation, alg, key)
        }),
    )
  }
}
