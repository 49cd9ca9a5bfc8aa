import fc from 'fast-check'
import { expect, test } from 'vitest'
import { challenge } from './www-authenticate.ts'

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
