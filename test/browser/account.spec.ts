import { expect, type Page, test } from '@playwright/test'
import { createHash } from 'node:crypto'
import { codeAt } from '../one-time-code.ts'
import { PASSWORD, type RunningProgram, startProgram } from './program.ts'
import { expectGoodLooks, LOOKS } from './looks.ts'
import { addAuthenticator } from './virtual-authenticator.ts'

test.use({ actionTimeout: 10_000 })

const CALLBACK = 'http://127.0.0.1/callback'

let program: RunningProgram
/** The steps of the clock whose codes were used: one is good once. */
let used = 0
test.beforeEach(async () => {
  used = 0
  program = await startProgram([
    {
      client_id: 'app',
      client_name: 'Example application',
      client_uri: 'https://app.example/',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      redirect_uris: [CALLBACK],
    },
  ])
})
test.afterEach(() => program.stop())

const nextCode = (secret: string): string => codeAt(Date.now() / 1000 + 30 * used++, secret)

async function signIn(page: Page): Promise<void> {
  await page.goto(`${program.issuer}/account`)
  await page.fill('#username', 'demo')
  await page.fill('#password', PASSWORD)
  await page.click('#login-submit')
  await expect(page.locator('h1')).toHaveText('Your account')
}

async function toApp(page: Page): Promise<string> {
  await page.click('#change-factors')
  await page.click('#app-begin')
  return ((await page.locator('#secret').textContent()) ?? '').replaceAll(' ', '')
}

/** Sets an app up, and proves it to the page that asks for it from then on. */
async function enrolApp(page: Page): Promise<string> {
  const secret = await toApp(page)
  await page.fill('#code', nextCode(secret))
  await page.click('#code-submit')
  await expect(page.locator('#notice')).toContainText('is set up')
  await page.getByRole('link').click()
  await page.fill('#code', nextCode(secret))
  await page.click('#code-submit')
  await expect(page.locator('h1')).toHaveText('Your account')
  return secret
}

async function addPasskey(page: Page, name: string): Promise<void> {
  await page.click('#change-factors')
  await page.click('#passkey-add')
  await page.fill('#passkey-name', name)
  await page.click('#passkey-submit')
}

async function allow(page: Page): Promise<void> {
  await page.route(`${CALLBACK}**`, (route) => route.fulfill({ contentType: 'text/html', body: '<h1 id="back">Back</h1>' }))
  const query = new URLSearchParams({
    client_id: 'app',
    response_type: 'code',
    scope: 'openid profile email',
    redirect_uri: CALLBACK,
    code_challenge: createHash('sha256').update('v'.repeat(43)).digest('base64url'),
    code_challenge_method: 'S256',
  })
  await page.goto(`${program.issuer}/authorize?${query}`)
  await page.click('#consent-allow')
  await expect(page.locator('#back')).toBeVisible()
  await page.goto(`${program.issuer}/account`)
}

test('A54 a person sets up an authenticator app, proves it, and is asked for it from then on', async ({ page }) => {
  await signIn(page)
  await enrolApp(page)
  await page.context().clearCookies()
  await page.goto(`${program.issuer}/account`)
  await page.fill('#username', 'demo')
  await page.fill('#password', PASSWORD)
  await page.click('#login-submit')
  await expect(page.locator('h1')).toHaveText('Enter your one-time code')
})

test('a person adds a passkey, is signed out, and signs in with it from the autofill list alone', async ({ page }) => {
  await addAuthenticator(page)
  await signIn(page)
  await addPasskey(page, 'Laptop')
  await expect(page.locator('#notice')).toContainText('Your passkey was added')
  await page.context().clearCookies()
  // The virtual authenticator answers the list of the user name field by itself, as a person who picks from it.
  await page.goto(`${program.issuer}/account`)
  await expect(page.locator('h1')).toHaveText('Your account')
  await expect(page.locator('main')).toContainText('With a passkey')
  await expect(page.locator('main')).toContainText('Laptop')
})

test('removing the last factor asks once more, and then the password is enough again', async ({ page }) => {
  await addAuthenticator(page)
  await signIn(page)
  await addPasskey(page, 'Laptop')
  await page.getByRole('link').click()
  await page.click('#passkey-submit')
  await page.click('#change-factors')
  await page.getByRole('button', { name: 'Remove the passkey Laptop' }).click()
  await expect(page.locator('h1')).toHaveText('Remove the passkey Laptop?')
  await page.click('#remove-last')
  await expect(page.locator('#done')).toContainText('The passkey was removed')
})

test('a person signs out elsewhere, and takes back what an application was given', async ({ page, browser }) => {
  const elsewhere = await browser.newContext()
  const other = await elsewhere.newPage()
  await signIn(other)
  await signIn(page)
  await expect(page.getByText('this browser')).toHaveCount(1)
  await page.getByRole('button', { name: 'Sign out where you signed in' }).click()
  await expect(page.locator('#done')).toHaveText('Signed out there.')
  await other.reload()
  await expect(other.locator('#login-submit')).toBeVisible()
  await elsewhere.close()

  await allow(page)
  await expect(page.locator('main')).toContainText('Example application')
  await page.getByRole('button', { name: 'Take back' }).click()
  await expect(page.locator('#done')).toContainText('Taken back')
  await expect(page.locator('main')).toContainText('No application has access')
})

test('a browser that knows no passkeys says so', async ({ page }) => {
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'PublicKeyCredential'))
  await signIn(page)
  await page.click('#change-factors')
  await page.click('#passkey-add')
  await expect(page.locator('#passkey-missing')).toBeVisible()
  await expect(page.locator('#passkey-submit')).toBeHidden()
})

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false })
  test('an authenticator app can be set up, and the page for passkeys says what it needs', async ({ page }) => {
    await signIn(page)
    await page.click('#change-factors')
    await page.click('#passkey-add')
    await expect(page.locator('noscript p')).toContainText('need JavaScript')
    await page.click('#back')
    await page.click('#app-begin')
    await page.fill('#code', '000000')
    await page.click('#code-submit')
    await expect(page.getByRole('alert')).toContainText('wrong')
    await page.click('#back')
    await page.click('#back')
    await enrolApp(page)
  })
})

/** Every page: a name, what it alone shows, and the way there. */
const pages: readonly [string, string, (page: Page) => Promise<unknown>][] = [
  ['account', 'h1:text-is("Your account")', signIn],
  [
    'account-full',
    'main:has-text("Example application")',
    async (page) => {
      const other = await page.context().browser()?.newContext()
      if (other !== undefined) await signIn(await other.newPage())
      await other?.close()
      await addAuthenticator(page)
      await signIn(page)
      await addPasskey(page, 'Laptop in the office, the grey one')
      await page.getByRole('link').click()
      await page.click('#passkey-submit')
      // The ceremony is a script's: to go elsewhere before it has ended would leave the person without their second factor.
      await expect(page.locator('h1')).toHaveText('Your account')
      await allow(page)
    },
  ],
  [
    'factors',
    'h1:text-is("How you sign in")',
    async (page) => {
      await addAuthenticator(page)
      await signIn(page)
      await addPasskey(page, 'Laptop')
      await page.getByRole('link').click()
      await page.click('#passkey-submit')
      await page.click('#change-factors')
    },
  ],
  [
    'last-factor',
    '#remove-last',
    async (page) => {
      await signIn(page)
      await enrolApp(page)
      await page.click('#change-factors')
      await page.click('#app-remove')
    },
  ],
  [
    'authenticator-app',
    '#secret',
    async (page) => {
      await signIn(page)
      await toApp(page)
    },
  ],
  [
    'authenticator-app-wrong',
    '[role=alert]',
    async (page) => {
      await signIn(page)
      await toApp(page)
      await page.fill('#code', '000000')
      await page.click('#code-submit')
    },
  ],
  [
    'passkey',
    '#passkey-name',
    async (page) => {
      await signIn(page)
      await page.click('#change-factors')
      await page.click('#passkey-add')
    },
  ],
  [
    'done',
    '#notice',
    async (page) => {
      await signIn(page)
      const secret = await toApp(page)
      await page.fill('#code', nextCode(secret))
      await page.click('#code-submit')
    },
  ],
]

for (const [name, shows, go] of pages) {
  test(`${name}: ${LOOKS}`, async ({ page }, info) => {
    await go(page)
    await expectGoodLooks(page, info, { name, shows })
  })
}
