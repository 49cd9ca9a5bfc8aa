import * as z from 'zod'
import type { ShapeOf } from './shape.ts'

/** Metadata of RFC 8705: mutual TLS. */
export interface BindingMetadata {
  readonly tls_client_auth_subject_dn?: string | undefined
  readonly tls_client_auth_san_dns?: string | undefined
  readonly tls_client_auth_san_uri?: string | undefined
  readonly tls_client_auth_san_ip?: string | undefined
  readonly tls_client_auth_san_email?: string | undefined
  readonly tls_client_certificate_bound_access_tokens?: boolean | undefined
  readonly use_mtls_endpoint_aliases?: boolean | undefined
}

const name = (description: string): z.ZodOptional<z.ZodString> =>
  z.string().min(1).max(1024).meta({ description, allowed: 'text of 1 to 1024 characters' }).optional()

export const bindingShape: ShapeOf<BindingMetadata> = {
  tls_client_auth_subject_dn: name('The subject of its certificate, as RFC 4514 writes it (RFC 8705 §2.1.2). One of the five names.'),
  tls_client_auth_san_dns: name('The dNSName of its certificate.'),
  tls_client_auth_san_uri: name('The uniformResourceIdentifier of its certificate.'),
  tls_client_auth_san_ip: name('The iPAddress of its certificate, IPv4 or IPv6.'),
  tls_client_auth_san_email: name('The rfc822Name of its certificate.'),
  tls_client_certificate_bound_access_tokens: z
    .boolean()
    .meta({ description: 'Every access token is bound to the certificate of its request (RFC 8705 §3.4). Default: false.' })
    .optional(),
  use_mtls_endpoint_aliases: z
    .boolean()
    .meta({ description: 'Said by clients of FAPI ecosystems; the server needs no such promise and accepts either address.' })
    .optional(),
}
