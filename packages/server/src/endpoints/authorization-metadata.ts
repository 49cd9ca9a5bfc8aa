import { RESPONSE_MODES } from '@holdfast/protocol/response-mode'
import type { AuthorizationServer } from '../authorization-server.ts'
import { REQUEST_OBJECT_ALGORITHMS } from '../authorization/request-object.ts'
import { CONTENT_ENCRYPTION_ALGORITHMS, KEY_MANAGEMENT_ALGORITHMS } from '../config/encryption-key.ts'
import { ENCRYPTION_ALGORITHM } from '../keys/encryption-key.ts'
import { SIGNING_ALGORITHMS } from '../keys/key-ring.ts'

type Members = Readonly<Record<string, unknown>>

/** RFC 9101 §10.5, OpenID Connect Discovery §3 and JARM §4: how requests come in and answers go out. */
export function announcesRequestsAndResponses({ requestRules }: AuthorizationServer): Members {
  return {
    response_modes_supported: RESPONSE_MODES,
    authorization_signing_alg_values_supported: SIGNING_ALGORITHMS,
    authorization_encryption_alg_values_supported: KEY_MANAGEMENT_ALGORITHMS,
    authorization_encryption_enc_values_supported: CONTENT_ENCRYPTION_ALGORITHMS,
    request_parameter_supported: true,
    request_object_signing_alg_values_supported: REQUEST_OBJECT_ALGORITHMS,
    request_object_encryption_alg_values_supported: [ENCRYPTION_ALGORITHM],
    request_object_encryption_enc_values_supported: CONTENT_ENCRYPTION_ALGORITHMS,
    require_signed_request_object: requestRules.requireSigned ? true : undefined,
  }
}

/** RFC 9126 §5. */
export function announcesPushing({ requestRules }: AuthorizationServer): Members {
  return { require_pushed_authorization_requests: requestRules.requirePushed ? true : undefined }
}
