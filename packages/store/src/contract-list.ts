import { newRecordId } from '@holdfast/protocol/secret'
import { describe, expect, it } from 'vitest'
import { type ContractChange, type ContractStore, insertToken } from './contract-records.ts'

export function listContract(store: () => ContractStore): void {
  const ids = async (index: 'grantId' | 'clientId', value: string, limit: number = 1000): Promise<string[]> =>
    (await store().list('token', index, value, { limit })).items.map((item) => item.id)

  describe('list', () => {
    it('answers in ascending order of id, page by page, each record once', async () => {
      const grant = newRecordId()
      const numbers = Array.from({ length: 25 }, (_, number) => `${grant}-${String((number * 7) % 25).padStart(2, '0')}`)
      await store().commit(numbers.map((id) => insertToken(id, grant)))
      const seen: string[] = []
      let after: string | undefined
      let pages = 0
      do {
        const page = await store().list('token', 'grantId', grant, after === undefined ? { limit: 10 } : { limit: 10, after })
        expect(page.items.length).toBe(pages === 2 ? 5 : 10)
        seen.push(...page.items.map((item) => item.id))
        after = page.next
        pages++
      } while (after !== undefined)
      expect(pages).toBe(3)
      expect(seen).toEqual([...numbers].sort())
    })

    it('says that there is no more when the last page is full', async () => {
      const grant = newRecordId()
      await store().commit([insertToken(`${grant}-1`, grant), insertToken(`${grant}-2`, grant)])
      expect((await store().list('token', 'grantId', grant, { limit: 2 })).next).toBeUndefined()
      expect((await store().list('token', 'grantId', grant, { limit: 1 })).next).toBe(`${grant}-1`)
    })

    it('orders ids by code point, as UTF-8 does', async () => {
      const grant = newRecordId()
      const ordered = ['A', 'Z', 'a', 'z', 'é', '漢', '\uffee', '\u{1f512}'].map((end) => `${grant}${end}`)
      await store().commit([...ordered].reverse().map((id) => insertToken(id, grant)))
      expect(await ids('grantId', grant)).toEqual(ordered)
      expect(
        (await store().list('token', 'grantId', grant, { limit: 9, after: ordered[6] as string })).items.map((item) => item.id),
      ).toEqual([ordered[7]])
    })

    it('answers the whole record', async () => {
      const [grant, id] = [newRecordId(), newRecordId()]
      await store().commit([{ op: 'insert', kind: 'token', id, value: { grantId: grant, note: 'n' }, expiresAt: 4_000_000_000 }])
      expect((await store().list('token', 'grantId', grant, { limit: 1 })).items).toEqual([
        { id, version: 1, value: { grantId: grant, note: 'n' }, expiresAt: 4_000_000_000 },
      ])
    })

    it('follows a replace from one value of the index to another, to none and back', async () => {
      const [grant, id, client, next] = [newRecordId(), newRecordId(), newRecordId(), newRecordId()]
      const replace = (expected: number, clientId?: string): ContractChange => ({
        op: 'replace',
        kind: 'token',
        id,
        expected,
        value: clientId === undefined ? { grantId: grant } : { grantId: grant, clientId },
      })
      await store().commit([insertToken(id, grant, { clientId: client })])
      expect(await ids('clientId', client)).toEqual([id])
      await store().commit([replace(1, next)])
      expect([await ids('clientId', client), await ids('clientId', next), await ids('grantId', grant)]).toEqual([[], [id], [id]])
      await store().commit([replace(2)])
      expect(await ids('clientId', next)).toEqual([])
      await store().commit([replace(3, client)])
      expect(await ids('clientId', client)).toEqual([id])
    })

    it('compares index values exactly: case, blanks and pattern characters', async () => {
      const grant = newRecordId()
      const values = ['Case', 'case', 'case ', '%', '_', '', "'"].map((value) => `${grant}${value}`)
      await store().commit(values.map((value, number) => insertToken(`${grant}-${number}`, value)))
      for (const [number, value] of values.entries()) expect(await ids('grantId', value), value).toEqual([`${grant}-${number}`])
    })

    it('refuses an index that the kind does not declare, and a page without a sensible limit', async () => {
      await expect(store().list('token', 'note' as 'grantId', 'x', { limit: 1 })).rejects.toThrow('declares no index "note"')
      await expect(store().list('counter', 'count', 'x', { limit: 1 })).rejects.toThrow('declares no index "count"')
      for (const limit of [0, 1001, 1.5, Number.NaN])
        await expect(store().list('token', 'grantId', 'x', { limit })).rejects.toThrow('limit of a page')
    })
  })
}
