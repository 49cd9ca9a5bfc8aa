/** `examples/mcp-server` as processes of their own: what a reader of the example copies is what is tried here. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const folder = fileURLToPath(new URL('../examples/mcp-server', import.meta.url))

/** One is a resource with a path, one a whole origin. @returns how to end them */
export async function startMcpServers({ issuer, notes, wholeOrigin }) {
  const stops = await Promise.all([notes, wholeOrigin].map((resource) => start({ ISSUER: issuer, RESOURCE: resource })))
  return () => Promise.all(stops.map((stop) => stop()))
}

async function start(settings) {
  const child = spawn(process.execPath, ['server.ts'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...settings },
  })
  await new Promise((resolve, reject) => {
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        output += data.toString()
        if (output.includes('listening')) resolve()
      })
    child.once('exit', (code) => reject(new Error(`the MCP server ended with ${code}\n${output}`)))
  })
  return async () => {
    if (child.exitCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  }
}
