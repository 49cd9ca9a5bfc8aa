import { expect, test } from 'vitest'
import { firstBeyond, parseScope } from './scope.ts'

test.each([
  ['openid', ['openid']],
  ['b a', ['b', 'a']],
  ['a a b a', ['a', 'b']],
  ['https://api.example/read !#[]~', ['https://api.example/read', '!#[]~']],
  ['Read read', ['Read', 'read']],
])('OA-26 OAuth 2.1 §1.4.1: %s', (scope, tokens) => {
  expect(parseScope(scope)).toEqual(tokens)
})

test.each(['', ' ', ' a', 'a ', 'a  b', 'a\tb', 'a\nb', 'a\n', 'a"', 'a\\b', 'é', 'a\u0000', 'a\u007f', 'a\u00a0b'])(
  'OA-26 %j is malformed',
  (scope) => {
    expect(parseScope(scope)).toMatchObject({ code: 'invalid_scope', rule: 'OA-26' })
  },
)

test('OA-26 the first scope beyond the allowed ones is named, case-sensitively', () => {
  expect(firstBeyond(['a', 'B', 'c'], ['a', 'b', 'c'])).toBe('B')
  expect(firstBeyond(['a'], ['a', 'b'])).toBeUndefined()
  expect(firstBeyond([], [])).toBeUndefined()
})
