import type { Seconds } from '@holdfast/protocol/time'
import type { AuthMethod, Profile } from './client.ts'

/** What a client that no operator created may be and ask for: RFC 7591 registrations and Client ID Metadata Documents alike. */
export interface MachineClientPolicy {
  /** The rules they are held to. @default oauth21 */
  readonly profile: Exclude<Profile, 'fapi2-message-signing'>
  /** Others that they name are left out. @default authorization_code, refresh_token */
  readonly grantTypes: readonly string[]
  /** Scopes they may ask for; others that they name are left out. @default openid, profile, email, offline_access */
  readonly scopes: readonly string[]
  /** For a client that names none. @default those of `scopes` that belong to OpenID Connect */
  readonly defaultScopes: readonly string[] | undefined
  /** Resources they may ask tokens for. @default those that have one of `scopes` */
  readonly resources: readonly string[] | undefined
  /** @default none, client_secret_basic, client_secret_post, private_key_jwt */
  readonly authMethods: readonly AuthMethod[]
  /** Hosts of their https redirect URIs: `app.example`, `*.example.com`. @default any */
  readonly redirectHosts: readonly string[] | undefined
  /** Whether applications on a device may come: loopback and private-use redirect URIs. @default true */
  readonly native: boolean
  /** Types of `authorization_details` they may ask for. @default none */
  readonly authorizationDetailsTypes: readonly string[]
  /** @default false; the profiles strong and fapi2 ask for it by themselves */
  readonly requirePushedAuthorizationRequests: boolean
  /** @default false; the profiles strong and fapi2 ask for it by themselves */
  readonly dpopBoundAccessTokens: boolean
}

/** Who may sign software statements (RFC 7591 §2.3), with its keys by value or by reference. */
export interface StatementIssuer {
  /** `iss` of its statements. */
  readonly issuer: string
  readonly jwks?: { readonly keys: readonly Readonly<Record<string, unknown>>[] } | undefined
  readonly jwksUri?: string | undefined
}

/** Clients whose client_id is the URL of their metadata (draft-ietf-oauth-client-id-metadata-document). */
export interface DocumentOptions {
  readonly enabled: boolean
  /** Hosts that may publish clients: `app.example`, `*.example.com`. @default any */
  readonly allowedHosts?: readonly string[] | undefined
  /** Hosts, or single client_ids, that are refused. @default none */
  readonly deniedHosts?: readonly string[] | undefined
  /** Where codes may be sent: to the origin of the client_id and to the device, or wherever the document says. @default same-origin */
  readonly redirectUris?: 'same-origin' | 'any' | undefined
}

/** How clients may come that no operator created. Every way is off unless it is named; together they are alternatives. */
export interface RegistrationOptions {
  /** Anybody may register. */
  readonly open?: boolean | undefined
  /** Who holds an initial access token may register. */
  readonly initialAccessTokens?: boolean | undefined
  /** Who brings a software statement of one of these may register. */
  readonly softwareStatements?: readonly StatementIssuer[] | undefined
  readonly clientIdMetadataDocuments?: DocumentOptions | undefined
  /** Open registrations from one address in an hour. @default 20 */
  readonly perAddress?: number | undefined
  /** The most clients that may be registered at once; who has an initial access token may be one more. @default 10000 */
  readonly mostClients?: number | undefined
  /** How long an open registration may wait for the first person who allows it something. @default 2592000 (30 days) */
  readonly unusedAfter?: Seconds | undefined
  readonly policy?: Partial<MachineClientPolicy> | undefined
}

/** An issuer with both of its members: keys by value are remembered by this object. */
export interface TrustedIssuer {
  readonly issuer: string
  readonly jwks: StatementIssuer['jwks']
  readonly jwksUri: string | undefined
}

/** The same with every default filled in. */
export interface Registration {
  /** Whether there is a registration endpoint at all. */
  readonly on: boolean
  readonly open: boolean
  readonly initialAccessTokens: boolean
  readonly softwareStatements: readonly TrustedIssuer[]
  readonly documents: DocumentOptions
  readonly perAddress: number
  readonly mostClients: number
  readonly unusedAfter: Seconds
  readonly policy: MachineClientPolicy
}

export const MACHINE_POLICY: MachineClientPolicy = {
  profile: 'oauth21',
  grantTypes: ['authorization_code', 'refresh_token'],
  scopes: ['openid', 'profile', 'email', 'offline_access'],
  defaultScopes: undefined,
  resources: undefined,
  authMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  redirectHosts: undefined,
  native: true,
  authorizationDetailsTypes: [],
  requirePushedAuthorizationRequests: false,
  dpopBoundAccessTokens: false,
}

export function registrationOf(options: RegistrationOptions = {}): Registration {
  const { open = false, initialAccessTokens = false, softwareStatements = [] } = options
  const named = Object.fromEntries(Object.entries(options.policy ?? {}).filter(([, value]) => value !== undefined))
  return {
    on: open || initialAccessTokens || softwareStatements.length > 0,
    open,
    initialAccessTokens,
    softwareStatements: softwareStatements.map(({ issuer, jwks, jwksUri }) => ({ issuer, jwks, jwksUri })),
    documents: options.clientIdMetadataDocuments ?? { enabled: false },
    perAddress: options.perAddress ?? 20,
    mostClients: options.mostClients ?? 10_000,
    unusedAfter: options.unusedAfter ?? 30 * 24 * 60 * 60,
    policy: { ...MACHINE_POLICY, ...named },
  }
}

/** Whether a host is one of a list: the name itself, or below the name after `*.`. */
export function hostListed(host: string, list: readonly string[]): boolean {
  return list.some((one) => (one.startsWith('*.') ? host.endsWith(one.slice(1)) && host.length > one.length - 1 : host === one))
}
