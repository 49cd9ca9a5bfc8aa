import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { beforeAll, expect, test, vi } from 'vitest'
import { Authority, CLIENT, type Held, newKeys, selfSigned, SERVER } from '../../../test/certificates.ts'
import { clientCertificates } from './client-certificate.ts'
import type { ClientCertificateProxies } from './node.ts'
import { nodeGuard, serve, toNodeListener } from './node.ts'
import { get, show, shown } from './test/tls.ts'
import { overSocket } from './test/wire.ts'

let trusted: Authority
let client: Held
const HERE: ClientCertificateProxies = { proxies: ['127.0.0.1'] }

beforeAll(async () => {
  trusted = await Authority.create('Issuer of clients')
  client = await trusted.issue({ purposes: [CLIENT] })
})

/** What a handler is told, over plain HTTP from 127.0.0.1 with these header lines. */
async function told(from: ClientCertificateProxies | undefined, ...lines: readonly string[]): Promise<unknown> {
  const serving = await serve(show, from === undefined ? {} : { clientCertificateFrom: from })
  const answer = await overSocket(serving.port, { target: '/', headers: lines.map((line) => ['Client-Cert', line] as const) })
  await serving.close()
  return JSON.parse(answer.body)
}

/** The same without a socket: whether a certificate that the proxy names is authorized. */
function authorized(held: Held, over: Partial<ClientCertificateProxies> = {}): boolean | undefined {
  const of = clientCertificates({ proxies: ['192.0.2.1'], authorities: [trusted.certificate], ...over })
  return of({ remoteAddress: '192.0.2.1', destroyed: false } as Parameters<typeof of>[0], () => [held.header])?.authorized
}

test('MTLS-33 RFC 9440 §2.2: the certificate that a named proxy tells is the client’s', async () => {
  expect(await told({ ...HERE, authorities: [trusted.certificate] }, client.header)).toEqual({
    der: client.der.toString('base64'),
    authorized: true,
  })
  expect(await told(HERE, client.header)).toMatchObject({ authorized: false })
})

test('MTLS-33 RFC 8705 §6.5: the header of anyone else is ignored', async () => {
  const authorities = [trusted.certificate]
  expect(await told(undefined, client.header)).toBeNull()
  expect(await told({ proxies: [], authorities, proxyValidates: true }, client.header)).toBeNull()
  expect(await told({ proxies: ['127.0.0.2', '10.0.0.0/8', 'unix'], authorities, proxyValidates: true }, client.header)).toBeNull()
})

test('MTLS-33 RFC 9440 §2.2: anything but exactly one byte sequence with one certificate is none', async () => {
  const { header, certificate, der } = client
  const bytes = (content: Uint8Array | string): string => `:${Buffer.from(content).toString('base64')}:`
  const malformed: readonly (readonly string[])[] = [
    [],
    [''],
    ['::'],
    [header, header],
    [`${header}, ${header}`],
    [`${header};a=1`],
    [header.slice(1)],
    [header.slice(0, -1)],
    [header.replaceAll(':', '')],
    [header.replace('M', '-')],
    [encodeURIComponent(certificate)],
    [bytes(certificate)],
    [bytes(Buffer.concat([der, Buffer.from([0])]))],
    [bytes(Buffer.concat([der, der]))],
    [bytes(der.subarray(0, -1))],
    [bytes(Buffer.alloc(13_000))],
    [bytes('hello')],
  ]
  for (const lines of malformed) expect([lines, await told({ ...HERE, proxyValidates: true }, ...lines)]).toEqual([lines, null])
})

test('a proxy’s own certificate is never its client’s', async () => {
  const site = await trusted.issue({ purposes: [SERVER] })
  const options = { cert: site.certificate, key: site.key, requestCert: true, rejectUnauthorized: false, ca: [trusted.certificate] }
  const server = createTlsServer(options, toNodeListener(show, { clientCertificateFrom: { ...HERE, proxyValidates: true } }))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  expect(await get(port, client)).toBeNull()
  const other = await selfSigned()
  expect(await get(port, client, { 'client-cert': other.header })).toMatchObject({ der: other.der.toString('base64') })
  server.close().closeAllConnections()
})

test('MTLS-06 MTLS-10 RFC 8705 §2.1, §7.4: only what a listed authority issued itself is authorized', async () => {
  expect(authorized(client)).toBe(true)
  expect(authorized(client, { authorities: [] })).toBe(false)
  expect(authorized(await selfSigned({ purposes: [CLIENT] }))).toBe(false)
  const stranger = await Authority.create('Issuer of clients')
  expect(authorized(await stranger.issue({ purposes: [CLIENT] }))).toBe(false)
  const keys = await newKeys()
  const [named, renamed] = [await Authority.create('One name', { keys }), await Authority.create('Another name', { keys })]
  const one = await named.issue()
  expect(authorized(one, { authorities: [named.certificate] })).toBe(true)
  expect(authorized(one, { authorities: [renamed.certificate] })).toBe(false)
  const below = await trusted.below('Intermediate')
  const held = await below.issue({ purposes: [CLIENT] })
  expect(authorized(held)).toBe(false)
  expect(authorized(held, { authorities: [`${trusted.certificate}\n${below.certificate}`] })).toBe(true)
})

test('MTLS-06 RFC 5280 §4.2: dates, purpose and hash of the certificate count; and the dates of its authority', async () => {
  const past = new Date(Date.now() - 60_000)
  expect(authorized(await trusted.issue())).toBe(true)
  expect(authorized(await trusted.issue({ purposes: [SERVER, CLIENT] }))).toBe(true)
  expect(authorized(await trusted.issue({ purposes: [SERVER] }))).toBe(false)
  expect(authorized(await trusted.issue({ notAfter: past }))).toBe(false)
  expect(authorized(await trusted.issue({ notBefore: new Date(Date.now() + 60_000) }))).toBe(false)
  expect(authorized(await trusted.issue({ hash: 'SHA-1' }))).toBe(false)
  const keys = await newKeys()
  const ended = await Authority.create('Ended', { keys, notAfter: past })
  expect(authorized(await ended.issue(), { authorities: [ended.certificate] })).toBe(false)
})

test('with proxyValidates its word stands, but not after the certificate has ended', () => {
  expect(authorized(client, { authorities: [], proxyValidates: true })).toBe(true)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * 86_400_000 })
  expect(authorized(client, { authorities: [], proxyValidates: true })).toBe(false)
  vi.useRealTimers()
})

test('a connection that is gone is not taken for a Unix socket', () => {
  const of = clientCertificates({ proxies: ['unix'], proxyValidates: true })
  const over = (destroyed: boolean): unknown =>
    of({ remoteAddress: undefined, destroyed } as Parameters<typeof of>[0], () => [client.header])
  expect(over(false)).toBeDefined()
  expect(over(true)).toBeUndefined()
})

test('a guard before a route sees it too', async () => {
  const listener = nodeGuard(
    (request) => Promise.resolve({ kind: 'allowed', access: request.clientCertificate, headers: {} }),
    (_incoming, outgoing, certificate) => void outgoing.end(JSON.stringify(shown(certificate))),
    { clientCertificateFrom: HERE },
  )
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const answer = await overSocket((server.address() as AddressInfo).port, { target: '/', headers: [['Client-Cert', client.header]] })
  expect(JSON.parse(answer.body)).toMatchObject({ authorized: false })
  server.close().closeAllConnections()
})

test.each([['no PEM'], ['-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----']])(
  'an authority that is none is an error at start: %j',
  (text) => {
    expect(() => toNodeListener(show, { clientCertificateFrom: { proxies: [], authorities: [text] } })).toThrow()
  },
)

test('a certificate that is no authority’s is an error at start, and so is a proxy that is no address', () => {
  const from = (over: Partial<ClientCertificateProxies>) => () => toNodeListener(show, { clientCertificateFrom: { proxies: [], ...over } })
  expect(from({ authorities: [client.certificate] })).toThrow(/no authority/)
  expect(from({ proxies: ['proxy'] })).toThrow(/neither an address/)
})
