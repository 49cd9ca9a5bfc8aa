import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { Application, KEY, told } from './test/application.ts'
import { client, startServer } from './test/server.ts'
import { SignInLimit } from './interaction/sign-in-limit.ts'
import { createStoreMemory } from './store-memory.ts'

const UNTIL = 1_800_000_070

describe('the replay memory on the store', () => {
  test('DPOP-18 RFC 9449 §11.1: of fifty at once in two processes, one hears new', async () => {
    const { store } = await startServer()
    const nodes = [createStoreMemory(store), createStoreMemory(store)]
    const heard = await Promise.all(Array.from({ length: 50 }, (_, index) => nodes[index % 2]?.add('proof', UNTIL)))
    expect(heard.filter((one) => one === 'new').length).toBe(1)
    expect(await nodes[1]?.add('another', UNTIL)).toBe('new')
  })

  test('counts every one of twenty at once, each with a number of its own, and takes one back', async () => {
    const { store } = await startServer()
    const nodes = [createStoreMemory(store), createStoreMemory(store)]
    const counts = await Promise.all(Array.from({ length: 20 }, (_, index) => nodes[index % 2]?.increment('attempts', UNTIL)))
    expect(counts.toSorted((a = 0, b = 0) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
    await nodes[0]?.forgive('attempts')
    expect(await nodes[1]?.increment('attempts', UNTIL)).toBe(20)
  })

  test('forgives nothing that was not counted', async () => {
    const { store } = await startServer()
    const memory = createStoreMemory(store)
    await memory.forgive('attempts')
    expect(await memory.increment('attempts', UNTIL)).toBe(1)
  })

  test('what has ended is purged with everything else', async () => {
    const { store } = await startServer()
    const memory = createStoreMemory(store)
    await memory.add('proof', UNTIL)
    await memory.increment('attempts', UNTIL)
    await store.purge(UNTIL + 1)
    expect(await memory.add('proof', UNTIL)).toBe('new')
    expect(await memory.increment('attempts', UNTIL)).toBe(1)
  })

  test('DPOP-16 DPOP-36 A63 a proof that userinfo took at one node is refused at another, and after a restart', async () => {
    const registered = client()
    const first = await startServer([registered])
    const shared = { store: first.store, clock: first.clock, memory: createStoreMemory(first.store) }
    const one = new Application(await startServer([registered], shared), registered, { dpop: KEY })
    const { access } = await one.tokens()
    const dpop = one.proof('/userinfo', { htm: 'GET', ath: hash(access) })
    expect(told(await one.userinfo(access, { dpop }))).toBe('200')
    const other = new Application(await startServer([registered], { ...shared, memory: createStoreMemory(first.store) }), registered, {
      dpop: KEY,
    })
    expect(told(await other.userinfo(access, { dpop }))).toBe('401 invalid_dpop_proof')
  })
})

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

test('ten thousand attempts to sign in from one address, each with another name, leave 81 counters in the store', async () => {
  const { store } = await startServer()
  const limit = new SignInLimit(createStoreMemory(store))
  let allowed = 0
  for (let index = 0; index < 10_000; index++) if ((await limit.attempt(`name-${index}`, '192.0.2.1', false, UNTIL)).allowed) allowed++
  expect(allowed).toBe(40)
  expect(await store.purge(UNTIL + 900)).toBe(81)
})
