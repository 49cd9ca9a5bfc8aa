import { expect, test } from 'vitest'
import { readCredentials } from './credentials.ts'

test.each([
  ['Bearer abc', 'Bearer', 'abc'],
  ['bearer abc', 'Bearer', 'abc'],
  ['DPoP a.b-c_d~e+f/g==', 'DPoP', 'a.b-c_d~e+f/g=='],
  ['DPOP   abc', 'DPoP', 'abc'],
])('OA-65 RFC 6750 §2.1: %s', (value, scheme, token) => {
  expect(readCredentials([value])).toEqual({ scheme, token })
})

test('OA-66 no header, or another scheme, is no credentials', () => {
  for (const values of [[], [''], ['Basic YTpi'], ['BearerX abc'], ['Bearer,abc']]) expect(readCredentials(values)).toBeUndefined()
})

test.each([
  'Bearer',
  'Bearer ',
  'Bearer a b',
  'Bearer a,b',
  'Bearer "a"',
  'Bearer =',
  'Bearer a=b',
  'DPoP é',
  'Bearer a\n',
  `Bearer ${'a'.repeat(8193)}`,
])('OA-65 %j is no token', (value) => {
  expect(readCredentials([value])).toMatchObject({ code: 'invalid_request', rule: 'OA-65' })
})

test('an empty line is none: some runtimes do not even tell of it', () => {
  for (const values of [['Bearer a', ''], ['', 'Bearer a'], ['Bearer a, '], ['Bearer a,'], [', Bearer a']])
    expect(readCredentials(values)).toEqual({ scheme: 'Bearer', token: 'a' })
})

test('DPOP-55 two headers of another scheme are no credentials, as are the parameters of one', () => {
  for (const values of [['Basic a', 'Basic b'], ['Basic a, Basic b'], ['Digest username="a", realm="b"']])
    expect(readCredentials(values)).toBeUndefined()
})

test('DPOP-55 two headers are refused when one has a token, also where a web `Headers` has joined them', () => {
  for (const values of [
    ['Bearer a', 'DPoP b'],
    ['Bearer a', 'Bearer a'],
    ['Basic a', 'Bearer b'],
    ['Bearer a, Bearer a'],
    ['Basic a, dpop b'],
  ])
    expect(readCredentials(values)).toMatchObject({ code: 'invalid_request', rule: 'DPOP-55' })
})
