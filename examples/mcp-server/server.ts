/**
 * An MCP server whose tools want access tokens:
 *
 *   ISSUER=http://localhost:4000 RESOURCE=http://localhost:4010/mcp node server.ts
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createGuard, type Verdict } from '@holdfast/guard'
import { nodeGuard, toNodeListener } from '@holdfast/mount/node'
import { type HttpRequest, json } from '@holdfast/protocol/http'
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { notesFor, scopesFor } from './notes.ts'

const issuer = process.env['ISSUER'] ?? 'http://localhost:4000'
const resource = process.env['RESOURCE'] ?? 'http://localhost:4010/mcp'
const { hostname } = new URL(resource)
const port = process.env['PORT'] ?? new URL(resource).port
const app = createMcpExpressApp({ host: hostname })

// Authorization, from here …
const guard = createGuard({ issuer, resource, scopes: ['notes:read'] })
const metadata = toNodeListener(async (request) => guard.metadata(request) ?? json(404, { error: 'not_found' }))
app.get('/.well-known/oauth-protected-resource{/*path}', metadata)
app.all('/mcp', (request, response) => {
  const check = (asked: HttpRequest): Promise<Verdict> => guard.check(asked, { scopes: scopesFor(request.body) })
  nodeGuard(check, (_in, _out, { subject }) => callTool(request, response, subject))(request, response)
})
// … to here. What follows runs for nobody without a token that is for this server and has the scopes of the tool.

/** No sessions: each request is let in by its own token, never by a session id that somebody else could send. */
async function callTool(request: IncomingMessage & { body?: unknown }, response: ServerResponse, subject: string): Promise<void> {
  if (request.method !== 'POST') return void response.writeHead(405, { allow: 'POST' }).end()
  const server = notesFor(subject)
  const transport = new StreamableHTTPServerTransport()
  response.on('close', () => void transport.close().then(() => server.close()))
  await server.connect(transport)
  await transport.handleRequest(request, response, request.body)
}

app.listen(Number(port), hostname, () => console.log(`listening on ${resource}`))
