import type { OpenStore, RecordMap } from '@holdfast/store'
import { openParts, type SqliteStoreOptions } from './open.ts'

export type { SqliteStoreOptions } from './open.ts'

/**
 * The embedded store: one SQLite file, durable when `commit` resolves. Several processes of one machine may open it.
 *
 * @throws {StoreUnavailable} the file cannot be created, opened or prepared
 * @throws {TypeError} the kinds or the path make no sense
 */
export async function openSqliteStore<R extends RecordMap>(options: SqliteStoreOptions<R>): Promise<OpenStore<R>> {
  return (await openParts(options)).store
}
