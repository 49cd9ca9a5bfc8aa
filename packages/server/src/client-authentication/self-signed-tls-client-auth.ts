import type { OAuthError } from '@holdfast/protocol/oauth-error'
import type { Client } from '../config/client.ts'
import { presentCertificate, type ShownCertificate } from './certificate.ts'
import { wrongCredentials } from './client-secret.ts'
import type { ClientAuthenticationMethod } from './method.ts'

/** RFC 8705 §2.2: a certificate that the client registered itself. Nobody signed it, so its chain is not asked for (MTLS-14). */
export const selfSignedTlsClientAuth: ClientAuthenticationMethod = {
  name: 'self_signed_tls_client_auth',
  spec: 'RFC 8705 §2.2',
  implied: true,
  available: ({ mutualTls }) => mutualTls !== undefined,
  present: (request, form) => presentCertificate(request, form, fault),
}

function fault(client: Client, { x509 }: ShownCertificate): OAuthError | undefined {
  const registered = registeredCertificates(client).some((der) => der.equals(x509.raw))
  return registered ? undefined : wrongCredentials('the client certificate is not among those in jwks (x5c)', 'MTLS-14')
}

/** Keyed by the client's own object: a client that changed is a new one. */
const certificates: WeakMap<Client, readonly Buffer[]> = new WeakMap()

/** RFC 8705 §2.2.2: the first of each key's `x5c` (RFC 7517 §4.7, base64) is the certificate of that key; registration compared them. */
function registeredCertificates(client: Client): readonly Buffer[] {
  const before = certificates.get(client)
  if (before !== undefined) return before
  const found = (client.jwks?.keys ?? []).flatMap(({ x5c }) => {
    const first: unknown = Array.isArray(x5c) ? x5c[0] : undefined
    return typeof first === 'string' ? [Buffer.from(first, 'base64')] : []
  })
  certificates.set(client, found)
  return found
}
