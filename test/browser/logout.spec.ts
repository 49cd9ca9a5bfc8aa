import AxeBuilder from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, createServer as createListener } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog, loadConfiguration, type Running, start } from 'holdfast'

test.use({ actionTimeout: 10_000 })

const PASSWORD = 'a password of the browser tests'

let running: Running
let application: Server
let folder: string
let issuer: string
/** Of the application: another port, which is another origin. */
let app: string
/** What the application was asked for. */
let asked: string[]
/** Frames that are never answered. */
let hanging: boolean

test.beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-logout-'))
  asked = []
  hanging = false
  application = createServer((request, response) => {
    asked.push(request.url ?? '')
    if (hanging && request.url?.startsWith('/frame') === true) return
    response.setHeader('content-type', 'text/html').end(`<title>Application</title><h1 id="app">${request.url?.split('?')[0]}</h1>`)
  })
  await new Promise<void>((listening) => application.listen(0, 'localhost', listening))
  app = `http://localhost:${(application.address() as AddressInfo).port}`
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
      sessions: { thirdPartyFrames: true },
      accounts: { seed: [{ username: 'demo', password: PASSWORD }] },
      clients: [
        {
          client_id: 'app',
          client_name: 'Example application',
          profile: 'oauth21',
          token_endpoint_auth_method: 'none',
          redirect_uris: [`${app}/callback`],
          post_logout_redirect_uris: [`${app}/signed-out`],
          frontchannel_logout_uri: `${app}/frame`,
        },
      ],
    }),
  )
  const SECRETS = JSON.stringify({ secrets: [{ id: 'b1', value: randomBytes(32).toString('base64url') }] })
  const { configuration, faults } = await loadConfiguration({ file, directory: folder, environment: { SECRETS } })
  if (configuration === undefined) throw new Error(faults.map(({ path, message }) => `${path} ${message}`).join('\n'))
  running = await start(configuration, createLog({ form: 'json', color: false, write: () => undefined }))
})
test.afterEach(async () => {
  await running.close()
  application.closeAllConnections()
  application.close()
  rmSync(folder, { recursive: true, force: true })
})

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const listener = createListener()
    listener.listen(0, 'localhost', () => {
      const { port } = listener.address() as AddressInfo
      listener.close(() => resolve(port))
    })
  })
}

/** @returns the `session_state` of the answer */
async function signIn(page: Page): Promise<string> {
  const challenge = createHash('sha256').update('v'.repeat(43)).digest('base64url')
  const query = new URLSearchParams({
    client_id: 'app',
    response_type: 'code',
    scope: 'openid',
    redirect_uri: `${app}/callback`,
    code_challenge: challenge,
    code_challenge_method: 'S256',
  })
  await page.goto(`${issuer}/authorize?${query}`)
  await page.locator('#username').fill('demo')
  await page.locator('#password').fill(PASSWORD)
  await page.locator('#login-submit').click()
  await page.locator('#consent-allow').click()
  await page.waitForURL(`${app}/callback**`)
  return new URL(page.url()).searchParams.get('session_state') ?? ''
}

function endSession(): string {
  return `${issuer}/end-session?${new URLSearchParams({ client_id: 'app', post_logout_redirect_uri: `${app}/signed-out`, state: 's 1' })}`
}

test('LOGO-04 LOGO-06 LOGO-20 LOGO-21 asked, signed out, the application told in a frame, and back there with state', async ({ page }) => {
  const refused: string[] = []
  page.on('console', (message) => void (message.type() === 'error' && refused.push(message.text())))
  await signIn(page)
  await page.goto(endSession())
  await expect(page.locator('#logout-people')).toContainText('demo')
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
  await page.locator('#logout-out').click()
  await page.waitForURL(`${app}/signed-out?state=s+1`)
  const frame = new URL(asked.find((url) => url.startsWith('/frame')) ?? '', app)
  expect(frame.searchParams.get('iss')).toBe(issuer)
  expect(frame.searchParams.get('sid')).toMatch(/^[\w-]{43}$/)
  expect(refused).toEqual([])
  await page.goto(`${issuer}/device`)
  await expect(page.locator('#username')).toBeVisible()
})

test('LOGO-06 an application whose frame hangs keeps nobody', async ({ page }) => {
  hanging = true
  await signIn(page)
  await page.goto(endSession())
  await page.locator('#logout-out').click({ noWaitAfter: true })
  await page.waitForURL(`${app}/signed-out?state=s+1`, { timeout: 10_000 })
})

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false })
  test('LOGO-06 the frame is loaded all the same, and a link leads on', async ({ page }) => {
    await signIn(page)
    await page.goto(endSession())
    await page.locator('#logout-out').click()
    await expect(page.locator('#logout-result')).toContainText('You are signed out')
    await expect.poll(() => asked.some((url) => url.startsWith('/frame'))).toBe(true)
    await page.locator('#logout-continue').click()
    await page.waitForURL(`${app}/signed-out?state=s+1`)
  })
})

test('LOGO-22 the check frame in the page of an application: unchanged, and changed after the sign-out', async ({ page, context }) => {
  const state = await signIn(page)
  expect(state).not.toBe('')
  await page.evaluate(
    (src) =>
      new Promise((loaded) => {
        const frame = document.createElement('iframe')
        frame.id = 'check'
        frame.src = src
        frame.addEventListener('load', loaded)
        document.body.append(frame)
      }),
    `${issuer}/check-session`,
  )
  const ask = (text: string): Promise<unknown> =>
    page.evaluate(
      ([message, origin]) =>
        new Promise((answered) => {
          addEventListener('message', (event) => answered([event.data, event.origin === origin]), { once: true })
          const frame = document.querySelector<HTMLIFrameElement>('#check')
          frame?.contentWindow?.postMessage(message, origin ?? '')
        }),
      [text, issuer],
    )
  expect(await ask(`app ${state}`)).toEqual(['unchanged', true])
  expect(await ask('app x')).toEqual(['error', true])
  const other = await context.newPage()
  await other.goto(endSession())
  await other.locator('#logout-out').click()
  await other.waitForURL(`${app}/signed-out**`)
  expect(await ask(`app ${state}`)).toEqual(['changed', true])
})
