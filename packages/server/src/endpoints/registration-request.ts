import { readCredentials } from '@holdfast/protocol/credentials'
import { type HttpRequest, json, type Reply, singleHeader } from '@holdfast/protocol/http'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { challenge } from '@holdfast/protocol/www-authenticate'
import type { AuthorizationServer } from '../authorization-server.ts'
import type { Client } from '../config/client.ts'
import type { Fault } from '../config/fault.ts'
import type { Metadata } from '../config/machine-metadata.ts'

const MAX_BYTES = 64 * 1024
const HOUR = 3600
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The JSON object of a request (RFC 7591 §3.1). */
export async function readMetadata(request: HttpRequest): Promise<Metadata | OAuthError> {
  const type = singleHeader(request, 'content-type')
  if (typeof type !== 'string' || !/^application\/json *(?:;|$)/i.test(type)) return broken('the body must be application/json')
  const bytes = await request.body(MAX_BYTES)
  if (bytes === 'too_large') return broken(`the body is larger than ${MAX_BYTES} bytes`)
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Metadata
  } catch {
    // Said below.
  }
  return broken('the body is not a JSON object in UTF-8')
}

function broken(description: string): OAuthError {
  return new OAuthError('invalid_client_metadata', `${description} (RFC 7591 §3.1)`, { rule: 'REG-01' })
}

/** What is wrong with metadata, in the error's words (REG-04). A wrong redirect URI has a code of its own. */
export function metadataError(faults: readonly Fault[]): OAuthError {
  const redirect = faults.filter(({ path }) => path.startsWith('redirect_uris'))
  const told = redirect.length > 0 ? redirect : faults
  return new OAuthError(
    redirect.length > 0 ? 'invalid_redirect_uri' : 'invalid_client_metadata',
    told
      .slice(0, 3)
      .map(({ path, message }) => `${path} ${message}`)
      .join('; '),
    { rule: 'REG-04' },
  )
}

/** OIDC-58: the host of a sector must list the client's redirect URIs. */
export async function sectorError({ sectors }: AuthorizationServer, client: Client): Promise<OAuthError | undefined> {
  const fault = await sectors.fault(client)
  return fault === undefined
    ? undefined
    : new OAuthError('invalid_client_metadata', `sector_identifier_uri ${fault} (OpenID Connect Registration §5)`, { rule: 'OIDC-58' })
}

/** The bearer token of a request; undefined when there is none (RFC 6750 §2.1). */
export function bearerToken(request: HttpRequest): string | OAuthError | undefined {
  const credentials = readCredentials(request.headers('authorization'))
  if (credentials === undefined || credentials instanceof OAuthError) return credentials
  return credentials.scheme === 'Bearer'
    ? credentials.token
    : new OAuthError('invalid_token', 'the token is a bearer token and has no DPoP key', { rule: 'REG-23' })
}

export function invalidToken(rule: string): OAuthError {
  return new OAuthError('invalid_token', 'the token is unknown, used or over', { rule })
}

/** A refusal: counted, logged, and told as JSON; for a token with its challenge (RFC 6750 §3). */
export function registrationRefused(as: AuthorizationServer, request: HttpRequest, error: OAuthError): Reply {
  as.refusals.count(error, 'register', undefined, request.clientAddress)
  const body = { error: error.code, error_description: error.description }
  switch (error.code) {
    case 'invalid_token':
      return json(401, body, {
        'www-authenticate': challenge('Bearer', { realm: 'holdfast', error: error.code, error_description: error.description }),
      })
    case 'access_denied':
      return json(403, body)
    case 'temporarily_unavailable':
      return json(503, body, { 'retry-after': '1' })
    default:
      return json(400, body)
  }
}

/** No token at all: a challenge without an error, since nothing was wrong (OA-67). */
export function tokenWanted(as: AuthorizationServer, request: HttpRequest): Reply {
  as.refusals.count(invalidToken('REG-02'), 'register', undefined, request.clientAddress)
  return { status: 401, headers: { 'www-authenticate': challenge('Bearer', { realm: 'holdfast' }), 'cache-control': 'no-store' }, body: '' }
}

/** Counted before anything that costs: so many in an hour, of one address or of one client. @returns the refusal, or nothing */
export async function limited(as: AuthorizationServer, request: HttpRequest, who: string, most: number): Promise<Reply | undefined> {
  const now = as.clock.now()
  const until = now - (now % HOUR) + HOUR
  if ((await as.unproven.increment(`register ${until} ${who}`, until)) <= most) return undefined
  const error = new OAuthError('temporarily_unavailable', 'too many registrations: try again later', { rule: 'REG-02' })
  as.refusals.count(error, 'register', undefined, request.clientAddress)
  return json(429, { error: error.code, error_description: error.description }, { 'retry-after': String(until - now) })
}
