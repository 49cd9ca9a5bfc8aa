import { secretHash } from '@holdfast/protocol/secret'
import { describe, expect, test } from 'vitest'
import { CommandLine } from '../test/command-line.ts'

const secret = 'q9Zt3vXk1LmN8pRs5TuVw2YzA4BcD6Ef'
const configuration = {
  issuer: 'http://localhost:4000',
  profile: 'oauth21',
  resources: [{ identifier: 'https://api.example', scopes: ['read'] }],
  clients: [{ client_id: 'web', client_secret: secret, redirect_uris: ['https://app.example/cb'] }],
}
const uri = ['--redirect-uri', 'https://spa.example/cb'] as const

async function listed(line: CommandLine): Promise<readonly Record<string, unknown>[]> {
  return (JSON.parse((await line.run('clients', 'list', '--json')).out) as { readonly clients: readonly Record<string, unknown>[] }).clients
}

describe('clients add', () => {
  test('a generated secret has 256 bits and is printed once', async () => {
    const line = new CommandLine(configuration)
    const { code, out } = await line.run('clients', 'add', 'spa', ...uri, '--scope', 'openid read')
    expect(code).toBe(0)
    const printed = /^client_secret: ([A-Za-z0-9_-]{43})$/m.exec(out)?.[1] ?? ''
    expect(Buffer.from(printed, 'base64url')).toHaveLength(32)
    expect((await line.run('clients', 'list')).out).not.toContain(printed)
    expect((await line.run('clients', 'list', '--json')).out).not.toContain(secretHash(printed))
  })
  test('a public client has none', async () => {
    const line = new CommandLine(configuration)
    expect(JSON.parse((await line.run('clients', 'add', 'spa', '--public', ...uri, '--json')).out)).toEqual({ client_id: 'spa' })
    expect(await listed(line)).toMatchObject([
      { client_id: 'web', source: 'configured' },
      { client_id: 'spa', source: 'stored', token_endpoint_auth_method: 'none', profile: 'oauth21' },
    ])
  })
  test('RFC 7591 metadata from a file, flags over it', async () => {
    const line = new CommandLine(configuration)
    line.write('client.json', {
      client_id: 'cli',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      redirect_uris: ['http://127.0.0.1/cb'],
      client_name: 'One',
    })
    expect((await line.run('clients', 'add', '--metadata', 'client.json', '--name', 'Two', '--profile', 'strong')).code).toBe(0)
    expect((await listed(line)).at(-1)).toMatchObject({ client_id: 'cli', client_name: 'Two', profile: 'strong' })
  })
  test('every fault at once, and nothing is stored', async () => {
    const line = new CommandLine(configuration)
    const { code, err } = await line.run('clients', 'add', 'u_1', '--redirect-uri', 'javascript:x', '--scope', 'raed', '--profile', 'weak')
    expect(code).toBe(2)
    expect(err).toMatch(/client\.client_id must not start with u_.*/)
    expect(err).toMatch(/client\.redirect_uris\[0\] must/)
    expect(err).toMatch(/client\.scope has raed, which no resource has; did you mean read\?/)
    expect(err).toMatch(/client\.profile must be one of/)
    expect(await listed(line)).toHaveLength(1)
  })
  test.each([
    [['--metadata', 'nowhere.json'], 'cannot be read: ENOENT'],
    [['--metadata', 'list.json'], 'must hold an object'],
  ])('%j is refused', async (flags, why) => {
    const line = new CommandLine(configuration)
    line.write('list.json', [])
    const { code, err } = await line.run('clients', 'add', ...flags)
    expect(code).toBe(2)
    expect(err).toContain(why)
  })
  test('a client_id that is taken is refused, whoever has it', async () => {
    const line = new CommandLine(configuration)
    const configured = await line.run('clients', 'add', 'web', ...uri)
    expect(configured.code).toBe(1)
    expect(configured.err).toMatch(/client web is configured in .*holdfast\.config\.json and read-only here: choose another/)
    await line.run('clients', 'add', 'spa', '--public', ...uri)
    const stored = await line.run('clients', 'add', 'spa', '--public', ...uri, '--json')
    expect(stored.code).toBe(1)
    expect(JSON.parse(stored.out)).toEqual({ error: 'client spa exists; remove it first, or choose another client_id' })
  })
})

describe('clients remove', () => {
  test('a stored client goes', async () => {
    const line = new CommandLine(configuration)
    await line.run('clients', 'add', 'spa', '--public', ...uri)
    expect((await line.run('clients', 'remove', 'spa')).out).toBe('removed client spa; running servers refuse it within a second\n')
    expect(await listed(line)).toHaveLength(1)
  })
  test('a configured one is read-only, and it is said where it is', async () => {
    const line = new CommandLine(configuration)
    line.environment['HOLDFAST_CLIENTS'] = JSON.stringify(configuration.clients)
    const { code, err } = await line.run('clients', 'remove', 'web')
    expect(code).toBe(1)
    expect(err).toBe('holdfast: client web is configured in HOLDFAST_CLIENTS and read-only here: remove it there\n')
  })
  test('an unknown one is a failure', async () => {
    expect(await new CommandLine(configuration).run('clients', 'remove', 'x')).toEqual({
      code: 1,
      out: '',
      err: 'holdfast: there is no stored client x\n',
    })
  })
})
