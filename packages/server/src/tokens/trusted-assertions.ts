import { OAuthError } from '@holdfast/protocol/oauth-error'
import { firstRefusal, type NamedCheck, tellerOf, type Witness } from '@holdfast/protocol/witness'
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

  /** @returns one refusal whatever is wrong: outsiders are not told who is trusted here. Its detail says it to the operator */
  async verify(assertion: ParsedJws, clientId: string, witness?: Witness): Promise<GenuineAssertion | OAuthError> {
    const tell = tellerOf('assertion', witness)
    const issuer = tell('trusted issuer', 'CAUTH-35', this.#issuerOf(assertion))
    if (issuer instanceof OAuthError) return issuer
    const strange = firstRefusal('assertion', issuerChecks, { issuer, assertion, clientId }, witness)
    if (strange !== undefined) return strange
    return tell('signature', 'CAUTH-35', await this.#checkSignature(issuer, assertion)) ?? { issuer }
  }

  #issuerOf({ payload: { iss } }: ParsedJws): TrustedIssuer | OAuthError {
    return (typeof iss === 'string' ? this.#issuers.get(iss) : undefined) ?? untrusted('its issuer is not trusted')
  }

  async #checkSignature(issuer: TrustedIssuer, assertion: ParsedJws): Promise<OAuthError | undefined> {
    const { alg } = assertion.header
    const unverified = isJwsAlgorithm(alg) ? await this.#keys.checkSignature(issuer, assertion, alg) : 'its alg is unknown'
    return unverified === undefined ? undefined : untrusted(`assertion: ${unverified}`)
  }
}

interface Vouched {
  readonly issuer: TrustedIssuer
  readonly assertion: ParsedJws
  readonly clientId: string
}

const issuerChecks: readonly NamedCheck<Vouched, OAuthError>[] = [
  { name: 'issuer not disabled', rule: 'CAUTH-35', check: checkEnabled },
  { name: 'issuer for this client', rule: 'CAUTH-35', check: checkClient },
  { name: 'alg', rule: 'CAUTH-35', check: checkAlg },
]

function checkEnabled({ issuer }: Vouched): OAuthError | undefined {
  if (issuer.disabled) return untrusted(`the issuer ${issuer.issuer} is disabled`)
  return undefined
}

function checkClient({ issuer, clientId }: Vouched): OAuthError | undefined {
  if (!issuer.clients.includes(clientId)) return untrusted(`the issuer ${issuer.issuer} is not for this client`)
  return undefined
}

function checkAlg({ issuer, assertion }: Vouched): OAuthError | undefined {
  const { alg } = assertion.header
  const named = alg === 'Ed25519' ? 'EdDSA' : alg
  if (!isJwsAlgorithm(alg) || !issuer.algorithms.includes(named as SigningAlgorithm))
    return untrusted('its alg is not one that its issuer may use')
  return undefined
}

function untrusted(detail: string): OAuthError {
  return new OAuthError('invalid_grant', 'assertion is by no issuer that is trusted for this client', { rule: 'CAUTH-35', detail })
}
