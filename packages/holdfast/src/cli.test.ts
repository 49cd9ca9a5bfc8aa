import { describe, expect, test } from 'vitest'
import { CommandLine } from './test/command-line.ts'

const secret = 'q9Zt3vXk1LmN8pRs5TuVw2YzA4BcD6Ef'
const good = {
  issuer: 'http://localhost:4000',
  clients: [{ client_id: 'web', client_secret: secret, redirect_uris: ['https://app.example/cb'] }],
}
const bad = {
  issuer: 'http://as.example',
  listne: {},
  clients: [{ client_id: 'web', client_secret: 'hunter2', redirect_uris: ['https://app.example/cb'] }],
}

describe('the command line', () => {
  test('--help lists every command and the exit codes, and is no fault', async () => {
    const { code, out } = await new CommandLine().run('--help')
    expect(code).toBe(0)
    for (const word of ['serve', 'check-config', 'init', 'keys', 'clients', 'schema', 'Exit codes']) expect(out).toContain(word)
  })
  test.each([
    [['srve']],
    [['serve', '--prot', '1']],
    [['clients', 'remove']],
    [['check-config', '--set', 'x']],
    [['clients', 'lst']],
    [[]],
  ])('%j is a fault of usage: 2', async (argv) => {
    const { code, err } = await new CommandLine(good).run(...argv)
    expect(code).toBe(2)
    expect(err).not.toBe('')
  })
  test('a mistyped command is answered with the one that was meant', async () => {
    expect((await new CommandLine().run('srve')).err).toContain('Did you mean serve?')
  })
  test.each([['keys', 'list'], ['clients', 'list'], ['clients', 'add'], ['serve'], ['check-config']])(
    '%s %s says what is wrong with the configuration, and ends with 2',
    async (...argv) => {
      const { code, err } = await new CommandLine(bad).run(...argv)
      expect(code).toBe(2)
      expect(err).toMatch(
        /^holdfast: the configuration has 3 faults \(.*holdfast\.config\.json\):\n {2}listne is not an option; did you mean listen\?\n {2}issuer must be .*\n {2}clients\[0\]\.client_secret must have.*\n$/,
      )
      expect(err).not.toContain('hunter2')
    },
  )
})

describe('check-config', () => {
  test('in order: 0, and where it was read', async () => {
    const { code, out, err } = await new CommandLine(good).run('check-config')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^the configuration is in order: .*holdfast\.config\.json, clients 1, resources 0\n$/)
  })
  test('--origin shows each value, where it came from, and no secret', async () => {
    const line = new CommandLine(good)
    line.environment['HOLDFAST_DEVELOPMENT'] = 'true'
    const { out } = await line.run('check-config', '--origin', '--port', '4005', '--set', 'lifetimes.accessToken=60')
    expect(out).toMatch(/^issuer: "http:\/\/localhost:4000" +# file .*holdfast\.config\.json$/m)
    expect(out).toMatch(/^listen\.port: 4005 +# flag --port$/m)
    expect(out).toMatch(/^listen\.host: "127\.0\.0\.1" +# default$/m)
    expect(out).toMatch(/^development: true +# environment HOLDFAST_DEVELOPMENT$/m)
    expect(out).toMatch(/^lifetimes\.accessToken: 60 +# flag --set lifetimes\.accessToken$/m)
    expect(out).toContain('"client_secret":"********"')
    expect(out).not.toContain(secret)
  })
  test('references are shown, mistyped names and private keys are masked', async () => {
    const line = new CommandLine({
      ...bad,
      clients: [
        { client_id: 'a', client_secret: 'env:WEB', client_secrt: 'hunter2', jwks: { keys: [{ kty: 'EC', x: 'shown', d: 'hunter2' }] } },
      ],
      accounts: { seed: [{ username: 'ada', password: 'hunter2' }] },
    })
    const { out, code } = await line.run('check-config', '--print')
    expect(code).toBe(2)
    expect(out).toContain('"client_secret":"env:WEB"')
    expect(out).toContain('"x":"shown","d":"********"')
    expect(out).not.toContain('hunter2')
  })
  test('--json is one object, faults in it', async () => {
    const { out, code, err } = await new CommandLine(bad).run('check-config', '--json')
    expect(code).toBe(2)
    expect(err).toBe('')
    const told = JSON.parse(out) as {
      readonly ok: boolean
      readonly faults: readonly { readonly path: string }[]
      readonly options: readonly object[]
    }
    expect(told).toMatchObject({
      ok: false,
      warnings: [],
      faults: [{ path: 'listne' }, { path: 'issuer' }, { path: 'clients[0].client_secret' }],
    })
    expect(out).not.toContain('hunter2')
    expect((JSON.parse((await new CommandLine(good).run('check-config', '--json')).out) as { readonly ok: boolean }).ok).toBe(true)
  })
  test('an unknown --set names what was meant', async () => {
    expect((await new CommandLine(good).run('check-config', '--set', 'listen.prt=1')).err).toContain(
      '--set listen.prt names no option: listen.prt; did you mean listen.port?',
    )
  })
})

describe('keys', () => {
  test('none, rotated, listed; a second rotation is next', async () => {
    const line = new CommandLine(good)
    expect((await line.run('keys', 'list')).out).toBe('no keys yet: the server makes them at its first start\n')
    const { kids } = JSON.parse((await line.run('keys', 'rotate', '--immediately', '--json')).out) as { readonly kids: readonly string[] }
    expect(kids.length).toBeGreaterThan(0)
    expect((await line.run('keys', 'rotate')).out).toMatch(/^published \d keys, signing in 24 hours:\n/)
    const { out } = await line.run('keys', 'list')
    expect(out).toMatch(/^ALG +STATE +SIGNS FROM +KID\n/)
    expect(out).toMatch(/^ES256 +next /m)
    expect(out).toMatch(/^RS256 +signing /m)
  })
})

test('schema prints the JSON Schema', async () => {
  expect(JSON.parse((await new CommandLine().run('schema')).out)).toMatchObject({
    title: 'Holdfast configuration',
    properties: { issuer: { type: 'string' } },
  })
})
