import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Handler, HttpRequest, Reply } from '@holdfast/protocol/http'
import { GRANT_TYPES } from '@holdfast/server'
import { readClient, readResources } from '@holdfast/server/config'
import { beforeEach, describe, expect, it } from 'vitest'
import { configurationOf } from '../test/configuration.ts'
import { traceOf, withExplorer } from './front.ts'
import { Trace } from './trace.ts'
import { withExplorerClient, worldOf } from './world.ts'

const { value: resources = [] } = readResources(
  [{ identifier: 'http://localhost:4001/api', name: 'API', scopes: [{ name: 'read', description: 'Read' }] }],
  { issuer: 'http://localhost:4000' } as never,
)
const dev = configurationOf({ development: true, resources })
const ISSUER = dev.issuer
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-explorer-'))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<title>Explorer</title>')
  writeFileSync(join(folder, 'assets', 'page-abc.js'), 'run()')
  writeFileSync(join(folder, 'notes.txt'), 'not served')
})

const own: Handler = () => Promise.resolve({ status: 418, headers: {}, body: 'own' })
const request = (path: string, method = 'GET'): HttpRequest => ({
  method,
  path,
  query: '',
  headers: (name) => (name === 'host' ? ['localhost:4000'] : []),
  clientAddress: '127.0.0.1',
  body: () => Promise.resolve(new Uint8Array()),
})

function get(path: string, configuration = dev, method = 'GET'): Promise<Reply> {
  const front = withExplorer(configuration, traceOf(configuration), {}, folder)
  return (front?.(own) ?? own)(request(path, method))
}

describe('the explorer before a server', () => {
  it('serves its page and files under a strict policy', async () => {
    const page = await get('/explorer/')
    expect(page).toMatchObject({ status: 200, body: '<title>Explorer</title>' })
    expect(page.headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self'; .*frame-ancestors 'none'$/,
    )
    expect((await get('/explorer/assets/page-abc.js')).headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    })
    expect(await get('/explorer')).toMatchObject({ status: 308, headers: { location: '/explorer/', 'cache-control': 'no-store' } })
  })

  it.each(['/explorer/notes.txt', '/explorer/../package.json', '/explorer/nothing.js'])('has no %s', async (path) =>
    expect((await get(path)).status).toBe(404),
  )
  it('is read, not written', async () =>
    expect(await get('/explorer/', dev, 'POST')).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } }))
  it('leaves everything else to the server', async () => expect((await get('/token')).body).toBe('own'))

  it('tells its page where flows can run', async () => {
    expect(JSON.parse((await get('/explorer/explorer.json')).body)).toEqual({
      issuer: ISSUER,
      api: 'http://localhost:4001/api',
      scope: 'read',
      clientId: 'flow-explorer',
      redirectUri: 'http://localhost:4000/explorer/callback.html',
      trace: 'http://localhost:4000/explorer/trace',
    })
  })

  it('is not there where it was not built', () => expect(withExplorer(dev, undefined, {}, join(folder, 'nowhere'))).toBeUndefined())
})

describe('the trace', () => {
  it.each([
    ['in production', { development: false }],
    ['for an issuer that others can reach', { issuer: 'https://login.example' }],
    ['for a name that only looks like this machine', { issuer: 'https://localhost.example' }],
  ])('is not there %s', async (_what, over) => {
    const configuration = { ...dev, ...over }
    expect([traceOf(configuration), traceOf(configuration, new Trace())]).toEqual([undefined, undefined])
    expect((await get('/explorer/trace', configuration)).status).toBe(404)
    expect((await get('/explorer/explorer.json', configuration)).body).not.toContain('trace')
    expect((await get('/token', configuration)).headers['holdfast-trace']).toBeUndefined()
  })

  it('is there in development on this machine', async () => {
    expect((await get('/token')).headers['holdfast-trace']).toMatch(/^[\w-]{43}$/)
    expect((await get('/explorer/trace')).status).toBe(200)
  })

  it('in production the page may call the APIs that are configured, and nothing else', async () => {
    const policy = String((await get('/explorer/', { ...dev, development: false })).headers['content-security-policy'])
    expect(policy).toContain("connect-src 'self' http://localhost:4001;")
  })
})

describe('its client', () => {
  it('is public, and may have what the APIs offer', () => {
    const [client] = withExplorerClient(dev)
    expect(client).toMatchObject({
      clientId: 'flow-explorer',
      tokenEndpointAuthMethod: 'none',
      redirectUris: ['http://localhost:4000/explorer/callback.html'],
    })
    expect(client?.scopes).toContain('read')
  })

  it('is the one that was configured, where there is one of that name', () => {
    const configured = { ...dev, clients: withExplorerClient(dev) }
    expect(withExplorerClient(configured)).toBe(configured.clients)
  })

  it('in production asks for no less than the operator asks of everybody', () => {
    const own = (profile: typeof dev.profile): unknown => withExplorerClient({ ...dev, development: false, profile })[0]
    expect(own('strong')).toMatchObject({ profile: 'strong', dpopBoundAccessTokens: true, requirePushedAuthorizationRequests: true })
    expect(own('oauth21')).toMatchObject({ profile: 'oauth21' })
    // Others reach it, whatever it says of development.
    expect(withExplorerClient({ ...dev, issuer: 'https://login.example', profile: 'strong' })[0]).toMatchObject({ profile: 'strong' })
    expect(withExplorerClient({ ...dev, profile: 'fapi2' })[0]).toMatchObject({ profile: 'oauth21' })
  })

  it('FAPI 2.0 §5.3.2.1: in production is not there where clients are confidential', () => {
    const production = { ...dev, development: false, profile: 'fapi2' as const }
    expect([withExplorerClient(production), worldOf(production).clientId]).toEqual([[], undefined])
  })

  it('in production plays the part of no other application', () => {
    const { value: app } = readClient(
      {
        client_id: 'phone',
        token_endpoint_auth_method: 'none',
        application_type: 'native',
        redirect_uris: ['com.example.phone:/callback'],
        grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'],
        first_party: true,
      },
      { profile: 'oauth21', grantTypes: GRANT_TYPES, resources },
      'client',
    )
    const configured = { ...dev, clients: app === undefined ? [] : [app] }
    expect(worldOf(configured)).toMatchObject({ deviceClientId: 'phone', firstPartyClientId: 'phone' })
    expect(worldOf({ ...configured, development: false })).toMatchObject({ deviceClientId: undefined, firstPartyClientId: undefined })
  })

  it('of a flow without its client the page is told of none', () =>
    expect(worldOf(dev)).toMatchObject({ deviceClientId: undefined, firstPartyClientId: undefined }))
})
