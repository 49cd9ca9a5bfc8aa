import { describe, expect, test } from 'vitest'
import { bodyOf, headerFields, jwtIn, queryFields, redirectFields, segments, shown } from './message-parts.ts'
import { ACCESS_TOKEN, JKT } from './test/scripted-messages.ts'

const form = [['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8']] as const

describe('the parts of a message', () => {
  test('a header keeps its scheme, and gives its JWT', () => {
    const [field] = headerFields('request', { headers: [['authorization', `DPoP ${ACCESS_TOKEN}`]], body: '' })
    expect(field).toEqual({ place: 'request header', name: 'authorization', value: `DPoP ${ACCESS_TOKEN}`, jwt: ACCESS_TOKEN })
  })

  test('a form has each of its parameters, those that come twice too', () => {
    const body = bodyOf('request', { method: 'POST', url: '', headers: form, body: 'resource=a&resource=b&scope=x+y' })
    expect(body.kind === 'form' && body.fields.map(({ name, value }) => [name, value])).toEqual([
      ['resource', 'a'],
      ['resource', 'b'],
      ['scope', 'x y'],
    ])
  })

  test('JSON is read whatever it is called, and what is broken is shown as it came', () => {
    const json = bodyOf('response', { status: 200, headers: [], body: '{"cnf":{"jkt":"x"},"n":1}' })
    expect(json).toMatchObject({
      kind: 'json',
      fields: [
        { place: 'response json', name: 'cnf', value: '{"jkt": "x"}' },
        { name: 'n', value: '1' },
      ],
    })
    expect(bodyOf('response', { status: 200, headers: [], body: '{"a":' })).toEqual({ kind: 'text', text: '{"a":', jwt: undefined })
    expect(bodyOf('response', { status: 200, headers: [], body: ACCESS_TOKEN })).toEqual({
      kind: 'text',
      text: ACCESS_TOKEN,
      jwt: ACCESS_TOKEN,
    })
    expect(bodyOf('response', { status: 204, headers: [], body: '' })).toEqual({ kind: 'none' })
  })

  test('the answer of an authorization endpoint is read from its redirect, query and fragment', () => {
    const response = { status: 303, headers: [['location', 'https://c.example/cb?code=a&iss=b#state=c']] as const, body: '' }
    expect(redirectFields(response).map(({ name, value }) => [name, value])).toEqual([
      ['code', 'a'],
      ['iss', 'b'],
      ['state', 'c'],
    ])
    expect(queryFields('/relative?x=1')).toEqual([])
  })

  test('a JWE is one text, and a word is no JWT', () => {
    expect(jwtIn('x eyJhbGciOiJSU0EifQ.a.b.c.d, y')).toBe('eyJhbGciOiJSU0EifQ.a.b.c.d')
    expect(jwtIn('eyJhbGciOiJSU0EifQ')).toBeUndefined()
  })

  test('a value is bare, short on a line, or indented', () => {
    expect(shown('x')).toBe('x')
    expect(shown(undefined)).toBe('')
    expect(shown({ jwk: { x: 'a'.repeat(60) } })).toContain('\n')
  })
})

test('every occurrence of a thumbprint is cut out, and nothing is lost', () => {
  const text = `{"cnf":{"jkt":"${JKT}"},"dpop_jkt":"${JKT}"}`
  const parts = segments(text, ['', 'other', JKT])
  expect(parts.filter(({ same }) => same).map((part) => part.text)).toEqual([JKT, JKT])
  expect(parts.map((part) => part.text).join('')).toBe(text)
})
