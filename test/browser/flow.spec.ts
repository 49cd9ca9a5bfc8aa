import { expect, type Page, test } from '@playwright/test'
import { type RunningDemo, startDemo } from './demo.ts'
import { expectGoodLooks, LOOKS } from './looks.ts'

test.use({ actionTimeout: 10_000 })

/** One for each test: what a person allowed before is not asked again. */
let demo: RunningDemo
test.beforeEach(async () => {
  demo = await startDemo()
})
test.afterEach(() => demo.stop())

async function toSignIn(page: Page): Promise<void> {
  await page.goto(demo.client)
  await page.click('#sign-in')
  await expect(page.locator('h1')).toHaveText('Sign in')
}

async function signIn(page: Page): Promise<void> {
  await page.fill('#username', 'demo')
  await page.fill('#password', demo.password)
  await page.click('#login-submit')
}

test('a person signs in and consents, the client calls the API with its bound token and refreshes it, and a thief gets nothing', async ({
  page,
}) => {
  await page.goto(demo.issuer)
  await page.click('#first')
  await page.click('#sign-in')
  await signIn(page)
  await expect(page.locator('main')).toContainText('Example application')
  await expect(page.locator('main')).toContainText('Demo Person')
  await expect(page.locator('main')).toContainText('See your accounts and balances')
  await page.click('#consent-allow')
  await expect(page.locator('#who')).toHaveText(/^u_/)
  const outcome = page.locator('#outcome-status')
  await page.click('#call')
  await expect(outcome).toHaveText('200')
  await page.click('#refresh')
  await expect(page.locator('#outcome')).toContainText('new access token')
  await page.click('#call')
  await expect(outcome).toHaveText('200')
  for (const theft of ['#steal-bearer', '#steal-key']) {
    await page.click(theft)
    await expect(outcome).toHaveText('401')
    await expect(page.locator('#outcome')).toContainText('invalid_token')
  }
})

test('a wrong password is told in words, keeps the name, and the right one goes on', async ({ page }) => {
  await toSignIn(page)
  await page.fill('#username', 'demo')
  await page.fill('#password', 'wrong')
  await page.click('#login-submit')
  await expect(page.getByRole('alert')).toContainText('wrong')
  await expect(page.locator('#username')).toHaveValue('demo')
  await page.fill('#password', demo.password)
  await page.click('#login-submit')
  await expect(page.locator('#consent-allow')).toBeVisible()
})

test('a refusal brings the person back to the application, which says so', async ({ page }) => {
  await toSignIn(page)
  await signIn(page)
  await page.click('#consent-deny')
  await expect(page.locator('#failure')).toBeVisible()
  expect(page.url()).toContain(demo.client)
})

test('the keyboard alone is enough', async ({ page }) => {
  await toSignIn(page)
  await expect(page.locator('#username')).toBeFocused()
  await page.keyboard.type('demo')
  await page.keyboard.press('Tab')
  await page.keyboard.type(demo.password)
  await page.keyboard.press('Enter')
  const allow = page.locator('#consent-allow')
  await expect(allow).toBeVisible()
  for (let presses = 0; presses < 12 && !(await allow.evaluate((node) => node === document.activeElement)); presses++)
    await page.keyboard.press('Tab')
  await expect(allow).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.locator('#who')).toBeVisible()
})

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false })
  test('the whole flow works', async ({ page }) => {
    await toSignIn(page)
    await signIn(page)
    await page.click('#consent-allow')
    await expect(page.locator('#who')).toBeVisible()
  })
})

test('the back button after the end leads to a page that says what happened', async ({ page }) => {
  await toSignIn(page)
  const interaction = page.url()
  await signIn(page)
  await page.click('#consent-allow')
  await expect(page.locator('#who')).toBeVisible()
  await page.goto(interaction)
  await expect(page.locator('#oauth-error')).toContainText('no longer valid')
})

/** Every page that people see: a name, what it alone shows, and the way there. */
const pages: readonly [string, string, (page: Page) => Promise<unknown>][] = [
  ['start', '#first', (page) => page.goto(demo.issuer)],
  ['application', '#sign-in', (page) => page.goto(demo.client)],
  ['sign-in', '#login-submit', toSignIn],
  [
    'sign-in-failed',
    '#login-fault',
    async (page) => {
      await toSignIn(page)
      await page.fill('#username', 'demo')
      await page.fill('#password', 'wrong')
      await page.click('#login-submit')
    },
  ],
  [
    'consent',
    '#consent-allow',
    async (page) => {
      await toSignIn(page)
      await signIn(page)
    },
  ],
  ['error', '#oauth-error', (page) => page.goto(`${demo.issuer}/authorize?client_id=nobody`)],
  [
    'signed-in',
    '#outcome-status',
    async (page) => {
      await toSignIn(page)
      await signIn(page)
      await page.click('#consent-allow')
      await page.click('#steal-bearer')
    },
  ],
  [
    'failure',
    '#failure',
    async (page) => {
      await toSignIn(page)
      await signIn(page)
      await page.click('#consent-deny')
    },
  ],
]

for (const [name, shows, go] of pages) {
  test(`${name}: ${LOOKS}`, async ({ page }, info) => {
    await go(page)
    await expectGoodLooks(page, info, { name, shows })
  })
}
