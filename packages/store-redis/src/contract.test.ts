import { type ContractRecords, type ContractStore, storeContract } from '@holdfast/store/contract'
import { afterAll, beforeAll } from 'vitest'
import { openRedisStore } from './index.ts'
import { type Proxy, proxyTo } from '../../../test/engines/proxy.ts'
import { newPrefix, newServer, type TestServer } from './test/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await newServer()
})
const proxies = new Map<ContractStore, Proxy>()
afterAll(async () => {
  await Promise.all([...proxies.values()].map((proxy) => proxy.close()))
  await server.remove()
})

storeContract(
  'the Redis engine',
  async (kinds) => {
    const proxy = await proxyTo(server.url)
    const store = await openRedisStore<ContractRecords>({ url: proxy.url, kinds, prefix: newPrefix() })
    proxies.set(store, proxy)
    return store
  },
  { cut: (store) => proxies.get(store)?.cut() },
)
