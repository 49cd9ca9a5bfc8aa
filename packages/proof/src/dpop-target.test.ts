import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normaliseOwnTarget, normaliseTarget } from './dpop-target.ts'

describe('normaliseTarget', () => {
  test.each([
    ['https://a.example', 'https://a.example/'],
    ['HTTPS://A.Example/B', 'https://a.example/B'],
    ['https://a.example:443/', 'https://a.example/'],
    ['http://a.example:80/', 'http://a.example/'],
    ['https://a.example:80/', 'https://a.example:80/'],
    ['https://a.example:/', 'https://a.example/'],
    ['https://a.example/%7Ea%2fb%3a', 'https://a.example/~a%2Fb%3A'],
    ['https://a.example/a/./b/../c', 'https://a.example/a/c'],
    ['https://a.example/a/%2e%2E/c', 'https://a.example/c'],
    ['https://a.example/../../a', 'https://a.example/a'],
    ['https://a.example//a', 'https://a.example//a'],
    ['https://a.example/a%zz', 'https://a.example/a%zz'],
    ['https://[::1]:8443/a', 'https://[::1]:8443/a'],
    ['https://[0:0::1]/a', 'https://[::1]/a'],
    ['https://a.example?q', 'https://a.example/'],
    ['https://a.example#f', 'https://a.example/'],
  ])('DPOP-10 RFC 3986 §6.2: %s is %s', (url, expected) => {
    expect(normaliseTarget(url)).toBe(expected)
  })

  test('DPOP-10 RFC 3986 §6.2.2.2: an escaped delimiter is not the delimiter', () => {
    expect(normaliseTarget('https://a.example/a%2Fb')).not.toBe(normaliseTarget('https://a.example/a/b'))
    expect(normaliseTarget('https://a.example/a%3Fb')).not.toBe(normaliseTarget('https://a.example/a?b'))
    expect(normaliseTarget('https://a.example/%252e')).toBe('https://a.example/%252e')
  })

  test.each([
    '',
    'x',
    '/a',
    '//a.example/',
    'ftp://a.example/',
    'wss://a.example',
    'https:/a.example',
    'https:a.example',
    'https:///a.example',
    'https://\\a.example',
    'https://a.example\\b',
    'https://u@a.example/',
    'https://u:p@a.example/',
    'https://:p@a.example/',
    'https://a.example:99999/',
    'https://a b/',
    'https://a.example/é',
    'https://a.example/\t',
    '\thttps://a.example/',
    'https://[::1',
    'javascript:https://a.example',
  ])('DPOP-09: %j is no target', (url) => {
    expect(normaliseTarget(url)).toBeUndefined()
  })

  test('DPOP-10: what is normal stays as it is, and nothing throws', () => {
    const url = fc.oneof(
      fc.webUrl({ withFragments: true, withQueryParameters: true }),
      fc.string().map((text) => `https://a.example/${text}`),
      fc.string(),
    )
    fc.assert(
      fc.property(url, (text) => {
        const once = normaliseTarget(text)
        if (once !== undefined) expect(normaliseTarget(once)).toBe(once)
        expect(normaliseOwnTarget(text)).toBe(once)
        expect(normaliseOwnTarget(text)).toBe(once)
      }),
      { numRuns: 2000 },
    )
  })
})
