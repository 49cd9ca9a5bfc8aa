import { checkVerifier, parseChallenge } from '@holdfast/protocol/pkce'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { authorizationParameters, Person } from '../test/person.ts'
import { ISSUER, startServer } from '../test/server.ts'

const challengeOf = (verifier: string): { readonly value: string; readonly method: 'S256' } => ({
  value: createHash('sha256').update(verifier).digest('base64url'),
  method: 'S256',
})

describe('PKCE', () => {
  test('RFC 7636 App. B: the example verifies', () => {
    expect(
      checkVerifier('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk', {
        value: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
        method: 'S256',
      }),
    ).toBeUndefined()
  })
  test.each([43, 44, 127, 128])('OA-86 OA-54 OAuth 2.1 §4.1.1: a verifier of %i characters is taken, whatever they are', (length) => {
    for (const character of ['a', '-', '.', '_', '~'])
      expect(checkVerifier(character.repeat(length), challengeOf(character.repeat(length)))).toBeUndefined()
  })
  test.each([0, 1, 42, 129])('OA-86 OA-54 one of %i characters is refused before anything is hashed', (length) => {
    expect(checkVerifier('a'.repeat(length), challengeOf('a'.repeat(length)))?.code).toBe('invalid_grant')
  })
  test('OA-54 a character outside the grammar is refused', () => {
    for (const character of ['+', '/', '=', ' ', 'é'])
      expect(checkVerifier('a'.repeat(42) + character, challengeOf('a'.repeat(42) + character))?.code).toBe('invalid_grant')
  })
  test('BCP-33 OA-53 RFC 9700 §4.8.2: a verifier for a code without a challenge is invalid_request', () => {
    expect(checkVerifier('a'.repeat(43), undefined)?.code).toBe('invalid_request')
    expect(checkVerifier(undefined, undefined)).toBeUndefined()
  })
  test('BCP-33 A19 a request whose challenge was stripped gets no code at all, so there is none to redeem', async () => {
    const seen = await new Person(await startServer()).through(
      authorizationParameters({ code_challenge: undefined, code_challenge_method: undefined }),
    )
    expect([seen.location?.searchParams.get('error'), seen.location?.searchParams.has('code')]).toEqual(['invalid_request', false])
  })
  test('OA-21 OA-22 only S256, only 43 to 128 unreserved characters', () => {
    for (const [value, method] of [
      ['a'.repeat(43), 'plain'],
      ['a'.repeat(43), undefined],
      ['a'.repeat(42), 'S256'],
      ['a'.repeat(129), 'S256'],
      [undefined, 'S256'],
    ] as const)
      expect(parseChallenge(value, method)).toBeInstanceOf(OAuthError)
    expect(parseChallenge(undefined, undefined)).toBeUndefined()
  })
  test('OA-23 BCP-09 RFC 9700 §2.1.1: the metadata tells that S256 is supported', async () => {
    const metadata = (await (await (await startServer()).fetch(`${ISSUER}/.well-known/oauth-authorization-server`)).json()) as Record<
      string,
      unknown
    >
    expect(metadata['code_challenge_methods_supported']).toEqual(['S256'])
  })
})
