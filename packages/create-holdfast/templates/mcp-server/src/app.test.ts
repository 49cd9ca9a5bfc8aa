import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { freePort, type LocalHoldfast, startHoldfast } from '../local/holdfast.ts'
import { createApp } from './app.ts'
import { callTool, connect } from './client.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-'))
const url = `http://localhost:${await freePort()}`
let holdfast: LocalHoldfast
let server: Server
let client: Client

before(async () => {
  holdfast = await startHoldfast({ issuer: `http://localhost:${await freePort()}`, app: url, folder })
  server = createApp({ issuer: holdfast.issuer, url }).listen(Number(new URL(url).port))
  client = await connect(`${url}/mcp`, holdfast.issuer, JSON.parse(holdfast.environment['CLIENT_KEY'] ?? '') as Record<string, unknown>)
})
after(async () => {
  await client.close()
  server.close()
  await holdfast.close()
  rmSync(folder, { recursive: true })
})

test('a client of the SDK finds its way from a 401 to a tool', async () => {
  assert.equal(await callTool(client, 'whoami'), 'agent by agent')
  assert.equal(await callTool(client, 'read_notes'), 'Water the plants')
})

test('it has the tools of its scopes and no others', async () => {
  const { tools } = await client.listTools()
  assert.deepEqual(
    tools.map(({ name }) => name),
    ['whoami', 'read_notes'],
  )
})

test('without a token the answer says where to sign in', async () => {
  const response = await fetch(`${url}/mcp`, { method: 'POST', body: '{}' })
  assert.equal(response.status, 401)
  const [, metadata = ''] = /resource_metadata="([^"]+)"/.exec(response.headers.get('www-authenticate') ?? '') ?? []
  const { resource, authorization_servers: servers } = (await (await fetch(metadata)).json()) as Record<string, unknown>
  assert.deepEqual({ resource, servers }, { resource: `${url}/mcp`, servers: [holdfast.issuer] })
})
