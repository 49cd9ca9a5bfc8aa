import type { OutgoingHttpHeaders } from 'node:http'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { closeAll, type Handled, type Setup, type World, world } from '../test/proxy-world.ts'

afterEach(closeAll)

async function answered(
  headers: OutgoingHttpHeaders,
  setup: Setup = {},
  status = 200,
  body: string | Uint8Array = 'fine',
): Promise<Handled & { readonly world: World }> {
  const it = await world(setup)
  it.answer = (_request, response) => response.writeHead(status, headers).end(body)
  return { ...(await it.handle({ method: 'POST', path: '/api/orders/7' })), world: it }
}

describe('BFF-43 BFF-44 the headers of an answer', () => {
  const dropped = [
    ['set-cookie', 'set-cookie2', 'set-login', 'www-authenticate', 'proxy-authenticate', 'authentication-info', 'dpop-nonce'],
    ['access-control-allow-origin', 'access-control-allow-credentials', 'access-control-expose-headers', 'timing-allow-origin'],
    ['clear-site-data', 'strict-transport-security', 'service-worker-allowed', 'refresh', 'alt-svc', 'nel', 'report-to'],
    [
      'reporting-endpoints',
      'public-key-pins',
      'use-as-dictionary',
      'speculation-rules',
      'sec-session-registration',
      'secure-session-registration',
    ],
    ['x-accel-redirect', 'x-accel-expires', 'x-sendfile', 'x-lighttpd-send-file', 'x-litespeed-location', 'surrogate-control'],
    ['cdn-cache-control', 'cloudflare-cdn-cache-control', 'expires', 'pragma', 'server', 'x-powered-by', 'via'],
    ['keep-alive', 'proxy-connection', 'trailer', 'upgrade', 'x-frame-options', 'x-holdfast-anything', 'sourcemap'],
  ].flat()
  test.each(dropped)('BFF-33 %s does not pass', async (name) => {
    const { headers, text } = await answered({ [name]: 'smuggled' })
    expect(JSON.stringify(headers)).not.toContain('smuggled')
    expect(text).toBe('fine')
  })

  test.each([
    ['content-type', 'application/problem+json'],
    ['content-disposition', 'attachment; filename="a.csv"'],
    ['content-language', 'da'],
    ['content-range', 'bytes 0-3/9'],
    ['etag', 'W/"1"'],
    ['last-modified', 'Sat, 21 Nov 2026 10:00:00 GMT'],
    ['link', '</api/orders?page=2>; rel="next"'],
    ['retry-after', '7'],
    ['ratelimit', '"a";r=1'],
    ['x-total-count', '9'],
    ['x-accel-buffering', 'no'],
  ])('%s passes', async (name, value) => {
    expect((await answered({ [name]: value })).headers[name]).toBe(value)
  })

  test.each([200, 201, 202, 206, 400, 404, 409, 418, 422, 429, 500, 503, 599])('status %i passes with its content', async (status) => {
    const { status: got, text } = await answered({}, {}, status)
    expect([got, text]).toEqual([status, 'fine'])
  })
  test.each([401, 403])('status %i without a challenge is the API’s own', async (status) => {
    expect((await answered({}, {}, status)).text).toBe('fine')
  })
  test('407 speaks to us: it is a fault behind us', async () => {
    expect((await answered({ 'proxy-authenticate': 'Basic' }, {}, 407)).json).toMatchObject({ error: 'bad_gateway' })
  })
  test.each([204, 304])('%i has no content', async (status) => {
    const { status: got, text, headers } = await answered({ etag: '"1"', ...(status === 304 && { 'content-length': '4' }) }, {}, status, '')
    expect([got, text, headers['etag'], headers['content-length']]).toEqual([status, '', '"1"', undefined])
  })

  test('RFC 9110 §7.6.1: what Connection names does not pass', async () => {
    const { headers } = await answered({ connection: 'close, X-Inner', 'x-inner': 'smuggled' })
    expect(headers).not.toHaveProperty('x-inner')
    expect(headers).not.toHaveProperty('connection')
  })

  test('an answer is data, and no page of ours: neither document nor script runs from it', async () => {
    const { headers } = await answered({
      'content-type': 'text/html',
      'content-security-policy': 'default-src *',
      'x-content-type-options': 'no',
    })
    expect(headers).toMatchObject({
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    })
  })
})

describe('BFF-44 cookies', () => {
  const cookies = ['a=1; Path=/', 'b=2', '__Host-Http-holdfast-bff=fixed; Path=/; Secure']
  test('of an API are not set', async () => {
    expect((await answered({ 'set-cookie': cookies })).headers['set-cookie']).toBeUndefined()
  })
  test('of an API are where its route says so, except those that could be ours', async () => {
    expect((await answered({ 'set-cookie': cookies }, { route: { unsafeUpstreamCookies: true } })).headers['set-cookie']).toEqual([
      'a=1; Path=/',
      'b=2',
    ])
  })
  test('of the session are', async () => {
    const { headers } = await answered(
      { 'set-cookie': cookies },
      {
        credentialFor: async () => ({
          kind: 'credential',
          setCookie: ['s=1', 's.1=2'],
          credential: { headers: async () => ({}), learn: () => false },
        }),
      },
    )
    expect(headers['set-cookie']).toEqual(['s=1', 's.1=2'])
  })
})

describe('BFF-47 caches', () => {
  test.each([
    [undefined, 'no-store'],
    ['', 'no-store'],
    ['no-store', 'no-store'],
    ['public, no-store', 'no-store'],
    ['public, max-age=600', 'private, max-age=600'],
    ['max-age=600', 'private, max-age=600'],
    ['PUBLIC, S-MaxAge=600', 'private'],
    ['s-maxage=600, max-age=1, proxy-revalidate', 'private, max-age=1'],
    ['private', 'private'],
    ['private="x-a", max-age=1', 'private, max-age=1'],
    ['private="x, public", s-maxage="1,2"', 'private'],
    ['no-cache="set-cookie", must-revalidate', 'private, no-cache="set-cookie", must-revalidate'],
    ['no-cache', 'private, no-cache'],
    ['immutable, stale-while-revalidate=5, x-other=public', 'private, immutable, stale-while-revalidate=5'],
  ])('%j is %j here', async (theirs, ours) => {
    const { headers } = await answered(theirs === undefined ? {} : { 'cache-control': theirs })
    expect(headers['cache-control']).toBe(ours)
  })
  test.each([
    [undefined, 'cookie'],
    ['Accept, Origin', 'Accept, Origin, cookie'],
    ['Cookie', 'Cookie'],
    ['*', '*'],
  ])('Vary: %s is %s here, since the next session in this browser is another', async (theirs, ours) => {
    expect((await answered(theirs === undefined ? {} : { vary: theirs })).headers['vary']).toBe(ours)
  })
})

describe('BFF-44 redirects are not followed', () => {
  test.each([
    ['/v1/orders/8?x=1#y', '/api/orders/orders/8?x=1#y'],
    ['8', '/api/orders/8'],
    ['?page=2', '/api/orders/7?page=2'],
    ['//elsewhere.example/x', 'http://elsewhere.example/x'],
    ['https://files.example/signed?key=1', 'https://files.example/signed?key=1'],
    ['/other/7', '/api/other/7'],
  ])('to %s: the browser is sent to %s', async (location, here) => {
    const routes = (origin: string) => [
      { path: '/api/orders', upstream: `${origin}/v1` },
      { path: '/api/other', upstream: `${origin}/other` },
    ]
    for (const status of [301, 302, 303, 307, 308]) {
      const { status: got, headers, world: it } = await answered({ location }, { routes }, status)
      expect([got, headers['location']]).toEqual([status, here])
      expect(it.seen).toHaveLength(1)
    }
  })
  test.each(['/admin', '/v10/x', '/', 'javascript:alert(1)', 'data:text/html,x', 'http://a:b@elsewhere.example/', 'http://['])(
    'to %s: nobody is sent there',
    async (location) => {
      const { status, headers, world: it } = await answered({ location }, {}, 302)
      expect([status, headers['location']]).toEqual([502, undefined])
      expect(it.events).toMatchObject([{ type: 'api.answer_refused', api: '/api/orders' }])
      const created = await answered({ location, 'content-location': location }, {}, 201)
      expect([created.status, created.headers['location'], created.headers['content-location']]).toEqual([201, undefined, undefined])
    },
  )
  test('what was made is where it can be reached', async () => {
    const { headers } = await answered({ location: '/v1/9', 'content-location': '/v1/9' }, {}, 201)
    expect([headers['location'], headers['content-location']]).toEqual(['/api/orders/9', '/api/orders/9'])
  })
})

describe('content codings', () => {
  test.each([
    ['gzip', gzipSync('fine')],
    ['br', brotliCompressSync('fine')],
    ['identity', 'fine'],
  ])('%s was taken off, and its length with it', async (coding, body) => {
    const { text, headers } = await answered({ 'content-encoding': coding, 'content-length': Buffer.byteLength(body) }, {}, 200, body)
    expect(text).toBe('fine')
    expect(headers['content-encoding']).toBeUndefined()
    expect(headers['content-length']).toBe(coding === 'identity' ? '4' : undefined)
  })
  test('another is not handed on as if it had been', async () => {
    expect((await answered({ 'content-encoding': 'zz' })).status).toBe(502)
  })
  test('an API is asked for none', async () => {
    expect((await answered({})).world.seen[0]?.headers['accept-encoding']).toBe('identity')
  })
})
