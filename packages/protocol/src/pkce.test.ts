import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkVerifier, parseChallenge } from './pkce.ts'

/** RFC 7636 App. B. */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const CHALLENGE = { value: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', method: 'S256' } as const

test('OA-53 RFC 7636 App. B: the example passes', () => {
  expect(parseChallenge(CHALLENGE.value, 'S256')).toEqual(CHALLENGE)
  expect(checkVerifier(VERIFIER, CHALLENGE)).toBeUndefined()
})

test.each([undefined, 'plain', 's256', 'S512', 'S256 '])('OA-21 OAuth 2.1 §4.1.1: the method %s is not supported', (method) => {
  expect(parseChallenge(CHALLENGE.value, method)).toMatchObject({ code: 'invalid_request', rule: 'OA-21' })
})

test('OA-21 a method without a challenge is refused; neither is no challenge', () => {
  expect(parseChallenge(undefined, 'S256')).toMatchObject({ code: 'invalid_request' })
  expect(parseChallenge(undefined, undefined)).toBeUndefined()
})

const MALFORMED = [
  'a'.repeat(42),
  'a'.repeat(129),
  `${'a'.repeat(43)}=`,
  `${'a'.repeat(43)}\n`,
  `${'a'.repeat(42)} `,
  `${'a'.repeat(42)}+`,
  `${'a'.repeat(42)}/`,
  `${'a'.repeat(42)}é`,
  '',
]

test.each(MALFORMED)('OA-22 OAuth 2.1 §4.1.1: %j is no challenge', (value) => {
  expect(parseChallenge(value, 'S256')).toMatchObject({ code: 'invalid_request', rule: 'OA-22' })
})

test.each(MALFORMED)('OA-54 OAuth 2.1 §4.1.1: %j is no verifier', (value) => {
  expect(checkVerifier(value, CHALLENGE)).toMatchObject({ code: 'invalid_grant', rule: 'OA-54' })
})

test('OA-22 OA-54 both ends of the length and all characters are taken', () => {
  const all = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~'
  for (const value of [all.slice(-43), all, 'a'.repeat(128)]) {
    expect(parseChallenge(value, 'S256')).toEqual({ value, method: 'S256' })
    expect(checkVerifier(value, CHALLENGE)).toMatchObject({ rule: 'OA-53' })
  }
})

test('OA-53 OAuth 2.1 §4.1.3: a verifier if and only if there was a challenge', () => {
  expect(checkVerifier(VERIFIER, undefined)).toMatchObject({ code: 'invalid_request', rule: 'OA-53' })
  expect(checkVerifier(undefined, CHALLENGE)).toMatchObject({ code: 'invalid_grant', rule: 'OA-53' })
  expect(checkVerifier(undefined, undefined)).toBeUndefined()
})

test('OA-53 no other verifier passes, least of all the challenge itself', () => {
  expect(checkVerifier(CHALLENGE.value, CHALLENGE)).toMatchObject({ code: 'invalid_grant', rule: 'OA-53' })
  fc.assert(
    fc.property(fc.nat(VERIFIER.length - 1), fc.constantFrom(...'abcXYZ019-._~'), (at, letter) => {
      const other = VERIFIER.slice(0, at) + letter + VERIFIER.slice(at + 1)
      expect(checkVerifier(other, CHALLENGE) === undefined).toBe(other === VERIFIER)
    }),
  )
})
