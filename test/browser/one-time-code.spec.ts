import { expect, type Page, test } from '@playwright/test'
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog, loadConfiguration, type Running, start } from 'holdfast'
import { expectGoodLooks, LOOKS } from './looks.ts'

test.use({ actionTimeout: 10_000 })

const PASSWORD = 'a password of the browser tests'
const CALLBACK = 'http://127.0.0.1/callback'

let running: Running
let folder: string
let issuer: string
let used = 0

test.beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-code-'))
  const port = await freePort()
  issuer = `http://localhost:${port}`
  const file = join(folder, 'holdfast.config.json')
  writeFileSync(
    file,
    JSON.stringify({
      issuer,
      listen: { host: 'localhost', port },
      store: { engine: 'memory' },
      secrets: { env: 'SECRETS' },
      accounts: { seed: [{ username: 'demo', password: PASSWORD, totpSecret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' }] },
      clients: [
        {
          client_id: 'app',
          client_name: 'Example application',
          profile: 'oauth21',
          application_type: 'native',
          token_endpoint_auth_method: 'none',
          redirect_uris: [CALLBACK],
        },
      ],
    }),
  )
  const SECRETS = JSON.stringify({ secrets: [{ id: 'b1', value: randomBytes(32).toString('base64url') }] })
  const { configuration, faults } = await loadConfiguration({ file, directory: folder, environment: { SECRETS } })
  if (configuration === undefined) throw new Error(faults.map(({ path, message }) => `${path} ${message}`).join('\n'))
  running = await start(configuration, createLog({ form: 'json', color: false, write: () => undefined }))
  used = 0
})
test.afterEach(async () => {
  await running.close()
  rmSync(folder, { recursive: true, force: true })
})

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, 'localhost', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

/** RFC 4226 §5.3, of an authenticator app that never shows a code twice. */
function nextCode(): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + used++))
  const mac = createHmac('sha1', '12345678901234567890').update(counter).digest()
  return String((mac.readUInt32BE((mac[19] as number) & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

async function toCode(page: Page): Promise<void> {
  await page.route(`${CALLBACK}**`, (route) => route.fulfill({ contentType: 'text/html', body: '<h1 id="back">Back</h1>' }))
  const challenge = createHash('sha256').update('v'.repeat(43)).digest('base64url')
  const query = new URLSearchParams({
    client_id: 'app',
    response_type: 'code',
    scope: 'openid',
    redirect_uri: CALLBACK,
    code_challenge: challenge,
    code_challenge_method: 'S256',
  })
  await page.goto(`${issuer}/authorize?${query}`)
  await page.fill('#username', 'demo')
  await page.fill('#password', PASSWORD)
  await page.click('#login-submit')
  await expect(page.locator('h1')).toHaveText('Enter your one-time code')
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with scripts' : 'without scripts', () => {
    test.use({ javaScriptEnabled })
    test('a person signs in with password and code; a wrong code is told in words', async ({ page }) => {
      await toCode(page)
      await page.fill('#code', '000000')
      await page.click('#code-submit')
      await expect(page.getByRole('alert')).toContainText('wrong')
      await page.fill('#code', nextCode())
      await page.click('#code-submit')
      await page.click('#consent-allow')
      await expect(page.locator('#back')).toBeVisible()
      expect(new URL(page.url()).searchParams.has('code')).toBe(true)
    })
  })
}

test('the keyboard alone is enough, and the Enter key sends the code', async ({ page }) => {
  await toCode(page)
  await expect(page.locator('#code')).toBeFocused()
  await page.keyboard.type(nextCode())
  await page.keyboard.press('Enter')
  await expect(page.locator('#consent-allow')).toBeVisible()
})

test('the way back needs no code, and leads to the sign-in page', async ({ page }) => {
  await toCode(page)
  await page.click('#code-restart')
  await expect(page.locator('#login-submit')).toBeVisible()
})

test('what phones and password managers look for is there', async ({ page }) => {
  await toCode(page)
  const field = page.getByLabel('Code from your authenticator app')
  await expect(field).toHaveAttribute('autocomplete', 'one-time-code')
  await expect(field).toHaveAttribute('inputmode', 'numeric')
})

for (const failed of [false, true]) {
  const name = failed ? 'one-time-code-failed' : 'one-time-code'
  test(`${name}: ${LOOKS}`, async ({ page }, info) => {
    await toCode(page)
    if (failed) {
      await page.fill('#code', '000000')
      await page.click('#code-submit')
    }
    await expectGoodLooks(page, info, { name, shows: failed ? '[role=alert]' : '#code' })
  })
}
