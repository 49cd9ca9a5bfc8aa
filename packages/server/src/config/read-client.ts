import { authorizationDetailsRules } from './authorization-details-rules.ts'
import { backchannelRules } from './backchannel-rules.ts'
import { clientMetadata, type AvailableProfile, type ClientMetadata } from './client-metadata.ts'
import type { ClientRule, ClientSurroundings, Draft } from './client-rule.ts'
import { clientRules } from './client-rules.ts'
import type { Client, ClientSecret, Encryption, MayAct, Resource, TlsClientSubject } from './client.ts'
import { hashOf } from './client-secrets.ts'
import { type Fault, pathOf, type Read, readOf } from './fault.ts'
import { openIdRules } from './openid-rules.ts'
import { introspectionRules } from './introspection-rules.ts'
import { logoutRules } from './logout-rules.ts'
import { tokenExchangeRules } from './token-exchange-rules.ts'
import { mutualTlsRules } from './mutual-tls-rules.ts'
import { integrityRules } from './integrity-rules.ts'
import { underFapi, underMessageSigning } from './profile.ts'
import { firstPartyRules } from './first-party-rules.ts'
import { profileRules } from './profile-rules.ts'
import { pairwiseSectorOf } from './sector.ts'
import { isRecord, readShape } from './shape.ts'

/** What clients are read against: the rest of the configuration. */
export interface ClientContext {
  /** For a client that names none. */
  readonly profile: AvailableProfile
  readonly resources: readonly Resource[]
  /** Grant types that the server has: `GRANT_TYPES`, and those that were added to it. */
  readonly grantTypes: readonly string[]
  /** Types of `authorization_details` that are configured. @default none */
  readonly authorizationDetailsTypes?: readonly string[]
}

const rules: readonly ClientRule[] = [
  ...clientRules,
  ...profileRules,
  ...authorizationDetailsRules,
  ...integrityRules,
  ...openIdRules,
  ...introspectionRules,
  ...mutualTlsRules,
  ...backchannelRules,
  ...firstPartyRules,
  ...tokenExchangeRules,
  ...logoutRules,
]

/** Grants that a person gives. */
const SIGN_IN_GRANTS: readonly string[] = [
  'authorization_code',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:openid:params:grant-type:ciba',
]

/** Where people sign in; the scopes of APIs are named by the operator, or the client has none of them. */
const DEFAULT_SCOPE = 'openid profile email offline_access'

/**
 * Reads the clients that an operator wrote (RFC 7591 names). Every fault of every client is found.
 *
 * @param path where the list stands, for the faults
 */
export function readClients(list: unknown, context: ClientContext, path = 'clients'): Read<readonly Client[]> {
  if (!Array.isArray(list)) return readOf([], [{ path, message: 'must be a list of clients' }])
  const faults: Fault[] = []
  const clients: Client[] = []
  const seen = new Map<unknown, number>()
  for (const [index, metadata] of list.entries()) {
    const at = pathOf(path, index)
    const read = readClient(metadata, context, at)
    faults.push(...read.faults)
    if (read.value !== undefined) clients.push(read.value)
    const id = isRecord(metadata) ? metadata['client_id'] : undefined
    const before = seen.get(id)
    if (before === undefined) seen.set(id, index)
    else if (typeof id === 'string')
      faults.push({ path: pathOf(at, 'client_id'), message: `is the same as that of ${pathOf(path, before)}` })
  }
  return readOf(clients, faults)
}

/** Reads one client as an operator writes it, with the defaults for clients that an operator creates (design §6). */
export function readClient(metadata: unknown, context: ClientContext, path: string): Read<Client> {
  const shaped = readShape(clientMetadata, metadata, path)
  const faults = [...shaped.faults]
  const draft = draftOf(shaped.value, context)
  const around: ClientSurroundings = {
    grantTypes: context.grantTypes,
    scopes: [...new Set(context.resources.flatMap((one) => one.scopes.map((scope) => scope.name)))],
    resources: context.resources.map((one) => one.identifier),
    authorizationDetailsTypes: context.authorizationDetailsTypes ?? [],
  }
  // A rule about a member of the wrong shape would only repeat that fault in other words.
  const wrong = (member: string): boolean => shaped.faulty.has(member) || (member === 'client_id' && draft.client_id === undefined)
  for (const rule of isRecord(metadata) ? rules : []) {
    if (!rule.about.some(wrong)) rule.check(draft, around, (at, message) => faults.push({ path: `${path}.${at}`, message }))
  }
  return readOf(clientOf(draft), faults)
}

function draftOf(metadata: Partial<ClientMetadata>, context: ClientContext): Draft {
  const profile = metadata.profile ?? context.profile
  return {
    ...(metadata as ClientMetadata),
    profile,
    token_endpoint_auth_method: metadata.token_endpoint_auth_method ?? (underFapi({ profile }) ? 'private_key_jwt' : 'client_secret_basic'),
    grant_types: metadata.grant_types ?? ['authorization_code', 'refresh_token'],
  }
}

function clientOf(draft: Draft): Client {
  const bound = draft.profile !== 'oauth21'
  const scope = draft.scope ?? (draft.grant_types.some((type) => SIGN_IN_GRANTS.includes(type)) ? DEFAULT_SCOPE : '')
  return {
    clientId: draft.client_id,
    origin: 'operator',
    clientName: draft.client_name ?? draft.client_id,
    clientUri: draft.client_uri,
    logoUri: draft.logo_uri,
    policyUri: draft.policy_uri,
    tosUri: draft.tos_uri,
    profile: draft.profile,
    applicationType: draft.application_type ?? 'web',
    redirectUris: draft.redirect_uris ?? [],
    grantTypes: [...new Set(draft.grant_types)],
    scopes: scope === '' ? [] : [...new Set(scope.split(' '))],
    resources: draft.resources,
    tokenEndpointAuthMethod: draft.token_endpoint_auth_method,
    tokenEndpointAuthSigningAlg: draft.token_endpoint_auth_signing_alg,
    secrets: [
      ...secretOf(draft.client_secret, draft.client_secret_expires_at),
      ...secretOf(draft.previous_client_secret, draft.previous_client_secret_expires_at),
    ],
    jwks: draft.jwks,
    jwksUri: draft.jwks_uri,
    idTokenSignedResponseAlg: draft.id_token_signed_response_alg ?? 'ES256',
    idTokenEncryptedResponse: encryptionOf(draft.id_token_encrypted_response_alg, draft.id_token_encrypted_response_enc),
    userinfoSignedResponseAlg: draft.userinfo_signed_response_alg,
    userinfoEncryptedResponse: encryptionOf(draft.userinfo_encrypted_response_alg, draft.userinfo_encrypted_response_enc),
    pairwiseSector:
      draft.subject_type === 'pairwise' ? pairwiseSectorOf(draft.sector_identifier_uri, draft.redirect_uris ?? []) : undefined,
    sectorIdentifierUri: draft.sector_identifier_uri,
    mergesRequestObject: draft.request_object_parameters === 'merged',
    dpopBoundAccessTokens: draft.dpop_bound_access_tokens ?? (bound && draft.tls_client_certificate_bound_access_tokens !== true),
    requirePushedAuthorizationRequests: draft.require_pushed_authorization_requests ?? bound,
    defaultMaxAge: draft.default_max_age,
    defaultAcrValues: draft.default_acr_values,
    tlsClientAuth: subjectOf(draft),
    certificateBoundAccessTokens: draft.tls_client_certificate_bound_access_tokens ?? false,
    requestObjectSigningAlg: draft.request_object_signing_alg,
    requireSignedRequestObject: draft.require_signed_request_object ?? underMessageSigning(draft),
    authorizationSignedResponseAlg: draft.authorization_signed_response_alg ?? 'ES256',
    authorizationEncryptedResponse: encryptionOf(draft.authorization_encrypted_response_alg, draft.authorization_encrypted_response_enc),
    introspectionSignedResponseAlg: draft.introspection_signed_response_alg ?? 'ES256',
    introspectionEncryptedResponse: encryptionOf(draft.introspection_encrypted_response_alg, draft.introspection_encrypted_response_enc),
    responseModes: draft.response_modes,
    postLogoutRedirectUris: draft.post_logout_redirect_uris ?? [],
    backchannelLogoutUri: draft.backchannel_logout_uri,
    backchannelLogoutSessionRequired: draft.backchannel_logout_session_required ?? false,
    frontchannelLogoutUri: draft.frontchannel_logout_uri,
    frontchannelLogoutSessionRequired: draft.frontchannel_logout_session_required ?? false,
    initiateLoginUri: draft.initiate_login_uri,
    authorizationDetailsTypes: draft.authorization_details_types ?? [],
    protectedResources: draft.protected_resources ?? [],
    backchannel:
      draft.backchannel_token_delivery_mode === undefined
        ? undefined
        : { mode: draft.backchannel_token_delivery_mode, notificationEndpoint: draft.backchannel_client_notification_endpoint },
    tokenExchange:
      draft.token_exchange === undefined
        ? undefined
        : { impersonation: draft.token_exchange.impersonation ?? false, scopes: draft.token_exchange.scopes ?? {} },
    mayAct: mayActOf(draft),
    firstParty: draft.first_party ?? false,
    unsafeWithoutPkce: draft.unsafe_without_pkce ?? false,
    unsafeLegacyAssertionAudience: draft.unsafe_legacy_assertion_audience ?? false,
    disabled: draft.disabled ?? false,
  }
}

function subjectOf(draft: Draft): TlsClientSubject | undefined {
  for (const kind of ['subject_dn', 'san_dns', 'san_uri', 'san_ip', 'san_email'] as const) {
    const value = draft[`tls_client_auth_${kind}`]
    if (value !== undefined) return { kind, value }
  }
  return undefined
}

function mayActOf({ may_act: named }: Draft): MayAct | undefined {
  if (named === undefined) return undefined
  const { sub, client_id } = named
  return { ...(sub === undefined ? {} : { sub }), ...(client_id === undefined ? {} : { client_id }) }
}

/** `enc` defaults to A128CBC-HS256 wherever an `alg` is registered (JARM §3, RFC 9701 §6). */
function encryptionOf(alg: Encryption['alg'] | undefined, enc: Encryption['enc'] | undefined): Encryption | undefined {
  return alg === undefined ? undefined : { alg, enc: enc ?? 'A128CBC-HS256' }
}

/** RFC 7591 §3.2.1: 0 is never. */
function secretOf(secret: string | undefined, expiresAt = 0): readonly ClientSecret[] {
  return secret === undefined ? [] : [{ hash: hashOf(secret), expiresAt: expiresAt === 0 ? undefined : expiresAt }]
}
