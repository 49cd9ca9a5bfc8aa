import type { HttpRequest } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { firstRefusal, type NamedCheck, type Witness, witnessed } from '@holdfast/protocol/witness'
import type { Client } from '../config/client.ts'
import { certificateOf } from './certificate.ts'
import type { DpopAtServer } from './dpop.ts'
import type { SenderConstraint } from './sender-constraint.ts'

/**
 * The keys that what is issued to this request will be bound to; nothing is spent. A DPoP proof always binds: the
 * client made it for that. A certificate binds where the client registered it (RFC 8705 §3.4), since one that
 * only authenticates the client would otherwise bind tokens that it sends from elsewhere. With both, both (MTLS-29).
 *
 * @param path of the endpoint, relative to the issuer
 * @returns undefined where there is nothing to bind to; `checkBound` says whether the client may go on like that
 */
export function senderConstraint(
  dpop: DpopAtServer,
  request: HttpRequest,
  path: string,
  client: Client,
  now: EpochSeconds,
): SenderConstraint | OAuthError | undefined {
  const proven = dpop.check(request, path, now)
  if (proven instanceof OAuthError || !client.certificateBoundAccessTokens) return proven
  const x5t = certificateOf(request)
  return x5t === undefined ? proven : { jkt: proven?.jkt, x5t, proof: proven?.proof }
}

/** Whether a request proved every key that its client's tokens must be bound to. */
export function checkBound(client: Client, binding: SenderConstraint | undefined, witness?: Witness): OAuthError | undefined {
  return firstRefusal('binding', boundChecks, { client, binding }, witness)
}

interface ToBind {
  readonly client: Client
  readonly binding: SenderConstraint | undefined
}

const boundChecks: readonly NamedCheck<ToBind, OAuthError>[] = [
  { name: 'DPoP key', rule: 'DPOP-26', check: checkKeyProven },
  { name: 'certificate', rule: 'MTLS-24', check: checkCertificateShown },
]

function checkKeyProven({ client, binding }: ToBind): OAuthError | undefined {
  if (client.dpopBoundAccessTokens && binding?.jkt === undefined)
    return new OAuthError('invalid_request', 'this client must send a DPoP proof (RFC 9449 §5.2)', { rule: 'DPOP-26' })
  return undefined
}

function checkCertificateShown({ client, binding }: ToBind): OAuthError | undefined {
  if (client.certificateBoundAccessTokens && binding?.x5t === undefined)
    return new OAuthError('invalid_request', 'this client must connect with its certificate by mutual TLS (RFC 8705 §3.4)', {
      rule: 'MTLS-24',
    })
  return undefined
}

/** Whether the key that a request names (`dpop_jkt`) is the one that its proof shows; either may be absent. */
export function checkSameKey(
  { dpopJkt }: { readonly dpopJkt: string | undefined },
  binding: SenderConstraint | undefined,
  witness?: Witness,
): OAuthError | undefined {
  const differs = dpopJkt !== undefined && binding?.jkt !== undefined && dpopJkt !== binding.jkt
  return witnessed(witness, { about: 'binding', check: 'dpop_jkt', rule: 'DPOP-33' }, differs ? otherKey() : undefined)
}

function otherKey(): OAuthError {
  return new OAuthError('invalid_request', 'dpop_jkt is not the thumbprint of the key of the DPoP proof (RFC 9449 §10.1)', {
    rule: 'DPOP-33',
  })
}
