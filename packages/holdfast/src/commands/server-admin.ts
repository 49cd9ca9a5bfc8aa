import { systemClock } from '@holdfast/protocol/time'
import {
  addStoredClient,
  type Client,
  createInitialAccessToken,
  type KeyInfo,
  listSigningKeys,
  listStoredClients,
  type MasterSecret,
  type NewInitialAccessToken,
  removeStoredClient,
  rotateSigningKeys,
  type ServerStore,
} from '@holdfast/server'
import type { Configuration } from '../config/configuration.ts'
import { CommandFailure, EXIT } from '../terminal.ts'

/** What the commands do to the store of a server, which may be running: it sees the change within a second. */
export interface ServerAdmin {
  /** Stored clients; configured ones are not here. */
  listClients(): Promise<readonly Client[]>
  addClient(client: Client): Promise<'added' | 'exists'>
  removeClient(clientId: string): Promise<'removed' | 'unknown'>
  /** @returns the token, shown once */
  createInitialAccessToken(wanted: NewInitialAccessToken): Promise<string>
  listKeys(): Promise<readonly KeyInfo[]>
  /** @returns the kids of the new keys */
  rotateKeys(immediately: boolean): Promise<readonly string[]>
  close(): Promise<void>
}

export type OpenServerAdmin = (configuration: Configuration) => Promise<ServerAdmin>

export const openServerAdmin: OpenServerAdmin = async (configuration) => {
  if (configuration.store.engine === 'memory')
    throw new CommandFailure("store.engine is memory: it lives in the server's process, and no command can reach it", EXIT.usage)
  const { openStore } = await import('../open-store.ts')
  const store = await openStore(configuration.store)
  return serverAdmin(store.server, configuration.secrets, () => store.close())
}

export function serverAdmin(store: ServerStore, secrets: readonly MasterSecret[], close: () => Promise<void>): ServerAdmin {
  return {
    listClients: () => listStoredClients(store),
    addClient: (client) => addStoredClient(store, client, systemClock),
    removeClient: (clientId) => removeStoredClient(store, clientId, systemClock),
    createInitialAccessToken: (wanted) => createInitialAccessToken(store, wanted, systemClock),
    listKeys: () => listSigningKeys(store, secrets, systemClock),
    rotateKeys: (immediately) => rotateSigningKeys(store, secrets, systemClock, immediately),
    close,
  }
}
