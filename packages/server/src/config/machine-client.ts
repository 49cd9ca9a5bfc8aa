import type { Client } from './client.ts'
import type { Fault } from './fault.ts'
import {
  calledFaults,
  knownMembers,
  type MachineContext,
  type Metadata,
  nameKey,
  narrowed,
  onlyOnDevice,
  ownPages,
  redirectFault,
  redirectFaults,
} from './machine-metadata.ts'
import { readClient } from './read-client.ts'

/** What the server itself says of a client that no operator created. */
export interface MachineIdentity {
  readonly clientId: string
  /** `machine`: it registered (RFC 7591); `document`: its client_id is the URL of its metadata. */
  readonly origin: 'machine' | 'document'
  /** SHA-256 of the secret, for the methods that have one. */
  readonly secretHash: string | undefined
  /** An operator let it in by name: by an initial access token, a trusted statement or a listed host. */
  readonly vouched: boolean
}

export interface MachineClient {
  readonly client: Client
  /** What was registered, with defaults, in the names of RFC 7591 §2: the answer shows it. */
  readonly metadata: Metadata
}

const METHODS_WITH_SECRET: readonly unknown[] = ['client_secret_basic', 'client_secret_post']

/** Reads metadata that a machine sent, by the same shapes and rules as those that an operator wrote. Every fault is found. */
export function readMachineClient(given: Metadata, identity: MachineIdentity, context: MachineContext): MachineClient | readonly Fault[] {
  const asked = narrowed(knownMembers(given), context, identity.vouched)
  const homes = homesOf(asked.metadata, identity)
  const pages = ownPages(asked.metadata, homes)
  const { metadata } = pages
  const { profile } = context.policy
  const secret = METHODS_WITH_SECRET.includes(metadata['token_endpoint_auth_method']) ? identity.secretHash : undefined
  const read = readClient(
    // A client_id that is a URL is not for operators to give: the reader sees a stand-in.
    { ...metadata, profile, client_id: 'c', ...(secret === undefined ? {} : { client_secret: `sha256:${secret}` }) },
    { ...context, profile },
    'client',
  )
  const faults = [
    ...asked.faults,
    ...pages.faults,
    ...redirectFaults(metadata, context, identity.origin === 'machine'),
    ...calledFaults(metadata, homes),
    ...sectorFaults(metadata, identity),
    ...nameFaults(metadata, context),
    ...read.faults.map(({ path, message }) => ({ path: path.replace(/^client\./, ''), message })),
  ]
  if (read.value === undefined || faults.length > 0) return faults
  const { clientId, origin } = identity
  const clientName = typeof metadata['client_name'] === 'string' ? metadata['client_name'] : placeOf(read.value.redirectUris)
  return { client: heldToPolicy({ ...read.value, clientId, clientName, origin }, context), metadata }
}

/**
 * A client under the policy as it is now: what an operator takes back is taken back from clients that registered before,
 * and it is never more than they registered.
 */
export function heldToPolicy(client: Client, { policy, resources }: MachineContext): Client {
  const strict = policy.profile !== 'oauth21'
  const within = (uri: string | undefined): string | undefined =>
    uri === undefined || redirectFault(uri, policy) !== undefined ? undefined : uri
  return {
    ...client,
    redirectUris: client.redirectUris.filter((one) => redirectFault(one, policy) === undefined),
    postLogoutRedirectUris: client.postLogoutRedirectUris?.filter((one) => redirectFault(one, policy) === undefined),
    backchannelLogoutUri: within(client.backchannelLogoutUri),
    frontchannelLogoutUri: within(client.frontchannelLogoutUri),
    initiateLoginUri: within(client.initiateLoginUri),
    grantTypes: client.grantTypes.filter((one) => policy.grantTypes.includes(one)),
    scopes: client.scopes.filter((one) => policy.scopes.includes(one)),
    resources:
      policy.resources ??
      resources.filter((one) => one.scopes.some((scope) => policy.scopes.includes(scope.name))).map((one) => one.identifier),
    authorizationDetailsTypes: client.authorizationDetailsTypes.filter((one) => policy.authorizationDetailsTypes.includes(one)),
    requirePushedAuthorizationRequests: client.requirePushedAuthorizationRequests || policy.requirePushedAuthorizationRequests || strict,
    dpopBoundAccessTokens: client.dpopBoundAccessTokens || policy.dpopBoundAccessTokens || (strict && !client.certificateBoundAccessTokens),
  }
}

/** Hosts that the client stands for: those codes go to, and that of a client_id that is a URL. */
function homesOf(metadata: Metadata, { clientId, origin }: MachineIdentity): ReadonlySet<string> {
  const uris: readonly unknown[] = Array.isArray(metadata['redirect_uris']) ? metadata['redirect_uris'] : []
  const places = [...uris, ...(origin === 'document' ? [clientId] : [])]
  return new Set(
    places.flatMap((uri) => (typeof uri === 'string' && uri.startsWith('https:') && URL.canParse(uri) ? [new URL(uri).host] : [])),
  )
}

const BY_REDIRECT: readonly unknown[] = ['authorization_code', 'refresh_token']

/**
 * That codes go to a host is all that proves a stranger's sector. Who gets people another way, as by a code that is typed on
 * another device, would be told by what names that host knows them (OIDC-56). A document at that host proves it by its place.
 */
function sectorFaults(metadata: Metadata, { clientId, origin }: MachineIdentity): readonly Fault[] {
  const { subject_type: type, sector_identifier_uri: uri, redirect_uris: uris, grant_types: grants } = metadata
  if (type !== 'pairwise' || !Array.isArray(grants) || grants.every((one) => BY_REDIRECT.includes(one))) return []
  const named: readonly unknown[] = typeof uri === 'string' ? [uri] : Array.isArray(uris) ? uris : []
  const own = (one: unknown): boolean => typeof one === 'string' && URL.canParse(one) && new URL(one).host === new URL(clientId).host
  if (origin === 'document' && named.length > 0 && named.every(own)) return []
  return [{ path: 'subject_type', message: 'cannot be pairwise with a grant type that has no redirect: nothing proves the sector' }]
}

/** A stranger that goes by the name of a client of the operator's would get what people mean for that one. */
function nameFaults(metadata: Metadata, { reservedNames }: MachineContext): readonly Fault[] {
  const name = metadata['client_name']
  return typeof name === 'string' && reservedNames.has(nameKey(name))
    ? [{ path: 'client_name', message: 'is the name of another client here' }]
    : []
}

/** What people read for a client that says no name. */
function placeOf(redirectUris: readonly string[]): string {
  const web = redirectUris.find((uri) => uri.startsWith('https:'))
  return web === undefined ? (onlyOnDevice(redirectUris) ? 'An app on this device' : 'An app without a name') : new URL(web).hostname
}
