import { mkdtempSync, chmodSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { loadConfiguration } from './load.ts'
import { newSecretsFile } from './secrets.ts'

const secret = 'q9Zt3vXk1LmN8pRs5TuVw2YzA4BcD6Ef'
let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-faults-'))
  writeFileSync(join(directory, 'holdfast.secrets.json'), newSecretsFile('first'), { mode: 0o600 })
})

async function faultsOf(content: object, environment: Record<string, string> = {}): Promise<readonly string[]> {
  writeFileSync(join(directory, 'holdfast.config.json'), JSON.stringify({ issuer: 'https://as.example', ...content }))
  return (await loadConfiguration({ directory, environment })).faults.map((fault) => `${fault.path} ${fault.message}`)
}

const warningsOf = async (content: object, environment: Record<string, string> = {}): Promise<readonly string[]> => {
  await faultsOf(content)
  return (await loadConfiguration({ directory, environment })).warnings
}

describe('one fault each, with its path and what is allowed', () => {
  test.each([
    [{ isuser: 'x' }, 'isuser is not an option; did you mean issuer?'],
    [{ listen: { prot: 1 } }, 'listen.prot is not an option; did you mean port?'],
    [{ listen: { socket: 1 } }, 'listen.socket is not an option; allowed are host, port'],
    [{ listen: { port: 65536 } }, 'listen.port must be a whole number from 0 to 65535'],
    [{ listen: { port: '4000' } }, 'listen.port must be a whole number from 0 to 65535'],
    [{ listen: 4000 }, 'listen must be an object with host and port'],
    [{ issuer: undefined }, 'issuer is missing; it must be an https address, or http on loopback, such as https://id.example.com'],
    [{ issuer: 'http://as.example' }, 'issuer must be an https address; http is for 127.0.0.1, [::1] and localhost only'],
    [{ tls: { certificate: 'nowhere.pem' } }, 'tls.key is missing; it must be PEM text, env:NAME, or the path of a PEM file'],
    [{ trustedProxies: ['10.0.0.0/8', 'proxy'] }, 'trustedProxies[1] must be an address, a range such as 10.0.0.0/8, or unix'],
    [
      { outbound: { allow: ['keys.internal', 'https://x'] } },
      'outbound.allow[1] must be a host such as keys.example.internal or localhost:8443, an address, or a network such as 10.20.0.0/16',
    ],
    [{ outbound: { allow: ['0.0.0.0/0'] } }, 'outbound.allow[0] is wider than /8: list the networks that are meant'],
    [{ store: { engine: 'redis' } }, 'store.engine must be sqlite, postgres or memory'],
    [
      { store: { engine: 'postgres' } },
      'store.url is missing; the engine postgres needs an address such as postgres://user:password@host:5432/database, or env:NAME that holds it',
    ],
    [
      { store: { engine: 'postgres', url: 'db.example.com' } },
      'store.url must be an address such as postgres://user:password@host:5432/database',
    ],
    [
      { store: { engine: 'postgres', url: 'postgres://u:hunter2@h:port/db' } },
      'store.url must be an address such as postgres://user:password@host:5432/database',
    ],
    [{ store: { engine: 'postgres', url: 'postgres://db', path: 'x' } }, 'store.path is for the engine sqlite; postgres has store.url'],
    [{ store: { engine: 'memory', url: 'postgres://db' } }, 'store.url is for the engine postgres; memory keeps nothing'],
    [{ store: { engine: 'memory', path: 'x' } }, 'store.path is for the engine sqlite; memory keeps nothing'],
    [{ store: { path: ':memory:' } }, 'store.path must be the path of a file; for a store in memory set store.engine to memory'],
    [{ memory: { engine: 'sqlite' } }, 'memory.engine must be store or redis'],
    [{ memory: { url: 'redis://db' } }, 'memory.url is for the engine redis; store needs none'],
    [
      { memory: { engine: 'redis' } },
      'memory.url is missing; the engine redis needs an address such as redis://user:password@host:6379/0, or env:NAME that holds it',
    ],
    [
      { memory: { engine: 'redis', url: 'redis://u:hunter2@h:port' } },
      'memory.url must be an address such as redis://user:password@host:6379/0',
    ],
    [{ memory: { engine: 'redis', url: 'http://h' } }, 'memory.url must be an address such as redis://user:password@host:6379/0'],
    [{ memory: { engine: 'redis', url: 'redis://h', prefix: 'a b' } }, 'memory.prefix must be 1 to 64 letters, digits, ".", "_" or "-"'],
    [{ store: { url: 'postgres://db' } }, 'store.url is for the engine postgres; sqlite has store.path'],
    [{ secrets: { file: 'a', env: 'B' } }, 'secrets has file and env; keep one of the two'],
    [
      { secrets: { env: 'NOT_SET' } },
      'secrets.env names the environment variable NOT_SET, which is not set; holdfast init --print-secrets prints a value for it',
    ],
    [{ clients: {} }, 'clients must be a list of clients'],
    [
      { clients: [{ client_id: 'a', token_endpoint_auth_method: 'attest_jwt_client_auth', redirect_uris: ['https://a.example/cb'] }] },
      'clients[0].token_endpoint_auth_method is attest_jwt_client_auth, which needs attestation.attesters: nobody is trusted to attest',
    ],
    [
      { attestation: { attesters: [{ name: 'Maker', jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } }] } },
      'attestation.attesters[0].jwks.keys[0] holds the private member k: register the public half alone, and make a new key since this one was copied',
    ],
    [{ attestation: { attesters: [] } }, 'attestation.attesters must be a list of attesters'],
    [
      { clients: [{ client_id: 'a', client_secret: 'short', redirect_uris: ['https://a.example'] }] },
      'clients[0].client_secret must have at least 32 characters and has 5; make one with: openssl rand -base64 33',
    ],
    [{ resources: [{ identifier: 'api' }] }, 'resources[0].identifier must be an absolute https address'],
    [{ accounts: { seed: [{ username: 'ada', password: 'x' }] } }, 'accounts.seed[0].password must be text of 8 to 1024 characters'],
    [
      { accounts: { seed: [{ username: 'ada', password: 'long enough', totpSecret: 'GEZDGNBVGY3TQOJQ' }] } },
      'accounts.seed[0].totpSecret must be base32 of at least 128 bits: 26 to 128 of A-Z and 2-7',
    ],
    [
      { accounts: { seed: [{ username: 'ada', password: 'long enough', totpSecret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQ0J1' }] } },
      'accounts.seed[0].totpSecret must be base32 of at least 128 bits: 26 to 128 of A-Z and 2-7 (RFC 4226 §4)',
    ],
    [
      {
        accounts: {
          seed: [
            { username: 'ada', password: 'long enough' },
            { username: ' Ada', password: 'long enough' },
          ],
        },
      },
      'accounts.seed[1].username is the same as that of accounts.seed[0]',
    ],
    [
      { accounts: { seed: [{ username: 'ada', password: 'long enough', claims: { sub: 'x' } }] } },
      'accounts.seed[0].claims.sub must be absent: the server names people itself',
    ],
    [{ profile: 'weak' }, 'profile must be one of oauth21, strong, fapi2, fapi2-message-signing'],
    [{ lifetimes: { authorizationCode: 61 } }, 'lifetimes.authorizationCode must be a whole number of seconds from 10 to 60'],
    [{ lifetimes: { authorisationCode: 60 } }, 'lifetimes.authorisationCode is not an option; did you mean authorizationCode?'],
    [{ lifetimes: { sessionIdle: 50_000 } }, 'lifetimes.sessionIdle must be at most lifetimes.sessionAbsolute, which is 43200'],
    [{ dpopNonce: 'optional' }, 'dpopNonce must be one of required, off'],
    [{ development: 'yes' }, 'development must be true or false'],
  ])('%j', async (content, fault) => {
    expect(await faultsOf(content)).toEqual([fault])
  })
})

describe('the environment', () => {
  test.each([
    [{ HOLDFAST_LISTEN_PORT: 'high' }, 'listen.port must be a whole number from 0 to 65535 (set by HOLDFAST_LISTEN_PORT)'],
    [{ HOLDFAST_CLIENTS: '[{"client_secret": hunter2' }, 'clients must be JSON: a list of clients (set by HOLDFAST_CLIENTS)'],
    [
      { HOLDFAST_CLIENTS: '[{"client_id": 5}]' },
      'clients[0].client_id must be text of 1 to 256 printable ASCII characters (set by HOLDFAST_CLIENTS)',
    ],
    [
      { HOLDFAST_ISSUER: 'https://a.example', HOLDFAST_ISSUER_FILE: 'x' },
      'HOLDFAST_ISSUER stands beside HOLDFAST_ISSUER_FILE; keep one of the two',
    ],
    [{ HOLDFAST_ISSUER_FILE: 'nowhere' }, 'HOLDFAST_ISSUER_FILE names nowhere, which cannot be read: ENOENT'],
  ])('%j is named in the fault', async (environment, fault) => {
    expect(await faultsOf({}, environment)).toContain(fault)
  })
  test('a stranger of our name is a warning, since Kubernetes sets HOLDFAST_PORT by itself', async () => {
    expect(await warningsOf({}, { HOLDFAST_PORT: 'tcp://10.0.0.1:80', HOLDFAST_SERVICE_HOST: '10.0.0.1', HOLDFAST_ISSUR: 'x' })).toEqual([
      'HOLDFAST_ISSUR is not read; did you mean HOLDFAST_ISSUER?',
    ])
  })
})

test('all faults are told at once, of every section and every source', async () => {
  const faults = await faultsOf(
    {
      issuer: 'http://as.example',
      listne: {},
      store: { engine: 'redis' },
      profile: 'weak',
      secrets: { file: 'nowhere.json' },
      resources: [{ identifier: 'x' }],
      clients: [{ client_id: 'u_1', scope: 'openid' }],
      lifetimes: { idToken: 1 },
    },
    { HOLDFAST_LISTEN_PORT: '-1' },
  )
  expect(faults.map((fault) => fault.split(' ')[0]).toSorted()).toEqual([
    'clients[0].client_id',
    'clients[0].client_secret',
    'clients[0].redirect_uris',
    'issuer',
    'lifetimes.idToken',
    'listen.port',
    'listne',
    'profile',
    'resources[0].identifier',
    'secrets.file',
    'store.engine',
  ])
})

describe('master secrets', () => {
  const put = (content: unknown, mode = 0o600): void => {
    const path = join(directory, 'holdfast.secrets.json')
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
    chmodSync(path, mode)
  }
  const value = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'
  test.each([
    ['{"secrets": [hunter2', ['secrets.file must be JSON of the form {"secrets": [{"id": "…", "value": "…"}]}']],
    [{ secrets: [] }, ['secrets.file must be JSON of the form {"secrets": [{"id": "…", "value": "…"}]}, with at least one secret']],
    [
      { secrets: [{ id: 'a b', value: 'short' }] },
      [
        'secrets.file secrets[0] must have an id of 1 to 32 letters, digits, - or _',
        'secrets.file secrets[0] must have a value of at least 32 random bytes in base64url',
      ],
    ],
    [
      {
        secrets: [
          { id: 'a', value },
          { id: 'a', value },
        ],
      },
      ['secrets.file secrets[1] must not have the id a of another'],
    ],
    [
      { secrets: [{ id: 'a', value: 'A'.repeat(43) }] },
      ['secrets.file secrets[0] must have a random value; holdfast init --print-secrets prints one'],
    ],
  ])('%j', async (content, faults) => {
    put(content)
    expect(await faultsOf({})).toEqual(faults)
  })
  test('a missing file names the command that writes one', async () => {
    expect(await faultsOf({ secrets: { file: 'nowhere.json' } })).toEqual([
      `secrets.file names ${join(directory, 'nowhere.json')}, which does not exist; holdfast init writes one`,
    ])
  })
  test('a file that others can read is a warning', async () => {
    expect(await warningsOf({})).toEqual([])
    chmodSync(join(directory, 'holdfast.secrets.json'), 0o640)
    expect(await warningsOf({})).toEqual([expect.stringContaining('can be read by others (mode 0640): chmod 600')])
  })
  test('the environment can hold the same JSON', async () => {
    expect(await faultsOf({ secrets: { env: 'KEYS' } }, { KEYS: JSON.stringify({ secrets: [{ id: 'a', value }] }) })).toEqual([])
  })
})

describe('what is allowed and worth a look', () => {
  test.each([
    [{ listen: { host: '0.0.0.0' } }, 'no trustedProxies'],
    [{ issuer: 'http://localhost:4000', listen: { host: '0.0.0.0' } }, 'for this machine only'],
    [{ development: true }, 'development is on'],
    [{ store: { engine: 'memory' } }, 'forgets everything'],
  ])('%j', async (content, warning) => {
    expect((await warningsOf(content)).join()).toContain(warning)
  })
  test('nothing secret is in a fault or a warning', async () => {
    const faults = await faultsOf({
      clients: [{ client_id: 'a', client_secrt: secret, client_secret: 'hunter2' }],
      accounts: { seed: [{ username: 'a', password: 'hunter' }] },
      tls: { certificate: 'x', key: 'hunter2' },
    })
    expect(faults.length).toBeGreaterThan(3)
    expect(faults.join()).not.toMatch(/hunter|q9Zt/)
  })
})
