/** `npm run call`, while `npm start` runs: the tools, as a program of its own has them. */
import { readFileSync } from 'node:fs'
import '../local/environment.ts'
import { callTool, connect } from './client.ts'

const { PORT = '3000', HOLDFAST_PORT = '4000' } = process.env
const key = JSON.parse(readFileSync('.holdfast/client.jwk.json', 'utf8')) as Record<string, unknown>
const client = await connect(`http://localhost:${PORT}/mcp`, `http://localhost:${HOLDFAST_PORT}`, key)

const { tools } = await client.listTools()
console.log(`tools: ${tools.map(({ name }) => name).join(', ')}`)
console.log(`whoami: ${await callTool(client, 'whoami')}`)
await client.close()
