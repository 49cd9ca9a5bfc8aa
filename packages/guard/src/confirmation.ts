import type { ClientCertificate } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { Scheme } from './challenge.ts'

/** The keys that a token is bound to (RFC 7800 §3.1): with both, both must be shown (MTLS-29). */
export interface Confirmation {
  /** Thumbprint of the DPoP key (RFC 9449 §6.1). */
  readonly jkt: string | undefined
  /** `x5t#S256`: SHA-256 of the client's certificate (RFC 8705 §3.1). */
  readonly x5t: string | undefined
}

/** Which tokens an API takes at all. */
export interface BindingRules {
  readonly dpopRequired: boolean
  readonly bindingRequired: boolean
}

/** What the holder of a token must prove; neither for a bearer token. Every member of `cnf` counts, known or not (DPOP-49, DPOP-60). */
export function confirmationOf(cnf: unknown, scheme: Scheme, rules: BindingRules): Confirmation | OAuthError {
  const found = cnf === undefined ? { jkt: undefined, x5t: undefined } : readConfirmation(cnf)
  if (found === undefined) return invalid('the access token is bound in a way that this API cannot check (cnf)', 'DPOP-60')
  if (scheme === 'DPoP' && found.jkt === undefined)
    return invalid('the access token is not bound to a DPoP key: show it as Bearer', 'DPOP-50')
  if (scheme === 'Bearer' && found.jkt !== undefined)
    return invalid(
      'the access token is bound to a DPoP key (cnf.jkt): show it under the scheme DPoP, with a proof (RFC 9449 §7.2)',
      'DPOP-49',
    )
  if (rules.dpopRequired && found.jkt === undefined) return invalid('this API takes DPoP-bound access tokens only', 'DPOP-59')
  if (rules.bindingRequired && found.jkt === undefined && found.x5t === undefined)
    return invalid('this API takes access tokens only that are bound to a DPoP key or a certificate', 'FAPI-63')
  return found
}

function readConfirmation(cnf: unknown): Confirmation | undefined {
  const { jkt, 'x5t#S256': x5t, ...others } = (typeof cnf === 'object' && cnf !== null ? cnf : {}) as Readonly<Record<string, unknown>>
  const known = isThumbprint(jkt) && isThumbprint(x5t) && (jkt !== undefined || x5t !== undefined)
  return known && Object.keys(others).length === 0 ? { jkt, x5t } : undefined
}

function isThumbprint(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string'
}

/**
 * The certificate of this connection is the one that the token is bound to (MTLS-20), and there is one (MTLS-21). Who
 * signed it does not matter: the handshake proved its key (RFC 8705 §6.2).
 */
export async function checkCertificate(
  certificate: ClientCertificate | undefined,
  bound: string,
  thumbprint: (der: Uint8Array) => string | Promise<string>,
): Promise<OAuthError | undefined> {
  if (certificate === undefined)
    return invalid('the access token is bound to a certificate: connect with mutual TLS (RFC 8705 §3)', 'MTLS-21')
  return (await thumbprint(certificate.der)) === bound
    ? undefined
    : invalid('the access token is bound to another certificate (cnf x5t#S256)', 'MTLS-20')
}

function invalid(description: string, rule: string): OAuthError {
  return new OAuthError('invalid_token', description, { rule })
}
