import type { Access } from '@holdfast/guard'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import * as z from 'zod'

const notes: string[] = ['Water the plants']

/** The tools as one caller has them: those that the token's scopes allow. No tool sees the token. */
export function createTools(caller: Access): McpServer {
  const server = new McpServer({ name: 'notes', version: '0.0.0' })
  server.registerTool('whoami', { description: 'Who is calling' }, () => said(`${caller.subject} by ${caller.clientId}`))
  server.registerTool('read_notes', { description: 'All notes' }, () => said(notes.join('\n')))
  if (caller.scopes.includes('notes:write'))
    server.registerTool('write_note', { description: 'Writes one note', inputSchema: { text: z.string().max(500) } }, ({ text }) => {
      notes.push(text)
      return said('written')
    })
  return server
}

const said = (text: string): CallToolResult => ({ content: [{ type: 'text', text }] })
