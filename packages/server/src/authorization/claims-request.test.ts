import { OAuthError } from '@holdfast/protocol/oauth-error'
import { describe, expect, test } from 'vitest'
import { parseClaims } from './claims-request.ts'

const VOLUNTARY = { essential: false, values: undefined }

describe('OIDC-46 OIDC-47 OpenID Connect Core §5.5: the claims parameter', () => {
  test('null is voluntary, value is values of one, members that are not known are ignored', () => {
    const sent = {
      userinfo: { given_name: null, email: { essential: true }, locale: { value: 'en' }, nickname: { other: 1 } },
      id_token: { auth_time: { essential: true }, acr: { values: ['a', 'b'] }, address: { value: { country: 'GB' } } },
      'https://example.com/other': { name: 'not an object of claims' },
    }
    expect(parseClaims(JSON.stringify(sent))).toEqual({
      userinfo: {
        given_name: VOLUNTARY,
        email: { essential: true, values: undefined },
        locale: { essential: false, values: ['en'] },
        nickname: VOLUNTARY,
      },
      idToken: {
        auth_time: { essential: true, values: undefined },
        acr: { essential: false, values: ['a', 'b'] },
        address: { essential: false, values: [{ country: 'GB' }] },
      },
    })
  })

  test('nothing in it asks for nothing', () => {
    for (const text of ['{}', '{"userinfo":null}', '{"id_token":{}}']) expect(parseClaims(text)).toEqual({ userinfo: {}, idToken: {} })
  })

  test('names of prototypes are names like others, and change nothing', () => {
    const read = parseClaims('{"userinfo":{"__proto__":{"essential":true},"constructor":null},"__proto__":{"id_token":{"email":null}}}')
    if (read instanceof OAuthError) throw read
    expect(Object.keys(read.userinfo)).toEqual(['__proto__', 'constructor'])
    expect([read.idToken, Object.getPrototypeOf(read.userinfo) === Object.prototype]).toEqual([{}, true])
  })

  const deep = `${'{"a":'.repeat(9)}1${'}'.repeat(9)}`
  const many = JSON.stringify({ userinfo: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`c${index}`, null])) })
  test.each([
    ['no JSON', 'email'],
    ['a list', '[]'],
    ['a text', '"email"'],
    ['null', 'null'],
    ['a list of claims', '{"userinfo":["email"]}'],
    ['a text for the member', '{"id_token":"email"}'],
    ['a flag for a claim', '{"userinfo":{"email":true}}'],
    ['a text for a claim', '{"userinfo":{"email":"ada@example.com"}}'],
    ['essential that is no flag', '{"userinfo":{"email":{"essential":"yes"}}}'],
    ['values that are no list', '{"userinfo":{"email":{"values":"a"}}}'],
    ['no values', '{"userinfo":{"email":{"values":[]}}}'],
    ['value beside values', '{"userinfo":{"email":{"value":"a","values":["a"]}}}'],
    ['a name of 129 characters', JSON.stringify({ userinfo: { ['n'.repeat(129)]: null } })],
    ['51 claims', many],
    ['51 values', JSON.stringify({ userinfo: { email: { values: Array.from({ length: 51 }, () => 'a') } } })],
    ['more levels than anybody needs', `{"userinfo":{"address":{"value":${deep}}}}`],
  ])('OIDC-46 %s is invalid_request', (_name, text) => {
    expect(parseClaims(text)).toMatchObject({ code: 'invalid_request', rule: 'OIDC-46' })
  })
})
