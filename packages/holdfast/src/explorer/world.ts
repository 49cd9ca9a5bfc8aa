import type { World } from '@holdfast/explorer'
import { type Client, type ClientMetadata, readClient } from '@holdfast/server/config'
import { GRANT_TYPES } from '@holdfast/server'
import type { Configuration } from '../config/configuration.ts'
import { SITE_PATH } from './site.ts'

/** The client whose part the explorer's page plays. An operator who configures one of this name has that one used. */
export const EXPLORER_CLIENT = 'flow-explorer'

type Configured = Pick<Configuration, 'issuer' | 'clients' | 'resources'>

/** Where flows can run, from what is configured: nothing is guessed, so a flow without its client says that it has none. */
export function worldOf({ issuer, clients, resources }: Configured): World {
  const [api] = resources
  const publicClient = (fits: (client: Client) => boolean): string | undefined =>
    clients.find((client) => client.tokenEndpointAuthMethod === 'none' && fits(client))?.clientId
  return {
    issuer,
    api: api?.identifier,
    scope: api?.scopes[0]?.name,
    clientId: EXPLORER_CLIENT,
    redirectUri: redirectUri(issuer),
    deviceClientId: publicClient(({ grantTypes }) => grantTypes.includes('urn:ietf:params:oauth:grant-type:device_code')),
    firstPartyClientId: publicClient(({ firstParty }) => firstParty),
  }
}

/** The configured clients, with the explorer's among them. */
export function withExplorerClient({ issuer, clients, resources }: Configured): readonly Client[] {
  if (clients.some(({ clientId }) => clientId === EXPLORER_CLIENT)) return clients
  const metadata: ClientMetadata = {
    client_id: EXPLORER_CLIENT,
    client_name: 'Flow explorer',
    redirect_uris: [redirectUri(issuer)],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    scope: ['openid profile offline_access', ...resources.flatMap(({ scopes }) => scopes.map(({ name }) => name))].join(' '),
    // The plain flow runs too, so that its weakness can be seen.
    profile: 'oauth21',
  }
  const { value, faults } = readClient(metadata, { profile: 'oauth21', grantTypes: GRANT_TYPES, resources }, 'explorer')
  if (value === undefined) throw new Error(`the client of the flow explorer cannot be: ${faults.map(({ message }) => message).join('; ')}`)
  return [...clients, value]
}

function redirectUri(issuer: string): string {
  return new URL(`${SITE_PATH}callback.html`, issuer).href
}
