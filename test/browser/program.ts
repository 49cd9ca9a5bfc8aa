import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../packages/holdfast/bin/holdfast.cjs', import.meta.url))

export const PASSWORD = 'a password of this test'
export const SECRET: string = randomBytes(32).toString('base64url')

/** The published program with clients of a test's own, in a folder and at a port of its own. */
export interface RunningProgram {
  readonly issuer: string
  stop(): Promise<void>
}

export async function startProgram(clients: readonly object[]): Promise<RunningProgram> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-program-'))
  const port = await freePort()
  const issuer = `http://localhost:${port}`
  const secrets = join(folder, 'secrets.json')
  const config = join(folder, 'holdfast.config.json')
  writeFileSync(secrets, JSON.stringify({ secrets: [{ id: 't1', value: randomBytes(32).toString('base64url') }] }), { mode: 0o600 })
  writeFileSync(
    config,
    JSON.stringify({
      issuer,
      profile: 'oauth21',
      store: { engine: 'sqlite', path: join(folder, 'store.db') },
      secrets: { file: secrets },
      clients,
      accounts: { seed: [{ username: 'demo', password: PASSWORD, claims: { name: 'Demo Person' } }] },
    }),
  )
  const child = spawn(process.execPath, [program, 'serve', '--config', config, '--port', String(port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  await listening(child)
  return {
    issuer,
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function listening(child: ChildProcess): Promise<void> {
  let output = ''
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (data: Buffer) => {
        output += data.toString()
        if (output.includes('listening')) resolve()
      })
    }
    child.once('exit', (code) => reject(new Error(`holdfast serve ended with ${code}\n${output}`)))
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, 'localhost', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
