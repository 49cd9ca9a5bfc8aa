import { describe, expect, test } from 'vitest'
import { returnPath, withParameter, type ReturnPath } from './return-path.ts'

const SHOP = 'https://shop.example'
const at = (text: string): string | undefined => returnPath(text, SHOP, '/bff')

describe('where people are led back to', () => {
  test.each([
    ['/', '/'],
    ['/orders?page=2#third', '/orders?page=2#third'],
    ['/a b"<c>', '/a%20b%22%3Cc%3E'],
    ['/bffs', '/bffs'],
    ['/over/../there', '/there'],
    ['/?next=//evil.example', '/?next=//evil.example'],
    ['/größe', '/gr%C3%B6%C3%9Fe'],
  ])('%s', (text, path) => {
    expect(at(text)).toBe(path)
  })

  test.each([
    '',
    'orders',
    '//evil.example',
    '///evil.example',
    String.raw`/\evil.example`,
    String.raw`/a\b`,
    '/\tevil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/a\r\nset-cookie: x',
    '/a\u0000',
    '/a\u007f',
    '/a\u0085b',
    '/a\u2028b',
    '/.//evil.example',
    '/..//evil.example',
    '/a/..//evil.example',
    '/%2e//evil.example',
    'https://evil.example/',
    'https://shop.example/',
    'https:/evil.example',
    'javascript:alert(1)',
    ' /a',
    '\u00a0/a',
    '/\ud800',
    '/bff',
    '/bff/logout',
    '/x/../bff/logout',
    `/${'a'.repeat(2048)}`,
  ])('OA-78 BCP-39 STEP-25 A16 CVE-2024-39694: %j is refused', (text) => {
    expect(at(text)).toBeUndefined()
  })

  test('a parameter more', () => {
    expect(withParameter('/a?b=1#c' as ReturnPath, 'login_error', 'failed')).toBe('/a?b=1&login_error=failed#c')
  })
})
