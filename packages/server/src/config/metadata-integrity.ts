import { RESPONSE_MODES, type ResponseMode } from '@holdfast/protocol/response-mode'
import * as z from 'zod'
import type { ContentEncryption, KeyManagementAlgorithm, SigningAlgorithm } from './client.ts'
import { CONTENT_ENCRYPTION_ALGORITHMS, KEY_MANAGEMENT_ALGORITHMS } from './encryption-key.ts'
import type { ShapeOf } from './shape.ts'

/** Metadata of what is signed and encrypted between client and server: JAR, JARM, RFC 9701. */
export interface IntegrityMetadata {
  readonly request_object_signing_alg?: SigningAlgorithm | undefined
  readonly require_signed_request_object?: boolean | undefined
  readonly authorization_signed_response_alg?: SigningAlgorithm | undefined
  readonly authorization_encrypted_response_alg?: KeyManagementAlgorithm | undefined
  readonly authorization_encrypted_response_enc?: ContentEncryption | undefined
  readonly introspection_signed_response_alg?: SigningAlgorithm | undefined
  readonly introspection_encrypted_response_alg?: KeyManagementAlgorithm | undefined
  readonly introspection_encrypted_response_enc?: ContentEncryption | undefined
  readonly response_modes?: ResponseMode[] | undefined
}

const SIGNING: [SigningAlgorithm, ...SigningAlgorithm[]] = ['ES256', 'EdDSA', 'PS256', 'RS256']
const oneOf = <T extends string>(values: readonly [T, ...T[]], description: string): z.ZodType<T | undefined> =>
  z.enum(values).meta({ description }).optional() as unknown as z.ZodType<T | undefined>

export const integrityShape: ShapeOf<IntegrityMetadata> = {
  request_object_signing_alg: oneOf(SIGNING, 'The only algorithm of its request objects (RFC 9101). Default: any that fits its keys.'),
  require_signed_request_object: z
    .boolean()
    .meta({ description: 'Its authorization requests must be signed (RFC 9101 §10.5). Default: true under fapi2-message-signing.' })
    .optional(),
  authorization_signed_response_alg: oneOf(SIGNING, 'Signs authorization responses sent to it as a JWT (JARM §3). Default: ES256.'),
  authorization_encrypted_response_alg: oneOf(KEY_MANAGEMENT_ALGORITHMS, 'Encrypts them too, to a key of its jwks with use enc.'),
  authorization_encrypted_response_enc: oneOf(CONTENT_ENCRYPTION_ALGORITHMS, 'Default: A128CBC-HS256.'),
  introspection_signed_response_alg: oneOf(SIGNING, 'Signs introspection answers that it asks for as a JWT (RFC 9701 §6). Default: ES256.'),
  introspection_encrypted_response_alg: oneOf(KEY_MANAGEMENT_ALGORITHMS, 'Encrypts them too, to a key of its jwks with use enc.'),
  introspection_encrypted_response_enc: oneOf(CONTENT_ENCRYPTION_ALGORITHMS, 'Default: A128CBC-HS256.'),
  response_modes: z
    .array(z.enum(RESPONSE_MODES))
    .min(1)
    .max(7)
    .meta({ description: 'The response modes it may ask for. Default: all.', allowed: `a list of ${RESPONSE_MODES.join(', ')}` })
    .optional(),
}
