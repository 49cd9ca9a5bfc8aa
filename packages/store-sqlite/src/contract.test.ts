import { type ContractRecords, type ContractStore, storeContract } from '@holdfast/store/contract'
import type { Worker } from 'node:worker_threads'
import { openParts } from './open.ts'
import { temporaryPath } from './test/paths.ts'

const workers = new WeakMap<ContractStore, Worker>()

storeContract(
  'the SQLite engine',
  async (kinds) => {
    const { store, worker } = await openParts<ContractRecords>({ path: temporaryPath(), kinds })
    workers.set(store, worker)
    return store
  },
  {
    cut: (store) =>
      workers
        .get(store)
        ?.terminate()
        .then(() => {}),
  },
)
