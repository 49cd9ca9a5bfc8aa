import type { ClientCertificate, HttpRequest } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { equalSecrets } from '@holdfast/protocol/secret'
import { certificateThumbprint } from '@holdfast/proof/node'

/** Thumbprints by certificate, of which there is one object a connection. */
const known: WeakMap<ClientCertificate, string> = new WeakMap()

/**
 * `x5t#S256` of the request's certificate (RFC 8705 §3.1); undefined without one. Who signed it does not matter: the
 * handshake proved the key, and that is all a token is bound to (MTLS-22).
 */
export function certificateOf({ clientCertificate }: HttpRequest): string | undefined {
  if (clientCertificate === undefined) return undefined
  const before = known.get(clientCertificate)
  if (before !== undefined) return before
  const x5t = certificateThumbprint(clientCertificate.der)
  known.set(clientCertificate, x5t)
  return x5t
}

/** RFC 8705 §3: a token that is bound to a certificate is worth nothing on any other connection. */
export function checkCertificate(request: HttpRequest, bound: string | undefined): OAuthError | undefined {
  if (bound === undefined) return undefined
  const shown = certificateOf(request)
  if (shown === undefined)
    return new OAuthError('invalid_token', 'the access token is bound to a certificate: connect with mutual TLS (RFC 8705 §3)', {
      rule: 'MTLS-21',
    })
  return equalSecrets(shown, bound)
    ? undefined
    : new OAuthError('invalid_token', 'the access token is bound to another certificate (RFC 8705 §3)', { rule: 'MTLS-20' })
}
