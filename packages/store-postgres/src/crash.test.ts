import { describe, expect, it } from 'vitest'
import { openPostgresStore } from './index.ts'
import { asked, newDatabase, ownServer } from './test/cluster.ts'
import { type TestRecords, testKinds } from '../../../test/engines/records.ts'
import { type Child, spawnChild } from './test/spawn.ts'

/** What a hammering child said was committed, until its pipe ended. */
async function saidBy(
  child: Child,
  first: string | undefined,
): Promise<{ readonly ids: Map<string, string>; readonly counts: Map<string, number> }> {
  const ids = new Map<string, string>()
  const counts = new Map<string, number>()
  for (let line = first; line !== undefined; line = await child.line()) {
    const [id = '', own = '', count = ''] = line.split(' ')
    if (!/^\d+$/.test(count)) continue
    ids.set(id, own)
    counts.set(own, Math.max(counts.get(own) ?? 0, Number(count)))
  }
  return { ids, counts }
}

/** Looked at without the engine: lefts without their right or the other way, and counters that do not tell how many there are. */
async function halfCommits(url: string): Promise<unknown> {
  const [counted] = await asked(
    url,
    `select (select count(*)::int from kind_left full join kind_right using (id) where kind_left.value is null or kind_right.value is null) as half,
       (select count(*)::int from kind_counter c where (value ->> 'count')::int <> (select count(*) from kind_left where by_pair = c.id)
         or version <> (value ->> 'count')::int + 1) as miscounted`,
  )
  return counted
}

async function checkSaid(url: string, { ids, counts }: Awaited<ReturnType<typeof saidBy>>): Promise<void> {
  const store = await openPostgresStore<TestRecords>({ connection: url, kinds: testKinds })
  const all = await Promise.all(
    [...ids].map(async ([id, own]) => {
      const [left, right] = await Promise.all([store.read('left', id), store.read('right', id)])
      return left?.value.pair === own && right?.value.pair === own
    }),
  )
  expect(all.filter((kept) => !kept)).toEqual([])
  for (const [own, count] of counts) expect((await store.read('counter', own))?.value.count).toBeGreaterThanOrEqual(count)
  await store.close()
  expect(await halfCommits(url)).toEqual({ half: 0, miscounted: 0 })
}

describe('a crash', () => {
  it('of the process, in the middle of its work, loses nothing that was said to be committed and leaves no half commit, ten times over', async () => {
    const url = await newDatabase()
    let said = 0
    for (let round = 0; round < 10; round++) {
      const child = spawnChild(url, 'hammer')
      const first = await child.line()
      const kill = setTimeout(() => child.process.kill('SIGKILL'), 5 + ((round * 37) % 150))
      const heard = await saidBy(child, first)
      clearTimeout(kill)
      await child.ended()
      expect(child.process.signalCode).toBe('SIGKILL')
      // The server finishes what it was sent before it notices.
      await expect
        .poll(() => asked(url, 'select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()'))
        .toEqual([])
      await checkSaid(url, heard)
      said += heard.ids.size
    }
    expect(said).toBeGreaterThan(300)
  })

  it('of the server, as if its power went, loses nothing either, three times over', async () => {
    const server = await ownServer()
    try {
      for (let round = 0; round < 3; round++) {
        const child = spawnChild(server.url, 'hammer')
        const first = await child.line()
        const crash = new Promise<void>((resolve) => setTimeout(() => void server.stop('SIGQUIT').then(resolve), 60 + round * 70))
        const heard = await saidBy(child, first)
        await Promise.all([crash, child.ended()])
        expect(heard.ids.size).toBeGreaterThan(10)
        await server.start()
        await checkSaid(server.url, heard)
      }
    } finally {
      await server.remove()
    }
  })
})
