/** What this server is about: each person's notes. Nothing in here knows of tokens. */
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { z } from 'zod'

const MOST_NOTES = 100
const notes = new Map<string, string[]>()

/** The scopes that each tool needs, all of them: a client asks for exactly those that it is told. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  list_notes: ['notes:read'],
  add_note: ['notes:read', 'notes:write'],
}
/** What anything else needs: to connect, and to see which tools there are. */
const ALWAYS = ['notes:read']

/** All that the messages of one request need together. A tool that is not in the list does not exist, and is answered so. */
export function scopesFor(body: unknown): string[] {
  const called = [body].flat().map((message: unknown) => toolOf(message))
  return [...new Set([...ALWAYS, ...called.flatMap((tool) => (Object.hasOwn(NEEDED, tool) ? (NEEDED[tool] ?? []) : []))])]
}

function toolOf(message: unknown): string {
  const { method, params } = (message ?? {}) as { method?: unknown; params?: { name?: unknown } | null }
  return method === 'tools/call' ? String(params?.name) : ''
}

/** The tools, for one person. */
export function notesFor(subject: string): McpServer {
  const server = new McpServer({ name: 'notes', version: '1.0.0' })
  const mine = notes.get(subject) ?? []
  server.registerTool('list_notes', { description: 'Your notes' }, () => ({
    content: mine.map((text) => ({ type: 'text' as const, text })),
  }))
  server.registerTool('add_note', { description: 'Keeps a note', inputSchema: { text: z.string().min(1).max(1000) } }, ({ text }) => {
    notes.set(subject, [...mine, text].slice(-MOST_NOTES))
    return { content: [{ type: 'text' as const, text: `kept: ${text}` }] }
  })
  return server
}
