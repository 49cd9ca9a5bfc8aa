import { configurationOf } from './test/configuration.ts'
import { request as overHttp } from 'node:http'
import { request as overTls, type RequestOptions } from 'node:https'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Log } from '@holdfast/server'
import { readClient } from '@holdfast/server/config'
import { Authority, CLIENT, type Held, selfSigned, SERVER } from '../../../test/certificates.ts'
import type { Configuration } from './config/configuration.ts'
import { type Running, start } from './serve.ts'

const silent: Log = { info() {}, warn() {}, error() {} }
const CONTEXT = { profile: 'oauth21', resources: [], grantTypes: ['authorization_code', 'refresh_token'] } as const
const WEB = {
  client_id: 'web',
  redirect_uris: ['https://app.example/cb'],
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_san_dns: 'web.example',
}
let authority: Authority
let site: Held
let web: Held

beforeAll(async () => {
  authority = await Authority.create('Issuer of clients')
  site = await authority.issue({ subject: [{ CN: ['id.example'] }], purposes: [SERVER] })
  web = await authority.issue({ names: [{ type: 'dns', value: 'web.example' }], purposes: [CLIENT] })
})

function configuration(mtls: Partial<NonNullable<Configuration['mtls']>>): Configuration {
  return configurationOf({
    issuer: 'https://id.example',
    tls: { certificate: site.certificate, key: site.key },
    mtls: {
      publicUrl: 'https://mtls.id.example',
      listen: { host: '127.0.0.1', port: 0 },
      tls: undefined,
      authorities: [authority.certificate],
      proxies: [],
      proxyValidates: false,
      ...mtls,
    },
    clients: [readClient(WEB, CONTEXT, 'c').value].filter((one) => one !== undefined),
  })
}

/** The status of a revocation by the client `web`: 200 when it is authenticated. */
function revoke(port: number, options: RequestOptions & { readonly plain?: boolean } = {}): Promise<number | undefined> {
  const { plain = false, headers, ...rest } = options
  const all: RequestOptions = {
    host: '127.0.0.1',
    port,
    path: '/revoke',
    method: 'POST',
    agent: false,
    rejectUnauthorized: false,
    ...rest,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...(headers as Record<string, string> | undefined) },
  }
  return new Promise((resolve, reject) => {
    const outgoing = plain ? overHttp({ ...all, agent: false }) : overTls(all)
    outgoing.on('response', (incoming) => {
      incoming.resume()
      resolve(incoming.statusCode)
    })
    outgoing.on('error', reject).end(all.method === 'POST' ? 'client_id=web&token=x' : undefined)
  })
}

const showing = ({ certificate, key }: Held): RequestOptions => ({ cert: certificate, key })

describe('the program with a listener for mutual TLS', () => {
  let running: Running
  beforeAll(async () => {
    running = await start(configuration({ tls: { certificate: site.certificate, key: site.key } }), silent)
  })
  afterAll(() => running.close())
  const port = (): number => running.mutualTlsPort as number

  test('MTLS-01 MTLS-17 RFC 8705 §6.1: authenticates there by certificate, and refuses others after the handshake', async () => {
    expect(await revoke(port(), showing(web))).toBe(200)
    expect(await revoke(port(), showing(await selfSigned({ names: [{ type: 'dns', value: 'web.example' }] })))).toBe(401)
    expect(await revoke(port())).toBe(401)
  })
  test('MTLS-32 RFC 8705 §5: the listener for browsers asks for no certificate, and this one has no page', async () => {
    expect(await revoke(running.port, showing(web))).toBe(401)
    const page = { ...showing(web), method: 'GET', path: '/authorize' }
    expect([await revoke(port(), page), await revoke(running.port, page)]).toEqual([404, 400])
  })
  test('MTLS-33 RFC 8705 §6.5: Client-Cert is believed at neither of the two', async () => {
    for (const at of [port(), running.port]) expect(await revoke(at, { headers: { 'client-cert': web.header } })).toBe(401)
  })
})

describe('the program behind a proxy that ends mutual TLS', () => {
  const at = async (mtls: Partial<NonNullable<Configuration['mtls']>>, check: (running: Running) => Promise<void>): Promise<void> => {
    const running = await start(configuration(mtls), silent)
    try {
      await check(running)
    } finally {
      await running.close()
    }
  }
  test('MTLS-33 RFC 9440 §2.2: believes Client-Cert of the proxy that is named, at that listener alone', async () => {
    await at({ proxies: ['127.0.0.1'] }, async (running) => {
      const mutual = running.mutualTlsPort as number
      expect(await revoke(mutual, { plain: true, headers: { 'client-cert': web.header } })).toBe(200)
      expect(await revoke(mutual, { plain: true })).toBe(401)
      expect(await revoke(running.port, { headers: { 'client-cert': web.header } })).toBe(401)
    })
  })
  test('MTLS-33 RFC 8705 §6.5: and of nobody else', async () => {
    await at({ proxies: ['10.0.0.1'] }, async (running) => {
      expect(await revoke(running.mutualTlsPort as number, { plain: true, headers: { 'client-cert': web.header } })).toBe(401)
    })
  })
})
