import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { secretHash } from '@holdfast/protocol/secret'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Loaded } from './configuration.ts'
import { defineConfig } from './define-config.ts'
import { loadConfiguration } from './load.ts'
import { newSecretsFile } from './secrets.ts'

const secret = 'q9Zt3vXk1LmN8pRs5TuVw2YzA4BcD6Ef'
const client = { client_id: 'web', client_secret: secret, redirect_uris: ['https://app.example/cb'] }
let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-config-'))
  writeFileSync(join(directory, 'holdfast.secrets.json'), newSecretsFile('first'), { mode: 0o600 })
})

function write(content: unknown, name = 'holdfast.config.json'): void {
  writeFileSync(join(directory, name), typeof content === 'string' ? content : JSON.stringify(content))
}

function load(environment: Record<string, string> = {}, flags: Record<string, string> = {}): Promise<Loaded> {
  return loadConfiguration({
    directory,
    environment,
    flags: new Map(Object.entries(flags).map(([path, text]) => [path, { text, name: `--${path}` }])),
  })
}

const faultsOf = async (content: unknown, environment: Record<string, string> = {}): Promise<readonly string[]> => {
  write(content)
  return (await load(environment)).faults.map((fault) => `${fault.path} ${fault.message}`)
}

test('an issuer is all that must be said', async () => {
  write({ issuer: 'http://localhost:4000' })
  const { configuration, faults, warnings } = await load()
  expect(faults).toEqual([])
  expect(warnings).toEqual([])
  expect(configuration).toEqual({
    issuer: 'http://localhost:4000',
    listen: { host: '127.0.0.1', port: 4000 },
    tls: undefined,
    trustedProxies: [],
    mtls: undefined,
    store: { engine: 'sqlite', path: join(directory, 'data/holdfast.db') },
    memory: { engine: 'store' },
    secrets: [{ id: 'first', value: expect.any(Uint8Array) as Uint8Array }],
    clients: [],
    resources: [],
    authenticationLevels: [],
    authorizationDetailsTypes: [],
    accounts: { seed: [], signUp: false },
    profile: 'strong',
    lifetimes: {},
    dpopNonce: 'required',
    outbound: { allow: [] },
    secondFactor: 'always',
    sessions: { thirdPartyFrames: false },
    logout: { endsRefreshTokens: true },
    attestation: undefined,
    trustedIssuers: [],
    requirePushedAuthorizationRequests: false,
    requireSignedRequestObject: false,
    development: false,
    explorer: false,
  })
  expect(configuration?.secrets[0]?.value).toHaveLength(32)
})

test('PAR-20 JAR-14 what is asked of every request is read, and its profile may sign', async () => {
  write({ issuer: 'http://localhost:4000', requirePushedAuthorizationRequests: true, profile: 'fapi2-message-signing' })
  const { configuration } = await load({ HOLDFAST_REQUIRE_SIGNED_REQUEST_OBJECT: 'true' })
  expect(configuration).toMatchObject({
    requirePushedAuthorizationRequests: true,
    requireSignedRequestObject: true,
    profile: 'fapi2-message-signing',
  })
})

test('unsafe options of clients are warned of, each by its name', async () => {
  write({ issuer: 'http://localhost:4000', clients: [{ ...client, profile: 'oauth21', unsafe_without_pkce: true }] })
  expect((await load()).warnings).toEqual(['client web has unsafe_without_pkce'])
})

describe('flag over environment over file over default', () => {
  const at = (loaded: Loaded): unknown => [loaded.configuration?.listen.port, loaded.origins.get('listen.port')?.name]
  test('each layer wins over those below, and is named as the origin', async () => {
    write({ issuer: 'http://localhost:4000' })
    expect(at(await load())).toEqual([4000, undefined])
    write({ issuer: 'http://localhost:4000', listen: { port: 4001 } })
    expect(at(await load())).toEqual([4001, join(directory, 'holdfast.config.json')])
    writeFileSync(join(directory, 'port'), '4002\n')
    expect(at(await load({ HOLDFAST_LISTEN_PORT_FILE: 'port' }))).toEqual([4002, 'HOLDFAST_LISTEN_PORT_FILE (port)'])
    expect(at(await load({ HOLDFAST_LISTEN_PORT: '4003' }))).toEqual([4003, 'HOLDFAST_LISTEN_PORT'])
    expect(at(await load({ HOLDFAST_LISTEN_PORT: '4003' }, { 'listen.port': '4004' }))).toEqual([4004, '--listen.port'])
  })
  test('one member of a section leaves the others of the file', async () => {
    write({ issuer: 'http://localhost:4000', listen: { host: 'localhost', port: 4001 } })
    expect((await load({ HOLDFAST_LISTEN_PORT: '4003' })).configuration?.listen).toEqual({ host: 'localhost', port: 4003 })
  })
  test('lists are JSON in the environment, and replace the list of the file', async () => {
    write({ issuer: 'http://localhost:4000', clients: [client] })
    const { configuration } = await load({
      HOLDFAST_CLIENTS: JSON.stringify([{ ...client, client_id: 'other' }]),
      HOLDFAST_TRUSTED_PROXIES: '["10.0.0.0/8"]',
      HOLDFAST_DEVELOPMENT: 'true',
      HOLDFAST_LIFETIMES_ACCESS_TOKEN: '60',
    })
    expect(configuration?.clients.map((one) => one.clientId)).toEqual(['other'])
    expect(configuration).toMatchObject({ trustedProxies: ['10.0.0.0/8'], development: true, lifetimes: { accessToken: 60 } })
  })
  test('the environment alone is enough', async () => {
    const { configuration, file } = await load({
      HOLDFAST_ISSUER: 'https://as.example',
      HOLDFAST_STORE_ENGINE: 'memory',
      HOLDFAST_SECRETS_FILE: 'holdfast.secrets.json',
    })
    expect(configuration).toMatchObject({ issuer: 'https://as.example', store: { engine: 'memory' } })
    expect(file).toBeUndefined()
  })
})

describe('files', () => {
  test.each([
    ['holdfast.config.yaml', 'issuer: https://as.example # ours\nlisten: {port: 5000}\n'],
    ['holdfast.config.yml', 'issuer: https://as.example\nlisten:\n  port: 5000\n'],
    ['holdfast.config.json', '{"issuer": "https://as.example", "listen": {"port": 5000}}'],
    ['holdfast.config.ts', 'const port: number = 5000\nexport default { issuer: `https://as.example`, listen: { port } } as const\n'],
  ])('%s is read', async (name, text) => {
    write(text, name)
    expect((await load()).configuration).toMatchObject({ issuer: 'https://as.example', listen: { host: '127.0.0.1', port: 5000 } })
  })
  test.each([
    ['holdfast.config.json', '{"client_secret": hunter2hunter2', /cannot be read: /],
    ['holdfast.config.yaml', 'a: b: hunter2\n', /cannot be read: .*line 1, column 4/],
    ['holdfast.config.yaml', 'issuer: a\nissuer: b\n', /cannot be read: Map keys must be unique/],
    ['holdfast.config.yaml', '- hunter2\n', /must hold an object/],
    ['holdfast.config.ts', 'export const issuer = "hunter2"\n', /must export the configuration as default/],
  ])('%s with %j is refused, and not quoted', async (name, text, why) => {
    write(text, name)
    const { faults } = await load()
    expect(faults).toHaveLength(1)
    expect(`${faults[0]?.path} ${faults[0]?.message}`).toMatch(why)
    expect(faults[0]?.message).not.toContain('hunter2')
  })
  test('two files leave it open which one counts', async () => {
    write({})
    write('', 'holdfast.config.yaml')
    expect((await load()).faults[0]?.message).toBe('has holdfast.config.yaml and holdfast.config.json; keep one, or name one with --config')
  })
  test('a named file must be there; HOLDFAST_CONFIG names one too', async () => {
    expect((await load({ HOLDFAST_CONFIG: 'nowhere.json' })).faults).toEqual([
      { path: 'nowhere.json', message: 'does not exist; holdfast init writes one' },
    ])
  })
  test('paths in a file are relative to it', async () => {
    write({ issuer: 'https://as.example', store: { path: 'db/x.db' } })
    const { configuration } = await loadConfiguration({
      file: join(directory, 'holdfast.config.json'),
      environment: {},
      directory: tmpdir(),
    })
    expect(configuration?.store).toEqual({ engine: 'sqlite', path: join(directory, 'db/x.db') })
  })
})

describe('references to secrets', () => {
  test('env: and file: are followed in clients and people', async () => {
    writeFileSync(join(directory, 'web.secret'), `${secret}\n`)
    write({
      issuer: 'https://as.example',
      clients: [{ ...client, client_secret: 'file:web.secret' }],
      accounts: { seed: [{ username: 'ada', password: 'env:ADA', totpSecret: 'env:ADA_TOTP' }] },
    })
    const { configuration, origins, faults } = await load({ ADA: 'a long enough one', ADA_TOTP: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' })
    expect(faults).toEqual([])
    expect(configuration?.clients[0]?.secrets[0]?.hash).toBe(secretHash(secret))
    expect(configuration?.accounts.seed[0]?.password).toBe('a long enough one')
    expect(configuration?.accounts.seed[0]?.totpSecret).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
    expect(origins.get('clients[0].client_secret')).toEqual({ kind: 'file', name: 'web.secret' })
    expect(origins.get('accounts.seed[0].password')).toEqual({ kind: 'environment', name: 'ADA' })
  })
  test('what is named and not there is one fault, not two', async () => {
    expect(
      await faultsOf({
        issuer: 'https://as.example',
        clients: [
          { ...client, client_secret: 'env:NOT_SET' },
          { ...client, client_id: 'b', client_secret: 'file:nowhere' },
        ],
      }),
    ).toEqual([
      'clients[0].client_secret names the environment variable NOT_SET, which is not set',
      'clients[1].client_secret names the file nowhere, which cannot be read: ENOENT',
    ])
  })
  test('only secrets are followed: a name that looks like a reference stays a name', async () => {
    write({ issuer: 'https://as.example', clients: [{ ...client, client_name: 'env:HOME' }] })
    expect((await load({ HOME: '/root' })).configuration?.clients[0]?.clientName).toBe('env:HOME')
  })
})

test('defineConfig is the type of a configuration and nothing else', () => {
  const written = { issuer: 'https://as.example', clients: [client], accounts: { seed: [] } }
  expect(defineConfig(written)).toBe(written)
})
