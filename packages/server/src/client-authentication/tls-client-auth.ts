import type { X509Certificate } from 'node:crypto'
import type { OAuthError } from '@holdfast/protocol/oauth-error'
import { witnessed } from '@holdfast/protocol/witness'
import type { Client, TlsClientSubject } from '../config/client.ts'
import { presentCertificate, type ShownCertificate } from './certificate.ts'
import { hasDnsName, hasEmailAddress, hasIpAddress, hasSubject, hasUri } from './certificate-names.ts'
import { wrongCredentials } from './client-secret.ts'
import type { ClientAuthenticationMethod, VerificationContext } from './method.ts'

/** RFC 8705 §2.1: a certificate of a trusted authority, with the one name that the client registered. */
export const tlsClientAuth: ClientAuthenticationMethod = {
  name: 'tls_client_auth',
  spec: 'RFC 8705 §2.1',
  implied: true,
  available: ({ mutualTls }) => mutualTls !== undefined,
  present: (request, form) => presentCertificate(request, form, fault),
}

const HAS: Readonly<Record<TlsClientSubject['kind'], (certificate: X509Certificate, value: string) => boolean>> = {
  subject_dn: hasSubject,
  san_dns: hasDnsName,
  san_uri: hasUri,
  san_ip: hasIpAddress,
  san_email: hasEmailAddress,
}

function fault({ tlsClientAuth }: Client, shown: ShownCertificate, { witness }: VerificationContext): OAuthError | undefined {
  const about = 'client certificate'
  return (
    witnessed(witness, { about, check: 'trusted authority', rule: 'MTLS-06' }, checkAuthority(shown)) ??
    witnessed(witness, { about, check: 'name', rule: 'MTLS-06' }, checkName(tlsClientAuth, shown))
  )
}

function checkAuthority({ authorized }: ShownCertificate): OAuthError | undefined {
  if (!authorized) return wrongCredentials('the client certificate is by no trusted authority, or not valid now', 'MTLS-06')
  return undefined
}

/** Any certificate of a trusted authority is not enough: it must be this client's own (A32, CVE-2023-2422). */
function checkName(expected: TlsClientSubject | undefined, { x509 }: ShownCertificate): OAuthError | undefined {
  if (expected !== undefined && HAS[expected.kind](x509, expected.value)) return undefined
  const names = `subject ${JSON.stringify(x509.subject)}, subjectAltName ${JSON.stringify(x509.subjectAltName)}`
  return wrongCredentials(`the client certificate has another name than ${expected?.kind} ${expected?.value}: ${names}`, 'MTLS-06')
}
