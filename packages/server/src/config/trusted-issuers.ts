import * as z from 'zod'
import type { SigningAlgorithm } from './client.ts'
import { keyFault } from './client-keys.ts'
import { type Fault, pathOf } from './fault.ts'
import { OPENID_SCOPES } from './openid-scopes.ts'
import { webAddressFault } from './web-address.ts'

/** Another party whose signed word about a person is good for a token here (RFC 7523 §2.1). */
export interface TrustedIssuer {
  /** The `iss` of its assertions, compared character by character. */
  readonly issuer: string
  readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] } | undefined
  readonly jwksUri: string | undefined
  readonly algorithms: readonly SigningAlgorithm[]
  /** The claim that names the person, and what it holds: the `sub` of an account here, or its user name. */
  readonly subjectClaim: string
  readonly subjectIs: 'sub' | 'username'
  /** The most that its word opens. No person is asked, so the operator says it. */
  readonly scopes: readonly string[]
  /** Clients that may bring its assertions. */
  readonly clients: readonly string[]
  /** Refuses all its assertions, without forgetting it (A37). */
  readonly disabled: boolean
}

/** As an operator writes it. */
export interface WrittenTrustedIssuer {
  readonly issuer: string
  readonly jwks?: { readonly keys: readonly Record<string, unknown>[] } | undefined
  readonly jwksUri?: string | undefined
  readonly algorithms: readonly SigningAlgorithm[]
  readonly subjectClaim: string
  readonly subjectIs: 'sub' | 'username'
  readonly scopes: readonly string[]
  readonly clients: readonly string[]
  readonly disabled: boolean
}

export const trustedIssuerShape: z.ZodType<WrittenTrustedIssuer> = z.strictObject({
  issuer: z.string().min(1).max(1024).meta({ description: 'The `iss` of its assertions.', allowed: 'text of 1 to 1024 characters' }),
  jwks: z
    .strictObject({ keys: z.array(z.record(z.string(), z.unknown())).min(1).max(20).meta({ allowed: 'a list of 1 to 20 public JWKs' }) })
    .meta({ description: 'Its public keys by value.', allowed: 'an object with a list `keys` of 1 to 20 public JWKs' })
    .optional(),
  jwksUri: z
    .string()
    .min(1)
    .max(2048)
    .meta({ description: 'Where its public keys are fetched: https.', allowed: 'an https address' })
    .optional(),
  algorithms: z
    .array(z.enum(['ES256', 'EdDSA', 'PS256', 'RS256']))
    .min(1)
    .default(['ES256', 'EdDSA', 'PS256', 'RS256'])
    .meta({ description: 'What it may sign with.', allowed: 'a list of ES256, EdDSA, PS256, RS256' }),
  subjectClaim: z.string().min(1).max(64).default('sub').meta({ description: 'The claim that names the person.' }),
  subjectIs: z
    .enum(['sub', 'username'])
    .default('sub')
    .meta({ description: 'What that claim holds: the `sub` of an account here, or its user name.' }),
  scopes: z
    .array(z.string().min(1).max(128))
    .min(1)
    .max(200)
    .meta({ description: 'The most that its word opens: no person is asked.', allowed: 'a list of scopes' }),
  clients: z
    .array(z.string().min(1).max(512))
    .min(1)
    .max(1000)
    .meta({ description: 'Clients that may bring its assertions.', allowed: 'a list of client_ids' }),
  disabled: z.boolean().default(false).meta({ description: 'Refuses all its assertions.' }),
}) as unknown as z.ZodType<WrittenTrustedIssuer>

/** What shapes cannot say. */
export function trustedIssuerFaults(
  list: readonly WrittenTrustedIssuer[],
  around: { readonly issuer: string; readonly scopes: readonly string[] },
  path = 'trustedIssuers',
): readonly Fault[] {
  return list.flatMap((one, index) => {
    const faults: Fault[] = []
    const fault = (member: string, message: string): void => void faults.push({ path: `${pathOf(path, index)}.${member}`, message })
    if (one.issuer === around.issuer) fault('issuer', 'must not be this server, which needs nobody to trust itself')
    if (list.findIndex(({ issuer }) => issuer === one.issuer) !== index) fault('issuer', 'stands there twice')
    if ((one.jwks === undefined) === (one.jwksUri === undefined)) fault('jwks', 'or jwksUri must be there, and not both')
    const address = one.jwksUri === undefined ? undefined : webAddressFault(one.jwksUri)
    if (address !== undefined) fault('jwksUri', address)
    for (const [key, jwk] of (one.jwks?.keys ?? []).entries()) {
      const wrong = keyFault(jwk)
      if (wrong !== undefined) fault(`jwks.keys[${key}]`, wrong)
    }
    const known = [...OPENID_SCOPES, ...around.scopes]
    for (const [at, scope] of one.scopes.entries())
      if (!known.includes(scope)) fault(`scopes[${at}]`, `is ${scope}, which no resource has`)
      else if (scope === 'offline_access')
        fault(`scopes[${at}]`, 'must not be offline_access: a new assertion takes the place of a refresh token')
    return faults
  })
}

export function trustedIssuerOf({ jwks, jwksUri, ...rest }: WrittenTrustedIssuer): TrustedIssuer {
  return { ...rest, jwks, jwksUri }
}
