import { generateKeyPairSync } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { answerDevice } from '@holdfast/testing/approver'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type RunningDemo, startDemo } from './browser/demo.ts'
import { allowed, browserFor, type Ended, Machine, statusOf } from './native-client/world.ts'

/** The example command line as people run it, against what `npm start` serves. */

let demo: RunningDemo
beforeAll(async () => {
  demo = await startDemo()
})
afterAll(() => demo.stop())

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

function machine(issuer = demo.issuer, settings: Readonly<Record<string, string>> = {}): Machine {
  const one = new Machine(issuer, settings)
  ends.push(() => one.remove())
  return one
}

const ADDRESS = /\n {2}(http\S+)\n/

/** Up to the address that the browser is sent to in the end. */
async function answered(
  one: Machine,
  args: readonly string[] = ['--no-browser'],
  answer?: string,
): Promise<{ ended: Promise<Ended>; back: URL }> {
  const { ended, saying } = one.start('login', ...args)
  return { ended, back: await allowed(demo, await saying(ADDRESS), answer) }
}

async function signedIn(settings?: Readonly<Record<string, string>>): Promise<Machine> {
  const one = machine(demo.issuer, settings)
  const { ended, back } = await answered(one)
  await fetch(back)
  expect((await ended).code).toBe(0)
  return one
}

describe('the way back over loopback', () => {
  test('NAT-11 RFC 8252 §8.12: the system’s browser is given the address, whole and as one argument', async () => {
    const one = machine()
    const { ended, saying } = one.start('login')
    const url = await saying(ADDRESS)
    await fetch(await allowed(demo, url))
    expect((await ended).code).toBe(0)
    expect(one.opened).toBe(`1 ${url}`)
  })

  test.each([
    ['127.0.0.1', {}],
    ['[::1]', { HOLDFAST_EXAMPLE_IPV6: '1' }],
  ])('NAT-12 RFC 8252 §8.3: it listens at %s and not at a name, and says that the window can be closed', async (host, settings) => {
    const { ended, back } = await answered(machine(demo.issuer, settings))
    expect([back.hostname, back.pathname, back.port === '']).toEqual([host, '/callback', false])
    const page = await fetch(back)
    expect([page.status, page.headers.get('content-security-policy')]).toEqual([200, "default-src 'none'; frame-ancestors 'none'"])
    expect(await page.text()).toContain('You can close this window')
    expect((await ended).code).toBe(0)
    // One answer, and nobody listens any more.
    await expect(fetch(back)).rejects.toThrow(TypeError)
  })

  test('NAT-09 OA-74 BCP-03 RFC 8252 §8.10: only the address that was asked for, with its state; anything else ends nothing', async () => {
    const { ended, back } = await answered(machine())
    const other = new URL(back)
    other.searchParams.set('state', 'of another request')
    const twice = new URL(back)
    twice.searchParams.append('state', 'of another request')
    const elsewhere = new URL(`/other${back.search}`, back)
    expect([await statusOf(other), await statusOf(twice), await statusOf(elsewhere)]).toEqual([404, 404, 404])
    expect([await statusOf(back, { method: 'POST' }), await statusOf(back, { host: 'evil.example' })]).toEqual([404, 404])
    expect(await statusOf(back)).toBe(200)
    expect((await ended).code).toBe(0)
  })

  test.each([
    ['of another issuer', 'https://evil.example'],
    ['of almost this one', () => `${demo.issuer}/`],
    ['of nobody', undefined],
  ])('MCP-51 ISS-02 OA-75 BCP-04 BCP-28 RFC 9207 §2.4: an answer %s is dropped, and not shown', async (_whose, iss) => {
    const { ended, back } = await answered(machine())
    back.search = new URLSearchParams({
      state: back.searchParams.get('state') ?? '',
      error: 'x',
      error_description: 'call 555-1234',
    }).toString()
    const said = typeof iss === 'function' ? iss() : iss
    if (said !== undefined) back.searchParams.set('iss', said)
    await fetch(back)
    const { code, told } = await ended
    expect([code, told.includes('555-1234')]).toEqual([1, false])
    expect(told).toMatch(/iss/)
  })

  test('a refusal of the right server is told in its words', async () => {
    const { ended, back } = await answered(machine(), ['--no-browser'], 'deny')
    await fetch(back)
    expect(await ended).toMatchObject({ code: 1, told: expect.stringMatching(/refused: access_denied/) })
  })
})

test('RFC 8628 §3.3.1: on another device, by a QR code or the code in words', async () => {
  const one = machine()
  const { ended, saying } = one.start('login', '--device')
  const code = await saying(/code\n {2}(\S+)\n/)
  await answerDevice(browserFor(demo), { issuer: demo.issuer, username: 'demo', password: demo.password }, code, 'allow')
  const { code: exit, said } = await ended
  expect([exit, said.includes('Signed in.')]).toEqual([0, true])
  expect(said).toMatch(/^█▀{7}█/)
  expect((await one.run('whoami')).said).toContain('Demo Person')
})

describe('from one command to the next', () => {
  const api = (): string => `http://localhost:${Number(new URL(demo.issuer).port) + 1}/api/accounts`

  test('DPOP-61 RFC 9449 §5: it refreshes with its key, calls, and nobody else can read what it keeps', async () => {
    const one = await signedIn()
    const before = one.kept.refreshToken
    const { said, code } = await one.run('call', '--api', api())
    expect([code, said]).toEqual([0, expect.stringContaining('"balance"')])
    expect((await one.run('whoami')).said).toContain('Demo Person')
    expect(one.kept.refreshToken).not.toBe(before)
    for (const file of one.files.filter((name) => name.endsWith('.json'))) expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test('two commands at once do not look like a thief: one waits for the other', async () => {
    const one = await signedIn()
    const both = await Promise.all([one.run('whoami'), one.run('whoami')])
    expect(both.map(({ code }) => code)).toEqual([0, 0])
    expect((await one.run('whoami')).code).toBe(0)
  })

  test('a command that does not end keeps others from refreshing, until its process is gone', async () => {
    const one = await signedIn()
    const lock = new DatabaseSync(one.files.find((name) => name.endsWith('.lock')) ?? '')
    lock.exec('BEGIN EXCLUSIVE')
    expect(await one.run('whoami')).toMatchObject({ code: 1, told: expect.stringContaining('Another command') })
    lock.close()
    expect((await one.run('whoami')).code).toBe(0)
  })

  test('RFC 7009 §2: signing out ends it at the server and here', async () => {
    const one = await signedIn()
    const { refreshToken, key } = one.kept
    expect((await one.run('logout')).said).toBe('Signed out.\n')
    expect(one.files.filter((name) => name.endsWith('.json'))).toEqual([])
    expect(await one.run('whoami')).toMatchObject({ code: 1, told: expect.stringContaining('not signed in') })
    const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'native-example', refresh_token: refreshToken })
    const answer = await fetch(`${demo.issuer}/token`, { method: 'POST', body })
    expect([answer.status, key.kty]).toEqual([400, 'EC'])
  })
})

describe('a server that it should not trust', () => {
  /** Metadata of nobody's server. @returns its address and what it was asked */
  async function strange(over: (issuer: string) => object): Promise<{ issuer: string; asked: string[] }> {
    const asked: string[] = []
    const server: Server = createServer((request, response) => {
      asked.push(request.url ?? '')
      const issuer = `http://${request.headers.host}`
      const metadata = { issuer, code_challenge_methods_supported: ['S256'], token_endpoint: `${issuer}/token`, ...over(issuer) }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(metadata))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    ends.push(() => server.close())
    return { issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
  }

  test('DPOP-62 RFC 9449 §5: gives a token that is bound to no key: nobody is shown it, and nothing of the answer is kept', async () => {
    // Every path of this server answers the same.
    const unbound = { access_token: 'anybody-s', token_type: 'Bearer', refresh_token: 'next', expires_in: 60 }
    const { issuer, asked } = await strange(() => unbound)
    const one = machine(issuer)
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    one.keep({ subject: 'u1', refreshToken: 'first', key: privateKey.export({ format: 'jwk' }) })
    const { code, told } = await one.run('call', '--api', `${issuer}/api`)
    expect([code, told]).toEqual([1, expect.stringMatching(/bearer token, which is bound to no key/)])
    expect(asked).toContain('/token')
    expect(asked).not.toContain('/api')
    expect(one.kept.refreshToken).toBe('first')
  })

  test.each([
    ['MCP-50 BCP-06 OAuth 2.1 §7.5.1: does not say that it checks PKCE', () => ({ code_challenge_methods_supported: undefined }), /PKCE/],
    ['MCP-50 OAuth 2.1 §7.5.1: knows the plain method alone', () => ({ code_challenge_methods_supported: ['plain'] }), /PKCE/],
    ['MCP-58 Best Practices: sends people to a file', () => ({ authorization_endpoint: 'file:///etc/passwd' }), /no web page/],
    ['MCP-58 Best Practices: sends people to a script', () => ({ authorization_endpoint: 'javascript:alert(1)' }), /no web page|https/i],
    [
      'MCP-58 Best Practices: sends people over plain http',
      () => ({ authorization_endpoint: 'http://evil.example/authorize' }),
      /no web page/,
    ],
    ['ISS-02 RFC 8414 §3.3: is another one', () => ({ issuer: 'https://evil.example' }), /issuer|unexpected/i],
  ])('%s', async (_what, over, why) => {
    const { issuer, asked } = await strange(over)
    const one = machine(issuer)
    const { code, told } = await one.run('login')
    expect([code, one.opened]).toEqual([1, undefined])
    expect(told).toMatch(why)
    expect(asked.every((path) => path.startsWith('/.well-known/'))).toBe(true)
  })
})
