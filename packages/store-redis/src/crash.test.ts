import { readdirSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openRedisStore } from './index.ts'
import { type TestRecords, testKinds } from '../../../test/engines/records.ts'
import { asked, newPrefix, newServer, type TestServer } from './test/server.ts'
import { type Child, spawnChild } from './test/spawn.ts'

let server: TestServer
afterEach(() => server.remove())

/** What a hammering child said was committed, until its pipe ended. */
async function saidBy(child: Child, first: string | undefined): Promise<ReadonlyMap<string, { own: string; count: number }>> {
  const said = new Map<string, { own: string; count: number }>()
  for (let line = first; line !== undefined; line = await child.line()) {
    const [id = '', own = '', count = ''] = line.split(' ')
    if (/^\d+$/.test(count)) said.set(id, { own, count: Number(count) })
  }
  return said
}

/** A log whose end is torn is repaired first: the server does not load it. */
async function startAgain(): Promise<void> {
  await server.start().catch(async () => {
    server.repair()
    await server.start()
  })
}

const keysOf = async (url: string, base: string): Promise<readonly string[]> =>
  ((await asked(url, 'KEYS', `${base}*`)) as readonly string[]).map((key) => key.slice(base.length))

/** Looked at without the engine: lefts without their right or the other way, places in the index that lead nowhere, miscounts. */
async function halfCommits(url: string, prefix: string): Promise<unknown> {
  const [lefts, rights] = [new Set(await keysOf(url, `{${prefix}}:r:left:`)), new Set(await keysOf(url, `{${prefix}}:r:right:`))]
  let miscounted = 0
  const indexed = new Set<string>()
  for (const own of await keysOf(url, `{${prefix}}:r:counter:`)) {
    const [version, json] = (await asked(url, 'HMGET', `{${prefix}}:r:counter:${own}`, 'v', 'j')) as readonly [string, string]
    const ids = (await asked(url, 'ZRANGE', `{${prefix}}:i:left:pair:${own}`, 0, -1)) as readonly string[]
    for (const id of ids) indexed.add(id)
    const { count } = JSON.parse(json) as { readonly count: number }
    if (count !== ids.length || Number(version) !== count + 1) miscounted++
  }
  return { half: apart(lefts, rights), unindexed: apart(lefts, indexed), miscounted }
}

function apart(some: ReadonlySet<string>, others: ReadonlySet<string>): number {
  return [...some].filter((one) => !others.has(one)).length + [...others].filter((one) => !some.has(one)).length
}

async function checkSaid(url: string, prefix: string, said: Awaited<ReturnType<typeof saidBy>>): Promise<void> {
  const store = await openRedisStore<TestRecords>({ url, prefix, kinds: testKinds })
  const lost = await Promise.all(
    [...said].map(async ([id, { own, count }]) => {
      const [left, right, counter] = await Promise.all([store.read('left', id), store.read('right', id), store.read('counter', own)])
      return left?.value.pair === own && right?.value.pair === own && (counter?.value.count ?? 0) >= count ? [] : [id]
    }),
  )
  expect(lost.flat()).toEqual([])
  await store.close()
  expect(await halfCommits(url, prefix)).toEqual({ half: 0, unindexed: 0, miscounted: 0 })
}

describe('a crash', () => {
  it('of the server (kill -9) under load loses nothing that was said to be committed and leaves no half commit, six times over', async () => {
    server = await newServer()
    const prefix = newPrefix()
    let total = 0
    for (let round = 0; round < 6; round++) {
      const child = spawnChild(server.url, prefix, 'hammer')
      const first = await child.line()
      const crash = new Promise<void>((resolve) => setTimeout(() => void server.stop('SIGKILL').then(resolve), 30 + ((round * 37) % 150)))
      const said = await saidBy(child, first)
      await Promise.all([crash, child.ended()])
      await startAgain()
      await checkSaid(server.url, prefix, said)
      total += said.size
    }
    expect(total).toBeGreaterThan(150)
  })

  it('of the process, in the middle of its work, loses nothing either, three times over', async () => {
    server = await newServer()
    const prefix = newPrefix()
    let total = 0
    for (let round = 0; round < 3; round++) {
      const child = spawnChild(server.url, prefix, 'hammer')
      const first = await child.line()
      const kill = setTimeout(() => child.process.kill('SIGKILL'), 5 + ((round * 37) % 150))
      const said = await saidBy(child, first)
      clearTimeout(kill)
      await child.ended()
      expect(child.process.signalCode).toBe('SIGKILL')
      // The server finishes what it was sent before it notices: only our own question is there then.
      await expect.poll(async () => String(await asked(server.url, 'CLIENT', 'LIST')).match(/name=holdfast/g)).toBeNull()
      await checkSaid(server.url, prefix, said)
      total += said.size
    }
    expect(total).toBeGreaterThan(60)
  })
})

describe('a power cut', () => {
  it('that tears the end off the log takes whole commits with it, wherever it tears, also at the start after', async () => {
    server = await newServer()
    const prefix = newPrefix()
    for (const torn of [1, 60, 401, 1000]) {
      const child = spawnChild(server.url, prefix, 'hammer')
      const first = await child.line()
      for (let lines = 0; lines < 20; lines++) await child.line()
      await server.stop('SIGKILL')
      await saidBy(child, first)
      const [log = ''] = readdirSync(join(server.folder, 'appendonlydir')).filter((name) => name.endsWith('.incr.aof'))
      const path = join(server.folder, 'appendonlydir', log)
      truncateSync(path, statSync(path).size - torn)
      await startAgain()
      const after = spawnChild(server.url, prefix, 'hammer')
      const next = await after.line()
      for (let lines = 0; lines < 5; lines++) await after.line()
      await server.stop('SIGKILL')
      const said = await saidBy(after, next)
      await startAgain()
      await checkSaid(server.url, prefix, said)
    }
  })
})
