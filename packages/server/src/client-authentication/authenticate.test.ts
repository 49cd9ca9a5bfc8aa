import type { HttpRequest } from '@holdfast/protocol/http'
import { signJws } from '@holdfast/proof/node'
import { secretHash } from '@holdfast/protocol/secret'
import { describe, expect, test } from 'vitest'
import { type Answer, Application, ASSERTION_TYPE, basic, type Credentials, KEY, times, told } from '../test/application.ts'
import { authorizationParameters } from '../test/person.ts'
import { client, HeldClock, publicClient, SECRET, startServer, type TestServer } from '../test/server.ts'
import type { Client } from '../index.ts'

const POST = client({ clientId: 'post', tokenEndpointAuthMethod: 'client_secret_post' })
const JWT = client({ clientId: 'jwt', tokenEndpointAuthMethod: 'private_key_jwt', secrets: [], jwks: { keys: [{ ...KEY.publicJwk }] } })
const CLIENTS = [client(), POST, JWT, publicClient()]

async function as(clients: readonly Client[] = CLIENTS): Promise<TestServer> {
  return startServer(clients)
}

/** A request that reaches past authentication is told `400 invalid_grant`. */
function ask(server: TestServer, credentials: Credentials, one: Client = client()): Promise<Answer> {
  return new Application(server, one).refresh('no such token', {}, { credentials })
}

const secretParameters = (clientId: string, secret = SECRET): Credentials => ({
  parameters: { client_id: clientId, client_secret: secret },
})
const secretHeader = (clientId: string, secret = SECRET): Credentials => ({ headers: { authorization: basic(clientId, secret) } })

describe('CAUTH-01 RFC 7591 §2: a client proves itself by its registered method and by no other', () => {
  const methods: Readonly<Record<string, (server: TestServer, clientId: string) => Credentials>> = {
    client_secret_basic: (_server, clientId) => secretHeader(clientId),
    client_secret_post: (_server, clientId) => secretParameters(clientId),
    private_key_jwt: (server, clientId) => ({ parameters: new Application(server, { ...JWT, clientId }, { assertion: KEY }).asserting() }),
    none: (_server, clientId) => ({ parameters: { client_id: clientId } }),
  }
  const pairs = CLIENTS.flatMap((one) => Object.keys(methods).map((method) => [method, one.clientId, one.tokenEndpointAuthMethod] as const))

  test.each(pairs)(
    'CAUTH-01 CAUTH-11 CAUTH-12 OA-45 OA-47 OA-80 OA-81 %s by the client %s, which registered %s',
    async (method, clientId, registered) => {
      const answer = await ask(await as(), methods[method]?.(await as(), clientId) ?? {})
      expect(told(answer)).toBe(method === registered ? '400 invalid_grant' : '401 invalid_client')
    },
  )

  test.each(['/token', '/par', '/revoke'])('CAUTH-01 REV-02 PAR-03 holds at %s too', async (path) => {
    const one = new Application(await as(), client())
    const parameters = { ...Object.fromEntries(authorizationParameters()), grant_type: 'refresh_token', refresh_token: 'x', token: 'x' }
    for (const credentials of [
      secretParameters('web'),
      { parameters: { client_id: 'web' } },
      secretHeader('web', 'wrong'),
      { parameters: { client_id: undefined } },
    ]) {
      expect(told(await one.post(path, parameters, { credentials }))).toBe('401 invalid_client')
    }
    expect(told(await one.post(path, parameters))).not.toBe('401 invalid_client')
  })
})

describe('one way at a time', () => {
  const assertion = (server: TestServer): Credentials => ({ parameters: new Application(server, JWT, { assertion: KEY }).asserting() })
  test.each<[string, (server: TestServer) => Credentials]>([
    ['Basic and a secret in the body', () => ({ ...secretHeader('web'), ...secretParameters('web') })],
    ['Basic and an assertion', (server) => ({ ...secretHeader('web'), ...assertion(server) })],
    ['a secret and an assertion', (server) => ({ parameters: { ...secretParameters('jwt').parameters, ...assertion(server).parameters } })],
  ])('OA-46 CAUTH-02 OAuth 2.1 §2.4: %s is invalid_request', async (_name, credentials) => {
    const server = await as()
    expect(told(await ask(server, credentials(server)))).toBe('400 invalid_request')
  })

  test('OA-46 a bare client_id beside Basic is no second method', async () => {
    expect(told(await ask(await as(), { ...secretHeader('web'), parameters: { client_id: 'web' } }))).toBe('400 invalid_grant')
  })

  test('CAUTH-03 RFC 7521 §4.2: a client_id that differs from the credentials is invalid_client', async () => {
    const server = await as()
    expect(told(await ask(server, { ...secretHeader('web'), parameters: { client_id: 'post' } }))).toBe('401 invalid_client')
    expect(told(await ask(server, { parameters: { ...assertion(server).parameters, client_id: 'web' } }))).toBe('401 invalid_client')
  })
})

describe('failures', () => {
  test('OA-48 CAUTH-04 OAuth 2.1 §3.2.4: 401 with a Basic challenge when Authorization was used, without one otherwise', async () => {
    const server = await as()
    const tried = await ask(server, secretHeader('web', 'wrong'))
    const posted = await ask(server, secretParameters('post', 'wrong'))
    expect([told(tried), tried.headers.get('www-authenticate')]).toEqual(['401 invalid_client', 'Basic realm="holdfast"'])
    expect([told(posted), posted.headers.get('www-authenticate')]).toEqual(['401 invalid_client', null])
    expect(tried.headers.get('content-type')).toBe('application/json')
  })

  test('CAUTH-05 an unknown client, a disabled one, a wrong secret and a wrong method are told alike', async () => {
    const server = await as([...CLIENTS, client({ clientId: 'off', disabled: true })])
    const answers = await Promise.all(
      [secretHeader('nobody'), secretHeader('off'), secretHeader('web', 'wrong'), secretHeader('post')].map((credentials) =>
        ask(server, credentials),
      ),
    )
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1)
    expect(answers.map(told)).toEqual(times(4, () => '401 invalid_client'))
  })

  test('CAUTH-06 OA-40 OAuth 2.1 §2.4.1: credentials in the URL are invalid_request, though right', async () => {
    const one = new Application(await as(), POST)
    for (const query of [
      `client_id=post&client_secret=${encodeURIComponent(SECRET)}`,
      'client_secret=x',
      'client_assertion=x',
      'code=x',
      'code_verifier=x',
      'password=x',
      'refresh_token=x',
      'a=b&token=x',
    ]) {
      expect(told(await one.post(`/token?${query}`, { grant_type: 'refresh_token', refresh_token: 'x' }))).toBe('400 invalid_request')
    }
    // Anything else in it is not looked at, a grant_type included.
    expect(told(await one.post('/token?grant_type=authorization_code&other=1', { grant_type: 'refresh_token', refresh_token: 'x' }))).toBe(
      '400 invalid_grant',
    )
  })

  test.each<[string, Credentials]>([
    ['no client_id with a secret', { parameters: { client_secret: SECRET } }],
    ['an empty secret', { parameters: { client_id: 'post', client_secret: '' } }],
    ['nothing', { parameters: {} }],
    ['an unknown scheme', { headers: { authorization: 'Digest abc' } }],
    ['an access token', { headers: { authorization: 'Bearer abc' }, parameters: { client_id: 'app' } }],
    ['a client_id no client can have', { parameters: { client_id: '\u0000' } }],
    ['a client_id of half a character', { headers: { authorization: `Basic ${Buffer.from('\u{d800}:x').toString('base64')}` } }],
    ['a client_id of 1500 characters', { headers: { authorization: `Basic ${Buffer.from(`${'c'.repeat(1500)}:x`).toString('base64')}` } }],
    [
      'an assertion about 5000 characters',
      {
        parameters: {
          client_assertion_type: ASSERTION_TYPE,
          client_assertion: signJws({ alg: 'ES256' }, { sub: 'c'.repeat(5000) }, KEY.privateKey),
        },
      },
    ],
    [
      'an assertion about half a character',
      {
        parameters: {
          client_assertion_type: ASSERTION_TYPE,
          client_assertion: signJws({ alg: 'ES256' }, { sub: '\u{d800}' }, KEY.privateKey),
        },
      },
    ],
  ])('CAUTH-16 OA-45 %s is refused, not a fault', async (_name, credentials) => {
    expect(told(await ask(await as(), credentials))).toMatch(/^(401 invalid_client|400 invalid_request)$/)
  })

  test('CAUTH-16 two Authorization headers are refused', async () => {
    expect((await ask(await as(), { headers: { authorization: `${basic('web', SECRET)}, ${basic('web', SECRET)}` } })).status).toBe(400)
  })
})

describe('secrets', () => {
  const OTHER = 'another secret for tests, long enough to count'

  test('CAUTH-17 CAUTH-07 while one is replaced two are good, and the store of them holds hashes', async () => {
    const two = client({ secrets: [SECRET, OTHER].map((secret) => ({ hash: secretHash(secret), expiresAt: undefined })) })
    const server = await as([two])
    for (const secret of [SECRET, OTHER]) expect(told(await ask(server, secretHeader('web', secret)))).toBe('400 invalid_grant')
    expect(told(await ask(server, secretHeader('web', 'a third')))).toBe('401 invalid_client')
    expect(JSON.stringify(two)).not.toContain(SECRET)
  })

  test('CAUTH-18 RFC 7591 §3.2.1: a secret ends at client_secret_expires_at', async () => {
    const held = await as([client({ secrets: [{ hash: secretHash(SECRET), expiresAt: new HeldClock().now() + 10 }] })])
    held.clock.advance(9)
    expect(told(await ask(held, secretHeader('web')))).toBe('400 invalid_grant')
    held.clock.advance(1)
    expect(told(await ask(held, secretHeader('web')))).toBe('401 invalid_client')
  })

  test('CAUTH-16 a client without a secret cannot be proven by an empty or any other one', async () => {
    const server = await as([client({ secrets: [] })])
    for (const secret of ['', 'undefined', SECRET]) expect(told(await ask(server, secretHeader('web', secret)))).toBe('401 invalid_client')
  })
})

describe('OA-49 CAUTH-05 OAuth 2.1 §2.4.1: guessing is slowed', () => {
  const body = Buffer.from('grant_type=refresh_token&refresh_token=x')
  const from = (clientAddress: string, secret: string, clientId = 'web'): HttpRequest => ({
    method: 'POST',
    path: '/token',
    query: '',
    clientAddress,
    headers: (name) =>
      name === 'authorization' ? [basic(clientId, secret)] : name === 'content-type' ? ['application/x-www-form-urlencoded'] : [],
    body: () => Promise.resolve(body),
  })

  test('after 30 wrong secrets in a minute the right one is refused too: for that client from that address, until the minute is over', async () => {
    const { server, clock } = await as([client(), client({ clientId: 'other' })])
    for (let tries = 0; tries < 30; tries++) expect((await server.handler(from('192.0.2.1', `guess ${tries}`))).status).toBe(401)
    expect((await server.handler(from('192.0.2.1', SECRET))).status).toBe(401)
    expect((await server.handler(from('192.0.2.2', SECRET))).status).toBe(400)
    expect((await server.handler(from('192.0.2.1', SECRET, 'other'))).status).toBe(400)
    clock.advance(60)
    expect((await server.handler(from('192.0.2.1', SECRET))).status).toBe(400)
  })

  test('a client at work is not counted, and an unknown client is told what a known one is told', async () => {
    const { server } = await as()
    for (let tries = 0; tries < 100; tries++) expect((await server.handler(from('192.0.2.1', SECRET))).status).toBe(400)
    const told = async (clientId: string): Promise<string[]> => {
      const bodies: string[] = []
      for (let tries = 0; tries < 40; tries++) bodies.push((await server.handler(from('192.0.2.3', 'wrong', clientId))).body)
      return bodies
    }
    expect(await told('web')).toEqual(await told('nobody'))
  })
})
