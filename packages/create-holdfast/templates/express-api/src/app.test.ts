import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { freePort, type LocalHoldfast, startHoldfast } from '../local/holdfast.ts'
import { createApp } from './app.ts'
import { createWorker, type Worker } from './client.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-'))
const url = `http://localhost:${await freePort()}`
let holdfast: LocalHoldfast
let server: Server
let worker: Worker

before(async () => {
  holdfast = await startHoldfast({ issuer: `http://localhost:${await freePort()}`, app: url, folder })
  server = createApp({ issuer: holdfast.issuer, url }).listen(Number(new URL(url).port))
  worker = await createWorker(holdfast.issuer, url, JSON.parse(holdfast.environment['CLIENT_KEY'] ?? '') as JsonWebKey & { kid: string })
})
after(async () => {
  server.close()
  await holdfast.close()
  rmSync(folder, { recursive: true })
})

test('anybody may read what is public', async () => {
  const response = await fetch(url)
  assert.equal(response.status, 200)
})

test('a bound token with its proof comes in', async () => {
  const response = await worker.call('GET', '/notes')
  assert.equal(response.status, 200)
  assert.deepEqual(await response.json(), { of: 'worker', notes: ['Water the plants'] })
})

test('without a token the answer says where to get one', async () => {
  const response = await fetch(`${url}/notes`)
  assert.equal(response.status, 401)
  const challenge = response.headers.get('www-authenticate') ?? ''
  const [, metadata = ''] = /resource_metadata="([^"]+)"/.exec(challenge) ?? []
  const { authorization_servers: servers } = (await (await fetch(metadata)).json()) as { readonly authorization_servers: string[] }
  assert.deepEqual(servers, [holdfast.issuer])
})

test('a machine may not delete: a person has to have signed in just now', async () => {
  const response = await worker.call('DELETE', '/notes')
  assert.equal(response.status, 401)
  assert.match(response.headers.get('www-authenticate') ?? '', /error="insufficient_user_authentication".*max_age="300"/)
})
