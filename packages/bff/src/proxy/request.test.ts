import { afterEach, describe, expect, test } from 'vitest'
import { closeAll, IN, type Sent, world } from '../test/proxy-world.ts'

afterEach(closeAll)
const post = (more: Sent = {}): Sent => ({ method: 'POST', body: '{"a":1}', ...more })

describe('BFF-42 methods', () => {
  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])('%s passes without being named', async (method) => {
    const { handle, seen } = await world()
    expect((await handle({ method })).status).toBe(200)
    expect(seen[0]?.method).toBe(method)
  })
  test.each(['OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'get', 'Post', 'GET ', ''])('%j does not', async (method) => {
    const { handle, seen, asked } = await world()
    const { status, headers, json } = await handle({ method })
    expect([status, headers['allow'], json['rule']]).toEqual([405, 'GET, HEAD, POST, PUT, PATCH, DELETE', 'BFF-42'])
    expect([...seen, ...asked]).toEqual([])
  })
  test('only those of the route', async () => {
    const { handle, seen } = await world({ route: { methods: ['GET', 'OPTIONS'] } })
    expect((await handle(post())).headers['allow']).toBe('GET, OPTIONS')
    // BFF-33: what looks like a preflight is answered without leave for anybody.
    const preflight = { method: 'OPTIONS', headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' } }
    expect(Object.keys((await handle(preflight)).headers).join()).not.toContain('access-control')
    expect(seen.map(({ method }) => method)).toEqual(['OPTIONS'])
  })
})

describe('BFF-30 who may ask', () => {
  test('a request that does not come from our pages: no credential is fetched for it', async () => {
    const { handle, seen, asked } = await world()
    expect((await handle({ headers: { 'x-holdfast-csrf': [] } })).json).toEqual({ error: 'csrf' })
    expect([...seen, ...asked]).toEqual([])
  })
  test('a request without a session', async () => {
    const { handle, seen } = await world()
    expect((await handle({ headers: { cookie: [] } })).json).toEqual({ error: 'login_required' })
    expect(seen).toEqual([])
  })
  test('and where the route lets it, without a token', async () => {
    const { handle, seen } = await world({ route: { anonymous: 'pass' } })
    expect((await handle({ headers: { cookie: [], authorization: 'Bearer stolen' } })).status).toBe(200)
    expect(seen[0]?.headers).not.toHaveProperty('authorization')
  })
})

describe('BFF-43 the headers of a request', () => {
  const dropped = [
    ['cookie', 'cookie2', 'authorization', 'dpop', 'proxy-authorization', 'x-holdfast-csrf', 'x-holdfast-retried'],
    ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-prefix', 'x-forwarded', 'forwarded', 'via'],
    ['x-real-ip', 'true-client-ip', 'cf-connecting-ip', 'x-client-ip', 'client-cert', 'client-cert-chain', 'host'],
    ['keep-alive', 'te', 'trailer', 'upgrade', 'proxy-connection', 'expect', 'http2-settings'],
    ['origin', 'referer', 'sec-fetch-site', 'sec-fetch-user', 'sec-websocket-key', 'sec-ch-ua'],
    ['x-http-method-override', 'x-original-url', 'x-rewrite-url', 'x-remote-user', 'x-user-id', 'x-anything'],
    ['oauth-client-attestation', 'access-control-request-method', 'service-worker'],
  ].flat()
  test.each(dropped)('%s does not pass', async (name) => {
    const { handle, seen, apiOrigin } = await world()
    await handle({
      headers: {
        [name]: name === 'cookie' ? `${IN.cookie}; smuggled=1` : 'smuggled',
        ...(name !== 'x-holdfast-csrf' && { 'x-holdfast-csrf': '1' }),
      },
    })
    await handle({ headers: { [name]: ['smuggled', 'smuggled'], ...IN } })
    for (const { headers } of seen) {
      expect(JSON.stringify(headers)).not.toContain('smuggled')
      expect(headers.host).toBe(new URL(apiOrigin).host)
      expect(headers.cookie).toBeUndefined()
    }
    expect(seen.length).toBeGreaterThan(0)
  })

  test.each([
    ['accept', 'text/event-stream'],
    ['accept-language', 'da'],
    ['content-type', 'application/merge-patch+json'],
    ['content-language', 'da'],
    ['if-match', '"1"'],
    ['if-none-match', 'W/"1"'],
    ['range', 'bytes=0-1'],
    ['prefer', 'return=minimal'],
    ['idempotency-key', 'k'],
    ['last-event-id', '7'],
    ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
    ['user-agent', 'Browser/1'],
    ['x-request-id', 'r'],
  ] as const)('%s passes', async (name, value) => {
    const { handle, seen } = await world()
    await handle(post({ headers: { [name]: value } }))
    expect(seen[0]?.headers[name]).toBe(value)
  })

  test('several lines of one header are one list, and content has one type', async () => {
    const { handle, seen } = await world()
    await handle({ headers: { accept: ['text/plain', 'text/html'] } })
    expect(seen[0]?.headers.accept).toBe('text/plain, text/html')
    expect((await handle(post({ headers: { 'content-type': ['text/plain', 'application/json'] } }))).status).toBe(400)
    expect(seen).toHaveLength(1)
  })

  test('RFC 9110 §7.6.1: what Connection names does not pass, whatever it is', async () => {
    const { handle, seen } = await world({ route: { requestHeaders: ['X-Tenant'] } })
    await handle({ headers: { connection: ['close, If-Match', 'x-tenant'], 'if-match': '"1"', 'x-tenant': 't', accept: 'a/b' } })
    expect(seen[0]?.headers).not.toHaveProperty('if-match')
    expect(seen[0]?.headers).not.toHaveProperty('x-tenant')
    expect(seen[0]?.headers).toMatchObject({ accept: 'a/b' })
  })

  test('a route may have headers of its own', async () => {
    const { handle, seen } = await world({ route: { requestHeaders: ['X-Tenant', 'Accept', 'x-tenant'] } })
    await handle({ headers: { 'x-tenant': 't', 'x-other': 'o', accept: 'a/b' } })
    expect(seen[0]?.headers).toMatchObject({ 'x-tenant': 't', accept: 'a/b' })
    expect(seen[0]?.headers).not.toHaveProperty('x-other')
  })

  test('the credential is put on, for the method and place that are asked', async () => {
    const { handle, seen, apiOrigin } = await world()
    await handle(post({ path: '/api/orders/7', query: 'x=1', headers: { authorization: 'Bearer stolen', dpop: 'stolen' } }))
    expect(seen[0]?.headers).toMatchObject({ authorization: 'DPoP ada-1', dpop: `POST ${apiOrigin}/v1/orders/7`.replace('/orders', '') })
  })

  test.each([
    ['192.0.2.7', 'for=192.0.2.7;host="shop.example";proto=https'],
    ['2001:db8::7', 'for="[2001:db8::7]";host="shop.example";proto=https'],
    ['fe80::1%eth0', 'for="[fe80::1]";host="shop.example";proto=https'],
    ['', 'for=unknown;host="shop.example";proto=https'],
  ])('BFF-46 RFC 7239: an API learns the address %s when its route says so, and from us alone', async (clientAddress, expected) => {
    const { handle, seen } = await world({ route: { forwarded: true } })
    await handle({ clientAddress, headers: { forwarded: 'for=6.6.6.6', 'x-forwarded-for': '6.6.6.6' } })
    expect(seen[0]?.headers.forwarded).toBe(expected)
    expect(JSON.stringify(seen[0]?.headers)).not.toContain('6.6.6.6')
  })
})

describe('BFF-47 the body of a request', () => {
  test('arrives as it is, with its length', async () => {
    const { handle, seen } = await world()
    await handle(post({ body: 'grüße', headers: { 'content-type': 'text/plain' } }))
    expect(seen[0]).toMatchObject({ body: 'grüße', headers: { 'content-length': '7', 'content-type': 'text/plain' } })
  })
  test('that is not there brings no type along', async () => {
    const { handle, seen } = await world()
    await handle({ method: 'POST', headers: { 'content-type': 'text/plain' } })
    expect(seen[0]).toMatchObject({ body: '', headers: { 'content-length': '0' } })
    expect(seen[0]?.headers).not.toHaveProperty('content-type')
  })
  test.each([
    ['a length', { 'content-length': '5' }],
    ['chunks', { 'transfer-encoding': 'chunked' }],
  ])('of GET, by %s, is refused: what it means nobody knows', async (_name, headers) => {
    const { handle, seen } = await world()
    expect((await handle({ headers })).status).toBe(400)
    expect(seen).toEqual([])
  })
  test.each([['two'], ['-1'], ['1e3'], [''], [['5', '5']]])('of length %j is refused', async (length) => {
    const { handle, seen } = await world()
    expect((await handle(post({ headers: { 'content-length': length } }))).status).toBe(400)
    expect(seen).toEqual([])
  })
  test('over the limit, by what it says of itself: no API and no session is asked', async () => {
    const { handle, seen, asked } = await world({ route: { mostBytes: 5 } })
    expect((await handle(post({ body: '123456' }))).status).toBe(413)
    expect((await handle(post({ body: '', headers: { 'content-length': '99999999' } }))).status).toBe(413)
    expect([...seen, ...asked]).toEqual([])
    expect((await handle(post({ body: '12345' }))).status).toBe(200)
  })
})
