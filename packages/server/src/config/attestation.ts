import type { Seconds } from '@holdfast/protocol/time'
import * as z from 'zod'
import { keyFault } from './client-keys.ts'
import type { Fault } from './fault.ts'
import { pathOf } from './fault.ts'

/** Whose word about client instances is believed (draft-ietf-oauth-attestation-based-client-auth §9.7). */
export interface Attester {
  /** For the log. */
  readonly name: string
  /** Its public keys. Nothing in an attestation leads to a key: no `jwk`, `jku` or `x5c` of its header is looked at. */
  readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] }
  /** The clients it may attest; undefined: every client that registered the method. */
  readonly clients: readonly string[] | undefined
}

export interface AttestationOptions {
  readonly attesters: readonly Attester[]
  /**
   * 9: the registered method says whether the proof is a JWT of its own or the DPoP proof. 10: the request says it, by
   * having the PoP header or not; the instance that asked for a code must then redeem it in the same way. @default 9
   */
  readonly draft?: 9 | 10
  /** `required`: a proof must carry a challenge of this server. @default 'required' */
  readonly challenge?: 'required' | 'off'
  /** How old an attestation with `iat` may be; undefined: until its `exp`. In seconds, from 60. */
  readonly maxAge?: Seconds | undefined
}

/** Attesters as an operator writes them. */
export interface WrittenAttestation {
  readonly attesters: readonly {
    readonly name: string
    readonly jwks: { readonly keys: readonly Record<string, unknown>[] }
    readonly clients?: readonly string[] | undefined
  }[]
  readonly draft: 9 | 10
  readonly challenge: 'required' | 'off'
  readonly maxAge?: number | undefined
}

export const attestationShape: z.ZodType<WrittenAttestation> = z.strictObject({
  attesters: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(100).meta({ description: 'For the log.' }),
        jwks: z
          .strictObject({
            keys: z.array(z.record(z.string(), z.unknown())).min(1).max(20).meta({ allowed: 'a list of 1 to 20 public JWKs' }),
          })
          .meta({ description: 'Its public keys by value (RFC 7517).', allowed: 'an object with a list `keys` of 1 to 20 public JWKs' }),
        clients: z
          .array(z.string().min(1).max(512))
          .max(1000)
          .meta({
            description: 'The clients it may attest. Default: every client that registered the method.',
            allowed: 'a list of client_ids',
          })
          .optional(),
      }),
    )
    .min(1)
    .max(50)
    .meta({ description: 'Whose word about client instances is believed.', allowed: 'a list of attesters' }),
  draft: z
    .union([z.literal(9), z.literal(10)])
    .default(9)
    .meta({ description: 'The draft of attestation-based client authentication that is followed.', allowed: '9 or 10' }),
  challenge: z.enum(['required', 'off']).default('required').meta({ description: 'Whether proofs must carry a challenge of this server.' }),
  maxAge: z
    .int()
    .min(60)
    .max(31_536_000)
    .meta({
      description: 'How old an attestation may be, in seconds. Default: until it expires.',
      allowed: 'a whole number of seconds from 60 to 31536000',
    })
    .optional(),
}) as unknown as z.ZodType<WrittenAttestation>

/** What the shape cannot say: every key must be a public one that can verify. */
export function attestationFaults(written: WrittenAttestation, path = 'attestation'): readonly Fault[] {
  return written.attesters.flatMap(({ jwks }, attester) =>
    jwks.keys.flatMap((key, index) => {
      const message = keyFault(key)
      return message === undefined ? [] : [{ path: pathOf(path, 'attesters', attester, 'jwks', 'keys', index), message }]
    }),
  )
}

export function attestationOf({ attesters, draft, challenge, maxAge }: WrittenAttestation): AttestationOptions {
  return { attesters: attesters.map(({ name, jwks, clients }) => ({ name, jwks, clients })), draft, challenge, maxAge }
}
