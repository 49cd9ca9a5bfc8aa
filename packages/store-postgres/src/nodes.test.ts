import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OpenStore, Outcome } from '@holdfast/store'
import { type ContractRecords, contractKinds } from '@holdfast/store/contract'
import { openPostgresStore } from './index.ts'
import { asked, newDatabase } from './test/cluster.ts'

let url: string
let nodes: readonly [OpenStore<ContractRecords>, OpenStore<ContractRecords>]
beforeEach(async () => {
  url = await newDatabase()
  const open = (): Promise<OpenStore<ContractRecords>> => openPostgresStore<ContractRecords>({ connection: url, kinds: contractKinds })
  nodes = [await open(), await open()]
})
afterEach(() => Promise.all(nodes.map((node) => node.close())))

/** What PostgreSQL counted, once the sessions have ended and told it. */
async function deadlocks(): Promise<unknown> {
  await Promise.all(nodes.map((node) => node.close()))
  const sessions = 'select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()'
  await expect.poll(() => asked(url, sessions)).toEqual([])
  const [counted] = await asked(url, 'select deadlocks::int from pg_stat_database where datname = current_database()')
  return counted?.['deadlocks']
}

/** A transaction of somebody else, open until it is told to end. */
async function foreign(sql: string): Promise<Client> {
  const client = new Client(url)
  await client.connect()
  await client.query(`begin; ${sql}`)
  return client
}

const waiters = (n: number): Promise<void> =>
  expect
    .poll(
      async () => (await asked(url, "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")).length,
      {
        timeout: 10_000,
      },
    )
    .toBe(n)

const counter = (op: 'insert' | 'replace', id: string, expected: number) =>
  op === 'insert'
    ? ({ op, kind: 'counter', id, value: { count: 1 } } as const)
    : ({ op, kind: 'counter', id, expected, value: { count: 1 } } as const)

describe('two nodes that want the same records', () => {
  it('never wait for each other crosswise over records that are there: commits of a group lock in one order', async () => {
    const [a, b] = nodes
    const ids = Array.from({ length: 20 }, (_, number) => `r${number}`)
    await a.commit(ids.map((id) => counter('insert', id, 0)))
    const versions = new Map(ids.map((id) => [id, 1]))
    for (let round = 0; round < 60; round++) {
      const outcomes = await Promise.all([
        Promise.all(ids.map((id) => a.commit([counter('replace', id, versions.get(id) as number)]))),
        Promise.all(ids.toReversed().map((id) => b.commit([counter('replace', id, versions.get(id) as number)]))),
      ])
      expect(outcomes.flat().filter((outcome) => outcome === 'committed').length).toBe(ids.length)
      for (const id of ids) versions.set(id, (versions.get(id) as number) + 1)
    }
    expect(await deadlocks()).toBe(0)
  })

  it('nor over records that are not there yet: commits of a group insert in one order', async () => {
    const [a, b] = nodes
    const insert = (node: OpenStore<ContractRecords>, ...ids: readonly string[]): Promise<Outcome[]> =>
      Promise.all(ids.map((id) => node.commit([counter('insert', id, 0)])))
    for (let round = 0; round < 10; round++) {
      const ids = Array.from({ length: 20 }, (_, number) => `${round}-${number}`)
      const outcomes = await Promise.all([insert(a, ...ids), insert(b, ...ids.toReversed())])
      expect(outcomes.flat().filter((outcome) => outcome === 'committed').length).toBe(ids.length)
    }
    // The one is stopped in the middle of its group, and the other wants what it has and has what it wants.
    const other = await foreign("insert into kind_counter values ('m', 1, null, '{}')")
    const first = insert(a, 'z', 'm', 'a')
    await waiters(1)
    const second = insert(b, 'a', 'z')
    await waiters(2)
    await other.query('rollback')
    await other.end()
    expect([...(await first), ...(await second)].filter((outcome) => outcome === 'committed').length).toBe(3)
    expect(await deadlocks()).toBe(0)
  })

  it('see all of a commit or nothing of it, also who deletes by an index in two kinds', async () => {
    const [a, b] = nodes
    // The sweep is stopped between its two halves, and the other node commits something to both.
    const other = await foreign("insert into kind_counter values ('m', 1, null, '{}')")
    const swept = b.commit([
      { op: 'deleteBy', kind: 'grant', index: 'subject', value: 's' },
      counter('insert', 'm', 0),
      { op: 'deleteBy', kind: 'token', index: 'grantId', value: 's' },
    ])
    await waiters(1)
    const issued = a.commit([
      { op: 'insert', kind: 'grant', id: 's', value: { subject: 's', state: 'live' } },
      { op: 'insert', kind: 'token', id: 't', value: { grantId: 's' } },
    ])
    await waiters(2)
    await other.query('rollback')
    await other.end()
    expect(await Promise.all([issued, swept])).toEqual(['committed', 'committed'])
    expect([(await a.read('grant', 's'))?.version, (await b.read('token', 't'))?.version]).toEqual([1, 1])
  })
})
