import { X509Certificate } from 'node:crypto'
import type { Form } from '@holdfast/protocol/form'
import type { ClientCertificate, HttpRequest } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { tellerOf } from '@holdfast/protocol/witness'
import type { Client } from '../config/client.ts'
import { wrongCredentials } from './client-secret.ts'
import type { Authentication, Presented, VerificationContext } from './method.ts'

/** A certificate that was shown, read. */
export interface ShownCertificate {
  readonly x509: X509Certificate
  /** Its chain leads to a trust anchor for clients, and it is valid now. */
  readonly authorized: boolean
}

/** Read once a connection; undefined for bytes that are no certificate. */
const known: WeakMap<ClientCertificate, X509Certificate | 'unreadable'> = new WeakMap()

/**
 * RFC 8705 §2: the client says who it is by `client_id` (MTLS-02), and the TLS handshake proved that it holds the key of
 * the certificate (MTLS-01). What is left is whether that certificate is this client's.
 *
 * @param fault why it is not, or undefined when it is
 */
export function presentCertificate(request: HttpRequest, form: Form, fault: CertificateFault): Presented | OAuthError | undefined {
  const clientId = form.one('client_id')
  if (clientId === undefined || clientId instanceof OAuthError) return clientId
  return { clientId, verify: (client, context) => verify(request.clientCertificate, client, context, fault) }
}

export type CertificateFault = (
  client: Client,
  shown: ShownCertificate,
  context: VerificationContext,
) => OAuthError | undefined | Promise<OAuthError | undefined>

async function verify(
  certificate: ClientCertificate | undefined,
  client: Client,
  context: VerificationContext,
  fault: CertificateFault,
): Promise<Authentication | OAuthError> {
  const shown = tellerOf('client certificate', context.witness)('readable', 'MTLS-03', shownBy(certificate))
  if (shown instanceof OAuthError) return shown
  return (await fault(client, shown, context)) ?? { burn: [] }
}

function shownBy(certificate: ClientCertificate | undefined): ShownCertificate | OAuthError {
  if (certificate === undefined) return wrongCredentials('no client certificate came with the request', 'MTLS-03')
  const x509 = read(certificate)
  if (x509 === 'unreadable') return wrongCredentials('the client certificate cannot be read', 'MTLS-03')
  return { x509, authorized: certificate.authorized }
}

function read(certificate: ClientCertificate): X509Certificate | 'unreadable' {
  const before = known.get(certificate)
  if (before !== undefined) return before
  let x509: X509Certificate | 'unreadable'
  try {
    x509 = new X509Certificate(certificate.der)
  } catch {
    x509 = 'unreadable'
  }
  known.set(certificate, x509)
  return x509
}
