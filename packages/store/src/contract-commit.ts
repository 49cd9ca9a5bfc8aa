import { newRecordId } from '@holdfast/protocol/secret'
import { describe, expect, it } from 'vitest'
import {
  conflictOf,
  type ContractChange,
  type ContractStore,
  insertCounter,
  insertToken,
  newGrant,
  replaceCounter,
} from './contract-records.ts'

/** The five changes, one at a time and together. */
export function commitContract(store: () => ContractStore): void {
  const commit = (...changes: ContractChange[]): Promise<unknown> => store().commit(changes)
  const count = async (id: string): Promise<number | undefined> => (await store().read('counter', id))?.value.count

  describe('one change', () => {
    it('reads back what was inserted, at version 1, with its expiry', async () => {
      const id = newRecordId()
      expect(await commit({ op: 'insert', kind: 'nonce', id, value: { use: 'login' }, expiresAt: 4_000_000_000 })).toBe('committed')
      expect(await store().read('nonce', id)).toEqual({ id, version: 1, value: { use: 'login' }, expiresAt: 4_000_000_000 })
    })

    it('reads nothing under an id that nobody inserted', async () => {
      expect(await store().read('grant', newRecordId())).toBeUndefined()
    })

    it('refuses an insert under an id that exists and leaves the record as it was', async () => {
      const id = newRecordId()
      await commit(insertCounter(id, 1))
      expect(await commit(insertCounter(id, 2))).toEqual(conflictOf('counter', id))
      expect(await store().read('counter', id)).toEqual({ id, version: 1, value: { count: 1 }, expiresAt: undefined })
    })

    it('raises the version by one at every replace', async () => {
      const id = newRecordId()
      await commit(insertCounter(id))
      for (let version = 1; version <= 3; version++) expect(await commit(replaceCounter(id, version, version * 10))).toBe('committed')
      expect(await store().read('counter', id)).toEqual({ id, version: 4, value: { count: 30 }, expiresAt: undefined })
    })

    it('refuses a replace and a require at another version, earlier or later, or of nothing', async () => {
      const id = newRecordId()
      await commit(insertCounter(id, 5))
      await commit(replaceCounter(id, 1, 6))
      for (const expected of [1, 3]) {
        expect(await commit(replaceCounter(id, expected, 99))).toEqual(conflictOf('counter', id))
        expect(await commit({ op: 'require', kind: 'counter', id, expected })).toEqual(conflictOf('counter', id))
      }
      const nothing = newRecordId()
      expect(await commit(replaceCounter(nothing, 1, 99))).toEqual(conflictOf('counter', nothing))
      expect(await commit({ op: 'require', kind: 'counter', id: nothing, expected: 1 })).toEqual(conflictOf('counter', nothing))
      expect(await count(id)).toBe(6)
      expect(await count(nothing)).toBeUndefined()
    })

    it('writes nothing for a require that holds', async () => {
      const id = newRecordId()
      await commit(insertCounter(id))
      expect(await commit({ op: 'require', kind: 'counter', id, expected: 1 })).toBe('committed')
      expect((await store().read('counter', id))?.version).toBe(1)
    })

    it('deletes, and does not mind when there is nothing to delete', async () => {
      const id = newRecordId()
      await commit(insertCounter(id))
      expect(await commit({ op: 'delete', kind: 'counter', id })).toBe('committed')
      expect(await store().read('counter', id)).toBeUndefined()
      expect(await commit({ op: 'delete', kind: 'counter', id })).toBe('committed')
    })

    it('begins again at version 1 when a deleted id is inserted', async () => {
      const id = newRecordId()
      await commit(insertCounter(id))
      await commit(replaceCounter(id, 1, 1))
      await commit({ op: 'delete', kind: 'counter', id })
      expect(await commit(insertCounter(id, 7))).toBe('committed')
      expect((await store().read('counter', id))?.version).toBe(1)
    })

    it('deletes by an index all records with the value and no others', async () => {
      const [mine, other] = [newRecordId(), newRecordId()]
      const ids = Array.from({ length: 30 }, () => newRecordId())
      await commit(...ids.map((id) => insertToken(id, mine)), insertToken(`${other}-t`, other))
      expect(await commit({ op: 'deleteBy', kind: 'token', index: 'grantId', value: mine })).toBe('committed')
      expect((await store().list('token', 'grantId', mine, { limit: 10 })).items).toEqual([])
      expect(await store().read('token', ids[7] as string)).toBeUndefined()
      expect(await store().read('token', `${other}-t`)).toBeDefined()
      expect(await commit({ op: 'deleteBy', kind: 'token', index: 'grantId', value: mine })).toBe('committed')
    })
  })

  describe('several changes in one commit', () => {
    it('applies none when one of them conflicts, wherever it stands', async () => {
      const grant = newGrant()
      const [kept, taken] = [newRecordId(), newRecordId()]
      await commit(grant.insert, insertCounter(taken), insertToken(kept, grant.id))
      const changes: ContractChange[] = [
        insertToken(newRecordId(), grant.id),
        { op: 'replace', kind: 'grant', id: grant.id, expected: 1, value: { subject: 'changed', state: 'revoked' } },
        { op: 'delete', kind: 'token', id: kept },
        { op: 'deleteBy', kind: 'token', index: 'grantId', value: grant.id },
      ]
      for (let place = 0; place <= changes.length; place++) {
        expect(await commit(...changes.slice(0, place), insertCounter(taken), ...changes.slice(place))).toEqual(
          conflictOf('counter', taken),
        )
        expect(await store().read('grant', grant.id)).toEqual({
          id: grant.id,
          version: 1,
          value: { subject: grant.subject, state: 'live' },
          expiresAt: undefined,
        })
        expect((await store().list('token', 'grantId', grant.id, { limit: 10 })).items.map((item) => item.id)).toEqual([kept])
        expect((await store().list('grant', 'subject', 'changed', { limit: 10 })).items).toEqual([])
      }
    })

    it('names the record that moved, among several that hold', async () => {
      const [held, moved] = [newRecordId(), newRecordId()]
      await commit(insertCounter(held), insertCounter(moved))
      await commit(replaceCounter(moved, 1, 1))
      expect(
        await commit({ op: 'require', kind: 'counter', id: held, expected: 1 }, replaceCounter(moved, 1, 2), insertCounter(newRecordId())),
      ).toEqual(conflictOf('counter', moved))
    })

    it('applies changes on the same record in the order given', async () => {
      const id = newRecordId()
      expect(
        await commit(
          insertCounter(id),
          replaceCounter(id, 1, 1),
          { op: 'require', kind: 'counter', id, expected: 2 },
          replaceCounter(id, 2, 2),
        ),
      ).toBe('committed')
      expect(await store().read('counter', id)).toMatchObject({ version: 3, value: { count: 2 } })
      expect(await commit({ op: 'delete', kind: 'counter', id }, insertCounter(id, 9))).toBe('committed')
      expect(await store().read('counter', id)).toMatchObject({ version: 1, value: { count: 9 } })
      expect(await commit(replaceCounter(id, 1, 10), replaceCounter(id, 1, 11))).toEqual(conflictOf('counter', id))
      expect(await count(id)).toBe(9)
    })

    it('deletes by index what the same commit inserted before, and keeps what it inserts after', async () => {
      const grant = newRecordId()
      const [before, after] = [newRecordId(), newRecordId()]
      await commit(insertToken(before, grant), { op: 'deleteBy', kind: 'token', index: 'grantId', value: grant }, insertToken(after, grant))
      expect((await store().list('token', 'grantId', grant, { limit: 10 })).items.map((item) => item.id)).toEqual([after])
    })

    it('refuses a commit that inserts one id twice', async () => {
      const id = newRecordId()
      expect(await commit(insertCounter(id), insertCounter(id))).toEqual(conflictOf('counter', id))
      expect(await store().read('counter', id)).toBeUndefined()
    })

    it('commits nothing at all without complaint', async () => {
      expect(await commit()).toBe('committed')
    })
  })

  describe('what is kept', () => {
    it('keeps kinds apart: an id of one kind is not an id of another', async () => {
      const id = newRecordId()
      await commit(insertCounter(id, 3), insertToken(id, 'g-of-nobody'))
      expect(await store().read('grant', id)).toBeUndefined()
      await commit({ op: 'delete', kind: 'token', id })
      expect(await count(id)).toBe(3)
      expect(await commit({ op: 'require', kind: 'token', id, expected: 1 })).toEqual(conflictOf('token', id))
    })

    it('gives every reader a value of its own', async () => {
      const id = newRecordId()
      const value = { count: 1 }
      await store().commit([{ op: 'insert', kind: 'counter', id, value }])
      value.count = 2
      const first = (await store().read('counter', id))?.value as { count: number }
      first.count = 3
      expect(await count(id)).toBe(1)
    })

    it('keeps a value of a megabyte, and text of every kind', async () => {
      const id = newRecordId()
      const text = `${'0123456789abcdef'.repeat(65_536)} "quoted" \\ \u0000 \u2028 héß 漢字 \u{1f512} \ud800`
      await commit({ op: 'insert', kind: 'counter', id, value: { count: 1, text } })
      expect((await store().read('counter', id))?.value.text === text).toBe(true)
    })

    it('takes ids with odd characters as they are', async () => {
      const odd = [
        "'; drop table counter; --",
        'a"b',
        '%',
        '_',
        '\\',
        ' spaced ',
        'é',
        'e\u0301',
        '漢字',
        '\u{1f512}',
        'UPPER',
        'upper',
        '1',
        '01',
        '1.0',
        'null',
        '__proto__',
        'constructor',
        '\n',
        'x'.repeat(512),
      ]
      for (const [number, id] of odd.entries()) expect(await commit(insertCounter(id, number)), id).toBe('committed')
      for (const [number, id] of odd.entries()) expect(await count(id), id).toBe(number)
    })

    it('refuses ids that no engine could tell apart', async () => {
      for (const id of ['', 'x'.repeat(513), 'nul\0', '\ud800', '\udc00x']) {
        await expect(commit(insertCounter(id))).rejects.toThrow(TypeError)
        await expect(store().read('counter', id)).rejects.toThrow(TypeError)
      }
    })

    it('refuses a kind it was not opened with, and an expiry or an indexed value that the kind cannot have, and writes nothing', async () => {
      const id = newRecordId()
      const strange = (change: object): Promise<unknown> => store().commit([insertCounter(id), change as ContractChange])
      await expect(strange({ op: 'insert', kind: 'nowhere', id, value: {} })).rejects.toThrow('without the kind "nowhere"')
      await expect(strange({ op: 'delete', kind: 'toString', id })).rejects.toThrow('without the kind "toString"')
      await expect(strange({ op: 'deleteBy', kind: 'token', index: 'note', value: 'x' })).rejects.toThrow('declares no index "note"')
      await expect(strange({ op: 'insert', kind: 'token', id, value: { grantId: 7 } })).rejects.toThrow('grantId of token is indexed')
      await expect(strange({ op: 'insert', kind: 'grant', id, value: { subject: 's', state: 'live' }, expiresAt: 7 })).rejects.toThrow(
        'grant does not expire',
      )
      await expect(strange({ op: 'replace', kind: 'counter', id, expected: 0, value: { count: 1 } })).rejects.toThrow(
        'expected version of a counter',
      )
      await expect(store().read('nowhere' as 'grant', id)).rejects.toThrow('without the kind "nowhere"')
      expect(await store().read('counter', id)).toBeUndefined()
    })
  })
}
