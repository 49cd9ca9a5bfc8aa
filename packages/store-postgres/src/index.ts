export type { PostgresAddress } from './connection.ts'
export { openPostgresStore, type PostgresStoreOptions } from './open.ts'
