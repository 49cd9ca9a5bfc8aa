import { describe, expect, test } from 'vitest'
import { endToEnd, looseName, looseReadings, pathFault, speaksForProxy } from './forwarding.ts'

test('BFF-43 RFC 9110 §7.6.1: what is for one connection is not handed on, nor what Connection names, in any case of letters', () => {
  const lines = [
    ['Connection', 'close, X-Once'],
    ['x-once', '1'],
    ['Keep-Alive', 'timeout=5'],
    ['TE', 'trailers'],
    ['Transfer-Encoding', 'chunked'],
    ['Upgrade', 'websocket'],
    ['Proxy-Authorization', 'Basic eA=='],
    ['Accept', 'a/b'],
    ['Set-Cookie', 'a=1'],
    ['Set-Cookie', 'b=2'],
    ['connection', ' x-twice '],
    ['X-Twice', '1'],
  ] as const
  expect(endToEnd(lines)).toEqual([
    ['Accept', 'a/b'],
    ['Set-Cookie', 'a=1'],
    ['Set-Cookie', 'b=2'],
  ])
})

test.each(['X-Holdfast-Subject', 'x_holdfast_subject', 'x.holdfast-SUBJECT'])('%s is read as one name', (name) => {
  expect(looseName(name)).toBe('x-holdfast-subject')
})

test.each([
  'Forwarded',
  'X-Forwarded-For',
  'x_forwarded_host',
  'X-Real-IP',
  'X-Original-URL',
  'X-Rewrite-URL',
  'Client-Cert',
  'X-HTTP-Method-Override',
  'X-Method-Override',
  'X-HTTP-Method',
  'Proxy',
  'X-Client-IP',
  'X-Cluster-Client-IP',
  'CF-Connecting-IP',
  'X-Host',
  'X_HTTP_Host_Override',
  'X-Rewrite-URI',
  'Remote_User',
  'X-Remote-User',
])('BFF-43 a client does not speak for a proxy by %s', (name) => {
  expect(speaksForProxy(name)).toBe(true)
})

test.each(['Accept', 'X-Request-Id', 'Client-Certainty', 'X-Forwardedness', 'Authorization', 'X-Proxy', 'X-Hostname', 'User'])(
  '%s is the own word of a client',
  (name) => {
    expect(speaksForProxy(name)).toBe(false)
  },
)

describe('paths', () => {
  test.each([
    '/',
    '/a/b',
    '/a/',
    '/.well-known/x',
    '/a..b/.c',
    '/caf%C3%A9',
    '/a%20b',
    '/100%25',
    '/a;v=1/b',
    '/a:b@c!$&()*+,=~',
    '/x|y',
    '/A',
  ])('%s has one reading', (path) => {
    expect(pathFault(path)).toBeUndefined()
  })

  test.each([
    '',
    'a',
    '*',
    '//a',
    '/a//b',
    '/a//',
    '/.',
    '/..',
    '/a/../b',
    '/a/./b',
    '/a/%2e%2E/b',
    '/a/.%2e/b',
    '/a/..;/b',
    '/a/..%3bx/b',
    '/a/..%20/b',
    '/a/.%09./b',
    '/a/.../b',
    '/a/.%20;x/b',
    '/a/..%3fx',
    '/a/..%23x/b',
    '/a%2fb',
    '/a%2Fb',
    '/a%5cb',
    '/a\\b',
    '/a%252e%252e/b',
    '/a%00',
    '/a%0d%0ab',
    '/a%7f',
    '/a%',
    '/a%4',
    '/a%zz',
    '/a%c0%ae%c0%ae/b',
    '/a%ff',
    '/a b',
    '/a\tb',
    '/é',
    '/a#b',
    '/a?b',
    '/a/%EF%BC%8E%EF%BC%8E/b',
    '/a%EF%BC%8Fb',
    '/a%EF%BC%BCb',
    '/a/%E2%80%A5/b',
    '/a%C2%85b',
    '/a/%EF%BC%852e%EF%BC%852e/b',
  ])('%j has several readings', (path) => {
    expect(pathFault(path)).toMatch(/^the path /)
  })

  test.each([
    ['/Admin/Users', '/admin/users'],
    ['/%61dmin', '/admin'],
    ['/admin;a=b/x', '/admin/x'],
    ['/admin%3Ba/x', '/admin/x'],
    ['/admin.json', '/admin'],
    ['/admin%3fx/y', '/admin'],
    ['/admin%20', '/admin'],
    ['/admin./x', '/admin/x'],
    ['/.well-known/x.y', '/.well-known/x'],
    ['/v1.0/x', '/v1.0/x'],
    ['/%EF%BD%81dmin', '/admin'],
    ['/a/;/admin', '/a/admin'],
    ['/%3bx/admin', '/admin'],
    ['/%20/admin%20/', '/admin'],
    ['/admin.json/', '/admin'],
    ['/admin%20.json', '/admin'],
    ['/', '/'],
  ])('%s may be read as %s', (path, read) => {
    expect(looseReadings(path)).toContain(read)
  })

  test.each(['.', '%20', 'a.', ';', '/a'])('a long one of %j costs no more than its length, whoever sends it', (part) => {
    const path = `/x${part.repeat(Math.floor(31_000 / part.length))}x`
    const { user } = process.cpuUsage()
    pathFault(path)
    looseReadings(path)
    // In microseconds; what looks at each pair of letters takes a second and more.
    expect(process.cpuUsage({ user, system: 0 }).user).toBeLessThan(300_000)
  })
})
