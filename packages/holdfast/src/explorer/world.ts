import type { World } from '@holdfast/explorer'
import { type Client, type ClientMetadata, readClient } from '@holdfast/server/config'
import { GRANT_TYPES } from '@holdfast/server'
import type { Configuration } from '../config/configuration.ts'
import { isLoopbackUrl } from './loopback.ts'
import { SITE_PATH } from './site.ts'

/** The client whose part the explorer's page plays. An operator who configures one of this name has that one used. */
export const EXPLORER_CLIENT = 'flow-explorer'

type Configured = Pick<Configuration, 'issuer' | 'clients' | 'resources' | 'development' | 'profile'>

/** Where flows can run, from what is configured: nothing is guessed, so a flow without its client says that it has none. */
export function worldOf(configured: Configured): World {
  const { issuer, clients, resources } = configured
  const [api] = resources
  // Elsewhere they are somebody's applications, whose part no page may play: a person would type her password for one.
  const publicClient = (fits: (client: Client) => boolean): string | undefined =>
    isLocal(configured) ? clients.find((client) => client.tokenEndpointAuthMethod === 'none' && fits(client))?.clientId : undefined
  return {
    issuer,
    api: api?.identifier,
    scope: api?.scopes[0]?.name,
    clientId: isConfigured(configured) || profileOf(configured) !== undefined ? EXPLORER_CLIENT : undefined,
    redirectUri: redirectUri(issuer),
    deviceClientId: publicClient(({ grantTypes }) => grantTypes.includes('urn:ietf:params:oauth:grant-type:device_code')),
    firstPartyClientId: publicClient(({ firstParty }) => firstParty),
  }
}

/** The configured clients, with the explorer's among them. */
export function withExplorerClient(configured: Configured): readonly Client[] {
  const { issuer, clients, resources } = configured
  const profile = profileOf(configured)
  if (isConfigured(configured) || profile === undefined) return clients
  const metadata: ClientMetadata = {
    client_id: EXPLORER_CLIENT,
    client_name: 'Flow explorer',
    redirect_uris: [redirectUri(issuer)],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    scope: ['openid profile offline_access', ...resources.flatMap(({ scopes }) => scopes.map(({ name }) => name))].join(' '),
    profile,
  }
  const { value, faults } = readClient(metadata, { profile, grantTypes: GRANT_TYPES, resources }, 'explorer')
  if (value === undefined) throw new Error(`the client of the flow explorer cannot be: ${faults.map(({ message }) => message).join('; ')}`)
  return [...clients, value]
}

function isConfigured({ clients }: Configured): boolean {
  return clients.some(({ clientId }) => clientId === EXPLORER_CLIENT)
}

/** A server that others reach may have been left in development: it is no place to try things out. */
function isLocal({ issuer, development }: Configured): boolean {
  return development && isLoopbackUrl(issuer)
}

/**
 * On a developer's machine the plain flow runs too, so that its weakness can be seen. Elsewhere the explorer asks for no less than the
 * operator asks of everybody; FAPI 2.0 has no public clients, and so none of ours.
 */
function profileOf(configured: Configured): 'oauth21' | 'strong' | undefined {
  const { profile } = configured
  if (isLocal(configured)) return 'oauth21'
  return profile === 'oauth21' || profile === 'strong' ? profile : undefined
}

function redirectUri(issuer: string): string {
  return new URL(`${SITE_PATH}callback.html`, issuer).href
}
