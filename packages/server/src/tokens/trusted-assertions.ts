import { isJwsAlgorithm, type ParsedJws } from '@holdfast/proof'
import type { SigningAlgorithm } from '../config/client.ts'
import type { TrustedIssuer } from '../config/trusted-issuers.ts'
import type { ClientKeys } from '../keys/client-keys.ts'

/** An assertion whose signature is its issuer's. Nothing else about it was looked at. */
export interface GenuineAssertion {
  readonly issuer: TrustedIssuer
}

/** Assertions of other parties that this server was told to trust (RFC 7523 §3). */
export class TrustedAssertions {
  readonly #issuers: ReadonlyMap<string, TrustedIssuer>
  readonly #keys: ClientKeys

  constructor(issuers: readonly TrustedIssuer[], keys: ClientKeys) {
    this.#issuers = new Map(issuers.map((one) => [one.issuer, one]))
    this.#keys = keys
  }

  /** @returns why it is not, for the operator's log: outsiders are not told who is trusted here */
  async verify(assertion: ParsedJws, clientId: string): Promise<GenuineAssertion | string> {
    const { iss } = assertion.payload
    const issuer = typeof iss === 'string' ? this.#issuers.get(iss) : undefined
    if (issuer === undefined) return 'its issuer is not trusted'
    if (issuer.disabled) return `the issuer ${issuer.issuer} is disabled`
    if (!issuer.clients.includes(clientId)) return `the issuer ${issuer.issuer} is not for this client`
    const { alg } = assertion.header
    const named = alg === 'Ed25519' ? 'EdDSA' : alg
    if (!isJwsAlgorithm(alg) || !issuer.algorithms.includes(named as SigningAlgorithm)) return 'its alg is not one that its issuer may use'
    const unverified = await this.#keys.checkSignature(issuer, assertion, alg)
    return unverified === undefined ? { issuer } : `assertion: ${unverified}`
  }
}
