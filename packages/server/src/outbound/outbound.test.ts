import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { OutboundRefusal, type OutboundReply } from '../config/outbound.ts'
import { type Behaviour, createAuthority, startHost, type TestAuthority, type TestHost } from '../test/tls-host.ts'
import type { ResolvedAddress } from './connect.ts'
import { createOutbound, type OutboundOptions } from './outbound.ts'

let authority: TestAuthority
let tls: { readonly cert: string; readonly key: string }
const hosts: TestHost[] = []

beforeAll(async () => {
  authority = await createAuthority()
  tls = await authority.certificate(['keys.example', '127.0.0.1', '::1'])
})
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()))
})

const JSON_OK: Behaviour = { http: (_request, response) => response.setHeader('content-type', 'application/json').end('{"keys":[]}') }

async function host(behaviour: Behaviour = JSON_OK, over: { tls?: typeof tls | undefined; address?: string } = {}): Promise<TestHost> {
  const one = await startHost(behaviour, 'tls' in over ? over.tls : tls, over.address)
  hosts.push(one)
  return one
}

const LOCAL: ResolvedAddress = { address: '127.0.0.1', family: 4 }
const lookupOf =
  (...addresses: readonly ResolvedAddress[]) =>
  (): Promise<readonly ResolvedAddress[]> =>
    Promise.resolve(addresses)

/** Asks `keys.example`, which is listed and is at 127.0.0.1, unless the options say otherwise. */
function ask(port: number, over: OutboundOptions = {}, path = '/jwks'): Promise<OutboundReply | OutboundRefusal> {
  const outbound = createOutbound({ allow: [`keys.example:${port}`], ca: [authority.pem], lookup: lookupOf(LOCAL), ...over })
  return outbound.get(`https://keys.example:${port}${path}`, { accept: 'application/json' })
}
const told = (answer: OutboundReply | OutboundRefusal): string | number =>
  answer instanceof OutboundRefusal ? answer.reason : answer.status

describe('a request as it should be', () => {
  test('REG-13 CIMD-02 a GET by TLS: the answer as it is, and no more in the request than it needs', async () => {
    const { port, seen } = await host()
    const answer = (await ask(port, {}, '/jwks?a=b')) as OutboundReply
    expect([answer.status, answer.headers['content-type'], new TextDecoder().decode(answer.body)]).toEqual([
      200,
      'application/json',
      '{"keys":[]}',
    ])
    expect([seen[0]?.method, seen[0]?.url]).toEqual(['GET', '/jwks?a=b'])
    expect(seen[0]?.headers).toEqual({
      host: `keys.example:${port}`,
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'Holdfast',
      connection: 'close',
    })
  })

  test('a POST carries its body and headers, and none that belong to the connection', async () => {
    let body = ''
    const { port, seen } = await host({
      http: (request, response) => {
        request.on('data', (chunk) => (body += String(chunk)))
        request.on('end', () => response.writeHead(204).end())
      },
    })
    const outbound = createOutbound({ allow: [`keys.example:${port}`], ca: [authority.pem], lookup: lookupOf(LOCAL) })
    const headers = {
      Authorization: 'Bearer t',
      Host: 'evil.example',
      Cookie: 'a=b',
      'Content-Length': '1',
      'Transfer-Encoding': 'chunked',
    }
    const answer = await outbound.post(`https://keys.example:${port}/`, 'Grüße', { contentType: 'text/plain', headers })
    expect([told(answer), body]).toEqual([204, 'Grüße'])
    expect(seen[0]?.headers).toMatchObject({ authorization: 'Bearer t', host: `keys.example:${port}`, 'content-length': '7' })
    expect(seen[0]?.headers).not.toHaveProperty('cookie')
    const broken = await outbound.post(`https://keys.example:${port}/`, '', {
      contentType: 'text/plain',
      headers: { authorization: 'a\r\nb: c' },
    })
    expect([told(broken), seen.length]).toEqual(['protocol', 1])
  })

  test('cookies are neither kept nor shown, and every request has a connection of its own', async () => {
    const { port, seen, opened } = await host({ http: (_request, response) => response.setHeader('set-cookie', ['a=b', 'c=d']).end('{}') })
    const outbound = createOutbound({ allow: [`keys.example:${port}`], ca: [authority.pem], lookup: lookupOf(LOCAL) })
    for (const path of ['a', 'b']) {
      const answer = (await outbound.get(`https://keys.example:${port}/${path}`, { accept: '*/*' })) as OutboundReply
      expect(Object.keys(answer.headers)).not.toContain('set-cookie')
    }
    expect([seen[1]?.headers.cookie, opened.connections]).toEqual([undefined, 2])
  })

  test.each(['127.0.0.1', '::1'])('an address that is listed is asked at %s', async (address) => {
    const { port } = await host(JSON_OK, { address })
    const outbound = createOutbound({ allow: ['127.0.0.0/8', '::1'], ca: [authority.pem] })
    expect(told(await outbound.get(`https://${address === '::1' ? '[::1]' : address}:${port}/`, { accept: '*/*' }))).toBe(200)
  })

  test('both families at once: the one that is there answers', async () => {
    const { port } = await host(JSON_OK, { address: '::1' })
    expect(told(await ask(port, { lookup: lookupOf(LOCAL, { address: '::1', family: 6 }) }))).toBe(200)
  })

  test('plain http is for a loopback host that is listed, in development', async () => {
    const { port } = await host(JSON_OK, { tls: undefined })
    const url = `http://localhost:${port}/`
    const listed = createOutbound({ allow: [`localhost:${port}`], lookup: lookupOf(LOCAL) })
    expect(told(await listed.get(url, { accept: '*/*' }))).toBe(200)
    expect(told(await createOutbound({ allow: ['127.0.0.0/8'], lookup: lookupOf(LOCAL) }).get(url, { accept: '*/*' }))).toBe('url')
  })
})

describe('REG-13 CIMD-09 A51 no way to a private address', () => {
  test.each([
    '127.0.0.1',
    '10.0.0.1',
    '169.254.169.254',
    '::1',
    '::ffff:127.0.0.1',
    'fd00::1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::1',
    '0.0.0.0',
  ])('a name that resolves to %s is refused, and nothing connects', async (address) => {
    const { port, opened } = await host()
    const answer = await ask(port, { allow: [], lookup: lookupOf({ address, family: address.includes(':') ? 6 : 4 }) })
    expect([told(answer), opened.connections]).toEqual(['address', 0])
  })

  test('a name with a public and a private address is refused as a whole', async () => {
    const { port, opened } = await host()
    const answer = await ask(port, { allow: [], lookup: lookupOf({ address: '93.184.216.34', family: 4 }, LOCAL) })
    expect([told(answer), opened.connections]).toEqual(['address', 0])
  })

  test('rebinding: a name is looked up once for a request, and what was checked is what is connected to', async () => {
    const { port, opened } = await host()
    let asked = 0
    const lookup = (): Promise<readonly ResolvedAddress[]> => {
      asked++
      return Promise.resolve([asked === 1 ? LOCAL : { address: '127.0.0.9', family: 4 }])
    }
    expect(told(await ask(port, { lookup }))).toBe(200)
    expect([asked, opened.connections]).toEqual([1, 1])
  })

  test('the connected address has the last word: a lookup that changes its mind sends not one byte', async () => {
    const { port, opened, close } = await host()
    let reads = 0
    const twoFaced: ResolvedAddress = {
      family: 4,
      get address() {
        return reads++ === 0 ? '93.184.216.34' : '127.0.0.1'
      },
    }
    expect(told(await ask(port, { allow: [], lookup: lookupOf(twoFaced) }))).toBe('address')
    await close()
    expect(opened).toEqual({ connections: 1, bytes: 0 })
  })

  test.each([301, 302, 303, 304, 307, 308, 399])('CIMD-02 a redirect is a refusal, wherever it leads: %i', async (status) => {
    const inside = await host()
    const { port } = await host({
      http: (_request, response) => response.writeHead(status, { location: `https://127.0.0.1:${inside.port}/` }).end(),
    })
    expect([told(await ask(port)), inside.opened.connections]).toEqual(['redirect', 0])
  })

  test('the proxy of the environment is not used', async () => {
    const proxy = await host(JSON_OK, { tls: undefined })
    const { port } = await host()
    const before = { ...process.env }
    Object.assign(process.env, { NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` })
    try {
      expect([told(await ask(port)), proxy.opened.connections]).toEqual([200, 0])
    } finally {
      process.env = before
    }
  })
})

describe('FAPI-73 the certificate is verified, always', () => {
  let past: typeof tls
  let another: typeof tls
  let unknown: typeof tls
  beforeAll(async () => {
    past = await authority.certificate(['keys.example'], true)
    another = await authority.certificate(['other.example'])
    unknown = await (await createAuthority()).certificate(['keys.example'])
  })
  afterAll(() => {
    delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
  })
  test.each([
    ['one that has ended', () => past],
    ['one of another host', () => another],
    ['one of an authority that nobody trusts', () => unknown],
  ])('%s is refused before the request is sent', async (_name, certificate) => {
    const { port, seen } = await host(JSON_OK, { tls: certificate() })
    expect([told(await ask(port)), seen.length]).toEqual(['tls', 0])
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    expect([told(await ask(port)), seen.length]).toEqual(['tls', 0])
  })
  test('a host that speaks no TLS', async () => {
    const { port } = await host(JSON_OK, { tls: undefined })
    expect(told(await ask(port))).toBe('tls')
  })
})

test('a host that is not there, and a name that is none', async () => {
  const { port, close } = await host()
  await close()
  expect(told(await ask(port))).toBe('connect')
  expect(told(await ask(port, { lookup: lookupOf() }))).toBe('dns')
  expect(told(await ask(port, { lookup: () => Promise.reject(new Error('ENOTFOUND')) }))).toBe('dns')
})
