export { MemoryUnavailable, openRedisMemory, type RedisMemory, type RedisMemoryOptions } from './memory.ts'
export { openRedisStore, type RedisStoreOptions } from './open.ts'
