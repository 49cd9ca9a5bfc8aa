import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url))

/** What `npm start` serves, on ports of its own and in a folder of its own. */
export interface RunningDemo {
  readonly issuer: string
  readonly client: string
  readonly bff: string
  readonly password: string
  stop(): Promise<void>
}

export async function startDemo(): Promise<RunningDemo> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-browser-'))
  const port = await fourFreePorts()
  const child = spawn(process.execPath, [program], {
    env: { ...process.env, HOLDFAST_DEMO_PORT: String(port), HOLDFAST_DEMO_DATA: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const password = await printedPassword(child)
  return {
    issuer: `http://localhost:${port}`,
    client: `http://localhost:${port + 2}`,
    bff: `http://localhost:${port + 3}`,
    password,
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function printedPassword(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (data: Buffer) => {
        output += data.toString()
        const password = /password {2,}(\S+)\n/.exec(output)?.[1]
        if (password !== undefined) resolve(password)
      })
    }
    child.once('exit', (code) => reject(new Error(`npm start ended with ${code}\n${output}`)))
  })
}

/** The demo takes four ports in a row. */
async function fourFreePorts(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 20_000)
    if ((await Promise.all([0, 1, 2, 3].map((more) => free(port + more)))).every(Boolean)) return port
  }
}

function free(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, 'localhost', () => server.close(() => resolve(true)))
  })
}
