import type { HttpRequest } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { EpochSeconds } from '@holdfast/protocol/time'
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
  const binding = scheme === 'DPoP' ? dpopHolder(dpop, request, path, token, jkt, now) : notBearer(jkt)
  if (binding instanceof OAuthError) return binding
  const stranger = checkCertificate(request, x5t)
  if (stranger !== undefined) return stranger
  return confirmation === undefined ? undefined : { jkt, x5t, proof: binding?.proof }
}

function dpopHolder(
  dpop: DpopAtServer,
  request: HttpRequest,
  path: string,
  token: string,
  jkt: string | undefined,
  now: EpochSeconds,
): SenderConstraint | OAuthError {
  if (jkt === undefined)
    return new OAuthError('invalid_token', 'the access token is not bound to a DPoP key: show it as Bearer', { rule: 'DPOP-50' })
  const binding = dpop.check(request, path, now, token)
  if (binding === undefined) return new OAuthError('invalid_dpop_proof', 'the DPoP header is missing (RFC 9449 §7.1)', { rule: 'DPOP-51' })
  if (binding instanceof OAuthError || binding.jkt === jkt) return binding
  return new OAuthError('invalid_token', 'the access token is bound to another DPoP key', { rule: 'DPOP-48' })
}

function notBearer(jkt: string | undefined): OAuthError | undefined {
  return jkt === undefined
    ? undefined
    : new OAuthError('invalid_token', 'the access token is bound to a DPoP key and cannot be shown as Bearer (RFC 9449 §7.2)', {
        rule: 'DPOP-49',
      })
}
