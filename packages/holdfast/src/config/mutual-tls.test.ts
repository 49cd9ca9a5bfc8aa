import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { Authority, type Held, SERVER } from '../../../../test/certificates.ts'
import type { Loaded } from './configuration.ts'
import { loadConfiguration } from './load.ts'
import { newSecretsFile } from './secrets.ts'

const directory = mkdtempSync(join(tmpdir(), 'holdfast-mtls-'))
let root: Authority
let below: Authority
let site: Held

beforeAll(async () => {
  root = await Authority.create('Root')
  below = await root.below('Issuer of clients')
  site = await root.issue({ subject: [{ CN: ['mtls.id.example'] }], purposes: [SERVER] })
  writeFileSync(join(directory, 'holdfast.secrets.json'), newSecretsFile('first'), { mode: 0o600 })
  writeFileSync(join(directory, 'ca.pem'), root.certificate)
})

async function load(mtls: object | undefined, clients: readonly object[] = []): Promise<Loaded> {
  writeFileSync(join(directory, 'holdfast.config.json'), JSON.stringify({ issuer: 'https://id.example', mtls, clients }))
  return loadConfiguration({ directory, environment: {} })
}
const faults = async (...from: Parameters<typeof load>): Promise<readonly string[]> =>
  (await load(...from)).faults.map(({ path, message }) => `${path} ${message}`)
const tls = (over: object = {}): object => ({
  publicUrl: 'https://mtls.id.example',
  certificate: site.certificate,
  key: site.key,
  authorities: ['ca.pem'],
  ...over,
})
const proxied = (over: object = {}): object => ({
  publicUrl: 'https://mtls.id.example',
  proxies: ['10.0.0.0/8'],
  authorities: ['ca.pem'],
  ...over,
})

test('MTLS-32 RFC 8705 §6.1: a listener of its own, with TLS of its own or behind proxies', async () => {
  const { configuration } = await load(tls())
  expect(configuration?.mtls).toMatchObject({
    listen: { host: '127.0.0.1', port: 4001 },
    tls: { certificate: site.certificate, key: site.key },
    authorities: [root.certificate],
  })
  expect((await load(proxied({ proxyValidates: true }))).configuration?.mtls).toMatchObject({
    tls: undefined,
    proxies: ['10.0.0.0/8'],
    proxyValidates: true,
  })
  expect((await load(undefined)).configuration?.mtls).toBeUndefined()
})

describe('one fault each', () => {
  test.each([
    [{ publicUrl: 'http://mtls.id.example' }, 'mtls.publicUrl must be an https origin without a path, such as https://mtls.id.example.com'],
    [
      { publicUrl: 'https://mtls.id.example/x' },
      'mtls.publicUrl must be an https origin without a path, such as https://mtls.id.example.com',
    ],
    [
      { publicUrl: 'https://id.example' },
      'mtls.publicUrl must be another origin than that of the issuer: browsers would be asked for certificates there (RFC 8705 §5)',
    ],
    [{ certificate: undefined }, 'mtls needs certificate and key, or proxies that end mutual TLS'],
    [{ proxies: ['10.0.0.1'] }, 'mtls.proxies stands beside certificate and key: either proxies end mutual TLS or this listener does'],
    [{ proxyValidates: true }, 'mtls.proxyValidates is for a listener behind proxies; name them in mtls.proxies'],
    [{ authorities: ['nowhere.pem'] }, 'mtls.authorities[0] names nowhere.pem, which cannot be read: ENOENT'],
    [{ publicURL: 'x' }, 'mtls.publicURL is not an option; did you mean publicUrl?'],
  ])('%j', async (over, fault) => {
    expect(await faults(tls(over))).toEqual([fault])
  })
  test('a certificate that is no authority’s', async () => {
    expect(await faults(tls({ authorities: [site.certificate] }))).toEqual([
      'mtls.authorities[0] must hold certificates of authorities, in PEM',
    ])
  })
  test('MTLS-10 an intermediate authority without its root would let nobody in; behind proxies it is the right one', async () => {
    expect(await faults(tls({ authorities: [below.certificate] }))).toEqual([
      'mtls.authorities has CN=Issuer of clients without the authority above it: add its root',
    ])
    expect(await faults(tls({ authorities: [below.certificate, 'ca.pem'] }))).toEqual([])
    expect(await faults(proxied({ authorities: [below.certificate] }))).toEqual([])
  })
  test('a proxy that is no address', async () => {
    expect(await faults(proxied({ proxies: ['10.0.0.1', 'proxy'] }))).toEqual([
      'mtls.proxies[1] must be an address, a range such as 10.0.0.0/8, or unix',
    ])
  })
})

describe('clients that need it', () => {
  const web = {
    client_id: 'web',
    redirect_uris: ['https://app.example/cb'],
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_san_dns: 'web.example',
  }
  const bound = {
    client_id: 'app',
    redirect_uris: ['https://app.example/cb'],
    token_endpoint_auth_method: 'none',
    tls_client_certificate_bound_access_tokens: true,
  }

  test('MTLS-06 stop the start where nothing gives their certificates, or nobody is trusted to sign them', async () => {
    expect(await faults(undefined, [web, bound])).toEqual([
      'clients[0].token_endpoint_auth_method needs mutual TLS: set mtls',
      'clients[1].tls_client_certificate_bound_access_tokens needs mutual TLS: set mtls',
    ])
    expect(await faults(tls({ authorities: [] }), [web, bound])).toEqual([
      'clients[0].token_endpoint_auth_method is tls_client_auth, and mtls.authorities names no authority of clients',
    ])
    expect(await faults(proxied({ authorities: [], proxyValidates: true }), [web])).toEqual([])
    expect(await faults(tls(), [web, bound])).toEqual([])
  })
})
