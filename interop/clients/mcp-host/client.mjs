/** The MCP SDK as a host has it, at `examples/mcp-server`: every step of the authorization, and what must not happen. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { auth } from '@modelcontextprotocol/sdk/client/auth.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { expect, run, sayVersions, world } from '../feature.mjs'
import { Host } from './provider.mjs'

sayVersions(['@modelcontextprotocol/sdk'])
const WELL_KNOWN = '/.well-known/oauth-protected-resource'

/** Connects, letting the person be asked where the SDK wants it. */
async function connect(host, url = world.notes) {
  const transport = () => new StreamableHTTPClientTransport(new URL(url), { authProvider: host, fetch: host.fetch })
  const client = () => new Client({ name: 'interop host', version: '1.0.0' })
  const first = transport()
  const [connected, refused] = await attempt(client(), (one) => one.connect(first))
  if (refused === undefined) return connected
  expect(refused.constructor.name, 'UnauthorizedError', 'the first connection')
  await first.finishAuth(host.code)
  const second = client()
  await second.connect(transport())
  return second
}

async function attempt(client, work) {
  try {
    await work(client)
    return [client, undefined]
  } catch (error) {
    return [client, error]
  }
}

const texts = ({ content }) => content.map(({ text }) => text).join()
const addNote = (client, text) => client.callTool({ name: 'add_note', arguments: { text } })
const bare = (init = {}) =>
  fetch(world.notes, {
    method: 'POST',
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
    ...init,
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...init.headers },
  })

/** An answer without what it says about the metadata, as servers of others give it. */
const unnamed = (request) => (request.method === 'POST' && request.url === world.wholeOrigin + '/mcp' ? bareChallenge() : undefined)
const bareChallenge = () => new Response('{}', { status: 401, headers: { 'www-authenticate': 'Bearer' } })
const pathsOf = (host) => host.sent.map(({ url }) => new URL(url).pathname)
const formOf = (host, grant) => host.sent.map(({ body }) => new URLSearchParams(body)).find((form) => form.get('grant_type') === grant)

await run({
  mcp_metadata: async () => {
    const told = new Host()
    await (await connect(told)).close()
    expect(pathsOf(told)[1], `${WELL_KNOWN}/mcp`, 'after the challenge')
    expect(told.kept.discovery.resourceMetadata.resource, world.notes, 'resource')
    const silent = new Host({ intercept: unnamed })
    await auth(silent, { serverUrl: `${world.wholeOrigin}/mcp`, fetchFn: silent.fetch })
    expect(pathsOf(silent).slice(0, 2).join(), `${WELL_KNOWN}/mcp,${WELL_KNOWN}`, 'without a challenge')
    expect(silent.kept.discovery.resourceMetadata.resource, world.wholeOrigin, 'resource')
  },
  mcp_issuer: async () => {
    const host = new Host({
      intercept: ({ url }) => (url.includes('/.well-known/oauth-authorization-server') ? new Response('', { status: 404 }) : undefined),
    })
    await (await connect(host)).close()
    const { issuer, code_challenge_methods_supported: methods } = host.kept.discovery.authorizationServerMetadata
    expect(`${issuer} ${methods}`, `${world.issuer} S256`, 'issuer and PKCE')
    expect(host.asked[0].searchParams.get('code_challenge_method'), 'S256', 'code_challenge_method')
  },
  mcp_document: async () => {
    const host = new Host({ document: world.hostDocument })
    await (await connect(host)).close()
    expect(host.kept.client.client_id, world.hostDocument, 'client_id')
    expect(pathsOf(host).includes('/register'), false, 'a registration')
    const [shown = ''] = host.consents
    for (const wanted of [new URL(world.hostDocument).host, '127.0.0.1', 'runs on this device'])
      expect(shown.includes(wanted), true, `"${wanted}" in "${shown}"`)
  },
  mcp_registration: async () => {
    const undocumented = ({ url }) => (url.includes('/.well-known/oauth-authorization-server') ? withoutDocuments() : undefined)
    const { client_id_metadata_document_supported: _, ...metadata } = await (
      await fetch(`${world.issuer}/.well-known/oauth-authorization-server`)
    ).json()
    const withoutDocuments = () => Response.json(metadata)
    const native = new Host({ document: world.hostDocument, intercept: undocumented })
    await (await connect(native)).close()
    expect(native.kept.client.client_id.startsWith('https:'), false, 'a client_id of the document')
    expect(JSON.parse(native.sent.find(({ url }) => url.endsWith('/register')).body).application_type, 'native', 'application_type')
    const host = new Host({ intercept: undocumented, callback: world.callback })
    const [, refused] = await attempt(host, () => auth(host, { serverUrl: world.notes, fetchFn: host.fetch }))
    expect(refused?.message.includes('application_type native'), true, `an address of the web, as native: ${refused?.message}`)
    host.clientMetadata.application_type = 'web'
    await (await connect(host)).close()
  },
  mcp_resource: async () => {
    const host = new Host({ document: world.hostDocument })
    await (await connect(host)).close()
    expect(host.asked[0].searchParams.get('resource'), world.notes, '`resource` of the authorization request')
    expect(formOf(host, 'authorization_code').get('resource'), world.notes, '`resource` of the token request')
    const elsewhere = { headers: { authorization: `Bearer ${host.kept.tokens.access_token}` }, method: 'POST' }
    const refused = await fetch(`${world.wholeOrigin}/mcp`, elsewhere)
    expect(refused.status, 401, 'the other server')
    expect(refused.headers.get('www-authenticate').includes('error="invalid_token"'), true, 'invalid_token')
  },
  mcp_scope: async () => {
    const host = new Host({ document: world.hostDocument })
    await (await connect(host)).close()
    expect(host.asked[0].searchParams.get('scope'), 'notes:read', 'scope')
    expect(host.kept.tokens.scope, 'notes:read', 'scope of the tokens')
  },
  mcp_step_up: async () => {
    const host = new Host({ document: world.hostDocument })
    const client = await connect(host)
    const adding = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'add_note', arguments: { text: 'smuggled' } } }
    const reading = { headers: { authorization: `Bearer ${host.kept.tokens.access_token}` } }
    const batch = JSON.stringify([{ jsonrpc: '2.0', id: 2, method: 'tools/list' }, adding])
    expect((await bare({ ...reading, body: batch })).status, 403, 'a call behind another one')
    const [, refused] = await attempt(client, (one) => addNote(one, 'milk'))
    expect(refused?.constructor.name, 'UnauthorizedError', 'the tool that needs more')
    expect(host.asked[1].searchParams.get('scope'), 'notes:read notes:write', 'scope')
    await client.transport.finishAuth(host.code)
    expect(texts(await addNote(client, 'milk')), 'kept: milk', 'the tool')
    expect(texts(await client.callTool({ name: 'list_notes' })), 'milk', 'the notes')
    await client.close()
  },
  mcp_refresh: async () => {
    const host = new Host({ document: world.hostDocument })
    const client = await connect(host)
    const before = { ...host.kept.tokens }
    host.kept.tokens = { ...before, access_token: `${before.access_token}x` }
    await client.callTool({ name: 'list_notes' })
    await client.close()
    expect(formOf(host, 'refresh_token').get('resource'), world.notes, '`resource`')
    expect(host.asked.length, 1, 'how often she was asked')
    expect(host.kept.tokens.refresh_token === before.refresh_token, false, 'the same refresh token')
  },
  mcp_session: async () => {
    for (const method of ['POST', 'GET', 'DELETE']) {
      const answer = await bare({
        method,
        ...(method !== 'POST' && { body: undefined }),
        headers: { 'mcp-session-id': crypto.randomUUID() },
      })
      expect(answer.status, 401, method)
    }
  },
  mcp_issuers: async () => {
    const host = new Host({ document: world.hostDocument })
    const other = 'https://other.example'
    host.kept.client = { client_id: 'of-the-other', issuer: other }
    host.kept.tokens = { access_token: 'a', refresh_token: 'r-of-the-other', token_type: 'Bearer', issuer: other }
    await auth(host, { serverUrl: world.notes, fetchFn: host.fetch })
    expect(JSON.stringify([host.sent, host.asked]).includes('of-the-other'), false, 'something of the other issuer')
    expect(host.kept.client.client_id, world.hostDocument, 'client_id')
  },
  mcp_places: async () => {
    const metadata = await (await fetch(`${world.issuer}/.well-known/oauth-authorization-server`)).json()
    const bad = Response.json({ ...metadata, authorization_endpoint: 'javascript:alert(1)' })
    const host = new Host({ intercept: ({ url }) => (url.includes('/.well-known/oauth-authorization-server') ? bad : undefined) })
    const [, refused] = await attempt(host, () => connect(host))
    expect(refused !== undefined && host.asked.length === 0, true, 'refused')
  },
})
