import type { OpenStore } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { type Records, serverKinds } from '../index.ts'

/** A memory store that counts the rows it was given, by kind. Rows that were deleted again count too. */
export interface CountedStore extends OpenStore<Records> {
  readonly inserted: Map<string, number>
  rows(): number
}

export function openCountedStore(): CountedStore {
  const store = openMemoryStore(serverKinds)
  const inserted = new Map<string, number>()
  return {
    inserted,
    rows: () => [...inserted.values()].reduce((sum, count) => sum + count, 0),
    read: (kind, id) => store.read(kind, id),
    list: (kind, index, value, page) => store.list(kind, index, value, page),
    purge: (now) => store.purge(now),
    close: () => store.close(),
    async commit(changes) {
      const outcome = await store.commit(changes)
      if (outcome === 'committed')
        for (const { op, kind } of changes) if (op === 'insert') inserted.set(kind, (inserted.get(kind) ?? 0) + 1)
      return outcome
    },
  }
}
