import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SessionRecord } from '../records.ts'
import { createBff } from '../create.ts'
import { call, COOKIE, hosting, optionsFor, SECRET, sessionOf, SHOP, signIn, startWorld, type World } from '../test/world.ts'
import type { Browser } from '@holdfast/testing/browser'

let world: World
beforeEach(() => {
  world = startWorld()
})
afterEach(() => expect(world.net.faults).toEqual([]))

const idOf = (browser: Browser): string => browser.cookies.get(SHOP, COOKIE)?.slice(0, 26) ?? ''
async function recordOf(
  browser: Browser,
): Promise<{ readonly value: SessionRecord; readonly version: number; readonly expiresAt: number | undefined }> {
  const stored = await world.store.read('bff_session', idOf(browser))
  if (stored === undefined) throw new Error('no record')
  return stored
}

describe('session records', () => {
  test('BFF-02 BFF-08: what is stored opens nothing: no secret, no token, no name', async () => {
    // A name so long that no ciphertext has it by chance.
    const browser = await signIn(world, 'unmistakable-subject')
    const { value } = await recordOf(browser)
    expect(Object.keys(value).sort()).toEqual(['application', 'endsAt', 'sealed', 'secretHash', 'sid', 'subject'])
    expect(JSON.stringify(value)).not.toMatch(/unmistakable|Name of/)
    expect(JSON.stringify(value)).not.toContain(browser.cookies.get(SHOP, COOKIE)?.slice(26))
  })

  test('a handle with another secret, another id, or in another shape is none', async () => {
    const browser = await signIn(world)
    const other = await signIn(world, 'u2')
    const [mine, theirs] = [browser, other].map((one) => one.cookies.get(SHOP, COOKIE) ?? '') as [string, string]
    for (const value of [
      mine.slice(0, 26) + theirs.slice(26),
      `${mine}a`,
      mine.slice(0, -1),
      idOf(browser),
      '',
      `${mine.slice(0, 26)}${'A'.repeat(43)}`,
    ]) {
      browser.cookies.set(SHOP, `${COOKIE}=${value}; Path=/; Secure; HttpOnly`)
      expect([value, (await sessionOf(browser))['active']]).toEqual([value, false])
    }
  })

  test('A60: sealed contents that are moved to another record open nothing there', async () => {
    const [browser, other] = [await signIn(world), await signIn(world, 'u2')]
    const [mine, theirs] = [await recordOf(browser), await recordOf(other)]
    await world.store.commit([
      {
        op: 'replace',
        kind: 'bff_session',
        id: idOf(browser),
        expected: mine.version,
        value: { ...mine.value, sealed: theirs.value.sealed },
        expiresAt: mine.expiresAt,
      },
    ])
    expect(await sessionOf(browser)).toMatchObject({ active: false })
    expect(await sessionOf(other)).toMatchObject({ active: true })
  })

  test('secrets rotate: older ones are still read, and a renewal seals under the first', async () => {
    const browser = await signIn(world)
    const next = { id: 'two', value: 'the next secret of the backend, for tests' }
    world.net.host(SHOP, hosting(world.another({ secrets: [next, SECRET] })))
    world.clock.advance(290)
    expect((await call(browser)).status).toBe(200)
    world.net.host(SHOP, hosting(world.another({ secrets: [next] })))
    expect(await sessionOf(browser)).toMatchObject({ active: true })
    world.net.host(SHOP, hosting(world.bff))
    expect(await sessionOf(browser)).toMatchObject({ active: false })
  })

  test('BFF-25: another application on the same store and secrets does not know it', async () => {
    const browser = await signIn(world)
    world.net.host(SHOP, hosting(world.another({ client: { clientId: 'other', unsafeSecret: SECRET.value } })))
    expect(await sessionOf(browser)).toMatchObject({ active: false })
  })

  test('sessions of this process alone: they work, and go when they are over', async () => {
    world.net.host(SHOP, hosting(createBff(optionsFor(world.clock, { fetch: world.net.fetch as typeof fetch }))))
    const browser = await signIn(world)
    expect((await call(browser)).status).toBe(200)
    world.clock.advance(1800)
    expect((await call(browser)).status).toBe(401)
    expect(await sessionOf(await signIn(world))).toMatchObject({ active: true })
  })
})
