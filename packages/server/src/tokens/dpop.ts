import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { DPOP_ALGORITHMS, type Nonces } from '@holdfast/proof'
import { checkDpopProof, createNonces } from '@holdfast/proof/node'
import type { Memory } from '@holdfast/proof/memory'
import type { DerivedKeys } from '../keys/derived.ts'
import type { SenderConstraint } from './sender-constraint.ts'

/** DPoP at the server's own endpoints (RFC 9449 §5, §8): one nonce policy for all of them. */
export class DpopAtServer {
  readonly #bases: readonly [string, ...string[]]
  /** Current whether the policy asks for them or not: attestation challenges are the same values. */
  readonly nonces: Nonces
  readonly #required: boolean
  readonly #memory: Memory

  /** @param bases the issuer, and what else `htu` may begin with */
  constructor(bases: readonly [string, ...string[]], policy: 'required' | 'off', derived: DerivedKeys, memory: Memory) {
    this.#bases = bases
    this.nonces = createNonces({ key: derived.current('dpop-nonce').bytes })
    this.#required = policy === 'required'
    this.#memory = memory
  }

  /**
   * Checks the proof of a request without spending it.
   *
   * @param path of the endpoint, relative to the issuer: `htu` is compared with the configured URL
   * @param accessToken given where a token is shown: then `ath` must fit it
   * @param nonceRequired asks for a nonce even where the policy does not
   * @returns undefined when the request has no `DPoP` header
   */
  check(
    request: HttpRequest,
    path: string,
    now: EpochSeconds,
    accessToken?: string,
    nonceRequired: boolean = this.#required,
  ): SenderConstraint | OAuthError | undefined {
    const headers = request.headers('dpop')
    if (headers.length === 0) return undefined
    const [base, ...others] = this.#bases
    const proof = checkDpopProof({
      headers,
      method: request.method,
      url: base + path,
      otherUrls: others.map((one) => one + path),
      now,
      algorithms: DPOP_ALGORITHMS,
      nonce: nonceRequired ? this.nonces : undefined,
      accessToken,
      // Where a token is shown nothing is committed: a proof from before this memory began might have been used (design §6).
      notBefore: accessToken === undefined ? undefined : this.#memory.startedAt,
      witness: request.witness,
    })
    if (proof instanceof OAuthError) return proof
    return {
      jkt: proof.jkt,
      x5t: undefined,
      proof: {
        replayKey: proof.replayKey,
        replayUntil: proof.replayUntil,
        burn: { op: 'insert', kind: 'dpop_jti', id: proof.replayKey, value: {}, expiresAt: proof.replayUntil },
      },
    }
  }

  /** A fresh nonce goes with every answer to a request that had a proof (RFC 9449 §8.2). */
  headers(request: HttpRequest, now: EpochSeconds): Reply['headers'] {
    return this.#required && request.headers('dpop').length > 0 ? { 'dpop-nonce': this.nonces.issue(now) } : {}
  }
}
