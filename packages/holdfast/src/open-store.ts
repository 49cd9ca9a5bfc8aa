import { accountKinds, type AccountRecords } from '@holdfast/accounts'
import { type Records, serverKinds } from '@holdfast/server'
import type { Kinds, OpenStore } from '@holdfast/store'
import type { Configuration } from './config/configuration.ts'

/** Everything that one installation keeps: the server's records and those of the built-in people. */
export type AllRecords = Records & AccountRecords

const kinds: Kinds<AllRecords> = { ...serverKinds, ...accountKinds }

/**
 * Opens the engine that the configuration names. Only that engine is loaded.
 *
 * @throws {StoreUnavailable} the file cannot be created, opened or prepared
 */
export async function openStore(store: Configuration['store'], onFault: (line: string) => void = () => {}): Promise<OpenStore<AllRecords>> {
  if (store.engine === 'memory') {
    const { openMemoryStore } = await import('@holdfast/store/memory')
    return openMemoryStore(kinds)
  }
  const { openSqliteStore } = await import('@holdfast/store-sqlite')
  return openSqliteStore({ path: store.path, kinds, onFault })
}
