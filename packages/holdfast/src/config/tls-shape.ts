import * as z from 'zod'

/** Key and certificate of a listener. */
export const tlsShape: z.ZodType<{ readonly certificate: string; readonly key: string } | undefined> = z
  .strictObject({
    certificate: z.string().min(1).meta({
      description: 'The certificate and its chain: PEM, or the path of a PEM file.',
      allowed: 'PEM text or the path of a PEM file',
    }),
    key: z.string().min(1).meta({
      description: 'Its private key: PEM, `env:NAME`, or the path of a PEM file.',
      secret: true,
      allowed: 'PEM text, env:NAME, or the path of a PEM file',
    }),
  })
  .meta({
    description: 'Serves https itself. Without it the server speaks plain HTTP, for a proxy before it.',
    allowed: 'an object with certificate and key',
  })
  .optional()
