import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { json } from '@holdfast/protocol/http'
import { serve } from './node.ts'
import { echo } from './test/echo.ts'
import { bytesOf, overSocket, values, Wire } from './test/wire.ts'

const request = bytesOf({ target: '/auth/echo' })

/** A handler that holds `/hold` until it is let go. */
function holding(): { readonly handler: typeof echo; readonly here: Promise<void>; release(): void } {
  let release: () => void = () => {}
  let came: () => void = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  const here = new Promise<void>((resolve) => (came = resolve))
  return {
    here,
    release: () => release(),
    async handler(incoming) {
      if (incoming.path === '/hold') {
        came()
        await held
      }
      return json(200, {})
    },
  }
}

test('serve tells the port it was given and answers there', async () => {
  const serving = await serve(echo)
  expect(serving.port).toBeGreaterThan(0)
  expect((await overSocket(serving.port, { target: '/auth/echo' })).status).toBe(200)
  await serving.close()
})

test('a port that is taken is an error', async () => {
  const serving = await serve(echo)
  await expect(serve(echo, { port: serving.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await serving.close()
})

test('ABCA-19 headers up to 32 kB are taken, beyond is 431', async () => {
  const serving = await serve(echo)
  expect((await overSocket(serving.port, { target: '/auth/echo', headers: [['X-Long', 'x'.repeat(30_000)]] })).status).toBe(200)
  expect((await overSocket(serving.port, { target: '/auth/echo', headers: [['X-Long', 'x'.repeat(40_000)]] })).status).toBe(431)
  await serving.close()
})

test('close finishes what is in flight, ends its connection, and accepts nothing new', async () => {
  const { handler, here, release } = holding()
  const serving = await serve(handler)
  const busy = new Wire(serving.port)
  busy.write(bytesOf({ target: '/hold' }))
  await here
  const closed = serving.close({ graceSeconds: 30 })
  const late = new Wire(serving.port)
  late.write(request)
  expect(await late.read()).toBeUndefined()
  release()
  const answer = await busy.need()
  expect(answer.status).toBe(200)
  expect(values(answer, 'connection')).toEqual(['close'])
  await closed
  expect(await busy.ended()).toBe('')
})

test('close ends idle connections at once', async () => {
  const serving = await serve(echo)
  const idle = new Wire(serving.port)
  idle.write(request)
  expect((await idle.read())?.status).toBe(200)
  await serving.close({ graceSeconds: 30 })
  expect(await idle.ended()).toBe('')
})

test('what is not finished after the grace is cut', async () => {
  const { handler, here } = holding()
  const serving = await serve(handler)
  const busy = new Wire(serving.port)
  busy.write(bytesOf({ target: '/hold' }))
  await here
  await serving.close({ graceSeconds: 0 })
  expect(await busy.read()).toBeUndefined()
})

test('a reply that was on its way when close began does not keep its connection open', async () => {
  let closed: Promise<void> | undefined
  const serving = await serve(async () => {
    // Runs before the replies of this turn are flushed, and after they were queued.
    setImmediate(() => void (closed = serving.close({ graceSeconds: 30 })))
    return json(200, {})
  })
  const wire = new Wire(serving.port)
  wire.write(request)
  expect((await wire.need()).status).toBe(200)
  expect(await wire.ended()).toBe('')
  await closed
}, 10_000)

test('a second close waits for the first', async () => {
  const serving = await serve(echo)
  expect(serving.close()).toBe(serving.close())
  await serving.close()
})

test('a trusted proxy that is no address stops the start', async () => {
  await expect(serve(echo, { trustedProxies: ['nginx'] })).rejects.toThrow(TypeError)
})

test('serve speaks TLS', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-tls-'))
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '1',
      '-subj',
      '/CN=localhost',
      '-keyout',
      join(folder, 'key'),
      '-out',
      join(folder, 'cert'),
    ],
    { stdio: 'ignore' },
  )
  const tls = { key: readFileSync(join(folder, 'key')), cert: readFileSync(join(folder, 'cert')) }
  rmSync(folder, { recursive: true })
  const serving = await serve(echo, { tls })
  const status = await new Promise((resolve, reject) => {
    get({ port: serving.port, host: '127.0.0.1', path: '/auth/echo', ca: tls.cert, servername: 'localhost', agent: false }, (answer) =>
      resolve(answer.resume().statusCode),
    ).on('error', reject)
  })
  expect(status).toBe(200)
  await serving.close({ graceSeconds: 1 })
})
