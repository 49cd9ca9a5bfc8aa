import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accountKinds, type AccountRecords } from '@holdfast/accounts'
import { type Records, serverKinds } from '@holdfast/server'
import type { OpenStore } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { openPostgresStore } from '@holdfast/store-postgres'
import { openRedisStore } from '@holdfast/store-redis'
import { openSqliteStore } from '@holdfast/store-sqlite'
import { createRedis } from '../../scripts/redis.mjs'
import { newDatabase } from '../../packages/store-postgres/src/test/cluster.ts'

export type All = Records & AccountRecords
type Store = OpenStore<All>
const kinds = { ...serverKinds, ...accountKinds }

/** One store as two nodes open it; the memory store is inside one process, so both have the same. */
export interface TwoStores {
  readonly stores: readonly [Store, Store]
  close(): Promise<void>
}

/** Every engine, by the name of its package. */
export const ENGINES: Readonly<Record<string, () => Promise<TwoStores>>> = {
  async store() {
    const store = openMemoryStore<All>(kinds)
    return { stores: [store, store], close: () => store.close() }
  },
  async 'store-sqlite'() {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-races-'))
    const open = (): Promise<Store> => openSqliteStore<All>({ path: join(folder, 'store.db'), kinds, purgeEverySeconds: 0 })
    return opened(await Promise.all([open(), open()]), () => rmSync(folder, { recursive: true, force: true }))
  },
  async 'store-postgres'() {
    const connection = await newDatabase()
    const open = (): Promise<Store> => openPostgresStore<All>({ connection, kinds, purgeEverySeconds: 0 })
    return opened(await Promise.all([open(), open()]))
  },
  async 'store-redis'() {
    const redis = await createRedis(mkdtempSync(join(tmpdir(), 'holdfast-races-redis-')))
    const open = (): Promise<Store> => openRedisStore<All>({ url: redis.url, kinds, purgeEverySeconds: 0 })
    return opened(await Promise.all([open(), open()]), () => redis.remove())
  },
}

function opened(stores: readonly [Store, Store], remove: () => unknown = () => {}): TwoStores {
  return {
    stores,
    async close() {
      await Promise.all(stores.map((store) => store.close()))
      await remove()
    },
  }
}

/** The packages that say of themselves that they are an engine: those that run the contract of stores. */
export function enginePackages(): readonly string[] {
  const packages = new URL('../../packages/', import.meta.url)
  return readdirSync(packages).filter((name) => name === 'store' || existsSync(new URL(`${name}/src/contract.test.ts`, packages)))
}
