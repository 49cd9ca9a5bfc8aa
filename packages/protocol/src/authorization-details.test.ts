import { describe, expect, test } from 'vitest'
import { parseAuthorizationDetails, sameJson } from './authorization-details.ts'
import { OAuthError } from './oauth-error.ts'

/** `read`, or the code and rule of the refusal. */
function outcome(text: string): string {
  const read = parseAuthorizationDetails(text)
  return read instanceof OAuthError ? `${read.code} ${read.rule}` : 'read'
}
const REFUSED = 'invalid_authorization_details RAR-01'
const one = (members: string): string => `[{"type":"t",${members}}]`
const nested = (levels: number): string => one(`"a":${'['.repeat(levels)}${']'.repeat(levels)}`)

describe('authorization_details', () => {
  test('RAR-01 RFC 9396 §2: an array of objects with a text type; the same type may repeat, and all members are kept', () => {
    const text = '[{"type":"t","a":{"b":[1,"x",null,true]}},{"type":"t"},{"type":"https://a.example/t"}]'
    expect(parseAuthorizationDetails(text)).toEqual(JSON.parse(text))
    expect(parseAuthorizationDetails('[]')).toEqual([])
  })

  test.each([
    '',
    '{',
    'x',
    '{"type":"t"}',
    '"t"',
    'null',
    '1',
    '[1]',
    '[null]',
    '["t"]',
    '[[]]',
    '[{}]',
    '[{"type":1}]',
    '[{"type":""}]',
    '[{"type":"t"},{}]',
    '[{"type":["t"]}]',
    '\ufeff[]',
  ])('RAR-01 RFC 9396 §5: %j is invalid_authorization_details', (text) => expect(outcome(text)).toBe(REFUSED))

  test('RAR-01 a member that is there twice is refused at every level, however it is spelled: readers disagree which one counts', () => {
    for (const text of [
      '[{"type":"a","type":"t"}]',
      one('"a":1,"a":1'),
      one('"a":{"b":1,"b":2}'),
      one('"a":[{"b":1},{"b":1,"\\u0062":2}]'),
      one('"a" : 1 , "a"\n:2'),
      '[{"type":"t","\\u0074ype":"u"}]',
    ])
      expect([text, outcome(text)]).toEqual([text, REFUSED])
    for (const text of [one('"a":{"b":1},"c":{"b":1}'), one('"a":"a","b":"a"'), one('"a":["b","b"]'), one('"a":"{\\"b\\":1,\\"b\\":2}"')])
      expect([text, outcome(text)]).toEqual([text, 'read'])
  })

  test('RAR-01 a member __proto__ is refused at every level, and nothing is polluted', () => {
    expect(outcome(one('"__proto__":{"once":false}'))).toBe(REFUSED)
    expect(outcome(one('"a":[{"\\u005f_proto__":1}]'))).toBe(REFUSED)
    expect(outcome('[{"__proto__":{"type":"t"}}]')).toBe(REFUSED)
    expect(({} as { once?: unknown }).once).toBeUndefined()
  })

  test('RAR-01 numbers that cannot be held exactly and text that is not Unicode would be shown as something else', () => {
    for (const value of ['1e400', '-1e400', '9007199254740993', '1e21', '"\\ud800"', '"a\\udc00"'])
      expect(outcome(one(`"a":${value}`))).toBe(REFUSED)
    expect(outcome(one('"\\ud800":1'))).toBe(REFUSED)
    for (const value of ['0.1', '-5', '9007199254740991', '"\\ud83d\\ude00"']) expect(outcome(one(`"a":${value}`))).toBe('read')
  })

  test('RAR-01 size, count, depth and length are limited', () => {
    const many = (count: number): string => JSON.stringify(Array.from({ length: count }, () => ({ type: 't' })))
    expect([many(20), many(21)].map(outcome)).toEqual(['read', REFUSED])
    expect([nested(6), nested(7), nested(4000)].map(outcome)).toEqual(['read', REFUSED, REFUSED])
    expect([1024, 1025].map((length) => outcome(one(`"a":"${'x'.repeat(length)}"`)))).toEqual(['read', REFUSED])
    expect([1024, 1025].map((length) => outcome(one(`"${'x'.repeat(length)}":1`)))).toEqual(['read', REFUSED])
    // Bytes count, not characters: three of them each, in four texts.
    const wide = (length: number): string => one(['a', 'b'].map((name) => `"${name}":"${'\u20ac'.repeat(length)}"`).join(','))
    expect([wide(670), wide(680)].map(outcome)).toEqual(['read', REFUSED])
  })

  test('RAR-01 the refusal names no more of a stranger’s text than it must, in printable ASCII', () => {
    const read = parseAuthorizationDetails(one(`"${'"\\\\'.repeat(0)}\\u202e\\"x":1,"\\u202e\\"x":2`))
    expect(read instanceof OAuthError && /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(read.description)).toBe(true)
  })
})

test('RAR-15 RFC 9396 §12: values are compared by code points, never normalised; the order of members says nothing', () => {
  expect(sameJson({ a: 1, b: [1, { c: 'x' }] }, { b: [1, { c: 'x' }], a: 1 })).toBe(true)
  for (const [a, b] of [
    ['\u00e9', 'e\u0301'],
    ['K', '\u212a'],
    ['a', 'A'],
    [1, '1'],
    [null, false],
    [
      [1, 2],
      [2, 1],
    ],
    [[1], [1, 2]],
    [[], {}],
    [{ 0: 'a' }, ['a']],
    [{ a: 1 }, { a: 1, b: 1 }],
    [
      { a: 1, b: 1 },
      { a: 1, c: 1 },
    ],
    [{ toString: 1 }, { a: 1 }],
    [null, {}],
  ] as const)
    expect(`${JSON.stringify([a, b])} ${sameJson(a, b)} ${sameJson(b, a)}`).toBe(`${JSON.stringify([a, b])} false false`)
})
