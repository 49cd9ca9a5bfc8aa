import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Browser } from '@holdfast/testing/browser'
import { Internet } from '@holdfast/testing/internet'
import { remote } from '@holdfast/testing/remote'
import { codeAt } from '../../local/code.ts'
import { freePort, type LocalHoldfast, startHoldfast } from '../../local/holdfast.ts'
import { createApp, servePages } from './app.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-'))
const url = `http://localhost:${await freePort()}`
const headers = { 'x-holdfast-csrf': '1' }
let holdfast: LocalHoldfast
let server: Server
let browser: Browser

before(async () => {
  holdfast = await startHoldfast({ issuer: `http://localhost:${await freePort()}`, app: url, folder })
  const { CLIENT_KEY = '', SESSION_SECRET = '' } = holdfast.environment
  const clientKey = JSON.parse(CLIENT_KEY) as JsonWebKey & { kid: string }
  const app = createApp({ issuer: holdfast.issuer, url, clientKey, sessionSecret: SESSION_SECRET })
  servePages(app, 'dist')
  server = app.listen(Number(new URL(url).port))
  browser = new Browser(new Internet().host(url, remote(url)).host(holdfast.issuer, remote(holdfast.issuer)))
})
after(async () => {
  server.close()
  await holdfast.close()
  rmSync(folder, { recursive: true })
})

test('nobody is signed in: the API is closed, and says where to sign in', async () => {
  await browser.goto(url)
  assert.deepEqual(await ask('GET'), { status: 401, error: 'login_required' })
})

test('the page runs its own scripts only', async () => {
  assert.match(browser.header('content-security-policy') ?? '', /script-src 'self';/)
  assert.doesNotMatch(browser.body, /<script(?![^>]* src=)|<style|\son\w+=/)
})

test('from sign-in to the API, to a second factor, and out', async () => {
  await browser.goto(`${url}/bff/login?return_to=/`)
  browser.fill('#username', 'demo').fill('#password', holdfast.person?.password ?? '')
  await browser.click('#login-submit')
  await browser.click('#consent-allow')
  await browser.click('#continue')
  assert.equal(browser.url, `${url}/`)
  const session = (await (await browser.fetch('/bff/session', { headers })).json()) as { claims: unknown; logout_url: string }
  assert.equal((session.claims as { name: string }).name, 'Demo Person')
  assert.doesNotMatch(JSON.stringify(session), /token/)
  assert.deepEqual(await ask('GET'), { status: 200, error: undefined })

  const refused = await browser.fetch('/api/notes', { method: 'DELETE', headers })
  const { login_url: loginUrl } = (await refused.json()) as { readonly login_url: string }
  assert.equal(refused.status, 401)
  await browser.goto(new URL(`${loginUrl}%2F`, url).href)
  await browser.fill('#code', codeAt(Date.now() / 1000, readFileSync(join(folder, 'demo.totp'), 'utf8'))).click('#code-submit')
  await browser.click('#continue')
  assert.deepEqual(await ask('DELETE'), { status: 200, error: undefined })

  const again = (await (await browser.fetch('/bff/session', { headers })).json()) as { readonly logout_url: string }
  await browser.goto(new URL(again.logout_url, url).href)
  assert.equal(browser.url, `${url}/`)
  assert.deepEqual(await ask('GET'), { status: 401, error: 'login_required' })
})

async function ask(method: string): Promise<{ readonly status: number; readonly error: unknown }> {
  const response = await browser.fetch('/api/notes', { method, headers })
  const { error } = (await response.json()) as { readonly error?: unknown }
  return { status: response.status, error }
}
