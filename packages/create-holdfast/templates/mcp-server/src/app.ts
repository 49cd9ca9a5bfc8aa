import { type Access, createGuard } from '@holdfast/guard'
import { expressGuard, toExpress } from '@holdfast/mount/express'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import express, { type Express, type Request } from 'express'
import { createTools } from './tools.ts'

export interface Settings {
  readonly issuer: string
  /** How the world calls this server. */
  readonly url: string
}

export function createApp({ issuer, url }: Settings): Express {
  const guard = createGuard({ issuer, resource: `${url}/mcp`, scopes: ['notes:read', 'notes:write'] })
  const app = express()
  // RFC 9728: this is how a client of MCP finds out where to sign in.
  app.use(
    '/.well-known',
    toExpress(async (request) => guard.metadata(request) ?? { status: 404, headers: {}, body: '' }),
  )
  app.post(
    '/mcp',
    expressGuard((request) => guard.check(request, { scopes: ['notes:read'] })),
    async (request: Authorized, response) => {
      if (request.auth === undefined) throw new Error('the guard stands before this')
      const server = createTools(request.auth)
      // The SDK would hand it to tools under the same name, and it is not of the SDK's shape.
      delete request.auth
      // One for each request: nothing of one caller is kept for the next.
      const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true })
      response.once('close', () => void server.close())
      await server.connect(transport)
      await transport.handleRequest(request as Request, response)
    },
  )
  // Without sessions there is no stream to open and none to end (MCP, Streamable HTTP).
  app.all('/mcp', (_request, response) => {
    response.status(405).set('allow', 'POST').end()
  })
  return app
}

type Authorized = Request & { auth?: Access }
