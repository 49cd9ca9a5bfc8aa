import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Browser } from '@holdfast/testing/browser'
import { Internet } from '@holdfast/testing/internet'
import { remote } from '@holdfast/testing/remote'
import { freePort, type LocalHoldfast, startHoldfast } from '../local/holdfast.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-'))
const port = await freePort()
const url = `http://localhost:${port}`
const headers = { 'x-holdfast-csrf': '1' }
let holdfast: LocalHoldfast
let next: ChildProcess
let browser: Browser

before(async () => {
  holdfast = await startHoldfast({ issuer: `http://localhost:${await freePort()}`, app: url, folder })
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...holdfast.environment }
  next = spawn(process.execPath, ['node_modules/next/dist/bin/next', 'start', '--port', String(port)], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const text of next.stdout ?? []) if (String(text).includes('Ready')) break
  browser = new Browser(new Internet().host(url, remote(url)).host(holdfast.issuer, remote(holdfast.issuer)))
})
after(async () => {
  next.kill('SIGTERM')
  await Promise.all([holdfast.close(), next.exitCode ?? once(next, 'exit')])
  rmSync(folder, { recursive: true })
})

test('a protected page leads to the sign-in, and the sign-in back to it', async () => {
  await browser.goto(`${url}/account`)
  browser.fill('#username', 'demo').fill('#password', holdfast.person?.password ?? '')
  await browser.click('#login-submit')
  await browser.click('#consent-allow')
  await browser.click('#continue')
  assert.equal(browser.url, `${url}/account`)
  assert.match(browser.text('#claims'), /Demo Person/)
})

test('the page is made for who is signed in, and the API answers', async () => {
  await browser.goto(url)
  assert.equal(browser.text('#who'), 'Demo Person')
  assert.match(browser.header('content-security-policy') ?? '', /script-src 'nonce-[^']+' 'strict-dynamic';/)
  assert.doesNotMatch(browser.body, /access_token|refresh_token|id_token/)
  const response = await browser.fetch('/api/notes', { headers })
  assert.deepEqual([response.status, await response.json()], [200, { notes: ['Water the plants'] }])
})

test('without the header of its own pages nobody calls the API', async () => {
  assert.equal((await browser.fetch('/api/notes')).status, 403)
})

test('the API takes no cookie', async () => {
  assert.equal((await browser.fetch('/notes')).status, 401)
})
