import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { withoutEmpty } from '@holdfast/protocol/metadata'
import { aliasUrl, type AuthorizationServer, endpointUrl } from '../authorization-server.ts'
import { ASSERTION_ALGORITHMS } from '../client-authentication/private-key-jwt.ts'
import { CONTENT_ENCRYPTION_ALGORITHMS, KEY_MANAGEMENT_ALGORITHMS } from '../config/encryption-key.ts'
import { SIGNING_ALGORITHMS } from '../keys/key-ring.ts'
import { CLAIMS_SUPPORTED } from '../tokens/claims.ts'
import { DPOP_ALGORITHMS } from '@holdfast/proof'
import { type Endpoint, isAliased } from './endpoint.ts'

/** RFC 8414 and OpenID Connect Discovery: one document for both, made from the lists that the endpoints work by. */
export function discovery(endpoints: () => readonly Endpoint[]): (as: AuthorizationServer, request: HttpRequest) => Promise<Reply> {
  return (as) => {
    const present = endpoints().filter(({ when }) => when?.(as) ?? true)
    const locations = Object.fromEntries(
      present.flatMap(({ metadata, path }) => (metadata === undefined ? [] : [[metadata, endpointUrl(as.issuer, path)]])),
    )
    const methods = as.methods.map((method) => method.name)
    const document = withoutEmpty({
      issuer: as.issuer,
      ...locations,
      scopes_supported: as.resources.scopes,
      authorization_details_types_supported: as.requestRules.details.types,
      response_types_supported: ['code'],
      grant_types_supported: [...as.grants.keys()],
      token_endpoint_auth_methods_supported: methods,
      token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
      revocation_endpoint_auth_methods_supported: methods,
      revocation_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      dpop_signing_alg_values_supported: DPOP_ALGORITHMS,
      tls_client_certificate_bound_access_tokens: as.mutualTls === undefined ? undefined : true,
      mtls_endpoint_aliases: aliases(as, present),
      subject_types_supported: ['public', 'pairwise'],
      id_token_signing_alg_values_supported: SIGNING_ALGORITHMS,
      id_token_encryption_alg_values_supported: KEY_MANAGEMENT_ALGORITHMS,
      id_token_encryption_enc_values_supported: CONTENT_ENCRYPTION_ALGORITHMS,
      userinfo_signing_alg_values_supported: SIGNING_ALGORITHMS,
      userinfo_encryption_alg_values_supported: KEY_MANAGEMENT_ALGORITHMS,
      userinfo_encryption_enc_values_supported: CONTENT_ENCRYPTION_ALGORITHMS,
      prompt_values_supported: as.requestRules.prompts,
      acr_values_supported: as.authentication.acrs,
      claims_supported: CLAIMS_SUPPORTED,
      claims_parameter_supported: true,
      claim_types_supported: ['normal'],
      display_values_supported: ['page'],
      ui_locales_supported: ['en'],
      client_id_metadata_document_supported: as.registration.documents.enabled ? true : undefined,
      protected_resources: as.resources.identifiers,
      // Said outright: left out, it would mean true (OIDC-51).
      request_uri_parameter_supported: false,
      ...Object.fromEntries(present.flatMap(({ announces }) => Object.entries(announces?.(as) ?? {}))),
    })
    return Promise.resolve({
      status: 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'public, max-age=300' },
      body: JSON.stringify(document),
    })
  }
}

/** RFC 8705 §5. Made from the endpoints that are there, so none is forgotten. */
function aliases(as: AuthorizationServer, present: readonly Endpoint[]): Readonly<Record<string, string>> | undefined {
  if (as.mutualTls?.publicUrl === undefined) return undefined
  return Object.fromEntries(present.filter(isAliased).map(({ metadata, path }) => [metadata, aliasUrl(as, path)]))
}
