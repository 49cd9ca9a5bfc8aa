import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { challenge, type Challenge, parseChallenges } from './www-authenticate.ts'

test('OA-70 RFC 9110 §11.6.1: one challenge, every value quoted, absent ones left out', () => {
  expect(challenge('Bearer', {})).toBe('Bearer')
  expect(challenge('Bearer', { realm: undefined })).toBe('Bearer')
  expect(challenge('Basic', { realm: 'a b' })).toBe('Basic realm="a b"')
  expect(challenge('DPoP', { error: 'invalid_token', error_description: undefined, algs: 'ES256 EdDSA' })).toBe(
    'DPoP error="invalid_token", algs="ES256 EdDSA"',
  )
})

test('OA-33 no value ends its string or its line', () => {
  expect(challenge('Bearer', { realm: 'a", error="x' })).toBe('Bearer realm="a?, error=?x"')
  expect(challenge('Bearer', { realm: 'a\\' })).toBe('Bearer realm="a?"')
  expect(challenge('Bearer', { realm: 'a\r\nSet-Cookie: x=1' })).toBe('Bearer realm="a??Set-Cookie: x=1"')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) =>
      /^Bearer realm="[\x20\x21\x23-\x5b\x5d-\x7e]*"$/.test(challenge('Bearer', { realm: value })),
    ),
  )
})

const one = (scheme: string, parameters: Record<string, string> = {}, token68?: string): Challenge => ({ scheme, parameters, token68 })

describe('STEP-21 RFC 9110 §11.6.1: challenges are read', () => {
  test.each<[string, readonly string[], readonly Challenge[]]>([
    ['nothing', [], []],
    ['an empty line', [''], []],
    ['a scheme alone', ['Bearer'], [one('bearer')]],
    ['schemes alone', ['Bearer, DPoP ,Negotiate'], [one('bearer'), one('dpop'), one('negotiate')]],
    ['a token68', ['Negotiate TlRMTVNTUAAB=='], [one('negotiate', {}, 'TlRMTVNTUAAB==')]],
    ['a token68 between others', ['A b/c+d, B x=y'], [one('a', {}, 'b/c+d'), one('b', { x: 'y' })]],
    ['what looks like one', ['A b=, B c==='], [one('a', {}, 'b='), one('b', {}, 'c===')]],
    ['a parameter as a token', ['Bearer max_age=300'], [one('bearer', { max_age: '300' })]],
    ['STEP-28 a parameter in quotes', ['Bearer max_age="300"'], [one('bearer', { max_age: '300' })]],
    ['names in any case', ['BEARER Error="x"'], [one('bearer', { error: 'x' })]],
    [
      'STEP-09 several parameters',
      ['DPoP error="e", acr_values="a b" ,algs="ES256"'],
      [one('dpop', { error: 'e', acr_values: 'a b', algs: 'ES256' })],
    ],
    [
      'several challenges',
      ['DPoP algs="ES256", Bearer error="invalid_token",scope="a b"'],
      [one('dpop', { algs: 'ES256' }), one('bearer', { error: 'invalid_token', scope: 'a b' })],
    ],
    ['several lines', ['DPoP a="1"', 'Bearer b="2"'], [one('dpop', { a: '1' }), one('bearer', { b: '2' })]],
    ['two of one scheme', ['Bearer a=1, Bearer b=2'], [one('bearer', { a: '1' }), one('bearer', { b: '2' })]],
    [
      'a comma, a scheme and quotes within quotes',
      ['Bearer realm="a, DPoP error=\\"x\\"", error="y"'],
      [one('bearer', { realm: 'a, DPoP error="x"', error: 'y' })],
    ],
    ['a backslash before anything', ['Bearer realm="\\a\\\\"'], [one('bearer', { realm: 'a\\' })]],
    ['spaces around', ['  Bearer   realm = "a"  ,  error  =x  '], [one('bearer', { realm: 'a', error: 'x' })]],
    ['empty list items', [', ,Bearer a=1,, b=2 ,,'], [one('bearer', { a: '1', b: '2' })]],
    ['an empty string', ['Bearer realm=""'], [one('bearer', { realm: '' })]],
    [
      'a name of every object',
      ['Bearer __proto__="x", constructor="y"'],
      [one('bearer', JSON.parse('{"__proto__":"x","constructor":"y"}'))],
    ],
  ])('%s', (_name, lines, expected) => {
    expect(parseChallenges(lines)).toEqual(expected)
  })

  test.each([
    'Bearer realm="a',
    'Bearer realm="a\\"',
    'Bearer realm="a"x',
    'Bearer realm="a" error="b"',
    'Bearer realm=a b',
    'Bearer "x"',
    'realm="x"',
    '"x"',
    'Bearer realm=ä',
    'B\u00e4rer',
    'Bearer a=1, a=2',
    'Bearer a=1, A=2',
    'Bearer a b',
    '= x',
    'Bearer , a=1',
    'Bearer a=1; b=2',
    'Bearer a="1"; b=2',
  ])('and not: %s', (line) => {
    expect(parseChallenges([line])).toBeUndefined()
    expect(parseChallenges(['Bearer', line])).toBeUndefined()
  })

  const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9a-z-]{1,8}$/)
  const value = fc.stringMatching(/^[\x20\x21\x23-\x5b\x5d-\x7e]{0,20}$/)
  const parameters = fc.dictionary(token, value, { maxKeys: 4 })

  test('what we write is what is read', () => {
    const scheme = fc.constantFrom('Basic' as const, 'Bearer' as const, 'DPoP' as const)
    fc.assert(
      fc.property(fc.array(fc.tuple(scheme, parameters), { minLength: 1, maxLength: 4 }), fc.boolean(), (all, together) => {
        const lines = all.map(([name, given]) => challenge(name, given))
        expect(parseChallenges(together ? [lines.join(', ')] : lines)).toEqual(all.map(([name, given]) => one(name.toLowerCase(), given)))
      }),
    )
  })

  test('whatever is quoted comes back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const quoted = `"${text.replaceAll(/["\\]/g, '\\$&')}"`
        expect(parseChallenges([`Bearer a=${quoted}, b=1`])).toEqual([one('bearer', { a: text, b: '1' })])
      }),
    )
  })

  test('any text is read or refused, in time that grows with its length', () => {
    const text = fc
      .array(fc.constantFrom('Bearer', 'a', '=', '"', '\\', ',', ' ', '\t', '~', 'x=y', 'é'), { maxLength: 60 })
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, (line) => {
        const challenges = parseChallenges([line])
        if (challenges !== undefined) for (const { scheme } of challenges) expect(scheme).toMatch(/^[!#$%&'*+.^_`|~0-9a-z-]+$/)
      }),
      { numRuns: 2000 },
    )
    const before = performance.now()
    for (const part of ['a ', 'a,', '"', 'a=', ', ', 'a="\\', 'a b, ']) parseChallenges([part.repeat(100_000)])
    expect(performance.now() - before).toBeLessThan(2000)
  })
})
