import { accountKinds, type AccountRecords } from '@holdfast/accounts'
import { type Records, serverKinds } from '@holdfast/server'
import type { Kinds, OpenStore, Store } from '@holdfast/store'
import type { Configuration } from './config/configuration.ts'

/** One engine for everything that an installation keeps, seen by each of its owners as theirs alone. */
export interface OneStore {
  readonly server: Store<Records>
  readonly accounts: Store<AccountRecords>
  close(): Promise<void>
}

type AllRecords = Records & AccountRecords

const kinds: Kinds<AllRecords> = { ...serverKinds, ...accountKinds }

/**
 * Opens the engine that the configuration names. Only that engine is loaded.
 *
 * @throws {StoreUnavailable} the file or server cannot be reached, opened or prepared
 */
export async function openStore(wanted: Configuration['store'], onFault: (line: string) => void = () => {}): Promise<OneStore> {
  const store = await open(wanted, onFault)
  // Sound, though the compiler cannot see it: a commit of one owner's changes conflicts on that owner's kinds only.
  return { server: store as unknown as Store<Records>, accounts: store as unknown as Store<AccountRecords>, close: () => store.close() }
}

async function open(wanted: Configuration['store'], onFault: (line: string) => void): Promise<OpenStore<AllRecords>> {
  if (wanted.engine === 'memory') {
    const { openMemoryStore } = await import('@holdfast/store/memory')
    return openMemoryStore(kinds)
  }
  if (wanted.engine === 'postgres') {
    const { openPostgresStore } = await import('@holdfast/store-postgres')
    return openPostgresStore({ connection: wanted.url, kinds, onFault })
  }
  const { openSqliteStore } = await import('@holdfast/store-sqlite')
  return openSqliteStore({ path: wanted.path, kinds, onFault })
}
