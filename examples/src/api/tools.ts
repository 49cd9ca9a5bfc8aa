import { createGuard } from '@holdfast/guard'
import { json, type Handler } from '@holdfast/protocol/http'
import type { ApiOptions } from './handler.ts'

/** The greatest message that is read, in bytes. */
const MOST = 100_000

/** An MCP server with one tool behind the guard, as small as the protocol allows. For one on the real SDK see `examples/mcp-server`. */
export function exampleTools({ issuer, resource }: ApiOptions): Handler {
  const guard = createGuard({ issuer, resource, scopes: ['tools'] })
  const { pathname } = new URL(resource)
  return async (request) => {
    const metadata = guard.metadata(request)
    if (metadata !== undefined) return metadata
    if (request.path !== pathname) return json(404, { error: 'not_found' })
    const verdict = await guard.check(request, { scopes: ['tools'] })
    if (verdict.kind === 'refused') return verdict.reply
    if (request.method !== 'POST') return { ...json(405, { error: 'method_not_allowed' }), headers: { allow: 'POST' } }
    const body = await request.body(MOST)
    const call = body === 'too_large' ? undefined : parsed(new TextDecoder().decode(body))
    if (call === undefined) return json(400, { jsonrpc: '2.0', id: null, error: { code: -32_700, message: 'not a JSON-RPC request' } })
    if (call.id === undefined) return { status: 202, headers: {}, body: '' }
    const result = answer(call.method, verdict.access.subject)
    const told = result === undefined ? { error: { code: -32_601, message: 'there is no such method' } } : { result }
    return json(200, { jsonrpc: '2.0', id: call.id, ...told }, verdict.headers)
  }
}

interface Call {
  readonly id: unknown
  readonly method: unknown
}

function parsed(text: string): Call | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && 'method' in value ? (value as Call) : undefined
  } catch {
    return undefined
  }
}

function answer(method: unknown, subject: string): object | undefined {
  switch (method) {
    case 'initialize':
      return { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'example-tools', version: '1' } }
    case 'ping':
      return {}
    case 'tools/list':
      return { tools: [{ name: 'whoami', description: 'Says in whose name it is called', inputSchema: { type: 'object' } }] }
    case 'tools/call':
      return { content: [{ type: 'text', text: subject }] }
    default:
      return undefined
  }
}
