import { storeContract } from './contract.ts'
import { openMemoryStore } from './memory.ts'

storeContract('the memory engine', async (kinds) => openMemoryStore(kinds))
