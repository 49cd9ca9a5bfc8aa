import { existsSync, mkdtempSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Log } from '@holdfast/server'
import type { Configuration } from './config/configuration.ts'
import { start } from './serve.ts'
import { configurationOf } from './test/configuration.ts'

const silent: Log = { info() {}, warn() {}, error() {} }

function configuration(store: Configuration['store']): Configuration {
  return configurationOf({ store, accounts: { signUp: false, seed: [{ username: 'ada', password: 'long enough for Ada' }] } })
}

describe.each([['memory'], ['sqlite']] as const)('the program on %s', (engine) => {
  const store = (): Configuration['store'] =>
    engine === 'memory' ? { engine } : { engine, path: join(mkdtempSync(join(tmpdir(), 'holdfast-serve-')), 'data/holdfast.db') }
  test('serves discovery and probes, drains, and lets go of its port', async () => {
    const running = await start(configuration(store()), silent)
    const at = (path: string): string => `http://127.0.0.1:${running.port}${path}`
    expect((await fetch(at('/healthz'))).status).toBe(200)
    expect(await (await fetch(at('/readyz'))).text()).toBe('ready\n')
    expect(await (await fetch(at('/.well-known/openid-configuration'))).json()).toMatchObject({ issuer: 'http://localhost:4000' })
    await Promise.all([running.close(), running.close()])
    await new Promise<void>((resolve, reject) => {
      get(at('/healthz'), () => reject(new Error('still listening'))).on('error', () => resolve())
    })
  })
})

test('PAR-20 JAR-14 what the configuration asks of every request is asked by the server', async () => {
  const strict = { ...configuration({ engine: 'memory' }), requirePushedAuthorizationRequests: true, requireSignedRequestObject: true }
  const running = await start(strict, silent)
  const document = await (await fetch(`http://127.0.0.1:${running.port}/.well-known/openid-configuration`)).json()
  await running.close()
  expect(document).toMatchObject({ require_pushed_authorization_requests: true, require_signed_request_object: true })
})

test('a port that is taken fails the start and leaves nothing open', async () => {
  const running = await start(configuration({ engine: 'memory' }), silent)
  const path = join(mkdtempSync(join(tmpdir(), 'holdfast-serve-')), 'holdfast.db')
  await expect(
    start({ ...configuration({ engine: 'sqlite', path }), listen: { host: '127.0.0.1', port: running.port } }, silent),
  ).rejects.toThrow('EADDRINUSE')
  // SQLite takes its log away with the last connection.
  expect([existsSync(path), existsSync(`${path}-wal`)]).toEqual([true, false])
  await running.close()
})
