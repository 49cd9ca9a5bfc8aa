import { AUTHENTICATION_METHODS, type AuthenticationLevel, type SecondFactorPolicy } from '@holdfast/server/config'
import * as z from 'zod'

/** Named ways to sign in, the strongest last. */
export const authenticationLevelsShape: z.ZodType<readonly AuthenticationLevel[]> = z
  .array(
    z.strictObject({
      acr: z.string().min(1).max(200).meta({
        description: 'Its name, as clients and APIs ask for it and as tokens carry it: `urn:example:mfa`.',
        allowed: 'text of 1 to 200 printable ASCII characters without spaces, quotes and backslashes',
      }),
      methods: z
        .array(
          z
            .string()
            .min(1)
            .max(100)
            .meta({ allowed: `one or more of ${AUTHENTICATION_METHODS.join(', ')}, joined by +` }),
        )
        .meta({
          description:
            'Any one of these reaches it: `pwd` (password), `otp` (one-time code), `hwk` (passkey of one device), `swk` (synced passkey), `mfa` (two kinds of proof; a passkey alone is), `phr` (any passkey: no false page can ask for it), or several joined by `+`.',
          allowed: 'a list of methods',
        }),
    }),
  )
  .default([])
  .meta({
    description:
      'Authentication levels, the strongest last: one that comes later reaches the ones before it. With them a client may require a level by `acr_values` (RFC 9470), and is told when a person cannot reach it.',
    allowed: 'a list of levels, each with acr and methods',
  }) as unknown as z.ZodType<readonly AuthenticationLevel[]>

export const secondFactorShape: z.ZodType<SecondFactorPolicy> = z.enum(['always', 'when-asked']).default('always').meta({
  description:
    'When who has a second factor is asked for it: at every sign-in, or only where a client asks for a level that needs it. Who has none is asked for none.',
}) as unknown as z.ZodType<SecondFactorPolicy>
