import { expect, test } from 'vitest'
import { appendedWellKnown, insertedWellKnown, withoutEmpty } from './metadata.ts'

test.each([
  ['https://as.example', 'https://as.example/.well-known/x'],
  ['https://as.example/', 'https://as.example/.well-known/x'],
  ['https://as.example/t1', 'https://as.example/.well-known/x/t1'],
  ['https://as.example/t1/', 'https://as.example/.well-known/x/t1'],
  ['https://as.example:8443/a/b', 'https://as.example:8443/.well-known/x/a/b'],
  ['https://as.example/a%2Fb', 'https://as.example/.well-known/x/a%2Fb'],
])('META-01 RFC 8414 §3.1: of %s it is at %s', (identifier, url) => {
  expect(insertedWellKnown(identifier, 'x')).toBe(url)
})

test('PRM-01 RFC 9728 §3.1: a resource’s query stays behind its path', () => {
  expect(insertedWellKnown('https://api.example/a?b=c', 'oauth-protected-resource')).toBe(
    'https://api.example/.well-known/oauth-protected-resource/a?b=c',
  )
  expect(insertedWellKnown('https://api.example?b=c', 'oauth-protected-resource')).toBe(
    'https://api.example/.well-known/oauth-protected-resource?b=c',
  )
})

test.each([
  ['https://as.example', 'https://as.example/.well-known/x'],
  ['https://as.example/', 'https://as.example/.well-known/x'],
  ['https://as.example/t1', 'https://as.example/t1/.well-known/x'],
  ['https://as.example/t1/', 'https://as.example/t1/.well-known/x'],
])('OpenID Connect Discovery §4: of %s it is at %s', (identifier, url) => {
  expect(appendedWellKnown(identifier, 'x')).toBe(url)
})

test('META-02 RFC 8414 §3.2: members without elements are left out; false, 0 and empty texts say something', () => {
  expect(withoutEmpty({ a: [], b: undefined, c: ['x'], d: false, e: 0, f: '', g: {}, h: null })).toEqual({
    c: ['x'],
    d: false,
    e: 0,
    f: '',
    g: {},
    h: null,
  })
  expect('b' in withoutEmpty({ b: undefined })).toBe(false)
})
