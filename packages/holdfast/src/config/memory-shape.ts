import * as z from 'zod'

/** The section `memory`, as it is written. */
export interface WrittenMemory {
  readonly engine: 'store' | 'redis'
  readonly url?: string | undefined
  readonly prefix?: string | undefined
}

export const MEMORY_ADDRESS = 'an address such as redis://user:password@host:6379/0'

export const memoryShape: z.ZodType<WrittenMemory> = z
  .strictObject({
    engine: z.enum(['store', 'redis']).default('store').meta({
      description:
        '`store` keeps used proofs and counted attempts where everything is kept; `redis` spares it a commit for each. Every process of one server has the same.',
      allowed: 'store or redis',
    }),
    url: z
      .string()
      .min(1)
      .meta({
        description:
          'The server of `redis` (or Valkey): redis://user:password@host:6379/0, `rediss:` for TLS. `env:NAME` or `file:PATH` keep it elsewhere.',
        secret: true,
        allowed: MEMORY_ADDRESS,
      })
      .optional(),
    prefix: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,64}$/)
      .meta({
        description: 'What its keys begin with: one for each server that shares a Redis. Default: holdfast.',
        allowed: '1 to 64 letters, digits, ".", "_" or "-"',
      })
      .optional(),
  })
  .prefault({})
  .meta({
    description: 'Where used proofs and counted attempts are kept.',
    allowed: 'an object with engine, and url',
  }) as unknown as z.ZodType<WrittenMemory>
