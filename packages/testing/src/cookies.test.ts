import { expect, test } from 'vitest'
import { TestClock } from './clock.ts'
import { CookieJar } from './cookies.ts'

const AT = 'https://as.example/login/step'
const jar = (...lines: readonly string[]): CookieJar => {
  const cookies = new CookieJar(new TestClock())
  for (const line of lines) cookies.set(AT, line)
  return cookies
}
const own = { sameSite: true, safeNavigation: true }

test.each([
  ['a=1', true],
  ['__Host-a=1; Secure; Path=/', true],
  ['__Host-a=1; Path=/', false],
  ['__Host-a=1; Secure', false],
  ['__Host-a=1; Secure; Path=/login', false],
  ['__Host-a=1; Secure; Path=/; Domain=as.example', false],
  ['__HOST-a=1; Path=/', false],
  ['__Secure-a=1; Secure', true],
  ['__Secure-a=1', false],
  ['a=1; SameSite=None', false],
  ['a=1; SameSite=None; Secure', true],
  ['a=1; Domain=example', true],
  ['a=1; Domain=evil.example', false],
  ['a=1; Domain=s.example', false],
  [`a=${'x'.repeat(4096)}`, false],
  ['a=1\u0000', false],
  ['=', false],
])('%s is taken: %s', (line, taken) => {
  expect(new CookieJar(new TestClock()).set(AT, line)).toBe(taken)
})

test('Secure is neither taken nor sent over plain http, not even on a loopback address', () => {
  expect(jar().set('http://127.0.0.1:3000/', 'a=1; Secure')).toBe(false)
  expect(jar('a=1; Secure; Path=/').header(new URL('http://as.example/'), own)).toBeUndefined()
})

test.each([
  ['https://as.example/login', 'p=1; d=1'],
  ['https://as.example/login/x', 'p=1; d=1'],
  ['https://as.example/loginx', 'd=1'],
  ['https://as.example/', 'd=1'],
  ['https://app.as.example/', 'd=1'],
  ['https://other.example/', undefined],
])('to %s goes %s', (url, header) => {
  expect(jar('d=1; Path=/; Domain=as.example', 'p=1; Path=/login').header(new URL(url), own)).toBe(header)
})

test('without Path a cookie is for the folder it came from', () => {
  expect(jar('a=1').header(new URL('https://as.example/login'), own)).toBe('a=1')
  expect(jar('a=1').header(new URL('https://as.example/'), own)).toBeUndefined()
})

test.each([
  [{ sameSite: true, safeNavigation: false }, 'strict=1; lax=1; none=1; default=1'],
  [{ sameSite: false, safeNavigation: true }, 'lax=1; none=1; default=1'],
  [{ sameSite: false, safeNavigation: false }, 'none=1'],
])('SameSite on %o sends %s', (occasion, header) => {
  const cookies = jar('strict=1; SameSite=Strict', 'lax=1; SameSite=lax', 'none=1; SameSite=None; Secure', 'default=1')
  expect(cookies.header(new URL(AT), occasion)).toBe(header)
})

test('Max-Age ends by the clock and wins over Expires', () => {
  const clock = new TestClock()
  const cookies = new CookieJar(clock)
  cookies.set(AT, 'a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT')
  cookies.set(AT, `b=1; Expires=${new Date((clock.now() + 60) * 1000).toUTCString()}`)
  clock.advance(59)
  expect(cookies.get(AT, 'a')).toBe('1')
  expect(cookies.get(AT, 'b')).toBe('1')
  clock.advance(1)
  expect(cookies.all()).toEqual([])
})

test.each(['a=; Max-Age=0', 'a=; Max-Age=-1', 'a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT'])('%s deletes', (line) => {
  const cookies = jar('a=1; Path=/')
  cookies.set(AT, `${line}; Path=/other`)
  expect(cookies.all()).toHaveLength(1)
  cookies.set(AT, `${line}; Path=/`)
  expect(cookies.all()).toEqual([])
})

test('a cookie set again is replaced in its place', () => {
  const cookies = jar('a=1; Path=/', 'b=1; Path=/', 'a=2; Path=/')
  expect(cookies.header(new URL(AT), own)).toBe('a=2; b=1')
})

test('HttpOnly is hidden from scripts', () => {
  expect(jar('a=1; HttpOnly', 'b=2').toScripts(AT)).toBe('b=2')
})
