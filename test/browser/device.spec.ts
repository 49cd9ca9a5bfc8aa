import { expect, type Page, test } from '@playwright/test'
import { PASSWORD, type RunningProgram, SECRET, startProgram } from './program.ts'
import { expectGoodLooks, LOOKS } from './looks.ts'

test.use({ actionTimeout: 10_000 })

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'
const CIBA = 'urn:openid:params:grant-type:ciba'

let program: RunningProgram
test.beforeAll(async () => {
  program = await startProgram([
    {
      client_id: 'tv',
      client_name: 'Television in the hall',
      token_endpoint_auth_method: 'none',
      grant_types: [DEVICE_CODE, 'refresh_token'],
    },
    { client_id: 'bank', client_name: 'Bank counter', client_secret: SECRET, grant_types: [CIBA], backchannel_token_delivery_mode: 'poll' },
  ])
})
test.afterAll(() => program.stop())

async function post(path: string, fields: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const body = new URLSearchParams(fields)
  const headers = fields['client_id'] === 'bank' ? { authorization: `Basic ${Buffer.from(`bank:${SECRET}`).toString('base64')}` } : {}
  return (await (await fetch(program.issuer + path, { method: 'POST', body, headers })).json()) as Record<string, string>
}

const askDevice = (): Promise<Record<string, string>> => post('/device_authorization', { client_id: 'tv', scope: 'openid profile email' })
const pollDevice = ({ device_code = '' }: Record<string, string>): Promise<Record<string, string>> =>
  post('/token', { client_id: 'tv', grant_type: DEVICE_CODE, device_code })
const askPerson = (binding_message: string): Promise<Record<string, string>> =>
  post('/backchannel_authentication', { client_id: 'bank', scope: 'openid profile', login_hint: 'demo', binding_message })

async function signIn(page: Page): Promise<void> {
  await page.fill('#username', 'demo')
  await page.fill('#password', PASSWORD)
  await page.click('#login-submit')
}

async function toEntry(page: Page, address = `${program.issuer}/device`): Promise<void> {
  await page.goto(address)
  await signIn(page)
  await expect(page.locator('#user-code')).toBeVisible()
}

async function toQuestion(page: Page): Promise<Record<string, string>> {
  const asked = await askDevice()
  await toEntry(page)
  await page.fill('#user-code', asked['user_code'] ?? '')
  await page.click('#code-submit')
  await expect(page.locator('#device-allow')).toBeVisible()
  return asked
}

test('DEV-11 a person signs in, types the code, sees who asks, and allows it: the device has its tokens', async ({ page }) => {
  const asked = await toQuestion(page)
  await expect(page.locator('main')).toContainText('Television in the hall')
  await expect(page.locator('main')).toContainText('Demo Person')
  await expect(page.locator('#confirm-code')).toHaveText(asked['user_code'] ?? '')
  await page.click('#device-allow')
  await expect(page.locator('#notice')).toContainText('Your device is connected')
  expect((await pollDevice(asked))['access_token']).toBeTruthy()
})

test('DEV-14 the address with the code fills it in, and the person still has to go on and to allow it', async ({ page }) => {
  const asked = await askDevice()
  await toEntry(page, asked['verification_uri_complete'])
  await expect(page.locator('#user-code')).toHaveValue(asked['user_code'] ?? '')
  expect((await pollDevice(asked))['error']).toBe('authorization_pending')
  await page.click('#code-submit')
  await page.click('#device-deny')
  await expect(page.locator('#notice')).toContainText('was not connected')
  expect((await pollDevice(asked))['error']).toBe('access_denied')
})

test('the keyboard alone is enough', async ({ page }) => {
  const asked = await askDevice()
  await page.goto(`${program.issuer}/device`)
  await expect(page.locator('#username')).toBeFocused()
  await page.keyboard.type('demo')
  await page.keyboard.press('Tab')
  await page.keyboard.type(PASSWORD)
  await page.keyboard.press('Enter')
  await expect(page.locator('#user-code')).toBeFocused()
  await page.keyboard.type((asked['user_code'] ?? '').toLowerCase().replace('-', ' '))
  await page.keyboard.press('Enter')
  const allow = page.locator('#device-allow')
  await expect(allow).toBeVisible()
  for (let presses = 0; presses < 12 && !(await allow.evaluate((node) => node === document.activeElement)); presses++)
    await page.keyboard.press('Tab')
  await expect(allow).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.locator('#notice')).toBeVisible()
})

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false })
  test('a wrong code is told in words, and the right one goes on', async ({ page }) => {
    const asked = await askDevice()
    await toEntry(page)
    await page.fill('#user-code', 'BBBB-BBBB')
    await page.click('#code-submit')
    await expect(page.getByRole('alert')).toContainText('not valid')
    await page.fill('#user-code', asked['user_code'] ?? '')
    await page.click('#code-submit')
    await page.click('#device-allow')
    await expect(page.locator('#notice')).toBeVisible()
  })

  test('CIBA-09 a person answers one of two requests, and the other one stays', async ({ page }) => {
    await askPerson('Till 7')
    await askPerson('Till 8')
    await page.goto(`${program.issuer}/approve`)
    await signIn(page)
    await page.locator('section', { hasText: 'Till 8' }).getByRole('button', { name: 'Allow', exact: true }).click()
    await expect(page.locator('#notice')).toContainText('You allowed it')
    await page.getByRole('link').click()
    await expect(page.locator('main')).toContainText('Till 7')
    await expect(page.locator('main')).not.toContainText('Till 8')
    await page.locator('section', { hasText: 'Till 7' }).getByRole('button', { name: 'Don’t allow' }).click()
    await page.getByRole('link').click()
    await expect(page.locator('h1')).toHaveText('No requests')
  })
})

test('DEV-18 of two tabs with the same code one is answered, and the other one says that it is over', async ({ page, context }) => {
  const asked = await toQuestion(page)
  const other = await context.newPage()
  await other.goto(asked['verification_uri_complete'] ?? '')
  await other.click('#code-submit')
  await page.click('#device-deny')
  await expect(page.locator('#notice')).toBeVisible()
  await other.click('#device-allow')
  await expect(other.locator('#oauth-error')).toContainText('over')
  expect((await pollDevice(asked))['error']).toBe('access_denied')
})

/** Every page of the two flows: a name, what it alone shows, and the way there. */
const pages: readonly [string, string, (page: Page) => Promise<unknown>][] = [
  ['sign-in-for-a-page', '#login-submit', (page) => page.goto(`${program.issuer}/device`)],
  ['code', '#user-code', (page) => toEntry(page)],
  [
    'code-wrong',
    '[role=alert]',
    async (page) => {
      await toEntry(page)
      await page.fill('#user-code', 'x'.repeat(40))
      await page.click('#code-submit')
    },
  ],
  ['device', '#device-allow', toQuestion],
  [
    'connected',
    'h1:text-matches("connected", "i")',
    async (page) => {
      await toQuestion(page)
      await page.click('#device-allow')
    },
  ],
  [
    'requests',
    'h1:text-is("Requests")',
    async (page) => {
      await askPerson('a message that is a hundred characters long, without any place to break: '.padEnd(100, 'x'))
      await page.goto(`${program.issuer}/approve`)
      await signIn(page)
    },
  ],
]

for (const [name, shows, go] of pages) {
  test(`${name}: ${LOOKS}`, async ({ page }, info) => {
    await go(page)
    await expectGoodLooks(page, info, { name, shows })
  })
}
