import { createProcessMemory, type Memory } from '@holdfast/proof/memory'
import { systemClock } from '@holdfast/protocol/time'
import { createStoreMemory, type Records } from '@holdfast/server'
import type { Store } from '@holdfast/store'
import type { Configuration } from './config/configuration.ts'

/** The memory of used proofs and counters, and how to let go of it. */
export interface OneMemory {
  readonly memory: Memory
  close(): Promise<void>
}

/**
 * Several processes may serve one store, so what one has seen must be seen by all; a store in memory has one process.
 *
 * @throws {MemoryUnavailable} Redis cannot be reached, or must not be used
 */
export async function openMemory(
  { memory: wanted, store: { engine } }: Pick<Configuration, 'memory' | 'store'>,
  store: Store<Records>,
  onFault: (line: string) => void,
): Promise<OneMemory> {
  if (wanted.engine === 'redis') {
    const { openRedisMemory } = await import('@holdfast/store-redis')
    const memory = await openRedisMemory({ url: wanted.url, prefix: wanted.prefix, onFault })
    return { memory, close: () => memory.close() }
  }
  const memory = engine === 'memory' ? createProcessMemory({ clock: systemClock }) : createStoreMemory(store)
  return { memory, close: () => Promise.resolve() }
}
