import { openMemoryStore } from '@holdfast/store/memory'
import { expect, test } from 'vitest'
import type { MasterSecret } from '../config/options.ts'
import { serverKinds } from '../index.ts'
import { DerivedKeys } from '../keys/derived.ts'
import type { ServerStore } from '../records.ts'
import { isPairwise, Subjects } from './subjects.ts'

const secret = (id: string, byte: number): MasterSecret => ({ id, value: new Uint8Array(32).fill(byte) })
const OLD = secret('old', 1)
const NEW = secret('new', 2)
const AT_A = { pairwiseSector: 'a.example' }
const AT_B = { pairwiseSector: 'b.example' }
const EVERYWHERE = { pairwiseSector: undefined }

async function opened(store: ServerStore, ...secrets: readonly MasterSecret[]): Promise<Subjects> {
  const subjects = new Subjects(store, new DerivedKeys(secrets))
  await subjects.open()
  return subjects
}
const newStore = (): ServerStore => openMemoryStore(serverKinds)

test('OIDC-56 Core §8.1: one name for each person and sector, the same each time, at most 255 ASCII characters', async () => {
  const store = newStore()
  const subjects = await opened(store, OLD)
  const sub = subjects.subjectFor(AT_A, 'u_ada')
  expect(sub).toMatch(/^u_p\.[A-Za-z0-9_-]{43}$/)
  expect([isPairwise(sub), isPairwise('u_ada')]).toEqual([true, false])
  expect((await opened(store, OLD)).subjectFor({ ...AT_A }, 'u_ada')).toBe(sub)
  const others = [subjects.subjectFor(AT_B, 'u_ada'), subjects.subjectFor(AT_A, 'u_bob'), subjects.sidFor(AT_A, 'u_ada')]
  expect(new Set([sub, ...others]).size).toBe(4)
  expect(subjects.subjectFor(EVERYWHERE, 'u_ada')).toBe('u_ada')
})

test('OIDC-56 where a sector ends and a person begins is clear: no two pairs are one', async () => {
  const subjects = await opened(newStore(), OLD)
  expect(subjects.subjectFor({ pairwiseSector: 'a.exampleu' }, '_ada')).not.toBe(
    subjects.subjectFor({ pairwiseSector: 'a.example' }, 'u_ada'),
  )
})

test('OIDC-56 another server has other names: they cannot be computed without its key', async () => {
  const [one, other] = await Promise.all([opened(newStore(), OLD), opened(newStore(), OLD)])
  expect(one.subjectFor(AT_A, 'u_ada')).not.toBe(other.subjectFor(AT_A, 'u_ada'))
})

test('OIDC-56 of twenty nodes that start at once on an empty store all have one key', async () => {
  const store = newStore()
  const nodes = await Promise.all(Array.from({ length: 20 }, () => opened(store, OLD)))
  expect(new Set(nodes.map((one) => one.subjectFor(AT_A, 'u_ada'))).size).toBe(1)
})

test('OIDC-56 design §6: names stay when the master secret is replaced, and the old secret can go after one start with both', async () => {
  const store = newStore()
  const before = (await opened(store, OLD)).subjectFor(AT_A, 'u_ada')
  await expect(opened(store, NEW)).rejects.toThrow('encrypted under the secret old')
  const during = await Promise.all(Array.from({ length: 5 }, () => opened(store, NEW, OLD)))
  expect(new Set(during.map((one) => one.subjectFor(AT_A, 'u_ada')))).toEqual(new Set([before]))
  expect((await opened(store, NEW)).subjectFor(AT_A, 'u_ada')).toBe(before)
  await expect(opened(store, OLD)).rejects.toThrow('encrypted under the secret new')
})

test('the key stands nowhere in the open, and a record that was changed stops the start', async () => {
  const store = newStore()
  await opened(store, OLD)
  const record = await store.read('pairwise_key', 'pairwise')
  if (record === undefined) throw new Error('there is no key')
  const sealedKey = `${record.value.sealedKey.slice(0, -2)}AA`
  await store.commit([
    { op: 'replace', kind: 'pairwise_key', id: 'pairwise', expected: record.version, value: { ...record.value, sealedKey } },
  ])
  await expect(opened(store, OLD)).rejects.toThrow('cannot be decrypted')
})

test('what an ID token says to us alone is another text each time, opens for its client only, and ends with its secret', async () => {
  const store = newStore()
  const subjects = await opened(store, OLD)
  const [one, other] = [subjects.reference('web', 'u_ada', 's'), subjects.reference('web', 'u_ada', 's')]
  expect(one).not.toBe(other)
  expect(subjects.readReference('web', one)).toEqual({ subject: 'u_ada', sid: 's' })
  expect(subjects.readReference('web', subjects.reference('web', 'u_ada', undefined))).toEqual({ subject: 'u_ada', sid: undefined })
  for (const [client, text] of [
    ['app', one],
    ['web', `${one.slice(0, -2)}AA`],
    ['web', 'nonsense'],
    ['web', ''],
  ] as const)
    expect(subjects.readReference(client, text)).toBeUndefined()
  const both = await opened(store, NEW, OLD)
  expect(both.readReference('web', one)?.subject).toBe('u_ada')
  expect((await opened(store, NEW)).readReference('web', one)).toBeUndefined()
})
