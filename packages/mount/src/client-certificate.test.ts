import { Agent, createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect, getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls'
import express from 'express'
import fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Authority, CLIENT, type Held, selfSigned, SERVER } from '../../../test/certificates.ts'
import { toExpress } from './express.ts'
import { toFastify } from './fastify.ts'
import { toFetch } from './fetch.ts'
import { clientCertificateOf, serve, type Serving, toNodeListener } from './node.ts'
import { get, show, shown } from './test/tls.ts'

let trusted: Authority
let stranger: Authority
let site: Held
let client: Held
const base64 = (held: Held): string => held.der.toString('base64')

beforeAll(async () => {
  trusted = await Authority.create('Issuer of clients')
  stranger = await Authority.create('Issuer of clients')
  site = await trusted.issue({ subject: [{ CN: ['as.example'] }], purposes: [SERVER] })
  client = await trusted.issue({ purposes: [CLIENT] })
})

const tls = (over: ServerOptions = {}): ServerOptions => ({
  cert: site.certificate,
  key: site.key,
  requestCert: true,
  rejectUnauthorized: false,
  ca: [trusted.certificate],
  ...over,
})

describe('serve with mutual TLS', () => {
  let serving: Serving
  beforeAll(async () => {
    serving = await serve(show, { tls: tls() })
  })
  afterAll(() => serving.close())

  test('MTLS-01 RFC 8705 §2: the certificate of the handshake reaches the handler, and its chain was validated', async () => {
    expect(await get(serving.port, client)).toEqual({ der: base64(client), authorized: true })
  })
  test('MTLS-17 RFC 8705 §6.1: a self-signed certificate is let through and is not authorized; so is none', async () => {
    const own = await selfSigned()
    expect(await get(serving.port, own)).toEqual({ der: base64(own), authorized: false })
    expect(await get(serving.port)).toBeNull()
  })
  test('MTLS-10 RFC 8705 §7.4: another authority of the same name is a stranger; one below the trusted one is not', async () => {
    expect(await get(serving.port, await stranger.issue({ purposes: [CLIENT] }))).toMatchObject({ authorized: false })
    const below = await trusted.below('Intermediate')
    const held = await below.issue({ purposes: [CLIENT] })
    expect(await get(serving.port, held)).toMatchObject({ authorized: false })
    const whole = { ...held, certificate: `${held.certificate}\n${below.certificate}` }
    expect(await get(serving.port, whole)).toEqual({ der: base64(held), authorized: true })
  })
  test.each([
    ['expired', { notAfter: new Date(Date.now() - 60_000) }],
    ['not valid yet', { notBefore: new Date(Date.now() + 3_600_000) }],
    ['made for servers', { purposes: [SERVER] }],
  ])('MTLS-06 RFC 8705 §2.1: a certificate that is %s is not authorized', async (_what, wanted) => {
    expect(await get(serving.port, await trusted.issue(wanted))).toMatchObject({ authorized: false })
  })
  test('a certificate that ends while its connection stays open is authorized no longer', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    expect(await get(serving.port, client, {}, agent)).toMatchObject({ authorized: true })
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * 86_400_000 })
    expect(await get(serving.port, client, {}, agent)).toMatchObject({ authorized: false })
    vi.useRealTimers()
    agent.destroy()
  })
  test('MTLS-33 RFC 8705 §6.5: Client-Cert from anyone is ignored, with a certificate of one’s own and without', async () => {
    const other = await selfSigned()
    expect(await get(serving.port, undefined, { 'client-cert': client.header })).toBeNull()
    expect(await get(serving.port, other, { 'client-cert': client.header })).toEqual({ der: base64(other), authorized: false })
  })
  test('MTLS-34 RFC 8705 §3: a session is never taken up again, so each connection proves the key', async () => {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const resumed = await resumption(serving.port, client, maxVersion)
      expect(resumed).toBe(false)
    }
  })
  test('FAPI-04 FAPI-05 FAPI 2.0 SP §5.2.1: TLS 1.1 and suites without forward secrecy or AEAD are refused', async () => {
    await expect(handshake(serving.port, { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'ALL@SECLEVEL=0' })).rejects.toThrow(/.+/)
    for (const ciphers of ['AES128-GCM-SHA256', 'ECDHE-ECDSA-AES128-SHA256', 'ECDHE-ECDSA-AES256-SHA'])
      await expect(handshake(serving.port, { maxVersion: 'TLSv1.2', ciphers })).rejects.toThrow(/.+/)
    const suite = await handshake(serving.port, { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' })
    expect(suite).toBe('ECDHE-ECDSA-AES128-GCM-SHA256')
  })
})

test('MTLS-10 RFC 8705 §7.4: without a list no authority is trusted, not even those of the web', async () => {
  const { ca: _ca, ...without } = tls()
  const web = getCACertificates('default')
  setDefaultCACertificates([trusted.certificate])
  try {
    const serving = await serve(show, { tls: without })
    expect(await get(serving.port, client)).toMatchObject({ authorized: false })
    await serving.close()
  } finally {
    setDefaultCACertificates(web)
  }
})

test('plain TLS asks for no certificate (MTLS-32 RFC 8705 §6.1)', async () => {
  const serving = await serve(show, { tls: { cert: site.certificate, key: site.key } })
  expect(await get(serving.port, client)).toBeNull()
  await serving.close()
})

describe('every mount on Node reads the certificate', () => {
  const listen = async (listener: RequestListener): Promise<readonly [number, () => void]> => {
    const server = createTlsServer(tls(), listener)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return [(server.address() as AddressInfo).port, () => server.close().closeAllConnections()]
  }
  test.each([
    ['node', toNodeListener(show)],
    ['express', express().use('/auth', toExpress(show))],
    [
      'fetch, by its option',
      toNodeListener(async (given) => {
        const answer = await toFetch(show, { clientCertificate: () => given.clientCertificate })(new Request('https://as.example/auth'))
        return { status: answer.status, headers: {}, body: await answer.text() }
      }),
    ],
    ['clientCertificateOf', (incoming, outgoing) => void outgoing.end(JSON.stringify(shown(clientCertificateOf(incoming))))],
  ] satisfies [string, RequestListener][])('%s', async (_name, listener) => {
    const [port, close] = await listen(listener)
    expect(await get(port, client)).toEqual({ der: base64(client), authorized: true })
    expect(await get(port)).toBeNull()
    close()
  })
  test('fastify', async () => {
    const app = fastify({ https: tls() })
    await app.register(toFastify(show), { prefix: '/auth' })
    await app.listen({ port: 0, host: '127.0.0.1' })
    expect(await get((app.server.address() as AddressInfo).port, client)).toEqual({ der: base64(client), authorized: true })
    app.server.closeAllConnections()
    await app.close()
  })
})

/** Whether a second connection may use the session of the first. */
async function resumption(port: number, held: Held, maxVersion: 'TLSv1.2' | 'TLSv1.3'): Promise<boolean> {
  const options = { host: '127.0.0.1', port, rejectUnauthorized: false, cert: held.certificate, key: held.key, maxVersion }
  const ask = (session?: Buffer): Promise<readonly [TLSSocket, Buffer | undefined]> =>
    new Promise((resolve, reject) => {
      let ticket: Buffer | undefined
      const socket = connect({ ...options, ...(session && { session }) })
      socket.on('session', (one: Buffer) => (ticket = one)).on('error', reject)
      // An answer was read, so a ticket would have come.
      socket.once('data', () => resolve([socket, ticket ?? socket.getSession()]))
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    })
  const [first, session] = await ask()
  first.destroy()
  const [second] = await ask(session)
  const reused = second.isSessionReused()
  second.destroy()
  return reused
}

function handshake(port: number, options: Parameters<typeof connect>[1] & object): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options }, () => {
      resolve(socket.getCipher().name)
      socket.destroy()
    })
    socket.on('error', reject)
  })
}
