import { afterEach, describe, expect, test } from 'vitest'
import type { Browser } from '@holdfast/testing/browser'
import { FOREIGN } from './test/foreign-server.ts'
import { COOKIE, SHOP, startWorld, type World } from './test/world.ts'

let world: World
afterEach(() => expect(world.net.faults).toEqual([]))

const begun = (browser: Browser): readonly string[] =>
  browser.cookies.all().flatMap(({ name, value }) => (name.startsWith(`${COOKIE}-t-`) ? [`${name}=${value}`] : []))
const sizeOf = (cookies: readonly string[]): number => cookies.join('; ').length

/** Begins sign-ins and finishes none. */
async function beginning(times: number, query: (i: number) => string): Promise<Browser> {
  world = startWorld()
  const browser = world.browser()
  browser.follow = false
  for (let i = 0; i < times; i++) await browser.goto(`${SHOP}/bff/login?${query(i)}`)
  return browser
}

describe('sign-ins that were begun', () => {
  test('BFF-07: four tabs at once, and of more the newest', async () => {
    const browser = await beginning(6, (i) => `return_to=%2F${i}`)
    expect(begun(browser)).toHaveLength(4)
  })

  test('another site that begins many with long targets does not fill the header, or no request would be answered for ten minutes', async () => {
    const target = `${SHOP}/${'a'.repeat(990)}`
    const browser = await beginning(6, (i) => new URLSearchParams({ iss: FOREIGN, target_link_uri: target + i }).toString())
    expect(begun(browser).length).toBeGreaterThan(0)
    // Servers and proxies take a line of 8 kB, which the session needs a part of.
    expect(sizeOf(begun(browser))).toBeLessThan(6000)
  })

  test.each([
    ['of other characters that take more room', `return_to=${encodeURIComponent(`/${'€'.repeat(1000)}`)}`],
    ['with much more to remember', `return_to=%2F${'a'.repeat(1000)}&acr_values=${'b'.repeat(1000)}&scope=${'c'.repeat(1500)}`],
  ])('one %s than a cookie has is refused at once, and not after the person has signed in', async (_name, query) => {
    const browser = await beginning(1, () => query)
    expect(browser.status).toBe(400)
    expect(begun(browser)).toEqual([])
  })
})
