import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OAuthError } from './oauth-error.ts'

test('OA-33 OAuth 2.1 §4.1.2.1: a description is printable ASCII without quotes and backslashes, whatever it was made of', () => {
  expect(new OAuthError('invalid_request', 'a "b" \\ \r\n é').description).toBe('a ?b? ? ?? ?')
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) =>
      /^[\x20\x21\x23-\x5b\x5d-\x7e]{0,500}$/.test(new OAuthError('invalid_request', text).description),
    ),
  )
})

test('a refusal is a value, with its detail for the operator apart', () => {
  const refusal = new OAuthError('invalid_grant', 'code is unknown', { detail: 'grant 7', rule: 'OA-50' })
  expect(refusal).not.toBeInstanceOf(Error)
  expect(refusal).toMatchObject({ code: 'invalid_grant', description: 'code is unknown', detail: 'grant 7', rule: 'OA-50' })
  expect(new OAuthError('server_error', 'x')).toMatchObject({ detail: undefined, rule: undefined })
})
