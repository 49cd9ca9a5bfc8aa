import * as z from 'zod'
import type { AuthMethod, Profile, SigningAlgorithm } from './client.ts'
import { bindingShape, type BindingMetadata } from './metadata-binding.ts'
import { integrityShape, type IntegrityMetadata } from './metadata-integrity.ts'
import { logoutShape, type LogoutMetadata } from './metadata-logout.ts'
import { openIdShape, type OpenIdMetadata } from './metadata-openid.ts'
import { reachShape, type ReachMetadata } from './metadata-reach.ts'

/** Profiles that a client can be held to now. */
export type AvailableProfile = Profile

/**
 * A client as an operator writes it: the metadata names of RFC 7591 §2 and its extensions, plus our own for
 * what no standard names. Shapes only; what contradicts what is in `client-rules.ts`.
 */
export interface ClientMetadata extends BindingMetadata, IntegrityMetadata, LogoutMetadata, OpenIdMetadata, ReachMetadata {
  readonly client_id: string
  readonly client_name?: string | undefined
  readonly client_uri?: string | undefined
  readonly logo_uri?: string | undefined
  readonly policy_uri?: string | undefined
  readonly tos_uri?: string | undefined
  readonly profile?: AvailableProfile | undefined
  readonly application_type?: 'web' | 'native' | undefined
  readonly redirect_uris?: string[] | undefined
  readonly grant_types?: string[] | undefined
  readonly response_types?: 'code'[] | undefined
  readonly scope?: string | undefined
  readonly resources?: string[] | undefined
  readonly token_endpoint_auth_method?: AuthMethod | undefined
  readonly token_endpoint_auth_signing_alg?: SigningAlgorithm | undefined
  readonly client_secret?: string | undefined
  readonly client_secret_expires_at?: number | undefined
  readonly previous_client_secret?: string | undefined
  readonly previous_client_secret_expires_at?: number | undefined
  readonly jwks?: { readonly keys: Record<string, unknown>[] } | undefined
  readonly jwks_uri?: string | undefined
  readonly id_token_signed_response_alg?: SigningAlgorithm | undefined
  readonly dpop_bound_access_tokens?: boolean | undefined
  readonly require_pushed_authorization_requests?: boolean | undefined
  readonly default_max_age?: number | undefined
  readonly unsafe_legacy_assertion_audience?: boolean | undefined
  readonly disabled?: boolean | undefined
}

const METHODS: [AuthMethod, ...AuthMethod[]] = [
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'attest_jwt_client_auth',
  'attest_jwt_client_auth_dpop',
  'none',
]
const ALGORITHMS: [SigningAlgorithm, ...SigningAlgorithm[]] = ['ES256', 'EdDSA', 'PS256', 'RS256']

const text = (most: number, description: string): z.ZodOptional<z.ZodString> =>
  z
    .string()
    .min(1)
    .max(most)
    .meta({ description, allowed: `text of 1 to ${most} characters` })
    .optional()
const flag = (description: string): z.ZodOptional<z.ZodBoolean> => z.boolean().meta({ description }).optional()
const secret = (description: string): z.ZodOptional<z.ZodString> =>
  z
    .string()
    .min(1)
    .max(512)
    .meta({ description, secret: true, allowed: 'text of 32 to 512 characters, or sha256: and 43 base64url characters' })
    .optional()
const time = (description: string): z.ZodOptional<z.ZodInt> =>
  z.int().min(0).meta({ description, allowed: 'a whole number of seconds since 1970, or 0 for never' }).optional()

export const clientMetadata: z.ZodType<ClientMetadata> = z.strictObject({
  client_id: z.string().min(1).max(256).meta({
    description: 'The public name of the client, chosen by you: printable ASCII, not starting with `u_` or `https://`.',
    allowed: 'text of 1 to 256 printable ASCII characters',
  }),
  client_name: text(100, 'What people see when they are asked to consent. Default: the client_id.'),
  client_uri: text(2048, 'The page about the client: https.'),
  logo_uri: text(2048, 'Its logo: https.'),
  policy_uri: text(2048, 'Its privacy policy: https.'),
  tos_uri: text(2048, 'Its terms of service: https.'),
  profile: z
    .enum(['oauth21', 'strong', 'fapi2', 'fapi2-message-signing'])
    .meta({ description: 'The rules that the client is held to. Default: the profile of the server.' })
    .optional(),
  application_type: z
    .enum(['web', 'native'])
    .meta({ description: 'A native application may have private-use schemes and loopback redirect URIs. Default: web.' })
    .optional(),
  redirect_uris: z
    .array(z.string().min(1).max(2048).meta({ allowed: 'an absolute URI of 1 to 2048 characters' }))
    .max(100)
    .meta({
      description: 'Where codes are sent, compared character by character; on loopback the port is free.',
      allowed: 'a list of at most 100 URIs',
    })
    .optional(),
  grant_types: z
    .array(z.string().min(1).max(128))
    .max(20)
    .meta({ description: 'Default: authorization_code and refresh_token.', allowed: 'a list of grant types' })
    .optional(),
  response_types: z
    .array(z.literal('code'))
    .meta({
      description: 'Only `code` exists in OAuth 2.1; accepted so that RFC 7591 metadata can be pasted.',
      allowed: 'a list of code alone',
    })
    .optional(),
  scope: z
    .string()
    .max(2048)
    .meta({
      description:
        'What it may ask for, separated by spaces. Default: openid, profile, email and offline_access where people sign in; nothing otherwise.',
      allowed: 'scopes separated by single spaces, at most 2048 characters',
    })
    .optional(),
  resources: z
    .array(z.string().min(1).max(1024))
    .max(100)
    .meta({
      description: 'Identifiers of the resources it may ask tokens for (RFC 8707). Default: every configured one.',
      allowed: 'a list of resource identifiers',
    })
    .optional(),
  token_endpoint_auth_method: z
    .enum(METHODS)
    .meta({ description: 'How it proves who it is. Default: client_secret_basic; under fapi2 private_key_jwt.' })
    .optional(),
  token_endpoint_auth_signing_alg: z
    .enum(ALGORITHMS)
    .meta({ description: 'The only algorithm of its assertions. Default: any that fits its keys.' })
    .optional(),
  client_secret: secret(
    'At least 32 characters, random: `openssl rand -base64 33`. Write `env:NAME` or `file:PATH` to keep it elsewhere, or `sha256:` and its SHA-256 in base64url.',
  ),
  client_secret_expires_at: time('When client_secret ends, in seconds since 1970. Default: 0, never.'),
  previous_client_secret: secret('The secret before, still accepted while the client takes over the new one.'),
  previous_client_secret_expires_at: time('When previous_client_secret ends.'),
  jwks: z
    .strictObject({ keys: z.array(z.record(z.string(), z.unknown())).min(1).max(20).meta({ allowed: 'a list of 1 to 20 public JWKs' }) })
    .meta({ description: 'Its public keys by value (RFC 7517).', allowed: 'an object with a list `keys` of 1 to 20 public JWKs' })
    .optional(),
  jwks_uri: text(
    2048,
    'Where its public keys are fetched, instead of jwks: https, and outside the public internet only if outbound.allow lists it.',
  ),
  id_token_signed_response_alg: z.enum(ALGORITHMS).meta({ description: 'Signs its ID tokens. Default: ES256.' }).optional(),
  dpop_bound_access_tokens: flag(
    'Every access token must be bound to a key by DPoP (RFC 9449 §5.2). Default: true under strong and fapi2.',
  ),
  require_pushed_authorization_requests: flag('Authorization requests must be pushed (RFC 9126 §6). Default: true under strong and fapi2.'),
  default_max_age: z
    .int()
    .min(0)
    .max(31_536_000)
    .meta({
      description: 'How long ago a person may have signed in, in seconds, where the request does not say.',
      allowed: 'a whole number of seconds from 0 to 31536000',
    })
    .optional(),
  unsafe_legacy_assertion_audience: flag(
    'Weakens: accepts the address of the token endpoint as audience of its assertions. Default: false.',
  ),
  disabled: flag('Refuses everything to the client. Default: false.'),
  ...bindingShape,
  ...integrityShape,
  ...openIdShape,
  ...logoutShape,
  ...reachShape,
})
