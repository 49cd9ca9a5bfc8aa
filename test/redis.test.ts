import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { accessToken, proofFor, published } from '../packages/guard/src/test/api.ts'
import { createRedis } from '../scripts/redis.mjs'

const now = (): number => Math.floor(Date.now() / 1000)
let folder: string
let redis: Awaited<ReturnType<typeof createRedis>>
const children: ChildProcess[] = []
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-redis-program-'))
  redis = await createRedis(join(folder, 'redis'))
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await redis.remove()
  rmSync(folder, { recursive: true, force: true })
})

interface GuardProcess {
  check(request: object): Promise<number>
  end(): Promise<unknown>
}

async function guardProcess(): Promise<GuardProcess> {
  const script = fileURLToPath(new URL('./guard-process.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=source', script, redis.url, 'api', JSON.stringify(published)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.push(child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const line = async (): Promise<unknown> => (await lines.next()).value
  expect(await line()).toBe('open')
  return {
    async check(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`)
      return Number(await line())
    },
    end() {
      child.stdin.end()
      return once(child, 'exit')
    },
  }
}

/** A bound token and a proof, both of now. */
function shown(): { readonly token: string; readonly proof: string } {
  const token = accessToken({ iat: now(), exp: now() + 300 })
  return { token, proof: proofFor(token, { iat: now() }) }
}

test('DPOP-16 DPOP-18 A63 two guards in two processes: a proof comes in at one of them; while Redis is away nobody does; afterwards no proof of before, and new ones', async () => {
  const guards = [await guardProcess(), await guardProcess()] as const
  for (let round = 0; round < 10; round++) {
    const request = shown()
    const statuses = await Promise.all(guards.map((guard) => guard.check(request)))
    expect(statuses.toSorted(), `round ${round}`).toEqual([200, 401])
  }
  const used = shown()
  expect(await guards[0].check(used)).toBe(200)

  await redis.stop('SIGKILL')
  for (const guard of guards) expect([await guard.check(shown()), await guard.check(used)]).toEqual([503, 503])

  await redis.start()
  // What was used before may have been forgotten: it never comes in, from the first moment on.
  const again = async (guard: GuardProcess): Promise<number> => {
    expect(await guard.check(used)).not.toBe(200)
    return await guard.check(shown())
  }
  for (const guard of guards) await expect.poll(() => again(guard), { timeout: 10_000 }).toBe(200)
  const request = shown()
  expect([await guards[1].check(request), await guards[0].check(request)]).toEqual([200, 401])
  expect(await Promise.all(guards.map((guard) => guard.end()))).toEqual([
    [0, null],
    [0, null],
  ])
})

describe('the program with its memory on Redis', () => {
  const program = fileURLToPath(new URL('../packages/holdfast/bin/holdfast.cjs', import.meta.url))

  function written(url: string): string {
    const secrets = join(folder, 'secrets.json')
    writeFileSync(secrets, JSON.stringify({ secrets: [{ id: 't1', value: randomBytes(32).toString('base64url') }] }), { mode: 0o600 })
    const path = join(folder, 'holdfast.config.json')
    const store = { path: join(folder, 'store.db') }
    const memory = { engine: 'redis', url }
    writeFileSync(path, JSON.stringify({ issuer: 'http://127.0.0.1:4000', listen: { port: 0 }, store, memory, secrets: { file: secrets } }))
    return path
  }

  test('serves, and ends', async () => {
    const child = spawn(process.execPath, [program, 'serve', '--config', written(redis.url)], { stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(child)
    let log = ''
    const port = await new Promise<string>((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        log += text
        const found = /"url":"http:\/\/127\.0\.0\.1:(\d+)"/.exec(log)?.[1]
        if (found !== undefined) resolve(found)
      })
      child.once('exit', () => reject(new Error(log)))
    })
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200)
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(log).not.toContain(new URL(redis.url).password)
  })

  test('does not start without it: names the server and what to do, and prints the password nowhere', () => {
    const config = written('redis://:hunter2-hunter2@127.0.0.1:1')
    const holdfast = (...words: string[]): { readonly status: number | null; readonly said: string } => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words, '--config', config], { encoding: 'utf8' })
      return { status, said: stdout + stderr }
    }
    const served = holdfast('serve')
    expect(served.status).toBe(1)
    expect(served.said).toContain('the memory redis://127.0.0.1:1/0 cannot be used: ')
    expect(served.said).toContain('is Redis running there')
    const checked = holdfast('check-config', '--origin')
    expect(checked.said).toContain('memory.url: "********"')
    expect(served.said + checked.said).not.toContain('hunter2')
  })
})
