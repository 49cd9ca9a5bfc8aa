import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OpenStore } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { openSqliteStore } from '@holdfast/store-sqlite'
import { afterAll, describe, expect, test } from 'vitest'
import { type Client, type Records, serverKinds } from '../packages/server/src/index.ts'
import { Application, KEY, tally, times, told } from '../packages/server/src/test/application.ts'
import { client, HeldClock, startServer } from '../packages/server/src/test/server.ts'

/** One assertion, many requests at once, two servers on one store: on every engine it is used once. */
const folder = mkdtempSync(join(tmpdir(), 'holdfast-assertions-'))
const opened: OpenStore<Records>[] = []
afterAll(async () => {
  for (const store of opened) await store.close()
  rmSync(folder, { recursive: true, force: true })
})

async function open(engine: string): Promise<OpenStore<Records>> {
  const store =
    engine === 'memory'
      ? openMemoryStore(serverKinds)
      : await openSqliteStore({ path: join(folder, `${opened.length}.db`), kinds: serverKinds })
  opened.push(store)
  return store
}

async function two(engine: string): Promise<readonly [Application, Application]> {
  const store = await open(engine)
  const clock = new HeldClock()
  const one: Client = client({ tokenEndpointAuthMethod: 'private_key_jwt', secrets: [], jwks: { keys: [KEY.publicJwk] } })
  const first = await startServer([one], { dpopNonce: 'off', store, clock })
  const second = await startServer([one], { dpopNonce: 'off', store, clock })
  return [new Application(first, one, { assertion: KEY }), new Application(second, one, { assertion: KEY })]
}

describe.each(['memory', 'sqlite'])('on the store in %s', (engine) => {
  test('CAUTH-27 A30 of 50 requests at once with one assertion, at two servers, one is proven', async () => {
    const pair = await two(engine)
    const { refresh } = await pair[0].tokens()
    const parameters = pair[0].asserting()
    const answers = await Promise.all(
      times(50, (index) => (pair[index % 2] as Application).refresh(refresh, {}, { credentials: { parameters } })),
    )
    expect(tally(answers)).toEqual({ '200': 1, '401 invalid_client': 49 })
  })

  test('CAUTH-27 it stays used until its exp, at both', async () => {
    const [first, second] = await two(engine)
    const parameters = first.asserting({ exp: first.as.clock.now() + 600 })
    expect(told(await first.refresh('none', {}, { credentials: { parameters } }))).toBe('400 invalid_grant')
    first.as.clock.advance(599)
    expect(told(await second.refresh('none', {}, { credentials: { parameters } }))).toBe('401 invalid_client')
  })
})
