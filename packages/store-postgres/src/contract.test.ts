import { type ContractRecords, type ContractStore, storeContract } from '@holdfast/store/contract'
import { afterAll } from 'vitest'
import { openPostgresStore } from './index.ts'
import { newDatabase } from './test/cluster.ts'
import { type Proxy, proxyTo } from '../../../test/engines/proxy.ts'

const proxies = new Map<ContractStore, Proxy>()
afterAll(() => Promise.all([...proxies.values()].map((proxy) => proxy.close())))

storeContract(
  'the PostgreSQL engine',
  async (kinds) => {
    const proxy = await proxyTo(await newDatabase())
    const store = await openPostgresStore<ContractRecords>({ connection: proxy.url, kinds })
    proxies.set(store, proxy)
    return store
  },
  { cut: (store) => proxies.get(store)?.cut() },
)
