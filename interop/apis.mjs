/** What clients call with their tokens: APIs behind the guard, an MCP server, and the host of a client's own document. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createGuard } from '@holdfast/guard'
import { nodeGuard, serve, toNodeListener } from '@holdfast/mount/node'
import { json } from '@holdfast/protocol/http'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'

/** @returns how to end them */
export async function startApis({ world, ports }) {
  const { issuer } = world
  const scopes = ['accounts:read']
  const accounts = createGuard({ issuer, resource: world.api, scopes })
  const bound = createGuard({ issuer, resource: world.boundApi, scopes, dpopRequired: true, nonceSecret: randomBytes(32) })
  const overTls = createGuard({ issuer, resource: world.tlsApi, scopes, certificateBoundTokens: true, bindingRequired: true })
  const tools = createGuard({ issuer, resource: world.mcp, scopes: ['tools:call'] })

  const answer = (guard) => async (request) => {
    const verdict = await guard.check(request, { scopes })
    if (verdict.kind === 'refused') return verdict.reply
    return json(200, { subject: verdict.access.subject, client: verdict.access.clientId }, verdict.headers)
  }
  const plain = toNodeListener(async (request) => {
    const metadata = [accounts, bound, tools].map((guard) => guard.metadata(request)).find((reply) => reply !== undefined)
    if (metadata !== undefined) return metadata
    if (request.path === '/accounts') return answer(accounts)(request)
    return request.path === '/bound' ? answer(bound)(request) : json(404, { error: 'not_found' })
  })
  const mcp = nodeGuard((request) => tools.check(request, { scopes: ['tools:call'] }), callTool)
  const http = createServer((incoming, outgoing) => (incoming.url === '/mcp' ? mcp : plain)(incoming, outgoing))
  await new Promise((resolve) => http.listen(ports.api, '127.0.0.1', resolve))

  const cert = readFileSync(world.serverCertificate)
  const key = readFileSync(world.serverKey)
  const ca = readFileSync(world.authority)
  const tls = { cert, key, ca: [ca], requestCert: true, rejectUnauthorized: false }
  const mutual = await serve(async (request) => overTls.metadata(request) ?? answer(overTls)(request), {
    host: 'localhost',
    port: ports.tlsApi,
    tls,
  })
  const document = {
    client_id: world.cimd,
    client_name: 'Interop',
    client_uri: new URL(world.cimd).origin,
    redirect_uris: [world.cimdCallback],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    scope: 'openid offline_access tools:call',
  }
  const hostDocument = {
    ...document,
    client_id: world.hostDocument,
    application_type: 'native',
    redirect_uris: ['http://127.0.0.1/callback'],
    scope: 'notes:read notes:write',
  }
  const published = { '/client.json': document, '/host.json': hostDocument }
  const documents = await serve(
    ({ path }) => Promise.resolve(Object.hasOwn(published, path) ? json(200, published[path]) : json(404, { error: 'not_found' })),
    { host: 'localhost', port: ports.documents, tls: { cert, key } },
  )
  return async () => {
    await Promise.all([mutual.close({ graceSeconds: 0 }), documents.close({ graceSeconds: 0 })])
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  }
}

/** The SDK's server without sessions: one transport for each request. */
async function callTool(incoming, outgoing, access) {
  const server = new McpServer({ name: 'interop', version: '1.0.0' })
  server.registerTool('whoami', { description: 'Says who calls' }, () => ({ content: [{ type: 'text', text: access.subject }] }))
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined })
  outgoing.on('close', () => void transport.close().then(() => server.close()))
  await server.connect(transport)
  await transport.handleRequest(incoming, outgoing)
}
