import * as z from 'zod'
import { listenShape } from './listen-shape.ts'

/** The listener for mutual TLS (RFC 8705), as an operator writes it. */
export interface WrittenMutualTls {
  readonly publicUrl: string
  readonly listen: { readonly host: string; readonly port: number }
  readonly certificate?: string | undefined
  readonly key?: string | undefined
  readonly authorities: readonly string[]
  readonly proxies: readonly string[]
  readonly proxyValidates: boolean
}

/** Read and checked: PEM texts. */
export interface MutualTlsListener {
  /** An https origin. */
  readonly publicUrl: string
  readonly listen: { readonly host: string; readonly port: number }
  /** Absent where proxies end TLS. */
  readonly tls: { readonly certificate: string; readonly key: string } | undefined
  readonly authorities: readonly string[]
  readonly proxies: readonly string[]
  readonly proxyValidates: boolean
}

export const mutualTlsShape: z.ZodType<WrittenMutualTls | undefined> = z
  .strictObject({
    publicUrl: z.string().min(1).max(2048).meta({
      description: 'The https origin that clients with certificates call; announced as `mtls_endpoint_aliases` (RFC 8705 §5).',
      allowed: 'an https origin such as https://mtls.id.example.com',
    }),
    listen: listenShape(4001, 'A port of its own: browsers are asked for no certificate.'),
    certificate: z
      .string()
      .min(1)
      .meta({
        description: 'The certificate of this listener and its chain: PEM, or the path of a PEM file.',
        allowed: 'PEM text or the path of a PEM file',
      })
      .optional(),
    key: z
      .string()
      .min(1)
      .meta({
        description: 'Its private key: PEM, `env:NAME`, or the path of a PEM file.',
        secret: true,
        allowed: 'PEM text, env:NAME, or the path of a PEM file',
      })
      .optional(),
    authorities: z
      .array(z.string().min(1).meta({ allowed: 'PEM text or the path of a PEM file' }))
      .default([])
      .meta({
        description:
          'The authorities whose certificates authenticate clients with tls_client_auth: PEM, or paths of PEM files. Name those only that issue to your clients. An intermediate one needs its root beside it; behind proxies it is the other way round: only what a listed one issued itself counts.',
        allowed: 'a list of PEM texts or paths of PEM files',
      }),
    proxies: z
      .array(z.string().max(64).meta({ allowed: 'an address, a range such as 10.0.0.0/8, or unix' }))
      .default([])
      .meta({
        description:
          'Instead of certificate and key: proxies that end mutual TLS before this listener and tell the certificate in `Client-Cert` (RFC 9440). They must remove that header from what clients send.',
        allowed: 'a list of addresses and ranges',
      }),
    proxyValidates: z.boolean().default(false).meta({
      description: 'The proxies let through only certificates of authorities that may authenticate clients; authorities is not asked then.',
    }),
  })
  .meta({
    description: 'A second listener for clients with certificates: mutual TLS (RFC 8705).',
    allowed: 'an object with publicUrl, listen, and certificate and key or proxies',
  })
  .optional() as unknown as z.ZodType<WrittenMutualTls | undefined>
