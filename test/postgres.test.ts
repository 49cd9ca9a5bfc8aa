import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createStoreMemory, type Records, serverKinds } from '@holdfast/server'
import type { OpenStore } from '@holdfast/store'
import { openPostgresStore } from '@holdfast/store-postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Application, KEY, tally, times } from '../packages/server/src/test/application.ts'
import { client, HeldClock, publicClient, startServer } from '../packages/server/src/test/server.ts'
import { newDatabase } from '../packages/store-postgres/src/test/cluster.ts'

describe('two servers on one PostgreSQL database', () => {
  const native = publicClient()
  const web = client()
  const stores: OpenStore<Records>[] = []
  let nodes: readonly [Application, Application]
  let bound: readonly [Application, Application]
  let confidential: readonly [Application, Application]

  beforeAll(async () => {
    const connection = await newDatabase()
    const clock = new HeldClock()
    const node = async (): Promise<Awaited<ReturnType<typeof startServer>>> => {
      const store = await openPostgresStore<Records>({ connection, kinds: serverKinds, purgeEverySeconds: 0 })
      stores.push(store)
      return startServer([native, web], { store, clock, memory: createStoreMemory(store) })
    }
    // Together, as an orchestrator starts them: both make tables and keys.
    const [a, b] = await Promise.all([node(), node()])
    nodes = [new Application(a, native), new Application(b, native)]
    bound = [new Application(a, native, { dpop: KEY }), new Application(b, native, { dpop: KEY })]
    confidential = [new Application(a, web), new Application(b, web)]
  })
  afterAll(() => Promise.all(stores.map((store) => store.close())))

  const both = <T>(pair: readonly [Application, Application], ask: (app: Application) => Promise<T>): Promise<T[]> =>
    Promise.all(times(50, (index) => ask(pair[index % 2] as Application)))

  test('OA-50 A24 of 50 redemptions of one code at both, one succeeds, and its family is revoked', async () => {
    const code = await nodes[0].code()
    const redeemed = await both(nodes, (app) => app.redeem(code))
    expect(tally(redeemed)).toEqual({ '200': 1, '400 invalid_grant': 49 })
    const winner = redeemed.find(({ status }) => status === 200)
    expect((await nodes[1].refresh(String(winner?.body['refresh_token']))).body['error']).toBe('invalid_grant')
  })

  test('RT-05 A25 of 50 refreshes at both, all get the one successor; the one before it ends the family at both', async () => {
    const { refresh } = await nodes[0].tokens()
    const refreshed = await both(nodes, (app) => app.refresh(refresh))
    expect(tally(refreshed)).toEqual({ '200': 50 })
    const successors = new Set(refreshed.map(({ body }) => body['refresh_token']))
    expect(successors.size).toBe(1)
    const [successor] = [...successors]
    const second = await nodes[1].refresh(String(successor))
    expect(second.status).toBe(200)
    expect((await nodes[0].refresh(refresh)).body['error']).toBe('invalid_grant')
    expect((await nodes[1].refresh(String(second.body['refresh_token']))).body['error']).toBe('invalid_grant')
  })

  test('DPOP-16 RFC 9449 §11.1: one proof shown to both 50 times is taken once', async () => {
    const { refresh } = await bound[0].tokens()
    await bound[0].learnNonce()
    const dpop = bound[0].proof('/token')
    const answers = await both(bound, (app) => app.refresh(refresh, {}, { dpop }))
    expect(answers.filter(({ status }) => status === 200).length).toBe(1)
    expect(answers.filter(({ body }) => body['error'] === 'invalid_dpop_proof').length).toBe(49)
  })

  test('a revocation at one races 50 refreshes at both: afterwards no token of the grant lives', async () => {
    const { refresh } = await confidential[0].tokens()
    const [revoked, ...refreshed] = await Promise.all([
      confidential[1].post('/revoke', { token: refresh }),
      ...times(50, (index) => (confidential[index % 2] as Application).refresh(refresh)),
    ])
    expect(revoked?.status).toBe(200)
    for (const { body } of refreshed) {
      const token = body['refresh_token']
      if (token !== undefined) expect((await confidential[0].refresh(String(token))).body['error']).toBe('invalid_grant')
    }
  })
})

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
