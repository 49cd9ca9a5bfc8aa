import * as z from 'zod'
import type { ContentEncryption, KeyManagementAlgorithm, SigningAlgorithm } from './client.ts'
import { CONTENT_ENCRYPTION_ALGORITHMS, KEY_MANAGEMENT_ALGORITHMS } from './encryption-key.ts'
import type { ShapeOf } from './shape.ts'

/** Metadata of OpenID Connect Registration §2: by what names a client knows people, and how it is told about them. */
export interface OpenIdMetadata {
  readonly subject_type?: 'public' | 'pairwise' | undefined
  readonly sector_identifier_uri?: string | undefined
  readonly id_token_encrypted_response_alg?: KeyManagementAlgorithm | undefined
  readonly id_token_encrypted_response_enc?: ContentEncryption | undefined
  readonly userinfo_signed_response_alg?: SigningAlgorithm | undefined
  readonly userinfo_encrypted_response_alg?: KeyManagementAlgorithm | undefined
  readonly userinfo_encrypted_response_enc?: ContentEncryption | undefined
  readonly request_object_parameters?: 'only_inside' | 'merged' | undefined
}

const SIGNING: [SigningAlgorithm, ...SigningAlgorithm[]] = ['ES256', 'EdDSA', 'PS256', 'RS256']
const oneOf = <T extends string>(values: readonly [T, ...T[]], description: string): z.ZodType<T | undefined> =>
  z.enum(values).meta({ description }).optional() as unknown as z.ZodType<T | undefined>

export const openIdShape: ShapeOf<OpenIdMetadata> = {
  subject_type: oneOf(
    ['public', 'pairwise'],
    'Whether it knows people by the `sub` that all clients share, or by one of its own sector (OpenID Connect Core §8). Never change it: every person becomes another one. Default: public.',
  ),
  sector_identifier_uri: z
    .string()
    .min(1)
    .max(2048)
    .meta({
      description:
        'With pairwise: its host is the sector, for redirect URIs of several hosts or of an application on a device. Not fetched: you vouch for it. Default: the host of the redirect URIs.',
      allowed: 'an https address of at most 2048 characters',
    })
    .optional(),
  id_token_encrypted_response_alg: oneOf(KEY_MANAGEMENT_ALGORITHMS, 'Encrypts its ID tokens, to a key of its jwks with use enc.'),
  id_token_encrypted_response_enc: oneOf(CONTENT_ENCRYPTION_ALGORITHMS, 'Default: A128CBC-HS256.'),
  userinfo_signed_response_alg: oneOf(SIGNING, 'Signs what userinfo answers it (OpenID Connect Core §5.3.2). Default: plain JSON.'),
  userinfo_encrypted_response_alg: oneOf(KEY_MANAGEMENT_ALGORITHMS, 'Encrypts it, to a key of its jwks with use enc.'),
  userinfo_encrypted_response_enc: oneOf(CONTENT_ENCRYPTION_ALGORITHMS, 'Default: A128CBC-HS256.'),
  request_object_parameters: oneOf(
    ['only_inside', 'merged'],
    'What counts of a signed request: what is signed and nothing else (RFC 9101), or what stands outside too where nothing inside says otherwise (OpenID Connect Core §6.1), for old OpenID Connect clients. Default: only_inside.',
  ),
}
