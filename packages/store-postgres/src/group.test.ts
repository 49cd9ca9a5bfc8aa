import { describe, expect, it } from 'vitest'
import { openPostgresStore } from './index.ts'
import { asked, newDatabase } from './test/cluster.ts'
import { proxyTo } from '../../../test/engines/proxy.ts'
import { type TestRecords, testKinds } from '../../../test/engines/records.ts'

describe('gathering', () => {
  it('makes one transaction and one round trip of the commits of a turn, and another of those that come meanwhile', async () => {
    const url = await newDatabase()
    const proxy = await proxyTo(url)
    const store = await openPostgresStore<TestRecords>({ connection: proxy.url, kinds: testKinds })
    const commit = (id: string): Promise<unknown> => store.commit([{ op: 'insert', kind: 'counter', id, value: { count: 1 } }])
    await commit('to-connect')
    let answers = 0
    proxy.onAnswer = (data) => {
      answers += data.toString('latin1').split('SELECT 1').length - 1
      return true
    }
    const first = Array.from({ length: 50 }, (_, number) => commit(`first-${number}`))
    await Promise.resolve()
    first.push(commit('first-of-a-later-microtask'))
    await new Promise(setImmediate)
    const second = Array.from({ length: 30 }, (_, number) => commit(`second-${number}`))
    await Promise.all([...first, ...second])
    expect(answers).toBe(2)
    // A commit of one change needs no subtransaction: its row carries the number of the group's transaction.
    expect(await asked(url, "select count(*)::int as n from kind_counter where id <> 'to-connect' group by xmin::text order by 1")).toEqual(
      [{ n: 30 }, { n: 51 }],
    )
    await store.close()
    await proxy.close()
  })

  it('keeps the outcome of each commit its own: the losers of a group leave nothing, the winners all of theirs', async () => {
    const store = await openPostgresStore<TestRecords>({ connection: await newDatabase(), kinds: testKinds })
    await store.commit([{ op: 'insert', kind: 'counter', id: 'shared', value: { count: 0 } }])
    const outcomes = await Promise.all(
      ['a', 'b', 'c'].map((id) =>
        store.commit([
          { op: 'insert', kind: 'left', id, value: { pair: id } },
          { op: 'replace', kind: 'counter', id: 'shared', expected: 1, value: { count: 1 } },
          { op: 'insert', kind: 'right', id, value: { pair: id } },
        ]),
      ),
    )
    expect(outcomes.filter((outcome) => outcome === 'committed').length).toBe(1)
    const there = await Promise.all(['a', 'b', 'c'].map(async (id) => [await store.read('left', id), await store.read('right', id)]))
    expect(there.map((pair) => pair.filter((half) => half !== undefined).length)).toEqual(
      outcomes.map((outcome) => (outcome === 'committed' ? 2 : 0)),
    )
    await store.close()
  })

  it('asks once for all reads of one kind in a turn, and gives each reader its own', async () => {
    const proxy = await proxyTo(await newDatabase())
    const store = await openPostgresStore<TestRecords>({ connection: proxy.url, kinds: testKinds })
    await store.commit([{ op: 'insert', kind: 'right', id: 'a', value: { pair: 'p' } }])
    await store.read('right', 'a')
    let questions = 0
    proxy.onQuestion = () => void questions++
    const [first, second, none] = await Promise.all([store.read('right', 'a'), store.read('right', 'a'), store.read('right', 'b')])
    expect(questions).toBe(1)
    expect([first, none]).toEqual([{ id: 'a', version: 1, value: { pair: 'p' }, expiresAt: undefined }, undefined])
    expect(first?.value).not.toBe(second?.value)
    await store.close()
    await proxy.close()
  })
})
