import { PrivateKeyJwtProvider } from '@modelcontextprotocol/sdk/client/auth-extensions.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'

/** A program that is told the server's address and nothing else: 401, metadata, token, tools. */
export async function connect(url: string, issuer: string, privateKey: Record<string, unknown>): Promise<Client> {
  const authProvider = new PrivateKeyJwtProvider({ clientId: 'agent', privateKey, algorithm: 'ES256', expectedIssuer: issuer })
  const client = new Client({ name: 'agent', version: '0.0.0' })
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { authProvider }))
  return client
}

export async function callTool(client: Client, name: string): Promise<string> {
  const { content } = await client.callTool({ name, arguments: {} })
  const [first] = content as readonly { readonly type: string; readonly text?: string }[]
  return first?.text ?? ''
}
