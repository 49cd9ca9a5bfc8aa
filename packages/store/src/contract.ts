import { newRecordId } from '@holdfast/protocol/secret'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commitContract } from './contract-commit.ts'
import { listContract } from './contract-list.ts'
import { raceContract } from './contract-races.ts'
import { type ContractRecords, type ContractStore, contractKinds, insertCounter } from './contract-records.ts'
import { type Kinds, OutcomeUnknown, StoreUnavailable } from './index.ts'

export { type ContractRecords, type ContractStore, contractKinds } from './contract-records.ts'

export interface ContractOptions {
  /** For an engine behind a connection or in a worker: loses it at once, while a commit is on its way. */
  readonly cut?: (store: ContractStore) => void | Promise<void>
}

/**
 * What every engine promises, as a vitest suite. An engine runs it in five lines:
 *
 *     storeContract('memory', async (kinds) => openMemoryStore(kinds))
 *
 * @param open opens a new, empty store at every call
 */
export function storeContract(
  name: string,
  open: (kinds: Kinds<ContractRecords>) => Promise<ContractStore>,
  options: ContractOptions = {},
): void {
  describe(`the store contract, kept by ${name}`, () => {
    let store: ContractStore
    beforeAll(async () => {
      store = await open(contractKinds)
    })
    afterAll(() => store.close())

    commitContract(() => store)
    listContract(() => store)
    raceContract(() => store)
    lifeContract(() => open(contractKinds), options)
  })
}

/** What needs a store of its own: purging, closing, losing the connection. */
function lifeContract(open: () => Promise<ContractStore>, options: ContractOptions): void {
  describe('expiry and the end', () => {
    it('purges what expired before the given time, every kind, and nothing else', async () => {
      const store = await open()
      const ids = Array.from({ length: 1200 }, () => newRecordId())
      await store.commit(ids.map((id) => ({ op: 'insert', kind: 'nonce', id, value: { use: 'old' }, expiresAt: 1000 })))
      await store.commit([
        { op: 'insert', kind: 'token', id: 'old', value: { grantId: 'g' }, expiresAt: 999 },
        { op: 'insert', kind: 'token', id: 'at-the-second', value: { grantId: 'g' }, expiresAt: 1001 },
        { op: 'insert', kind: 'token', id: 'forever', value: { grantId: 'g' } },
        insertCounter('kept'),
      ])
      expect(await store.purge(1001)).toBe(1201)
      expect(await store.read('nonce', ids[0] as string)).toBeUndefined()
      expect(await store.read('token', 'old')).toBeUndefined()
      expect((await store.list('token', 'grantId', 'g', { limit: 10 })).items.map((item) => item.id)).toEqual(['at-the-second', 'forever'])
      expect(await store.read('counter', 'kept')).toBeDefined()
      expect(await store.purge(1001)).toBe(0)
      await store.close()
    })

    it('keeps a record whose end was moved, and one whose end was taken away', async () => {
      const store = await open()
      await store.commit(['moved', 'taken'].map((id) => ({ op: 'insert', kind: 'nonce', id, value: { use: 'u' }, expiresAt: 10 })))
      await store.commit([
        { op: 'replace', kind: 'nonce', id: 'moved', expected: 1, value: { use: 'u' }, expiresAt: 500 },
        { op: 'replace', kind: 'nonce', id: 'taken', expected: 1, value: { use: 'u' } },
      ])
      expect(await store.purge(100)).toBe(0)
      expect((await store.read('nonce', 'moved'))?.expiresAt).toBe(500)
      expect((await store.read('nonce', 'taken'))?.expiresAt).toBeUndefined()
      await store.close()
    })

    it('lets an id be inserted again once its record was purged, and not before', async () => {
      const store = await open()
      const insert = { op: 'insert', kind: 'nonce', id: 'again', value: { use: 'u' }, expiresAt: 10 } as const
      expect(await store.commit([insert])).toBe('committed')
      expect(await store.commit([insert])).toEqual({ conflict: { kind: 'nonce', id: 'again' } })
      await store.purge(11)
      expect(await store.commit([insert])).toBe('committed')
      await store.close()
    })

    it('finishes what was handed to it before it closes, and is unavailable afterwards', async () => {
      const store = await open()
      const commits = Array.from({ length: 20 }, (_, number) => store.commit([insertCounter(`last-${number}`)]))
      const closed = store.close()
      await expect(store.commit([insertCounter('while-closing')])).rejects.toBeInstanceOf(StoreUnavailable)
      expect(await Promise.all(commits)).toEqual(Array.from({ length: 20 }, () => 'committed'))
      await closed
      await expect(store.commit([insertCounter('too-late')])).rejects.toBeInstanceOf(StoreUnavailable)
      await expect(store.read('counter', 'last-0')).rejects.toBeInstanceOf(StoreUnavailable)
      await store.close()
    })

    const { cut } = options
    if (cut === undefined) return
    it('never says that nothing was applied when the connection was lost on the way', async () => {
      const store = await open()
      await store.commit([insertCounter('before')])
      const lost = Array.from({ length: 20 }, (_, number) =>
        store.commit([insertCounter(`lost-${number}`)]).catch((fault: unknown) => fault),
      )
      await new Promise(setImmediate)
      await cut(store)
      for (const outcome of await Promise.all(lost)) expect(outcome === 'committed' || outcome instanceof OutcomeUnknown).toBe(true)
      await expect(store.commit([insertCounter('afterwards')])).rejects.toBeInstanceOf(StoreUnavailable)
      await store.close()
    })
  })
}
