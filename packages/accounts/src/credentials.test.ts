import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { accountFault, normalisedUsername, passwordFault, preparedPassword, readUsername } from './credentials.ts'

describe('user names', () => {
  test('what looks the same is the same', () => {
    for (const same of ['dana', 'DANA', '  Dana ', '\u00a0dana\u3000', 'ｄａｎａ']) expect(readUsername(same)).toBe('dana')
    expect(normalisedUsername('Zoë')).toBe(normalisedUsername('zoe\u0308'))
    // Another script is another name.
    expect(readUsername('dаna')).not.toBe('dana')
  })

  test('normalising twice changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => normalisedUsername(normalisedUsername(text)) === normalisedUsername(text)),
    )
  })

  test.each([
    '',
    '   ',
    'x'.repeat(257),
    'x'.repeat(100_000),
    '\ufdfa'.repeat(200),
    'da\u200bna',
    'da\u0000na',
    'da\nna',
    'da\u2028na',
    '\u202edana',
    '\ud800',
  ])('%j is nobody’s', (username) => {
    expect(readUsername(username)).toBeUndefined()
    expect(accountFault({ username, password: 'long enough' })).toEqual({
      field: 'username',
      message: 'must have 1 to 256 visible characters',
    })
  })

  test('a name at the limit and one with a space inside are fine', () => {
    for (const username of ['x'.repeat(256), 'Dana Demo', 'dana@example.com', '日本'])
      expect(accountFault({ username, password: 'long enough' })).toBeUndefined()
  })
})

describe('passwords', () => {
  test('RFC 8265 §4.2: composition and the kind of space do not matter, case, width and compatibility forms do', () => {
    expect(preparedPassword('pa\u0308ssword')).toBe('p\u00e4ssword')
    expect(preparedPassword('a\u00a0b\u3000c')).toBe('a b c')
    expect(preparedPassword(' two  spaces ')).toBe(' two  spaces ')
    expect(new Set(['Pässword²', 'pässword²', 'Pässword2', 'Ｐässword²'].map(preparedPassword)).size).toBe(4)
  })

  test('length: 8 as a person counts, 1024 as they are sent', () => {
    const fault = { field: 'password', message: 'must have 8 to 1024 characters' }
    for (const short of ['', '1234567', '🔑'.repeat(7), 'a\u0308'.repeat(7), 'x'.repeat(1025), 'password\ud800'])
      expect(passwordFault(short)).toEqual(fault)
    for (const fine of ['12345678', '🔑'.repeat(8), 'x'.repeat(1024), '        ', '👩‍👩‍👧 family']) expect(passwordFault(fine)).toBeUndefined()
  })

  test('control characters cannot be typed into a form, so they are refused at the start', () => {
    for (const password of ['password\n', 'pass\tword', 'password\u0000'])
      expect(passwordFault(password)).toMatchObject({ field: 'password', message: expect.stringContaining('control characters') as string })
  })

  test('a fault never repeats the password', () => {
    expect(JSON.stringify(accountFault({ username: 'dana', password: 'hunter' }))).not.toContain('hunter')
  })
})

test('claims cannot name the person: sub is the server’s', () => {
  expect(accountFault({ username: 'dana', password: 'long enough', claims: { sub: 'u_eve' } })).toMatchObject({ field: 'claims' })
})
