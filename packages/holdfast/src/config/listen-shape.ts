import * as z from 'zod'

/** A host and a port, with this port where none is written. */
export function listenShape(port: number, description: string): z.ZodType<{ readonly host: string; readonly port: number }> {
  return z
    .strictObject({
      host: z
        .string()
        .min(1)
        .max(255)
        .default('127.0.0.1')
        .meta({ description: 'The address to listen on; 0.0.0.0 or :: for all.', allowed: 'an address or host name' }),
      port: z.int().min(0).max(65535).default(port).meta({ description: '0 takes any free port.' }),
    })
    .prefault({})
    .meta({ description, allowed: 'an object with host and port' })
}
