import { newRecordId } from '@holdfast/protocol/secret'
import { describe, expect, it } from 'vitest'
import { type ContractChange, type ContractStore, insertCounter, insertToken, newGrant, replaceCounter } from './contract-records.ts'

/** What happens when many want the same at once. `commit` calls are started together and awaited together. */
export function raceContract(store: () => ContractStore): void {
  const all = (commits: readonly (readonly ContractChange[])[]): Promise<readonly unknown[]> =>
    Promise.all(commits.map((changes) => store().commit(changes)))
  const winners = (outcomes: readonly unknown[]): number => outcomes.filter((outcome) => outcome === 'committed').length

  describe('races', () => {
    it('lets exactly one of fifty replace a record, and the others hear which moved', async () => {
      const id = newRecordId()
      await store().commit([insertCounter(id)])
      const outcomes = await all(
        Array.from({ length: 50 }, (_, number) => [replaceCounter(id, 1, number + 1), insertToken(`${id}-${number}`, id)]),
      )
      expect(winners(outcomes)).toBe(1)
      expect(outcomes.filter((outcome) => outcome !== 'committed')).toEqual(
        Array.from({ length: 49 }, () => ({ conflict: { kind: 'counter', id } })),
      )
      const { items } = await store().list('token', 'grantId', id, { limit: 100 })
      expect(items.map((item) => item.id)).toEqual([`${id}-${outcomes.indexOf('committed')}`])
      expect(await store().read('counter', id)).toMatchObject({ version: 2, value: { count: outcomes.indexOf('committed') + 1 } })
    })

    it('lets exactly one of fifty insert an id', async () => {
      const id = newRecordId()
      const outcomes = await all(Array.from({ length: 50 }, (_, number) => [insertCounter(id, number)]))
      expect(winners(outcomes)).toBe(1)
      expect((await store().read('counter', id))?.value.count).toBe(outcomes.indexOf('committed'))
    })

    it('lets a member of a crowd fail without touching its neighbours', async () => {
      const taken = newRecordId()
      await store().commit([insertCounter(taken)])
      const ids = Array.from({ length: 40 }, () => newRecordId())
      const outcomes = await all(
        ids.map((id, number) => (number % 2 === 0 ? [insertCounter(id, number)] : [insertCounter(id, number), insertCounter(taken)])),
      )
      expect(winners(outcomes)).toBe(20)
      for (const [number, id] of ids.entries())
        expect((await store().read('counter', id))?.value.count).toBe(number % 2 === 0 ? number : undefined)
    })

    it('loses no update when fifty count on one record and try again after a conflict', async () => {
      const id = newRecordId()
      await store().commit([insertCounter(id)])
      const increment = async (): Promise<void> => {
        for (;;) {
          const held = await store().read('counter', id)
          if (held !== undefined && (await store().commit([replaceCounter(id, held.version, held.value.count + 1)])) === 'committed') return
        }
      }
      await Promise.all(Array.from({ length: 50 }, increment))
      expect(await store().read('counter', id)).toMatchObject({ version: 51, value: { count: 50 } })
    })

    it('shows a commit to every reader as soon as it resolves', async () => {
      await Promise.all(
        Array.from({ length: 100 }, async () => {
          const id = newRecordId()
          await store().commit([insertToken(id, id)])
          expect(await store().read('token', id)).toBeDefined()
          expect((await store().list('token', 'grantId', id, { limit: 1 })).items.length).toBe(1)
        }),
      )
    })
  })

  describe('a revocation raced against an issuance', () => {
    type Race = (grant: { readonly id: string; readonly subject: string }, family: string) => readonly ContractChange[]
    const revoked = (id: string, subject: string): ContractChange => ({
      op: 'replace',
      kind: 'grant',
      id,
      expected: 1,
      value: { subject, state: 'revoked' },
    })
    const sweep = (id: string): ContractChange => ({ op: 'deleteBy', kind: 'token', index: 'grantId', value: id })
    const revocations: Record<string, Race> = {
      'replaces the grant': ({ id, subject }) => [revoked(id, subject)],
      'deletes the grant': ({ id }) => [{ op: 'delete', kind: 'grant', id }],
      'deletes the grants of the subject': ({ subject }) => [{ op: 'deleteBy', kind: 'grant', index: 'subject', value: subject }],
    }
    const issuances: Record<string, Race> = {
      'inserts a token': ({ id }) => [insertToken(newRecordId(), id), { op: 'require', kind: 'grant', id, expected: 1 }],
      'checks first and inserts then': ({ id }) => [{ op: 'require', kind: 'grant', id, expected: 1 }, insertToken(newRecordId(), id)],
      'rotates the family': ({ id }, family) => [
        replaceCounter(family, 1, 1),
        { op: 'require', kind: 'grant', id, expected: 1 },
        insertToken(newRecordId(), id),
      ],
    }

    for (const [revocation, revoke] of Object.entries(revocations)) {
      for (const [issuance, issue] of Object.entries(issuances)) {
        it(`leaves no token when the one ${revocation} and sweeps, and the other ${issuance}`, async () => {
          await Promise.all(
            Array.from({ length: 20 }, async (_, number) => {
              const grant = newGrant()
              const family = newRecordId()
              await store().commit([grant.insert, insertCounter(family)])
              const revoking = [...revoke(grant, family), sweep(grant.id)]
              const outcomes = await all(number % 2 === 0 ? [revoking, issue(grant, family)] : [issue(grant, family), revoking])
              expect(outcomes[number % 2]).toBe('committed')
              expect((await store().list('token', 'grantId', grant.id, { limit: 10 })).items).toEqual([])
              expect(await store().commit(issue(grant, family))).not.toBe('committed')
            }),
          )
        })
      }

      // Each relies on what the other writes. Engines that only look at what was written let both pass: write skew.
      it(`never lets both pass when the one ${revocation} and requires the family, and the other rotates it and requires the grant`, async () => {
        await Promise.all(
          Array.from({ length: 50 }, async (_, number) => {
            const grant = newGrant()
            const family = newRecordId()
            await store().commit([grant.insert, insertCounter(family)])
            const revoking: readonly ContractChange[] = [
              { op: 'require', kind: 'counter', id: family, expected: 1 },
              ...revoke(grant, family),
            ]
            const issuing: readonly ContractChange[] = [
              { op: 'require', kind: 'grant', id: grant.id, expected: 1 },
              replaceCounter(family, 1, 1),
              insertToken(newRecordId(), grant.id),
            ]
            expect(winners(await all(number % 2 === 0 ? [revoking, issuing] : [issuing, revoking]))).toBe(1)
            const live = (await store().read('grant', grant.id))?.value.state === 'live'
            expect((await store().list('token', 'grantId', grant.id, { limit: 10 })).items.length).toBe(live ? 1 : 0)
          }),
        )
      })
    }
  })
}
