import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { authorizationParameters, VERIFIER } from '../packages/server/src/test/person.ts'

/** The published program as processes on one SQLite file: two at once, and one that is killed again and again. */
const program = fileURLToPath(new URL('../packages/holdfast/bin/holdfast.cjs', import.meta.url))
const PASSWORD = 'a password of this test'
const REDIRECT = 'http://127.0.0.1:5000/callback'

let folder: string
let config: string
let issuer: string
let running: ChildProcess[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-processes-'))
  config = join(folder, 'holdfast.config.json')
  issuer = `http://127.0.0.1:${await freePort()}`
  const secrets = join(folder, 'secrets.json')
  writeFileSync(secrets, JSON.stringify({ secrets: [{ id: 't1', value: randomBytes(32).toString('base64url') }] }), { mode: 0o600 })
  writeFileSync(
    config,
    JSON.stringify({
      issuer,
      store: { engine: 'sqlite', path: join(folder, 'store.db') },
      secrets: { file: secrets },
      clients: [
        {
          client_id: 'app',
          client_name: 'App',
          application_type: 'native',
          token_endpoint_auth_method: 'none',
          redirect_uris: ['http://127.0.0.1/callback'],
          scope: 'openid profile',
          profile: 'oauth21',
        },
      ],
      accounts: { seed: [{ username: 'ada', password: PASSWORD }] },
    }),
  )
})
afterEach(async () => {
  await Promise.all(running.map((child) => stop(child, 'SIGKILL')))
  running = []
  rmSync(folder, { recursive: true, force: true })
})

interface Node {
  readonly url: string
  readonly child: ChildProcess
}

async function serve(port: number): Promise<Node> {
  const child = spawn(process.execPath, [program, 'serve', '--config', config, '--port', String(port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.push(child)
  let output = ''
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data: Buffer) => {
        output += data.toString()
        if (output.includes('listening')) resolve()
      })
    }
    child.once('exit', (code) => reject(new Error(`holdfast serve ended with ${code}\n${output}`)))
  })
  return { url: `http://127.0.0.1:${port}`, child }
}

function stop(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode)
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  child.kill(signal)
  return ended
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

interface Told {
  readonly status: number
  readonly body: { readonly error?: string; readonly access_token?: string; readonly refresh_token?: string }
}

async function post(node: Node, fields: Readonly<Record<string, string>>): Promise<Told> {
  const response = await fetch(`${node.url}/token`, { method: 'POST', body: new URLSearchParams({ client_id: 'app', ...fields }) })
  return { status: response.status, body: (await response.json()) as Told['body'] }
}

const redeem = (node: Node, code: string): Promise<Told> => post(node, { grant_type: 'authorization_code', code, code_verifier: VERIFIER })
const refresh = (node: Node, token: string): Promise<Told> => post(node, { grant_type: 'refresh_token', refresh_token: token })

/** A signed-in browser at one node: every call gives a new code. A native client is asked about each time (OA-28). */
async function codes(node: Node): Promise<() => Promise<string>> {
  let cookie = ''
  const go = async (url: string, fields?: Readonly<Record<string, string>>): Promise<Response> => {
    const response = await fetch(url.replace(issuer, node.url), {
      redirect: 'manual',
      headers: { cookie },
      ...(fields !== undefined && { method: 'POST', body: new URLSearchParams(fields) }),
    })
    const session = response.headers.getSetCookie().find((line) => line.startsWith('holdfast-as='))
    if (session !== undefined) cookie = session.split(';')[0] ?? ''
    return response
  }
  return async () => {
    const url = `${node.url}/authorize?${authorizationParameters({ client_id: 'app', redirect_uri: REDIRECT })}`
    let response = await go(url)
    for (let steps = 0; steps < 3; steps++) {
      const at = response.headers.get('location') ?? ''
      if (at.startsWith(REDIRECT)) return new URL(at).searchParams.get('code') ?? ''
      const page = await (await go(at)).text()
      const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? ''
      response = await go(at, page.includes('login-submit') ? { csrf, username: 'ada', password: PASSWORD } : { csrf, answer: 'allow' })
    }
    return new URL(response.headers.get('location') ?? '').searchParams.get('code') ?? ''
  }
}

describe('two processes on one file', () => {
  test('OA-50 RT-05 A24 A25 of 50 redemptions at both, one succeeds and the family is revoked; of 50 refreshes at both, all get the one successor', async () => {
    const [a, b] = [await serve(Number(new URL(issuer).port)), await serve(await freePort())]
    const nextCode = await codes(a)
    const both = <T>(ask: (node: Node) => Promise<T>): Promise<T[]> =>
      Promise.all(Array.from({ length: 50 }, (_, index) => ask(index % 2 === 0 ? a : b)))

    const code = await nextCode()
    const redeemed = await both((node) => redeem(node, code))
    const winners = redeemed.filter(({ status }) => status === 200)
    expect([winners.length, redeemed.filter(({ body }) => body.error === 'invalid_grant').length]).toEqual([1, 49])
    expect((await refresh(b, winners[0]?.body.refresh_token ?? '')).body.error).toBe('invalid_grant')

    const first = (await redeem(b, await nextCode())).body.refresh_token ?? ''
    const refreshed = await both((node) => refresh(node, first))
    expect(refreshed.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200))
    expect(new Set(refreshed.map(({ body }) => body.refresh_token)).size).toBe(1)
  })

  test('PAR-21 a client that is removed on the command line is refused by both within a second', async () => {
    const [a, b] = [await serve(Number(new URL(issuer).port)), await serve(await freePort())]
    const holdfast = (...words: string[]): number | null =>
      spawnSync(process.execPath, [program, ...words, '--config', config], { encoding: 'utf8' }).status
    expect(
      holdfast(
        'clients',
        'add',
        'gone',
        '--public',
        '--native',
        '--profile',
        'oauth21',
        '--redirect-uri',
        'http://127.0.0.1/callback',
        '--scope',
        'openid',
      ),
    ).toBe(0)
    const ask = async (node: Node): Promise<string | undefined> =>
      (await post(node, { client_id: 'gone', grant_type: 'refresh_token', refresh_token: 'none' })).body.error
    expect([await ask(a), await ask(b)]).toEqual(['invalid_grant', 'invalid_grant'])
    expect(holdfast('clients', 'remove', 'gone')).toBe(0)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    expect([await ask(a), await ask(b)]).toEqual(['invalid_client', 'invalid_client'])
  })
})

test('killed thirty times under load: no acknowledged token is unknown afterwards, no spent code spends again, the file opens', async () => {
  const port = Number(new URL(issuer).port)
  let acknowledged = 0
  let node = await serve(port)
  for (let kills = 0; kills < 30; kills++) {
    const nextCode = await codes(node)
    // Some codes are made in advance, so that the kill falls among redemptions and rotations.
    const ready = [await nextCode(), await nextCode(), await nextCode()]
    const chains = ready.map((code) => ({ code, spent: false, newest: '' }))
    const load = chains.map(async (chain) => {
      let answer = await redeem(node, chain.code)
      for (let rounds = 0; rounds < 500 && answer.body.refresh_token !== undefined; rounds++) {
        chain.spent = true
        chain.newest = answer.body.refresh_token
        answer = await refresh(node, chain.newest)
      }
    })
    const died = Promise.allSettled(load)
    await new Promise((resolve) => setTimeout(resolve, 10 + kills * 2))
    await stop(node.child, 'SIGKILL')
    await died
    node = await serve(port)
    for (const chain of chains.filter(({ spent }) => spent)) {
      acknowledged++
      // The newest that was acknowledged is the current one; or its successor's answer was lost, and it is in its grace.
      expect((await refresh(node, chain.newest)).status).toBe(200)
      expect((await redeem(node, chain.code)).body.error).toBe('invalid_grant')
    }
  }
  expect(acknowledged).toBeGreaterThan(30)
  expect(await stop(node.child, 'SIGTERM')).toBe(0)
}, 180_000)
