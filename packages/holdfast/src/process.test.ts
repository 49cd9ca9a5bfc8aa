import { once } from 'node:events'
import { mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { newSecretsFile } from './config/secrets.ts'
import { killAll, Program } from './test/program.ts'

afterEach(killAll)

function place(): string {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-process-'))
  writeFileSync(join(directory, 'holdfast.secrets.json'), newSecretsFile('first'), { mode: 0o600 })
  writeFileSync(join(directory, 'holdfast.config.yaml'), 'issuer: http://localhost:4000\nlisten: {port: 0}\n')
  return directory
}

describe('holdfast serve', () => {
  test('tells where it listens and after how many seconds, answers, and ends with 0 on SIGTERM', async () => {
    const directory = place()
    const served = new Program(['serve'], directory)
    const { url, seconds } = await served.line('listening')
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(seconds).toBeGreaterThan(0)
    expect(await (await fetch(`${url}/readyz`)).text()).toBe('ready\n')
    expect(await (await fetch(`${url}/.well-known/oauth-authorization-server`)).json()).toMatchObject({ issuer: 'http://localhost:4000' })
    expect(statSync(join(directory, 'data/holdfast.db')).mode & 0o777).toBe(0o600)
    served.child.kill('SIGTERM')
    expect(await served.ended).toEqual([0, null])
    expect(served.lines.map((line) => line.msg).slice(-2)).toEqual(['draining', 'ended'])
    expect(served.err).toBe('')
  })

  test('a request in flight finishes, and only then the process ends', async () => {
    const served = new Program(['serve'], place())
    const { url } = await served.line('listening')
    const body = 'grant_type=none'
    const pending = request(`${url}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length },
    })
    pending.write(body.slice(0, 5))
    // A second request on another connection comes back when the first is surely being read.
    await fetch(`${url}/healthz`)
    served.child.kill('SIGTERM')
    await served.line('draining')
    const answered = once(pending, 'response')
    pending.end(body.slice(5))
    const [response] = (await answered) as [{ readonly statusCode: number; resume(): void }]
    expect([400, 401]).toContain(response.statusCode)
    response.resume()
    expect(await served.ended).toEqual([0, null])
  })

  test('a second signal ends at once', async () => {
    const served = new Program(['serve'], place())
    const { url } = await served.line('listening')
    const stuck = request(`${url}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': 10 },
    })
    stuck.on('error', () => {})
    stuck.write('a')
    await fetch(`${url}/healthz`)
    served.child.kill('SIGTERM')
    await served.line('draining')
    served.child.kill('SIGTERM')
    expect(await served.ended).toEqual([143, null])
  })

  test('a port that is taken is one readable line and 1', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await once(holder, 'listening')
    const { port } = holder.address() as { readonly port: number }
    const served = new Program(['serve', '--port', String(port)], place())
    expect(await served.ended).toEqual([1, null])
    expect(served.err).toBe(`holdfast: listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`)
    holder.close()
  })
})

test('a client that is added beside a running server is there, and a removed one is refused within a second', async () => {
  const directory = place()
  const served = new Program(['serve'], directory)
  const { url } = await served.line('listening')
  const push = async (secret: string): Promise<number> =>
    (
      await fetch(`${url}/par`, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          authorization: `Basic ${Buffer.from(`app:${secret}`).toString('base64')}`,
        },
        body: 'response_type=code',
      })
    ).status
  const added = new Program(['clients', 'add', 'app', '--redirect-uri', 'https://app.example/cb', '--json'], directory)
  expect(await added.ended).toEqual([0, null])
  const { client_secret: secret } = added.lines[0] as unknown as { readonly client_secret: string }
  // Known: the push is refused for what it lacks (400), not for who sent it (401).
  await expect.poll(() => push(secret), { timeout: 3000, interval: 100 }).toBe(400)
  const removed = new Program(['clients', 'remove', 'app', '--json'], directory)
  await removed.ended
  const since = performance.now()
  await expect.poll(() => push(secret), { timeout: 3000, interval: 50 }).toBe(401)
  expect(performance.now() - since).toBeLessThan(2100)
})
