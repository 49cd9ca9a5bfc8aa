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
  const stop = await serveProgram(folder, port, {
    issuer,
    profile: 'oauth21',
    store: { engine: 'sqlite', path: join(folder, 'store.db') },
    clients,
    accounts: { seed: [{ username: 'demo', password: PASSWORD, claims: { name: 'Demo Person' } }] },
  })
  return {
    issuer,
    async stop() {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The secret that a program in a folder of a test's own seals with. */
export const MASTER: { readonly id: string; readonly value: string } = { id: 't1', value: randomBytes(32).toString('base64url') }

/** Serves a configuration out of a folder. @returns what ends it */
export async function serveProgram(
  folder: string,
  port: number,
  configuration: object,
  environment: Readonly<Record<string, string>> = {},
  log: (text: string) => void = () => {},
): Promise<() => Promise<void>> {
  const secrets = join(folder, 'secrets.json')
  const config = join(folder, 'holdfast.config.json')
  writeFileSync(secrets, JSON.stringify({ secrets: [MASTER] }), { mode: 0o600 })
  writeFileSync(config, JSON.stringify({ secrets: { file: secrets }, ...configuration }))
  const child = spawn(process.execPath, [program, 'serve', '--config', config, '--port', String(port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  })
  await listening(child, log)
  return async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  }
}

function listening(child: ChildProcess, log: (text: string) => void): Promise<void> {
  let output = ''
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (data: Buffer) => {
        log(data.toString())
        output += data.toString()
        if (output.includes('listening')) resolve()
      })
    }
    child.once('exit', (code) => reject(new Error(`holdfast serve ended with ${code}\n${output}`)))
  })
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, 'localhost', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
