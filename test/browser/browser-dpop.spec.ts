import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGuard } from '@holdfast/guard'
import { nodeGuard } from '@holdfast/mount/node'
import { expect, type Page, test } from '@playwright/test'
import { freePort, PASSWORD, serveProgram } from './program.ts'

/** `examples/src/browser-dpop` in a real browser, against the program and an API that wants a nonce in every proof. */
test.use({ actionTimeout: 10_000 })

const root = new URL('../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')
/** What the API answered, in order. */
const statuses: number[] = []
let origin: string
let stop: () => Promise<void>

test.beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-spa-'))
  const [port, own] = [await freePort(), await freePort()]
  const issuer = `http://localhost:${port}`
  origin = `http://localhost:${own}`
  const resource = `${origin}/api`
  const end = await serveProgram(folder, port, {
    issuer,
    profile: 'strong',
    store: { engine: 'sqlite', path: join(folder, 'store.db') },
    resources: [{ identifier: resource, scopes: ['read'] }],
    clients: [
      {
        client_id: 'spa',
        client_name: 'Page',
        token_endpoint_auth_method: 'none',
        redirect_uris: [`${origin}/callback`],
        grant_types: ['authorization_code', 'refresh_token'],
        scope: 'openid read',
      },
    ],
    accounts: { seed: [{ username: 'demo', password: PASSWORD, claims: {} }] },
  })
  const server = await serveApplication(own, issuer, resource)
  stop = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await end()
    rmSync(folder, { recursive: true, force: true })
  }
})
test.afterAll(() => stop())

function serveApplication(port: number, issuer: string, resource: string): Promise<Server> {
  const guard = createGuard({ issuer, resource, scopes: ['read'], dpopRequired: true, nonceSecret: randomBytes(32) })
  const api = nodeGuard(
    (request) => guard.check(request, { scopes: ['read'] }),
    (_incoming, outgoing, access) => void outgoing.setHeader('content-type', 'application/json').end(JSON.stringify(access.scopes)),
  )
  const options = JSON.stringify({ issuer, clientId: 'spa', redirectUri: `${origin}/callback`, scope: 'openid read', resource })
  const page = `<!doctype html><html lang="en"><title>Page</title><p id="done"></p>
    <script type="importmap">{"imports": {"oauth4webapi": "/oauth4webapi.js"}}</script>
    <script type="module">
      import { BrowserClient } from '/main.js'
      import { openKey } from '/key.js'
      window.openKey = openKey
      window.client = await BrowserClient.open(${options})
      if (location.pathname === '/callback') await window.client.finish()
      document.getElementById('done').textContent = 'ready'
    </script>`
  const scripts: Readonly<Record<string, string>> = {
    '/main.js': 'examples/dist/browser-dpop/main.js',
    '/key.js': 'examples/dist/browser-dpop/key.js',
    '/oauth4webapi.js': 'node_modules/oauth4webapi/build/index.js',
  }
  const server = createServer((incoming, outgoing) => {
    const path = new URL(incoming.url ?? '/', origin).pathname
    const script = scripts[path]
    if (path === '/api') {
      outgoing.once('finish', () => statuses.push(outgoing.statusCode))
      return api(incoming, outgoing)
    }
    outgoing.setHeader('content-type', script === undefined ? 'text/html; charset=utf-8' : 'text/javascript')
    outgoing.end(script === undefined ? page : read(script).replaceAll("'./key.js'", "'/key.js'"))
  })
  return new Promise((resolve) => server.listen(port, 'localhost', () => resolve(server)))
}

/** What the scripts of the page put into its window. */
interface Own {
  readonly openKey: () => Promise<CryptoKeyPair>
  readonly client: { signIn(): Promise<void>; signOut(): Promise<void>; fetch(url: string): Promise<Response> }
}

const publicKey = (page: Page): Promise<JsonWebKey> =>
  page.evaluate(async () => crypto.subtle.exportKey('jwk', (await (window as unknown as Own).openKey()).publicKey))
const call = (page: Page, url: string): Promise<string> =>
  page.evaluate(async (url) => {
    try {
      const answer = await (window as unknown as Own).client.fetch(url)
      return `${answer.status} ${await answer.text()}`
    } catch (error) {
      return (error as Error).message
    }
  }, url)

async function signIn(page: Page): Promise<void> {
  await page.goto(`${origin}/`)
  await expect(page.locator('#done')).toHaveText('ready')
  await page.evaluate(() => (window as unknown as Own).client.signIn())
  await page.fill('#username', 'demo')
  await page.fill('#password', PASSWORD)
  await page.click('#login-submit')
  await page.click('#consent-allow')
  await expect(page.locator('#done')).toHaveText('ready')
}

test('SPA-09 DPOP-63 DPOP-64 DPOP-65 RFC 9449 §8, §9: signed in by PAR, called with a nonce of each end, tried again once', async ({
  page,
}) => {
  await signIn(page)
  // The address that the code came in is gone from the page and its history.
  expect(page.url()).toBe(`${origin}/callback`)
  statuses.length = 0
  expect(await call(page, `${origin}/api`)).toBe('200 ["openid","read"]')
  expect(await call(page, '/api')).toBe('200 ["openid","read"]')
  expect(statuses).toEqual([401, 200, 200])
})

test('DPOP-67 RFC 9449 §11.4: the key survives a reload, is one for all tabs, and nobody can read it', async ({ page, context }) => {
  await page.goto(`${origin}/`)
  await expect(page.locator('#done')).toHaveText('ready')
  const before = await publicKey(page)
  await page.reload()
  await expect(page.locator('#done')).toHaveText('ready')
  const tabs = await Promise.all([1, 2, 3].map(() => context.newPage()))
  await Promise.all(tabs.map((tab) => tab.goto(`${origin}/`)))
  await Promise.all(tabs.map((tab) => expect(tab.locator('#done')).toHaveText('ready')))
  for (const tab of [page, ...tabs]) expect(await publicKey(tab)).toEqual(before)
  const taken = page.evaluate(async () => crypto.subtle.exportKey('jwk', (await (window as unknown as Own).openKey()).privateKey))
  await expect(taken).rejects.toThrow(/not extractable/)
})

test('SPA-08 §8: no token stands in any storage, and after a reload none is there', async ({ page }) => {
  await signIn(page)
  const stored = await page.evaluate(async () => {
    const open = indexedDB.open('dpop')
    await new Promise((resolve) => open.addEventListener('success', resolve))
    const all = open.result.transaction('keys').objectStore('keys').getAll()
    await new Promise((resolve) => all.addEventListener('success', resolve))
    const kinds = (all.result as CryptoKeyPair[]).map((one) => [one.privateKey.constructor.name, one.privateKey.extractable])
    const databases = (await indexedDB.databases()).map(({ name }) => name)
    return { kinds, databases, local: localStorage.length, session: sessionStorage.length, cookie: document.cookie }
  })
  expect(stored).toEqual({ kinds: [['CryptoKey', false]], databases: ['dpop'], local: 0, session: 0, cookie: '' })
  await page.goto(`${origin}/`)
  await expect(page.locator('#done')).toHaveText('ready')
  expect(await call(page, '/api')).toBe('nobody is signed in')
})

test('BCP-26 RFC 9700 §4.3.2: the token is not sent elsewhere; an answer that this page did not ask for is not taken', async ({ page }) => {
  await signIn(page)
  expect(await call(page, 'http://localhost:1/api')).toContain('is not the API of the token')
  const faults: string[] = []
  page.on('pageerror', ({ message }) => faults.push(message))
  await page.goto(`${origin}/callback?code=of-somebody&state=x`)
  await expect.poll(() => faults).toEqual(['this sign-in was not begun here'])
})
