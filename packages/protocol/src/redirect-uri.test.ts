import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { appendQuery, matchRedirectUri, redirectUriFault, type ValidRedirectUri } from './redirect-uri.ts'

const REGISTERED = 'https://app.example/cb'

test('OA-11 OAuth 2.1 §2.3.1: a registered URI is matched by itself', () => {
  for (const uri of [REGISTERED, 'https://app.example/cb?tenant=1', 'com.example.app:/cb', 'http://127.0.0.1/cb'])
    expect(matchRedirectUri(uri, ['https://other.example/', uri], true)).toBe(uri)
})

/** Every one of these has led a code to someone else, somewhere. */
const NEAR: readonly string[] = [
  'https://app.example/cb/',
  'https://app.example/cb/..',
  'https://app.example/cb/../evil',
  'https://app.example/cb/%2e%2e/evil',
  'https://app.example/cb%2F..%2Fevil',
  'https://app.example/./cb',
  'https://app.example//cb',
  'https://app.example/CB',
  'https://app.example/c%62',
  'https://APP.example/cb',
  'HTTPS://app.example/cb',
  'http://app.example/cb',
  'https://app.example:443/cb',
  'https://app.example:8443/cb',
  'https://app.example./cb',
  'https://app.example/cb?',
  'https://app.example/cb?x=1',
  'https://app.example/cb#',
  'https://app.example/cb#x',
  'https://app.example/cb;x',
  'https://app.example/cbx',
  'https://app.example/c',
  'https://app.example/',
  'https://app.example',
  'https://sub.app.example/cb',
  'https://app.example.evil.example/cb',
  'https://app.example@evil.example/cb',
  'https://app.example:x@evil.example/cb',
  'https://evil.example/https://app.example/cb',
  'https://evil.example\\@app.example/cb',
  'https://evil.example#@app.example/cb',
  'https://evil.example?@app.example/cb',
  '//app.example/cb',
  '/cb',
  ' https://app.example/cb',
  'https://app.example/cb ',
  'https://app.example/cb\n',
  'https://app.example/\tcb',
  'https://app.example/cb\u0000',
  'https://app.ex\u0430mple/cb',
  'https://*/cb',
  'https://app.example/*',
  '',
]

test.each(NEAR)('BCP-20 OA-11 RFC 9700 §4.1.3: %j is not the registered URI', (uri) => {
  expect(matchRedirectUri(uri, [REGISTERED], false)).toBeUndefined()
  expect(matchRedirectUri(uri, [REGISTERED], true)).toBeUndefined()
})

test('BCP-20 a registered URI is no pattern and no prefix', () => {
  expect(matchRedirectUri('https://a.app.example/cb', ['https://*.app.example/cb'], true)).toBeUndefined()
  expect(matchRedirectUri('https://app.example/cb/deep', ['https://app.example/'], true)).toBeUndefined()
  expect(matchRedirectUri('https://app.example/cb', [], true)).toBeUndefined()
})

test('BCP-20 whatever is asked for, only a registered https URI comes out', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom('https://', 'app.example', '/', 'cb', '@', '.', ':443', '?', '#', '%2f', 'evil', '\\'),
        maxLength: 12,
      }),
      (uri) => {
        expect(matchRedirectUri(uri, [REGISTERED], true)).toBe(uri === REGISTERED ? uri : undefined)
      },
    ),
  )
})

describe('loopback', () => {
  test.each([
    ['http://127.0.0.1/cb', 'http://127.0.0.1:51004/cb'],
    ['http://127.0.0.1:8080/cb', 'http://127.0.0.1:51004/cb'],
    ['http://127.0.0.1:8080/cb', 'http://127.0.0.1/cb'],
    ['http://[::1]/cb', 'http://[::1]:51004/cb'],
    ['http://127.0.0.1/cb?a=1', 'http://127.0.0.1:1/cb?a=1'],
    ['http://127.0.0.1/', 'http://127.0.0.1:65535/'],
    ['http://127.0.0.1', 'http://127.0.0.1:3000'],
  ])('OA-12 OAuth 2.1 §8.4.2: %s takes %s', (registered, uri) => {
    for (const native of [true, false]) expect(matchRedirectUri(uri, [registered], native)).toBe(uri)
  })

  test.each([
    'http://127.0.0.1:3000',
    'http://127.0.0.1:3000/',
    'http://127.0.0.1:3000/CB',
    'http://127.0.0.1:3000/cb/',
    'http://127.0.0.1:3000/cb?',
    'http://127.0.0.1:3000/cb?x',
    'http://127.0.0.1:3000/cb#x',
    'https://127.0.0.1:3000/cb',
    'http://[::1]:3000/cb',
    'http://localhost:3000/cb',
    'http://127.0.0.2:3000/cb',
    'http://127.1:3000/cb',
    'http://2130706433:3000/cb',
    'http://0x7f000001:3000/cb',
    'http://127.0.0.1.:3000/cb',
    'http://127.0.0.1.evil/cb',
    'http://127.0.0.1.evil:3000/cb',
    'http://127.0.0.1@evil/cb',
    'http://127.0.0.1:3000@evil/cb',
    'http://evil@127.0.0.1:3000/cb',
    'http://127.0.0.1:3000:1/cb',
    'http://127.0.0.1:/cb',
    'http://127.0.0.1:65536/cb',
    'http://127.0.0.1:999999/cb',
    'http://127.0.0.1:-1/cb',
    'http://127.0.0.1:3000\\@evil/cb',
    'http://127.0.0.1:3000/cb\n',
    'HTTP://127.0.0.1:3000/cb',
    'http://[::ffff:127.0.0.1]:3000/cb',
    'http://[0:0:0:0:0:0:0:1]:3000/cb',
  ])('OA-12 BCP-20 http://127.0.0.1/cb does not take %j', (uri) => {
    expect(matchRedirectUri(uri, ['http://127.0.0.1/cb'], true)).toBeUndefined()
  })

  test('OA-12 the port is free for http alone', () => {
    expect(matchRedirectUri('https://127.0.0.1:3000/cb', ['https://127.0.0.1/cb'], true)).toBeUndefined()
  })

  test('OA-13 OAuth 2.1 §8.4.2: the port of localhost is free for native applications only', () => {
    expect(matchRedirectUri('http://localhost:3000/cb', ['http://localhost/cb'], true)).toBe('http://localhost:3000/cb')
    expect(matchRedirectUri('http://localhost:3000/cb', ['http://localhost/cb'], false)).toBeUndefined()
    expect(matchRedirectUri('http://localhost/cb', ['http://localhost/cb'], false)).toBe('http://localhost/cb')
    for (const uri of ['http://localhost:1@evil/cb', 'http://localhost.evil:1/cb', 'http://localhost.:1/cb', 'http://LOCALHOST:1/cb'])
      expect(matchRedirectUri(uri, ['http://localhost/cb'], true)).toBeUndefined()
  })
})

describe('registration', () => {
  test.each([
    'https://app.example/cb',
    'https://app.example:8443/cb?tenant=1',
    'http://127.0.0.1/cb',
    'http://[::1]:8080/cb',
    'http://localhost:3000/cb',
  ])('OA-16 OA-17 OAuth 2.1 §2.3.1: %s can be registered', (uri) => {
    expect(redirectUriFault(uri, false)).toBeUndefined()
  })

  test('OA-17 OAuth 2.1 §8.4.3: a private-use scheme with a dot, for native applications only', () => {
    expect(redirectUriFault('com.example.app:/cb', true)).toBeUndefined()
    expect(redirectUriFault('http.example:/cb', true)).toBeUndefined()
    expect(redirectUriFault('com.example.app:/cb', false)).toContain('native')
    expect(redirectUriFault('myapp:/cb', true)).toContain('dot')
  })

  test.each([
    '/cb',
    'app.example/cb',
    '//app.example/cb',
    '',
    'https://',
    'https://app.example/cb#',
    'https://app.example/cb#x',
    'https://app example/cb',
    'https://app.example/c\\b',
    'https://app.example/\u00e9',
  ])('OA-16 %j is no absolute URI without a fragment', (uri) => {
    expect(redirectUriFault(uri, true)).toContain('absolute URI')
  })

  test.each([
    'https:app.example/cb',
    'https:/app.example/cb',
    'https:///app.example/cb',
    'https://@app.example/cb',
    'https://:@app.example/cb',
    'https://u@app.example/cb',
    'https://u:p@app.example/cb',
    'http://127.0.0.1@evil.example/cb',
    'http://localhost:1@evil.example/',
  ])('OA-16 BCP-20 %s does not say where it leads', (uri) => {
    expect(redirectUriFault(uri, true)).toBeDefined()
  })

  test.each([
    'http://app.example/cb',
    'http://127.0.0.1.evil/cb',
    'http://127.0.0.2/cb',
    'http://0.0.0.0/cb',
    'http://localhost.evil/cb',
    'http://192.168.1.1/cb',
  ])('OA-17 %s is http, but not on this machine', (uri) => {
    expect(redirectUriFault(uri, true)).toContain('http')
  })

  test.each([
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'blob:https://app.example/x',
    'vbscript:x',
    'about:blank',
    'view-source:https://x/',
    'ws://app.example/',
    'wss://app.example/',
    'ftp://app.example/',
  ])('OA-17 %s is refused, and matched for nobody', (uri) => {
    expect(redirectUriFault(uri, true)).toBeDefined()
    expect(matchRedirectUri(uri, [uri], true)).toBeUndefined()
  })
})

test.each([
  ['https://app.example/cb', 'https://app.example/cb?code=a+b&state=%26'],
  ['https://app.example/cb?tenant=1', 'https://app.example/cb?tenant=1&code=a+b&state=%26'],
  ['https://app.example/cb?', 'https://app.example/cb?code=a+b&state=%26'],
  ['https://app.example/cb?a&', 'https://app.example/cb?a&code=a+b&state=%26'],
  ['com.example.app:/cb', 'com.example.app:/cb?code=a+b&state=%26'],
])('OA-16 OAuth 2.1 §2.3: the query of %s is kept', (uri, expected) => {
  expect(appendQuery(uri as ValidRedirectUri, { code: 'a b', state: '&' })).toBe(expected)
})
