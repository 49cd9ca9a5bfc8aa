import type { HttpRequest } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds } from '@holdfast/protocol/time'
import { tellerOf } from '@holdfast/protocol/witness'
import { checkCertificate } from './certificate.ts'
import type { DpopAtServer } from './dpop.ts'
import type { Confirmation, SenderConstraint } from './sender-constraint.ts'

/** An access token as a request shows it. */
export interface ShownToken {
  readonly scheme: 'Bearer' | 'DPoP'
  readonly token: string
}

/**
 * Whether the sender of a request holds every key that the access token it shows is bound to: the scheme, a DPoP proof
 * by the key, the certificate of the connection (DPOP-46 to DPOP-51, MTLS-20, MTLS-21). The same wherever one of our
 * tokens is shown to us; nothing is spent.
 *
 * @param path of the endpoint, relative to the issuer
 * @returns what was proven, whose proof is to be burnt after all other checks; undefined for a bearer token
 */
export function checkHolder(
  dpop: DpopAtServer,
  request: HttpRequest,
  path: string,
  { scheme, token }: ShownToken,
  confirmation: Confirmation | undefined,
  now: EpochSeconds,
): SenderConstraint | OAuthError | undefined {
  const { jkt, x5t } = confirmation ?? {}
  const tell = tellerOf('access token', request.witness)
  const wrong = tell('scheme', 'DPOP-49', checkScheme(scheme, jkt))
  if (wrong !== undefined) return wrong
  const proven = scheme === 'DPoP' ? dpop.check(request, path, now, token) : undefined
  if (proven instanceof OAuthError) return proven
  const binding = scheme === 'DPoP' ? tell('DPoP proof', 'DPOP-51', proven ?? noProof()) : undefined
  if (binding instanceof OAuthError) return binding
  const other = tell('DPoP key', 'DPOP-48', checkKey(binding, jkt))
  if (other !== undefined) return other
  const stranger = tell('certificate', 'MTLS-20', checkCertificate(request, x5t))
  if (stranger !== undefined) return stranger
  return confirmation === undefined ? undefined : { jkt, x5t, proof: binding?.proof }
}

function checkScheme(scheme: ShownToken['scheme'], jkt: string | undefined): OAuthError | undefined {
  if (scheme === 'DPoP' && jkt === undefined)
    return new OAuthError('invalid_token', 'the access token is not bound to a DPoP key: show it as Bearer', { rule: 'DPOP-50' })
  if (scheme === 'Bearer' && jkt !== undefined)
    return new OAuthError('invalid_token', 'the access token is bound to a DPoP key and cannot be shown as Bearer (RFC 9449 §7.2)', {
      rule: 'DPOP-49',
    })
  return undefined
}

function noProof(): OAuthError {
  return new OAuthError('invalid_dpop_proof', 'the DPoP header is missing (RFC 9449 §7.1)', { rule: 'DPOP-51' })
}

function checkKey(binding: SenderConstraint | undefined, jkt: string | undefined): OAuthError | undefined {
  if (binding?.jkt === jkt) return undefined
  return new OAuthError('invalid_token', 'the access token is bound to another DPoP key', { rule: 'DPOP-48' })
}
