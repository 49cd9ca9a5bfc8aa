import { parseScope } from '@holdfast/protocol/scope'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import type { AuthMethod, Resource } from './client.ts'
import type { ClientMetadata } from './client-metadata.ts'
import type { Fault } from './fault.ts'
import { OPENID_SCOPES } from './openid-scopes.ts'
import { hostListed, type MachineClientPolicy } from './registration.ts'
import { isRecord } from './shape.ts'

/** What clients that no operator created are read against. */
export interface MachineContext {
  readonly policy: MachineClientPolicy
  readonly resources: readonly Resource[]
  /** Grant types that the server has. */
  readonly grantTypes: readonly string[]
  /** Types of `authorization_details` that the server knows. */
  readonly authorizationDetailsTypes: readonly string[]
  /** Client authentication methods that the server has. */
  readonly authMethods: readonly AuthMethod[]
  /** Names of configured clients, as `nameKey` writes them: nobody else may go by them. */
  readonly reservedNames: ReadonlySet<string>
}

/**
 * Members that a machine may set. The rest is ignored (REG-05), also in a software statement: what only an operator may say,
 * such as `profile`, `first_party`, `resources`, `protected_resources` and everything `unsafe_`, is not among them (A46, A47).
 */
const MEMBERS: readonly (keyof ClientMetadata)[] = [
  'client_name',
  'client_uri',
  'logo_uri',
  'policy_uri',
  'tos_uri',
  'application_type',
  'redirect_uris',
  'grant_types',
  'response_types',
  'scope',
  'token_endpoint_auth_method',
  'token_endpoint_auth_signing_alg',
  'jwks',
  'jwks_uri',
  'id_token_signed_response_alg',
  'id_token_encrypted_response_alg',
  'id_token_encrypted_response_enc',
  'userinfo_signed_response_alg',
  'userinfo_encrypted_response_alg',
  'userinfo_encrypted_response_enc',
  'subject_type',
  'sector_identifier_uri',
  'dpop_bound_access_tokens',
  'require_pushed_authorization_requests',
  'default_max_age',
  'default_acr_values',
  'tls_client_auth_subject_dn',
  'tls_client_auth_san_dns',
  'tls_client_auth_san_uri',
  'tls_client_auth_san_ip',
  'tls_client_auth_san_email',
  'tls_client_certificate_bound_access_tokens',
  'use_mtls_endpoint_aliases',
  'request_object_signing_alg',
  'require_signed_request_object',
  'authorization_signed_response_alg',
  'authorization_encrypted_response_alg',
  'authorization_encrypted_response_enc',
  'introspection_signed_response_alg',
  'introspection_encrypted_response_alg',
  'introspection_encrypted_response_enc',
  'response_modes',
  'authorization_details_types',
  'backchannel_token_delivery_mode',
  'backchannel_client_notification_endpoint',
  'post_logout_redirect_uris',
  'backchannel_logout_uri',
  'backchannel_logout_session_required',
  'frontchannel_logout_uri',
  'frontchannel_logout_session_required',
  'initiate_login_uri',
]

/** OAuth 2.1 has neither; whoever asks for one expects what will never come (REG-07). */
const GONE: readonly unknown[] = ['implicit', 'password']
/** Grants without a person who allows something: never for a client that nobody vouched for. */
const WITHOUT_PERSON: readonly string[] = [
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
  'urn:ietf:params:oauth:grant-type:token-exchange',
]

export type Metadata = Readonly<Record<string, unknown>>

/** The known members. One that is null or empty is one that is left out (RFC 7592 §2.2). */
export function knownMembers(given: Metadata): Metadata {
  const known = MEMBERS.flatMap((member) => {
    const value = Object.hasOwn(given, member) ? given[member] : undefined
    return value === undefined || value === null || value === '' ? [] : [[member, value] as const]
  })
  const metadata = Object.fromEntries(known)
  // RFC 7517 §5: other members of a JWK Set are ignored.
  return isRecord(metadata['jwks']) ? { ...metadata, jwks: { keys: metadata['jwks']['keys'] } } : metadata
}

/**
 * What is asked, narrowed to what may be asked (RFC 7591 §2: values may be replaced, and the answer shows it), with the
 * standards' defaults (REG-08). Values of a wrong shape stay as they are: the reader of all clients tells.
 */
export function narrowed(
  asked: Metadata,
  context: MachineContext,
  vouched: boolean,
): { readonly metadata: Metadata; readonly faults: readonly Fault[] } {
  const { policy } = context
  const faults: Fault[] = []
  const grants = grantsOf(asked['grant_types'], context, vouched, faults)
  const fapi = policy.profile === 'fapi2'
  const strict = policy.profile !== 'oauth21'
  const method = asked['token_endpoint_auth_method'] ?? (fapi ? 'private_key_jwt' : 'client_secret_basic')
  const methods = context.authMethods.filter((one) => policy.authMethods.includes(one))
  if (!methods.some((one) => one === method))
    faults.push({ path: 'token_endpoint_auth_method', message: `must be one of ${methods.join(', ')}` })
  const types = asked['authorization_details_types']
  const known = policy.authorizationDetailsTypes.filter((one) => context.authorizationDetailsTypes.includes(one))
  return {
    metadata: {
      ...asked,
      grant_types: grants,
      response_types: asked['response_types'] ?? (Array.isArray(grants) && grants.includes('authorization_code') ? ['code'] : []),
      application_type: asked['application_type'] ?? 'web',
      token_endpoint_auth_method: method,
      scope: scopeOf(asked['scope'], policy, faults),
      ...(asked['id_token_signed_response_alg'] === undefined && !fapi ? { id_token_signed_response_alg: 'RS256' } : {}),
      ...(strict || policy.requirePushedAuthorizationRequests ? { require_pushed_authorization_requests: true } : {}),
      ...(strict || policy.dpopBoundAccessTokens ? { dpop_bound_access_tokens: true } : {}),
      ...(Array.isArray(types) ? { authorization_details_types: types.filter((one) => known.some((type) => type === one)) } : {}),
    },
    faults,
  }
}

function grantsOf(asked: unknown, { policy, grantTypes }: MachineContext, vouched: boolean, faults: Fault[]): unknown {
  if (asked === undefined) return ['authorization_code']
  if (!Array.isArray(asked)) return asked
  const gone = asked.find((one) => GONE.includes(one))
  if (gone !== undefined) {
    faults.push({ path: 'grant_types', message: `must not have ${String(gone)}, which OAuth 2.1 removed` })
    return ['authorization_code']
  }
  const allowed = policy.grantTypes.filter((one) => grantTypes.includes(one) && (vouched || !WITHOUT_PERSON.includes(one)))
  const left = asked.filter((one: unknown) => typeof one !== 'string' || allowed.includes(one))
  if (left.length === 0) faults.push({ path: 'grant_types', message: `must have one of ${allowed.join(', ')}` })
  // Nothing left is told once, here; the reader would say the same in other words.
  return left.length === 0 ? ['authorization_code'] : left
}

function scopeOf(asked: unknown, policy: MachineClientPolicy, faults: Fault[]): unknown {
  const standard = policy.defaultScopes ?? policy.scopes.filter((one) => OPENID_SCOPES.includes(one))
  if (asked === undefined) return standard.filter((one) => policy.scopes.includes(one)).join(' ')
  const scopes = typeof asked === 'string' ? parseScope(asked) : undefined
  if (scopes === undefined || scopes instanceof OAuthError) return asked
  const left = scopes.filter((one) => policy.scopes.includes(one))
  if (left.length === 0) faults.push({ path: 'scope', message: 'has no scope that clients may ask for which no operator created' })
  return left.join(' ')
}

const LOOPBACK_HTTP = /^http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)(?:[:/?]|$)/

/** Why no code may be sent there, whoever registered it and when. */
export function redirectFault(uri: string, { native, redirectHosts }: MachineClientPolicy): string | undefined {
  const web = uri.startsWith('https:')
  if (!web && !native) return 'must be https: applications on a device are not taken here'
  const elsewhere = web && redirectHosts !== undefined && !hostListed(new URL(uri).hostname, redirectHosts)
  return elsewhere ? 'is at a host that is not taken here' : undefined
}

/** Where codes may be sent beyond what every client is held to (REG-12); shapes and schemes are checked by the reader. */
export function redirectFaults(metadata: Metadata, { policy }: MachineContext, registered: boolean): readonly Fault[] {
  return (['redirect_uris', 'post_logout_redirect_uris'] as const).flatMap((member) => faultsOf(member, metadata, policy, registered))
}

function faultsOf(
  member: 'redirect_uris' | 'post_logout_redirect_uris',
  metadata: Metadata,
  policy: MachineClientPolicy,
  registered: boolean,
): readonly Fault[] {
  const uris: readonly unknown[] = Array.isArray(metadata[member]) ? metadata[member] : []
  return uris.flatMap((uri, index) => {
    if (typeof uri !== 'string' || !URL.canParse(uri)) return []
    const fault = (message: string): readonly Fault[] => [{ path: `${member}[${index}]`, message }]
    const wrong = redirectFault(uri, policy)
    if (wrong !== undefined) return fault(wrong)
    if (registered && uri.startsWith('https:') && metadata['application_type'] === 'native')
      return fault('must be loopback http or a private-use scheme for application_type native (OpenID Connect Registration §2)')
    return []
  })
}

const CALLED = ['backchannel_logout_uri', 'initiate_login_uri'] as const

/** A stranger is called, and leads people, at a host of its own alone: else anybody could have us call anybody. */
export function calledFaults(metadata: Metadata, homes: ReadonlySet<string>): readonly Fault[] {
  return CALLED.flatMap((member) => {
    const text = metadata[member]
    if (typeof text !== 'string' || !URL.canParse(text) || homes.has(new URL(text).host)) return []
    return [{ path: member, message: 'must be at the host of one of redirect_uris' }]
  })
}

/** Whether all of them lead to the device itself: no host vouches for such a client. */
export function onlyOnDevice(uris: readonly string[]): boolean {
  return uris.length > 0 && uris.every((uri) => LOOPBACK_HTTP.test(uri) || !/^https?:/.test(uri))
}

const PAGES = ['client_uri', 'logo_uri', 'policy_uri', 'tos_uri'] as const

/**
 * Pages of a client are shown to people: https, and of a host that codes go to or that the client_id names (REG-10).
 * Another host's are left out, as is every value of them that would borrow somebody's good name.
 */
export function ownPages(
  metadata: Metadata,
  homes: ReadonlySet<string>,
): { readonly metadata: Metadata; readonly faults: readonly Fault[] } {
  const kept: Record<string, unknown> = { ...metadata }
  const faults: Fault[] = []
  for (const member of PAGES) {
    const text = metadata[member]
    if (typeof text !== 'string' || !URL.canParse(text)) continue
    const url = new URL(text)
    if (url.protocol !== 'https:') faults.push({ path: member, message: 'must be an https address' })
    else if (!homes.has(url.host)) delete kept[member]
  }
  return { metadata: kept, faults }
}

/** One spelling for names that people would take for one. */
export function nameKey(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\p{Z}\p{C}\p{P}]/gu, '')
}
