import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { newDatabase } from '../packages/store-postgres/src/test/cluster.ts'

/** Two servers on one database race in test/races. */
describe('the program on PostgreSQL', () => {
  const program = fileURLToPath(new URL('../packages/holdfast/bin/holdfast.cjs', import.meta.url))
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-postgres-program-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  function written(url: string): string {
    const secrets = join(folder, 'secrets.json')
    writeFileSync(secrets, JSON.stringify({ secrets: [{ id: 't1', value: randomBytes(32).toString('base64url') }] }), { mode: 0o600 })
    const path = join(folder, 'holdfast.config.json')
    const issuer = 'http://127.0.0.1:4000'
    writeFileSync(path, JSON.stringify({ issuer, listen: { port: 0 }, store: { engine: 'postgres', url }, secrets: { file: secrets } }))
    return path
  }
  const holdfast = (...words: string[]): { readonly status: number | null; readonly said: string } => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], { encoding: 'utf8' })
    return { status, said: stdout + stderr }
  }

  test('serves, is told of clients on the command line, and ends', async () => {
    const url = await newDatabase()
    const config = written(url)
    const child = spawn(process.execPath, [program, 'serve', '--config', config], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      let log = ''
      const port = await new Promise<string>((resolve, reject) => {
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          log += text
          const found = /"url":"http:\/\/127\.0\.0\.1:(\d+)"/.exec(log)?.[1]
          if (found !== undefined) resolve(found)
        })
        child.once('exit', () => reject(new Error(log)))
      })
      expect(log).toContain('"store":"postgres"')
      expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200)
      const added = holdfast(
        'clients',
        'add',
        'spa',
        '--public',
        '--native',
        '--redirect-uri',
        'http://127.0.0.1/callback',
        '--config',
        config,
      )
      expect(added).toMatchObject({ status: 0 })
      expect(holdfast('clients', 'list', '--json', '--config', config).said).toContain('"spa"')
      child.kill('SIGTERM')
      expect(await once(child, 'exit')).toEqual([0, null])
      expect(log).not.toContain(new URL(url).password)
    } finally {
      child.kill('SIGKILL')
    }
  })

  test('names the server that it cannot reach and what to do, and prints the password nowhere', () => {
    const config = written('postgres://holdfast:hunter2-hunter2@127.0.0.1:1/db')
    const served = holdfast('serve', '--config', config)
    expect(served.status).toBe(1)
    expect(served.said).toContain('the store postgres://127.0.0.1:1/db cannot be reached')
    expect(served.said).toContain('is PostgreSQL running there')
    const checked = holdfast('check-config', '--origin', '--config', config)
    expect(checked.said).toContain('store.url: "********"')
    expect(served.said + checked.said).not.toContain('hunter2')
  })
})
