import { describe, expect, test } from 'vitest'
import { nearest, pathOf, unknownName } from './fault.ts'
import { checkLifetimes, DEFAULT_LIFETIMES, LIFETIMES } from './lifetimes.ts'

describe('names that were meant', () => {
  const known = ['redirect_uris', 'client_id', 'issuer', 'listen']
  test.each([
    ['redirectUris', 'redirect_uris'],
    ['redirect_uri', 'redirect_uris'],
    ['clientid', 'client_id'],
    ['isuser', 'issuer'],
    ['isser', 'issuer'],
    ['Listen', 'listen'],
  ])('%s is %s', (written, meant) => {
    expect(nearest(written, known)).toBe(meant)
  })
  test('what is too far is not guessed', () => {
    expect(nearest('database', known)).toBeUndefined()
    expect(unknownName('database', known)).toBe('is not an option; allowed are redirect_uris, client_id, issuer, listen')
  })
})

test('a path reads as one would write it', () => {
  expect(pathOf('', 'clients', 0, 'jwks', 'keys', 2)).toBe('clients[0].jwks.keys[2]')
})

describe('lifetimes', () => {
  test('the defaults are in their own bounds', () => {
    expect(checkLifetimes({})).toEqual([])
    expect(checkLifetimes(DEFAULT_LIFETIMES)).toEqual([])
  })
  test.each(Object.entries(LIFETIMES))('%s is refused below and above', (name, { least, most }) => {
    for (const wrong of [least - 1, most + 1, least + 0.5])
      expect(checkLifetimes({ [name]: wrong }).map((fault) => fault.path)).toContain(`lifetimes.${name}`)
  })
  test('FAPI-19 FAPI-38 a code ends within 60 seconds, a pushed request before 600', () => {
    expect(LIFETIMES.authorizationCode.most).toBe(60)
    expect(LIFETIMES.pushedRequest.most).toBeLessThan(600)
  })
  test('what may lie unused ends before what ends anyway', () => {
    expect(
      checkLifetimes({ refreshTokenIdle: 1000, refreshTokenAbsolute: 999, sessionIdle: 1000, sessionAbsolute: 999 }).map(
        (fault) => fault.path,
      ),
    ).toEqual(['lifetimes.refreshTokenIdle', 'lifetimes.sessionIdle'])
  })
})
