import { openMemoryStore } from '@holdfast/store/memory'
import { describe, expect, test } from 'vitest'
import { type Records, serverKinds } from '../index.ts'
import type { RegistrationRecord } from '../records.ts'
import { createInitialAccessToken, useInitialAccessToken } from './initial-access-token.ts'
import { countedIn, removal } from './registered-clients.ts'

const clock = { now: () => 1_800_000_000 }
const record: RegistrationRecord = {
  tokenHash: 'h',
  by: 'open',
  standing: 'unproven',
  metadata: {},
  softwareStatement: undefined,
  createdAt: clock.now(),
}

describe('REG-02 REG-24 what two requests read at the same moment, only one may write', () => {
  test.each([1, 2])('an initial access token of %i uses', async (uses) => {
    const store = openMemoryStore<Records>(serverKinds)
    const token = await createInitialAccessToken(store, { uses, lifetime: 60 }, clock)
    const read = await Promise.all([0, 1].map(() => useInitialAccessToken(store, token, clock.now())))
    const outcomes = [await store.commit(read[0] ?? []), await store.commit(read[1] ?? [])]
    expect(outcomes[0]).toBe('committed')
    expect(outcomes[1]).toMatchObject({ conflict: { kind: 'initial_access_token' } })
  })
  test('the count of clients', async () => {
    const store = openMemoryStore<Records>(serverKinds)
    const read = await Promise.all([0, 1].map(() => countedIn(store, 1)))
    expect(await store.commit(read[0] === undefined ? [] : [read[0]])).toBe('committed')
    expect(await store.commit(read[1] === undefined ? [] : [read[1]])).not.toBe('committed')
    expect(await countedIn(store, 1)).toBeUndefined()
  })
  test('a removal, when the client was updated meanwhile', async () => {
    const store = openMemoryStore<Records>(serverKinds)
    await store.commit([{ op: 'insert', kind: 'registration', id: 'c_1', value: record }])
    const stored = await store.read('registration', 'c_1')
    if (stored === undefined) throw new Error('nothing is stored')
    const changes = await removal(store, stored, clock.now(), 'client')
    await store.commit([{ op: 'replace', kind: 'registration', id: 'c_1', expected: 1, value: { ...record, tokenHash: 'i' } }])
    expect(await store.commit(changes)).toEqual({ conflict: { kind: 'registration', id: 'c_1' } })
  })
})
