import { describe, expect, test } from 'vitest'
import { checkIssuer } from './issuer.ts'

describe('issuer', () => {
  test.each([
    'https://as.example',
    'https://as.example/tenant',
    'https://as.example:8443',
    'http://localhost:4000',
    'http://127.0.0.1:4000',
    'http://[::1]:4000',
  ])('META-03 RFC 8414 §2: %s is an issuer', (issuer) => {
    expect(checkIssuer(issuer)).toBeUndefined()
  })

  test.each([
    ['http://as.example', /https address/],
    ['http://10.0.0.1', /https address/],
    ['http://localhost.example', /https address/],
    ['as.example', /absolute https address/],
    ['ftp://as.example', /https address/],
    ['https://as.example?x=1', /query/],
    ['https://as.example/?', /query/],
    ['https://as.example#f', /fragment/],
    ['https://as.example/', /write https:\/\/as\.example$/],
    ['https://as.example/a//', /write https:\/\/as\.example\/a$/],
    ['https://me@as.example', /user name/],
    ['https://AS.example', /compare it: https:\/\/as\.example$/],
    ['https://as.example:443', /compare it: https:\/\/as\.example$/],
    ['https://as.example/a/../b', /compare it: https:\/\/as\.example\/b$/],
    ['https://as.example/ä', /absolute https address/],
    [`https://as.example/${'a'.repeat(2100)}`, /2048/],
  ])('META-03 RFC 8414 §2: %s is refused', (issuer, why) => {
    expect(checkIssuer(issuer)).toMatch(why)
  })
})
