import { gzipSync } from 'node:zlib'
import type { Socket } from 'node:net'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { OutboundRefusal, type OutboundReply } from '../config/outbound.ts'
import { type Behaviour, createAuthority, startHost, type TestAuthority, type TestHost } from '../test/tls-host.ts'
import type { ResolvedAddress } from './connect.ts'
import { createOutbound, type OutboundOptions } from './outbound.ts'

let authority: TestAuthority
let tls: { readonly cert: string; readonly key: string }
const hosts: TestHost[] = []
const timers: NodeJS.Timeout[] = []

beforeAll(async () => {
  authority = await createAuthority()
  tls = await authority.certificate(['keys.example', 'b.example'])
})
afterEach(async () => {
  for (const timer of timers.splice(0)) clearInterval(timer)
  await Promise.all(hosts.splice(0).map((host) => host.close()))
})

async function host(behaviour: Behaviour, plain = false): Promise<TestHost> {
  const one = await startHost(behaviour, plain ? undefined : tls)
  hosts.push(one)
  return one
}

const LOCAL: readonly ResolvedAddress[] = [{ address: '127.0.0.1', family: 4 }]
const outboundTo = (port: number, over: OutboundOptions = {}): ReturnType<typeof createOutbound> =>
  createOutbound({
    allow: [`keys.example:${port}`, `b.example:${port}`],
    ca: [authority.pem],
    lookup: () => Promise.resolve(LOCAL),
    ...over,
  })
const ask = (port: number, over: OutboundOptions = {}, maxBytes?: number): Promise<OutboundReply | OutboundRefusal> =>
  outboundTo(port, over).get(`https://keys.example:${port}/`, { accept: '*/*', ...(maxBytes !== undefined && { maxBytes }) })
const told = (answer: OutboundReply | OutboundRefusal): string | number =>
  answer instanceof OutboundRefusal ? answer.reason : answer.status

/** Writes once the request came, then goes on as `more` says until the connection ends. */
const answering = (head: string, more?: (socket: Socket) => void): Behaviour => ({
  raw: (socket) =>
    socket.once('data', () => {
      socket.write(head)
      more?.(socket)
    }),
})
const every =
  (milliseconds: number, text: string) =>
  (socket: Socket): void => {
    const timer = setInterval(() => socket.write(text), milliseconds)
    timers.push(timer)
    socket.on('close', () => clearInterval(timer))
  }
const OK = 'HTTP/1.1 200 OK\r\n'

describe('CIMD-10 JAR-13 one deadline over the whole exchange', () => {
  const SOON: OutboundOptions = { deadlineMilliseconds: 150 }
  test.each<[string, Behaviour]>([
    ['silence after the request', { raw: () => {} }],
    ['headers that drip', answering(OK, every(10, 'x: y\r\n'))],
    ['a head without an end', answering(`${OK}x: `)],
    ['a body that drips', answering(`${OK}content-length: 60000\r\n\r\n`, every(10, 'x'))],
    ['chunks that drip', answering(`${OK}transfer-encoding: chunked\r\n\r\n`, every(10, '1\r\nx\r\n'))],
    ['a body that does not come', answering(`${OK}content-length: 10\r\n\r\n`)],
  ])('%s', async (_name, behaviour) => {
    const { port } = await host(behaviour)
    expect(told(await ask(port, SOON))).toBe('timeout')
  })

  test('a handshake that does not come', async () => {
    const { port } = await host({ raw: () => {} }, true)
    expect(told(await ask(port, SOON))).toBe('timeout')
  })

  test('a lookup that hangs: its slot is given back when the system gave up, not before', async () => {
    const { port } = await host({ http: (_request, response) => response.end('{}') })
    let answer: (addresses: readonly ResolvedAddress[]) => void = () => {}
    let lookups = 0
    const lookup = (): Promise<readonly ResolvedAddress[]> => {
      lookups++
      return lookups === 1 ? new Promise((settle) => (answer = settle)) : Promise.resolve(LOCAL)
    }
    const outbound = outboundTo(port, { lookup, most: 1, deadlineMilliseconds: 150 })
    const get = async (): Promise<string | number> => told(await outbound.get(`https://keys.example:${port}/`, { accept: '*/*' }))
    expect([await get(), await get()]).toEqual(['timeout', 'busy'])
    answer(LOCAL)
    await Promise.resolve()
    await new Promise(setImmediate)
    expect([await get(), lookups]).toEqual([200, 2])
  })
})

describe('CIMD-10 JAR-13 what comes is bounded', () => {
  const body = (length: number): Behaviour => ({ http: (_request, response) => response.end('x'.repeat(length)) })
  test('64 kB of body are taken, and not one byte more', async () => {
    const { port } = await host(body(64 * 1024))
    expect(((await ask(port)) as OutboundReply).body.length).toBe(64 * 1024)
    expect(told(await ask((await host(body(64 * 1024 + 1))).port))).toBe('too_large')
  })
  test('or as many as the caller takes', async () => {
    const { port } = await host(body(5 * 1024))
    expect([told(await ask(port, {}, 5 * 1024)), told(await ask(port, {}, 5 * 1024 - 1))]).toEqual([200, 'too_large'])
  })
  test.each<[string, Behaviour, string]>([
    ['a length that is announced', answering(`${OK}content-length: 70000\r\n\r\n`), 'too_large'],
    ['a body without an end', answering(`${OK}\r\n`, every(0, 'x'.repeat(10_000))), 'too_large'],
    [
      'chunks without an end',
      answering(`${OK}transfer-encoding: chunked\r\n\r\n`, every(0, `2710\r\n${'x'.repeat(10_000)}\r\n`)),
      'too_large',
    ],
    ['one header of 9 kB', answering(`${OK}x: ${'y'.repeat(9000)}\r\n\r\n`), 'too_large'],
    ['headers without an end', answering(OK, every(0, `x: ${'y'.repeat(2000)}\r\n`)), 'too_large'],
    [
      'interim answers without an end',
      answering('HTTP/1.1 103 Early Hints\r\n\r\n', every(0, 'HTTP/1.1 103 Early Hints\r\n\r\n')),
      'protocol',
    ],
    [
      'an extension of a chunk without an end',
      answering(`${OK}transfer-encoding: chunked\r\n\r\n1;`, every(0, 'x'.repeat(10_000))),
      'protocol',
    ],
  ])('%s', async (_name, behaviour, expected) => {
    const { port } = await host(behaviour)
    expect(told(await ask(port))).toBe(expected)
  })

  const bomb = gzipSync(Buffer.alloc(10_000_000))
  test.each(['gzip', 'deflate', 'br', 'zstd', 'identity, gzip'])('no encoding is undone, so no bomb goes off: %s', async (encoding) => {
    const { port } = await host({ http: (_request, response) => response.setHeader('content-encoding', encoding).end(bomb) })
    expect(told(await ask(port))).toBe('encoding')
  })
  test('nor a transfer encoding beside chunked; identity is none', async () => {
    const gzipped = await host(answering(`${OK}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`))
    expect(told(await ask(gzipped.port))).toBe('encoding')
    const identity = await host({ http: (_request, response) => response.setHeader('content-encoding', 'identity').end('{}') })
    expect(told(await ask(identity.port))).toBe(200)
  })
})

test.each<[string, Behaviour]>([
  ['no HTTP', answering('SSH-2.0-OpenSSH_9\r\n')],
  ['nothing', { raw: (socket) => socket.end() }],
  ['another protocol', answering('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n')],
  ['two lengths', answering(`${OK}content-length: 2\r\ncontent-length: 3\r\n\r\n{} `)],
  ['a length and chunks', answering(`${OK}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`)],
  ['half a body', answering(`${OK}content-length: 10\r\n\r\n12345`, (socket) => socket.end())],
  ['half a chunked body', answering(`${OK}transfer-encoding: chunked\r\n\r\n5\r\n12345\r\n`, (socket) => socket.end())],
])('what is not an answer is refused: %s', async (_name, behaviour) => {
  const { port } = await host(behaviour)
  expect(told(await ask(port))).toBe('protocol')
})

test('CIMD-10 too many at once are refused at once: in all, and to one host', async () => {
  const waiting: (() => void)[] = []
  let came: () => void = () => {}
  const arrived = new Promise<void>((done) => (came = done))
  const { port } = await host({
    http: (_request, response) => {
      waiting.push(() => response.end('{}'))
      if (waiting.length === 3) came()
    },
  })
  const outbound = outboundTo(port, { most: 3, mostPerHost: 2 })
  const get = (name: string): Promise<string | number> => outbound.get(`https://${name}:${port}/`, { accept: '*/*' }).then(told)
  const first = [get('keys.example'), get('keys.example')]
  expect(await get('keys.example')).toBe('busy')
  const other = get('b.example')
  expect(await get('b.example')).toBe('busy')
  await arrived
  for (const answer of waiting.splice(0)) answer()
  expect(await Promise.all([...first, other])).toEqual([200, 200, 200])
  const again = [get('keys.example'), get('keys.example'), get('b.example')]
  while (waiting.length < 3) await new Promise(setImmediate)
  for (const answer of waiting) answer()
  expect(await Promise.all(again)).toEqual([200, 200, 200])
})
