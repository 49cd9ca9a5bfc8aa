import type { HttpRequest } from '@holdfast/protocol/http'
import { describe, expect, test } from 'vitest'
import { checkCsrf, checkCsrfOfUpgrade } from './csrf.ts'

const ORIGIN = 'https://shop.example'
type Headers = Readonly<Record<string, string | readonly string[]>>

function request(headers: Headers, method = 'GET'): HttpRequest {
  return {
    method,
    path: '/api',
    query: '',
    clientAddress: '',
    headers: (name) => [headers[name] ?? []].flat(),
    body: () => Promise.resolve(new Uint8Array()),
  }
}
const GOOD = { 'x-holdfast-csrf': '1' }

describe('requests of pages', () => {
  test.each<[string, Headers]>([
    ['the header alone', GOOD],
    ['with our origin', { ...GOOD, origin: ORIGIN }],
    ['with our origin and site', { ...GOOD, origin: ORIGIN, 'sec-fetch-site': 'same-origin' }],
  ])('are let in: %s', (_name, headers) => {
    expect(checkCsrf(request(headers), ORIGIN)).toBeUndefined()
  })

  test.each<[string, Headers, string]>([
    ['BFF-30 BFF-32 without the header', {}, 'BFF-32'],
    ['BFF-32 with our origin and without the header', { origin: ORIGIN, 'sec-fetch-site': 'same-origin' }, 'BFF-32'],
    ['BFF-32 with an empty header', { 'x-holdfast-csrf': '' }, 'BFF-32'],
    ['BFF-32 with another value', { 'x-holdfast-csrf': '2' }, 'BFF-32'],
    ['BFF-32 with two headers', { 'x-holdfast-csrf': ['1', '1'] }, 'BFF-32'],
    ['BFF-31 A62 of a sibling sub-domain', { ...GOOD, origin: 'https://blog.shop.example' }, 'BFF-34'],
    ['BFF-34 of a sandboxed frame', { ...GOOD, origin: 'null' }, 'BFF-34'],
    ['BFF-34 of our host without TLS', { ...GOOD, origin: 'http://shop.example' }, 'BFF-34'],
    ['BFF-34 with two origins', { ...GOOD, origin: [ORIGIN, 'https://evil.example'] }, 'BFF-34'],
    ['BFF-31 A62 of the same site', { ...GOOD, 'sec-fetch-site': 'same-site' }, 'BFF-34'],
    ['BFF-34 of another site', { ...GOOD, 'sec-fetch-site': 'cross-site' }, 'BFF-34'],
    ['BFF-34 of an address that was typed', { ...GOOD, 'sec-fetch-site': 'none' }, 'BFF-34'],
  ])('%s: refused, whatever the method', (_name, headers, rule) => {
    for (const method of ['GET', 'HEAD', 'POST', 'DELETE']) {
      const reply = checkCsrf(request(headers, method), ORIGIN)
      expect(reply?.status).toBe(403)
      expect(reply?.headers['cache-control']).toBe('no-store')
      expect(JSON.parse(reply?.body ?? '')).toEqual({ error: 'csrf', rule, error_description: expect.stringContaining('header') })
      expect(reply?.headers).not.toHaveProperty('access-control-allow-origin')
    }
  })
})

describe('WebSockets', () => {
  test('of our pages are let in without the header', () => {
    expect(checkCsrfOfUpgrade(request({ origin: ORIGIN }), ORIGIN)).toBeUndefined()
  })
  test.each<[string, Headers]>([
    ['without an origin', {}],
    ['of a sibling', { origin: 'https://blog.shop.example' }],
    ['without an origin, though with the header', GOOD],
    ['of the same site', { origin: ORIGIN, 'sec-fetch-site': 'same-site' }],
  ])('BFF-34 RFC 6455 §10.2: %s are refused', (_name, headers) => {
    expect(checkCsrfOfUpgrade(request(headers), ORIGIN)?.status).toBe(403)
  })
})
