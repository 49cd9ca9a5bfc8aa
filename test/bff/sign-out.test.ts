import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bffKinds, type BffRecords } from '@holdfast/bff'
import type { OpenStore } from '@holdfast/store'
import { openSqliteStore } from '@holdfast/store-sqlite'
import { openMemoryStore } from '@holdfast/store/memory'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { ISSUER } from '../../packages/server/src/test/server.ts'
import { CSRF, sessionOf, SHOP, shopHandler, signIn, startWorld, type World } from './world.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-bff-'))
afterAll(() => rmSync(folder, { recursive: true }))
const ENGINES: readonly (readonly [string, () => Promise<OpenStore<BffRecords>>])[] = [
  ['the memory store', () => Promise.resolve(openMemoryStore(bffKinds))],
  ['SQLite', () => openSqliteStore({ path: join(folder, 'sessions.db'), kinds: bffKinds })],
]

let world: World
beforeEach(async () => {
  world = await startWorld()
})

describe('sign-out at Holdfast', () => {
  test('BFF-10 LOGO-13: in one browser by its page, at the server too; the back channel ends what is left', async () => {
    const browser = await signIn(world)
    const { location } = (await (await browser.fetch(`${SHOP}/bff/logout`, { ...CSRF, method: 'POST' })).json()) as { location: string }
    await browser.goto(SHOP + location)
    expect([browser.url, browser.text('#page')]).toEqual([`${SHOP}/`, 'the shop'])
    expect(await sessionOf(browser)).toMatchObject({ active: false })
    // The server asks for a password again.
    await browser.goto(`${SHOP}/bff/login`)
    expect(browser.has('#login-submit')).toBe(true)
  })

  test('LOGO-13: a session that ends at the server ends here, by a logout token that it signs', async () => {
    const browser = await signIn(world)
    await browser.goto(`${ISSUER}/end-session`)
    await browser.click('#logout-out')
    const told = (): readonly number[] =>
      world.net.traffic.filter(({ url }) => url === `${SHOP}/bff/backchannel-logout`).map(({ status }) => status)
    // Nobody's answer waits for the delivery.
    await vi.waitFor(() => expect(told()).toEqual([200]))
    await browser.goto(`${SHOP}/`)
    expect(await sessionOf(browser)).toMatchObject({ active: false })
    expect(world.events).toContainEqual({ type: 'logout.backchannel', outcome: 'ended', sub: 'u_ada', by: 'sid' })
  })

  test.each(ENGINES)(
    'BFF-05 A62: 200 calls on two processes with %s refresh once at a server that asks for nonces',
    async (_name, open) => {
      const store = await open()
      world = await startWorld({ sessions: store, sleep: () => new Promise((settle) => setImmediate(settle)) })
      const browser = await signIn(world)
      await browser.fetch(`${SHOP}/api/orders`, CSRF)
      const before = world.refreshes()
      world.as.clock.advance(280)
      const nodes = [shopHandler(world.bff), shopHandler(world.another())] as const
      let turn = 0
      world.net.host(SHOP, (request) => nodes[turn++ % 2 === 0 ? 0 : 1](request))
      const answers = await Promise.all(Array.from({ length: 200 }, () => browser.fetch(`${SHOP}/api/orders`, CSRF)))
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
      expect(world.refreshes() - before).toBe(1)
      await store.close()
    },
  )
})
