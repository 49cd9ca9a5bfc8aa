import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import { insertedWellKnown, withoutEmpty } from '@holdfast/protocol/metadata'
import type { GuardOptions } from './options.ts'

const NAME = 'oauth-protected-resource'

/** RFC 9728 §3.1: between host and path of the identifier. */
export function metadataUrlOf(resource: string): string {
  return insertedWellKnown(resource, NAME)
}

interface Facts {
  /** In its canonical form: what a client compares with the address that it called (RFC 9728 §3.3, MCP-41). */
  readonly resource: string
  readonly issuers: readonly string[]
  readonly algorithms: readonly string[]
}

/**
 * Answers a GET of this API's metadata. The document is of one identifier and stands at its address: whoever asks for another
 * identifier's must not be given this one (§3.3). At the root it stands for a path too only where the operator says so.
 */
export function metadataEndpoint(
  options: GuardOptions,
  { resource, issuers, algorithms }: Facts,
): (request: HttpRequest) => Reply | undefined {
  const paths = [new URL(metadataUrlOf(resource)).pathname]
  if (options.metadataAtRoot === true) paths.push(`/.well-known/${NAME}`)
  const document = withoutEmpty({
    resource,
    authorization_servers: issuers,
    scopes_supported: options.scopes ?? [],
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: algorithms,
    dpop_bound_access_tokens_required: options.dpopRequired ?? false,
    tls_client_certificate_bound_access_tokens: options.certificateBoundTokens === true ? true : undefined,
  })
  const reply: Reply = {
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'public, max-age=300', 'access-control-allow-origin': '*' },
    body: JSON.stringify(document),
  }
  return (request) => (request.method === 'GET' && paths.includes(request.path) ? reply : undefined)
}
