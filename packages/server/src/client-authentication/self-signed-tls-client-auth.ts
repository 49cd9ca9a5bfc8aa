import type { OAuthError } from '@holdfast/protocol/oauth-error'
import { witnessed } from '@holdfast/protocol/witness'
import { isCertificateOf } from '../config/client-certificate.ts'
import type { Client } from '../config/client.ts'
import { OutboundRefusal } from '../config/outbound.ts'
import { presentCertificate, type ShownCertificate } from './certificate.ts'
import { wrongCredentials } from './client-secret.ts'
import type { ClientAuthenticationMethod, VerificationContext } from './method.ts'

/** RFC 8705 §2.2: a certificate that the client registered itself. Nobody signed it, so its chain is not asked for (MTLS-14). */
export const selfSignedTlsClientAuth: ClientAuthenticationMethod = {
  name: 'self_signed_tls_client_auth',
  spec: 'RFC 8705 §2.2',
  implied: true,
  available: ({ mutualTls }) => mutualTls !== undefined,
  present: (request, form) => presentCertificate(request, form, fault),
}

async function fault(client: Client, shown: ShownCertificate, context: VerificationContext): Promise<OAuthError | undefined> {
  const unknown = await checkRegistered(client, shown, context)
  return witnessed(context.witness, { about: 'client certificate', check: 'registered', rule: 'MTLS-14' }, unknown)
}

/** By value or at the client's `jwks_uri`, where a certificate that is not known is looked for once more (MTLS-16). */
async function checkRegistered(client: Client, { x509 }: ShownCertificate, { keys }: VerificationContext): Promise<OAuthError | undefined> {
  const found = await keys.find(client, ({ members }) => members.find((member) => isCertificateOf(member, x509)))
  if (found instanceof OutboundRefusal) return wrongCredentials(`jwks_uri cannot be used: ${found.reason}: ${found.detail}`, 'MTLS-16')
  return found === undefined ? wrongCredentials('the client certificate is not among those of its keys (x5c)', 'MTLS-14') : undefined
}
