import { describe, expect, test } from 'vitest'
import { CommandLine } from '../test/command-line.ts'
import { loadGateway } from './load.ts'

const LEAST = { issuer: 'https://id.example', resource: 'https://api.example/v1' }

async function faultsOf(
  options: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const line = new CommandLine()
  line.write('guard.json', { ...LEAST, ...options })
  const { faults, configuration } = await loadGateway({ file: 'guard.json', environment, directory: line.directory })
  expect(configuration === undefined).toBe(faults.length > 0)
  return faults.map(({ path, message }) => `${path} ${message}`)
}

async function warningsOf(options: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
  const line = new CommandLine()
  line.write('guard.json', { ...LEAST, ...options })
  return (await loadGateway({ file: 'guard.json', environment: {}, directory: line.directory })).warnings
}

describe('the configuration of holdfast guard', () => {
  test('issuer and resource are enough, and the rest is as the page of options says', async () => {
    const line = new CommandLine()
    line.write('holdfast.guard.json', LEAST)
    const { configuration } = await loadGateway({ environment: {}, directory: line.directory })
    expect(configuration).toMatchObject({
      publicUrl: 'https://api.example',
      upstream: undefined,
      listen: { host: '127.0.0.1', port: 4080 },
      need: { scopes: [] },
      forwardAuth: { path: '/check', by: 'nginx' },
      identity: { prefix: 'x-holdfast-', unsafePassToken: false },
    })
  })

  test('the environment names options and the file, and a secret may stand elsewhere', async () => {
    const line = new CommandLine()
    line.write('elsewhere.json', {
      ...LEAST,
      nonceSecret: 'env:NONCE',
      routes: [
        { path: '/a', methods: ['GET'] },
        { path: '/a', methods: ['POST'], public: true },
      ],
    })
    const environment = {
      HOLDFAST_GUARD_CONFIG: 'elsewhere.json',
      HOLDFAST_GUARD_UPSTREAM: 'http://127.0.0.1:1',
      NONCE: 'a'.repeat(43),
      HOLDFAST_GUARD_NEED_SCOPES: '["x"]',
    }
    const { configuration, faults } = await loadGateway({ environment, directory: line.directory })
    expect(faults).toEqual([])
    expect(configuration).toMatchObject({ nonceSecret: { byteLength: 32 }, need: { scopes: ['x'] } })
    expect(configuration?.upstream?.origin).toBe('http://127.0.0.1:1')
    expect(configuration?.routes.map((route) => route.access)).toEqual([{ scopes: ['x'] }, 'public'])
  })

  test.each<readonly [Readonly<Record<string, unknown>>, string | RegExp]>([
    [{ upstrem: 'http://a' }, /upstrem .*did you mean upstream/],
    [{ issuer: 'http://id.example' }, /^issuer must be an https address/],
    [{ resource: 'https://api.example/#a' }, /^resource must be an https address/],
    [{ publicUrl: 'https://api.example/v1' }, /^publicUrl must be an origin/],
    [{ otherPublicUrls: ['https://a.example', 'b'] }, /^otherPublicUrls\[1\] must be an origin/],
    [{ upstream: 'http://api:8000/v1' }, /^upstream must be an origin/],
    [{ upstream: 'http://api:8000', forwardAuth: { path: '/x' } }, /^forwardAuth stands beside upstream/],
    [{ trustedProxies: ['nginx'] }, /^trustedProxies\[0\] must be an address/],
    [{ clientCertificateProxies: ['10.0.0.0/99'] }, /^clientCertificateProxies\[0\] must be an address/],
    [{ nonceSecret: 'short' }, /^nonceSecret must be at least 32 random bytes/],
    [{ identity: { prefix: 'X_User' } }, /^identity.prefix must be lower-case/],
    [{ need: { maxAge: -1 } }, /^need.maxAge must be a whole number/],
    [{ need: { acr: [] } }, /^need.acr must be a list of at least one/],
    [{ need: { scopes: ['a b'] } }, /^need.scopes\[0\] must be the name of a scope/],
    [{ routes: [{ path: '/a/', public: true }] }, /^routes\[0\].path must be a path/],
    [{ routes: [{ path: '/a/../b', public: true }] }, /^routes\[0\].path must be a path/],
    [{ routes: [{ path: '/a%20', public: true }] }, /^routes\[0\].path must be a path/],
    [{ routes: [{ path: '/a', public: true, need: {} }] }, /^routes\[0\].public stands beside need/],
    [{ routes: [{ path: '/a' }] }, /^routes\[0\] says nothing/],
    [
      {
        routes: [
          { path: '/a', public: true },
          { path: '/A', need: {} },
        ],
      },
      /^routes\[1\].path is read as that of routes\[0\]/,
    ],
    [
      {
        routes: [
          { path: '/a', public: true },
          { path: '/a', methods: ['GET'] },
        ],
      },
      /^routes\[1\] has the path of routes\[0\], and methods of it/,
    ],
    [{ routes: [{ path: '/a', methods: ['get'] }] }, /^routes\[0\].methods\[0\] must be a method in upper case/],
    [{ introspection: { clientId: 'api' } }, /^introspection.clientSecret is missing/],
    [{ forwardAuth: { by: 'apache' } }, /^forwardAuth.by must be one of nginx, traefik, envoy/],
  ])('%j is a fault that says what is allowed', async (options, expected) => {
    expect(await faultsOf(options)).toEqual([expect.stringMatching(expected)])
  })

  test('all faults at once, and no secret in them', async () => {
    const faults = await faultsOf({ nonceSecret: 'my own secret', upstream: 'x', routes: [{ path: 'a', public: 1 }] })
    expect(faults.length).toBeGreaterThanOrEqual(3)
    expect(faults.join()).not.toContain('my own secret')
  })

  test('a file that is not there is named', async () => {
    const { faults } = await loadGateway({ file: 'none.yaml', environment: {}, directory: '/nonexistent' })
    expect(faults).toEqual([{ path: 'none.yaml', message: expect.stringContaining('does not exist') }])
  })

  test('what is allowed and worth a look is a warning', async () => {
    expect(await warningsOf({ upstream: 'http://127.0.0.1:8000' })).toEqual([])
    expect(await warningsOf({ upstream: 'http://api.internal:8000' })).toEqual([expect.stringMatching(/plain HTTP/)])
    expect(await warningsOf({ listen: { host: '0.0.0.0' } })).toEqual([expect.stringMatching(/reachable by others over plain HTTP/)])
    expect(await warningsOf({ identity: { unsafePassToken: true } })).toEqual([expect.stringMatching(/unsafePassToken/)])
    expect(await warningsOf({ routes: [{ path: '/', public: true }] })).toEqual([expect.stringMatching(/everybody in at \//)])
  })
})

describe('the command line', () => {
  test('--check says that all is in order, or what is not', async () => {
    const line = new CommandLine()
    line.write('guard.json', LEAST)
    expect(await line.run('guard', '--check', '--config', 'guard.json')).toMatchObject({
      code: 0,
      out: expect.stringContaining('in order'),
    })
    expect(await line.run('guard', '--check', '--config', 'guard.json', '--listen', 'nowhere')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--listen takes'),
    })
    expect(await line.run('guard', '--check', '--config', 'guard.json', '--public-url', 'x')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--public-url'),
    })
    expect(await line.run('guard', '--check', '--json', '--config', 'guard.json', '--set', 'tiemout=1')).toMatchObject({
      code: 2,
      err: expect.stringContaining('did you mean timeout'),
    })
  })

  test('the schema of its file is printed, and its help names what it is for', async () => {
    const line = new CommandLine()
    expect(JSON.parse((await line.run('schema', '--guard')).out)).toMatchObject({
      title: 'Holdfast guard configuration',
      required: ['issuer', 'resource'],
    })
    expect((await line.run('guard', '--help')).out).toMatch(/--upstream.*auth_request/s)
  })
})
