import { type BrowserContext, expect, type Page, test as base } from '@playwright/test'
import { openBrowser, type ThirdPartyCookies } from './browsers.ts'
import type { PartyName } from './parties.ts'
import type { PartySession } from './relying-party.ts'
import { type Sites, type SomePerson, startSites } from './sites.ts'

interface OfTests {
  readonly thirdPartyCookies: ThirdPartyCookies
}
interface OfWorkers {
  readonly sites: Sites
  readonly browsers: (cookies: ThirdPartyCookies) => Promise<BrowserContext>
}

/** Tests with one server and its relying parties, and a browser that treats third-party cookies as it is told and knows nothing of the test before. */
export const test = base.extend<OfTests, OfWorkers>({
  actionTimeout: 10_000,
  thirdPartyCookies: ['allowed', { option: true }],
  sites: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads which fixtures are wanted from this very pattern
    async ({}, use) => {
      const sites = await startSites()
      await use(sites)
      await sites.stop()
    },
    { scope: 'worker' },
  ],
  browsers: [
    async ({ sites }, use) => {
      const opened = new Map<ThirdPartyCookies, ReturnType<typeof openBrowser>>()
      await use(async (cookies) => {
        const browser = opened.get(cookies) ?? openBrowser(cookies, sites.spki)
        opened.set(cookies, browser)
        return (await browser).context
      })
      for (const browser of opened.values()) await (await browser).close()
    },
    { scope: 'worker' },
  ],
  context: async ({ thirdPartyCookies, browsers, actionTimeout }, use) => {
    const context = await browsers(thirdPartyCookies)
    context.setDefaultTimeout(actionTimeout ?? 0)
    context.setDefaultNavigationTimeout(actionTimeout ?? 0)
    await context.clearCookies()
    await use(context)
    for (const page of context.pages().slice(1)) await page.close()
  },
  page: async ({ context }, use) => {
    await use(await context.newPage())
  },
})

/** Who is signed in at a relying party, by its own page. */
export async function whoAt(page: Page, sites: Sites, name: PartyName): Promise<PartySession | 'nobody'> {
  await page.goto(`${sites.parties[name].origin}/me`)
  return shownSession(page)
}

export async function shownSession(page: Page): Promise<PartySession | 'nobody'> {
  const text = (await page.locator('#me').textContent()) ?? ''
  return text === 'nobody' ? text : (JSON.parse(text) as PartySession)
}

export async function typePassword(page: Page, { username, password }: SomePerson): Promise<void> {
  await page.fill('#username', username)
  await page.fill('#password', password)
  await page.click('#login-submit')
}

/** For the first time at a relying party: with password and consent. */
export async function signInAt(page: Page, sites: Sites, name: PartyName, person: SomePerson, asked = ''): Promise<PartySession> {
  await page.goto(`${sites.parties[name].origin}/login${asked}`)
  await typePassword(page, person)
  return allowAt(page, sites, name)
}

/** The person is known, and has not yet allowed this relying party anything. */
export async function followAt(page: Page, sites: Sites, name: PartyName): Promise<PartySession> {
  await page.goto(`${sites.parties[name].origin}/login`)
  return allowAt(page, sites, name)
}

async function allowAt(page: Page, sites: Sites, name: PartyName): Promise<PartySession> {
  await page.click('#consent-allow')
  await page.waitForURL(`${sites.parties[name].origin}/me**`)
  const session = await shownSession(page)
  if (session === 'nobody') throw new Error(`nobody is signed in at ${name}`)
  return session
}

export { expect }
export type { Page, PartyName, Sites }
