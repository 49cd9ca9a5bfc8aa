import { afterEach, describe, expect, test } from 'vitest'
import type { ApiRoute } from '../options.ts'
import { closeAll, world } from '../test/proxy-world.ts'
import { compileRoutes, matchRoute } from './routes.ts'

afterEach(closeAll)
const good: ApiRoute = { path: '/api/orders', upstream: 'https://orders.internal/v1' }

describe('BFF-40 the table of APIs is checked at the start', () => {
  test.each<[string, Partial<ApiRoute>, string]>([
    ['a path without a slash', { path: 'api' }, 'path'],
    ['a path of two slashes', { path: '//evil.example' }, 'path'],
    ['everything', { path: '/' }, 'path'],
    ['a slash at the end', { path: '/api/' }, 'path'],
    ['a way up', { path: '/api/../x' }, 'path'],
    ['a dot', { path: '/api/.' }, 'path'],
    ['a percent sign', { path: '/api/%2e' }, 'path'],
    ['a pattern', { path: '/api/*' }, 'path'],
    ['a query', { path: '/api?x=1' }, 'path'],
    ['a backslash', { path: '/api\\x' }, 'path'],
    ['a relative upstream', { upstream: '/v1' }, 'upstream'],
    ['another scheme', { upstream: 'ftp://orders.internal/v1' }, 'upstream'],
    ['a password', { upstream: 'https://a:b@orders.internal/v1' }, 'upstream'],
    ['a query there', { upstream: 'https://orders.internal/v1?x=1' }, 'upstream'],
    ['an empty query there', { upstream: 'https://orders.internal/v1?' }, 'upstream'],
    ['a fragment there', { upstream: 'https://orders.internal/v1#x' }, 'upstream'],
    ['a slash at its end', { upstream: 'https://orders.internal/v1/' }, 'upstream'],
    ['a way up there', { upstream: 'https://orders.internal/v1/../v2' }, 'upstream'],
    ['upper case there', { upstream: 'https://ORDERS.internal/v1' }, 'upstream'],
    ['http to another machine', { upstream: 'http://orders.internal/v1' }, 'upstream'],
    ['http to what looks like this one', { upstream: 'http://127.0.0.1.evil.example/v1' }, 'upstream'],
    ['a name that is misspelt', { annonymous: 'refuse' } as Partial<ApiRoute>, 'annonymous'],
    ['no methods', { methods: [] }, 'methods'],
    ['a method in lower case', { methods: ['get'] }, 'methods'],
    ['TRACE', { methods: ['GET', 'TRACE'] }, 'methods'],
    ['CONNECT', { methods: ['CONNECT'] }, 'methods'],
    ['HEAD without GET', { methods: ['HEAD'] }, 'methods'],
    ['no time', { timeout: 0 }, 'timeout'],
    ['too much time', { timeout: 301 }, 'timeout'],
    ['a number that is none', { timeout: Number.NaN }, 'timeout'],
    ['half a byte', { mostBytes: 0.5 }, 'mostBytes'],
    ['a header of two lines', { requestHeaders: ['x\r\ny'] }, 'requestHeaders'],
    ['cookies', { requestHeaders: ['Cookie'] }, 'requestHeaders'],
    ['the credential', { requestHeaders: ['Authorization'] }, 'requestHeaders'],
    ['an address that was forwarded', { requestHeaders: ['X-Forwarded-For'] }, 'requestHeaders'],
    ['another path', { requestHeaders: ['X-Original-URL'] }, 'requestHeaders'],
    ['another method', { requestHeaders: ['X-HTTP-Method-Override'] }, 'requestHeaders'],
  ])('%s is no API', (_name, wrong, option) => {
    expect(() =>
      compileRoutes([
        { ...good, path: '/other' },
        { ...good, ...wrong },
      ]),
    ).toThrow(expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(`apis[1].${option}: `) }))
  })

  test('nor is one path twice', () => {
    expect(() => compileRoutes([good, good])).toThrow('apis[1].path: /api/orders is that of apis[0] too')
  })

  test.each([
    'https://orders.internal',
    'https://orders.internal/',
    'https://orders.internal:8443/v1.2/a_b~c',
    'http://localhost:3000/v1',
    'http://127.0.0.1:3000',
    'http://[::1]:3000/v1',
  ])('%s is an upstream', (upstream) => {
    expect(compileRoutes([{ ...good, upstream }])).toHaveLength(1)
  })
  test('http elsewhere is one that somebody has called unsafe', () => {
    expect(compileRoutes([{ ...good, upstream: 'http://orders.internal/v1', unsafeHttp: true }])).toHaveLength(1)
  })
})

describe('BFF-40 which API a path is', () => {
  const table = compileRoutes([
    { path: '/api', upstream: 'https://a.internal' },
    { path: '/api/orders/old', upstream: 'https://c.internal' },
    { path: '/api/orders', upstream: 'https://b.internal' },
  ])
  test.each([
    ['/api', '/api', ''],
    ['/api/', '/api', '/'],
    ['/api/x', '/api', '/x'],
    ['/api/orders', '/api/orders', ''],
    ['/api/orders/1', '/api/orders', '/1'],
    ['/api/ordersX', '/api', '/ordersX'],
    ['/api/orders/old', '/api/orders/old', ''],
    ['/api/orders/old/1', '/api/orders/old', '/1'],
    ['/api/orders/older', '/api/orders', '/older'],
    ['/api//orders', '/api', '//orders'],
  ])('%s is of %s', (path, route, rest) => {
    const found = matchRoute(table, path)
    expect([found?.route.path, found?.rest]).toEqual([route, rest])
  })
  test.each(['/', '/ap', '/apiX', '/API/orders', '//api', '/%61pi/x', '/x/../api', 'api', '', 'http://a.internal/api', '*'])(
    '%s is none',
    (path) => expect(matchRoute(table, path)).toBeUndefined(),
  )
  test('and the request of none is somebody else’s', async () => {
    const { proxy, handle, asked } = await world()
    expect((await handle({ path: '/orders' })).status).toBe(0)
    expect(await proxy.upgrade({ path: '/orders' } as never)).toBeUndefined()
    expect(asked).toEqual([])
  })
})

test('what weakens is told at the start', async () => {
  const { events } = await world({ route: { unsafeHttp: true, unsafeUpstreamCookies: true } })
  expect(events).toEqual(['unsafeHttp', 'unsafeUpstreamCookies'].map((name) => ({ type: 'option.unsafe', option: `apis[0].${name}` })))
})

test('BFF-40 neither Host nor any part of the address leads elsewhere', async () => {
  const { handle, seen, apiOrigin } = await world()
  await handle({
    path: '/api/orders/@evil.example',
    query: 'url=http://evil.example',
    headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example' },
  })
  expect(seen).toMatchObject([{ url: '/v1/@evil.example?url=http://evil.example', headers: { host: new URL(apiOrigin).host } }])
  expect(seen[0]?.headers).not.toHaveProperty('x-forwarded-host')
})
