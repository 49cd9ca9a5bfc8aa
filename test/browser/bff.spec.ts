import { type BrowserContext, expect, type Page, test as base } from '@playwright/test'
import { codeAt } from '../one-time-code.ts'
import { answersOf, leaks, reachable, tokensOf } from './bff/secrets.ts'
import { type BffWorld, startBffWorld, TOKEN_LIFE, TOTP_SECRET } from './bff/world.ts'
import { openBrowser } from './browsers.ts'
import { expectGoodLooks, LOOKS } from './looks.ts'

interface OfWorkers {
  readonly world: BffWorld
  readonly browser_: BrowserContext
}

/** One application for all tests; a browser that knows nothing of the test before, and what it was answered. */
const test = base.extend<object, OfWorkers>({
  actionTimeout: 10_000,
  world: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads which fixtures are wanted from this very pattern
    async ({}, use) => {
      const world = await startBffWorld()
      await use(world)
      await world.stop()
    },
    { scope: 'worker' },
  ],
  browser_: [
    async ({ world }, use) => {
      const { context, close } = await openBrowser('blocked', world.spki)
      await use(context)
      await close()
    },
    { scope: 'worker' },
  ],
  context: async ({ browser_: context, actionTimeout }, use) => {
    context.setDefaultTimeout(actionTimeout ?? 0)
    await context.clearCookies()
    await use(context)
    for (const page of context.pages().slice(1)) await page.close()
  },
  page: async ({ context }, use) => {
    await use(await context.newPage())
  },
})

/** From the application's page with a password, and with consent the first time. */
async function signIn(page: Page, world: BffWorld): Promise<void> {
  await page.goto(world.origin)
  await expect(page.locator('#state')).toHaveText('signed out')
  await page.click('#sign-in')
  await page.fill('#username', 'ada')
  await page.fill('#password', world.password)
  await page.click('#login-submit')
  const state = page.locator('#state')
  const allow = page.locator('#consent-allow')
  await expect(state.or(allow)).toBeVisible()
  if (await allow.isVisible()) await allow.click()
  await expect(state).toHaveText('signed in as Ada Lovelace')
  expect(page.url()).toBe(`${world.origin}/`)
}

const refreshes = (world: BffWorld): number => world.front.tokens.filter(({ form }) => form.get('grant_type') === 'refresh_token').length

test('BFF-02 a person signs in and uses the API, and no token is anywhere a script or a log could show it', async ({ page, world }) => {
  await signIn(page, world)
  await page.click('#load')
  await expect(page.locator('#outcome')).toContainText('200 {"orders":["Tea","Two cups"]}')
  const cookies = await page.context().cookies(world.origin)
  expect(cookies.map(({ name, httpOnly, secure, sameSite, path }) => ({ name, httpOnly, secure, sameSite, path }))).toEqual([
    { name: '__Host-Http-holdfast-bff', httpOnly: true, secure: true, sameSite: 'Strict', path: '/' },
  ])
  const tokens = tokensOf(world)
  expect(tokens.length).toBeGreaterThan(4)
  expect(leaks(tokens, { 'a place that has one': `{"t":"${tokens[0]}"}`, 'a place that has none': 'Two cups' })).toEqual([
    'a place that has one',
  ])
  const said = answersOf(world)
  expect(said).toContain('Two cups')
  expect(world.logs()).toContain('listening')
  expect(leaks(tokens, { ...(await reachable(page)), answers: said, logs: world.logs() })).toEqual([])
})

test('BFF-05 A62 two hundred calls in five tabs and two nodes at the end of a token are one refresh', async ({ page, context, world }) => {
  await signIn(page, world)
  await page.click('#load')
  await expect(page.locator('#outcome')).toContainText('200')
  const tabs = [page, ...(await Promise.all(Array.from({ length: 4 }, () => context.newPage())))]
  for (const tab of tabs.slice(1)) await tab.goto(world.origin)
  // Nobody's clock may be off by more than ten seconds, so most of the token's life has to pass.
  await world.setClocks(8)
  await page.waitForTimeout((TOKEN_LIFE - 12) * 1000)
  const before = refreshes(world)
  const served = [...world.front.served]
  const statuses = await Promise.all(
    tabs.map((tab) =>
      tab.evaluate(async () => {
        const call = async (): Promise<number> => (await fetch('/api/orders', { headers: { 'x-holdfast-csrf': '1' } })).status
        return Promise.all(Array.from({ length: 40 }, call))
      }),
    ),
  )
  expect(statuses.flat()).toEqual(Array.from({ length: 200 }, () => 200))
  expect(refreshes(world) - before).toBe(1)
  for (const [node, count] of world.front.served.entries()) expect(count - (served[node] ?? 0)).toBeGreaterThan(80)
  await world.setClocks(0)
  expect(leaks(tokensOf(world), { ...(await reachable(page)), answers: answersOf(world), logs: world.logs() })).toEqual([])
})

test('STEP-24 STEP-25 what the API asks for more is a sign-in with a code, and back at what was interrupted', async ({ page, world }) => {
  await signIn(page, world)
  await page.click('#pay')
  await expect(page.locator('h1')).toHaveText('Enter your one-time code')
  await page.fill('#code', codeAt(Date.now() / 1000, TOTP_SECRET))
  await page.click('#code-submit')
  await expect(page.locator('#outcome')).toHaveText('200 {"paid":true}')
  expect(page.url()).toBe(`${world.origin}/`)
  // What was reached stays: the next payment asks nothing.
  await page.locator('#outcome').evaluate((shown) => (shown.textContent = ''))
  await page.click('#pay')
  await expect(page.locator('#outcome')).toHaveText('200 {"paid":true}')
  expect(leaks(tokensOf(world), { ...(await reachable(page)), answers: answersOf(world), logs: world.logs() })).toEqual([])
})

test('a sign-out in one tab is seen in the other, and ends the session at the server', async ({ page, context, world }) => {
  await signIn(page, world)
  const other = await context.newPage()
  await other.goto(world.origin)
  await expect(other.locator('#state')).toHaveText('signed in as Ada Lovelace')
  await page.click('#sign-out')
  await expect(other.locator('#state')).toHaveText('signed out')
  await expect(page.locator('#sign-in')).toBeVisible()
  expect(page.url()).toBe(`${world.origin}/`)
  await page.click('#sign-in')
  await expect(page.locator('#password')).toBeVisible()
  expect(leaks(tokensOf(world), { ...(await reachable(other)), answers: answersOf(world), logs: world.logs() })).toEqual([])
})

test('BFF-10 LOGO-13 a sign-out at the authorization server ends the session here by the back channel', async ({
  page,
  context,
  world,
}) => {
  await signIn(page, world)
  const elsewhere = await context.newPage()
  await elsewhere.goto(`${world.issuer}/end-session`)
  await elsewhere.click('#logout-out')
  await expect(elsewhere.locator('h1')).toHaveText('You are signed out')
  await expect(async () => {
    await page.click('#load')
    await expect(page.locator('#outcome')).toContainText('401')
  }).toPass({ timeout: 10_000 })
  await expect(page.locator('#outcome')).toContainText('login_required')
  await page.reload()
  await expect(page.locator('#state')).toHaveText('signed out')
})

test('BFF-06 a session that was not used ends: the API is not called, and the page offers the sign-in', async ({ page, world }) => {
  await signIn(page, world)
  const calls = world.calls.length
  await world.setClocks(31 * 60)
  try {
    await page.click('#load')
    await expect(page.locator('#outcome')).toContainText('401')
    await expect(page.locator('#outcome')).toContainText('login_required')
    expect(world.calls.length).toBe(calls)
    await page.reload()
    await expect(page.locator('#state')).toHaveText('signed out')
    await expect(page.locator('#sign-in')).toBeVisible()
  } finally {
    await world.setClocks(0)
  }
})

test('a person stays signed in while the authorization server is away, and is asked for nothing when it is back', async ({
  page,
  world,
}) => {
  await signIn(page, world)
  world.front.away = true
  try {
    await page.reload()
    await expect(page.locator('#state')).toHaveText('signed in as Ada Lovelace')
    await world.setClocks(TOKEN_LIFE + 1)
    await page.click('#load')
    await expect(page.locator('#outcome')).toContainText('503')
  } finally {
    world.front.away = false
    await world.setClocks(0)
  }
  await expect(async () => {
    await page.click('#load')
    await expect(page.locator('#outcome')).toContainText('200', { timeout: 2000 })
  }).toPass({ timeout: 15_000 })
})

/** What the backend itself shows: a name, what it alone shows, and the way there. The bounce page is gone before anybody sees it. */
const pages: readonly [string, string, (page: Page, world: BffWorld) => Promise<unknown>][] = [
  [
    'asked-by-another-site',
    'h1:has-text("Sign in to www.orders-app.test")',
    async (page, world) => {
      await page.goto(`${world.issuer}/device`)
      await page.evaluate((login) => location.assign(login), `${world.origin}/bff/login`)
    },
  ],
  ['sign-in-not-begun', '#continue', (page, world) => page.goto(`${world.origin}/bff/callback?code=c&state=s`)],
  ['wrong-link', '#continue', (page, world) => page.goto(`${world.origin}/bff/login?return_to=//evil.example`)],
]

for (const [name, shows, go] of pages) {
  test(`${name}: ${LOOKS}`, async ({ page, world }, info) => {
    await go(page, world)
    await expectGoodLooks(page, info, { name, shows })
  })
}
