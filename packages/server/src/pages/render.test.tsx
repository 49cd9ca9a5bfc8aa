/** @jsxImportSource preact */
import { describe, expect, test } from 'vitest'
import { Notice } from './notice.tsx'
import { formActionSource, renderPage, SELF } from './render.ts'
import { stylesheet, stylesheetHash, stylesheetPath } from './stylesheet.ts'

const page = <Notice stylesheetHref={stylesheetPath} title="Done" explanation="Nothing more to do." link={undefined} />

describe('the headers of every page', () => {
  test('OA-37 BCP-51 BCP-23 RFC 9700 §4.16: exactly these', () => {
    const reply = renderPage(page, { status: 400, formAction: [] })
    expect(reply.status).toBe(400)
    expect(reply.headers).toEqual({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
    })
  })

  test('more headers add, and cannot weaken', () => {
    const { headers } = renderPage(page, {
      status: 503,
      formAction: [SELF],
      headers: {
        'retry-after': '1',
        'set-cookie': ['a=b'],
        'x-frame-options': 'SAMEORIGIN',
        'content-security-policy': '',
        'cache-control': 'public',
      },
    })
    expect(headers).toMatchObject({ 'retry-after': '1', 'set-cookie': ['a=b'], 'x-frame-options': 'DENY', 'cache-control': 'no-store' })
    expect(headers['content-security-policy']).toContain("form-action 'self';")
  })

  test('a form may end at this server and at the one redirect origin', () => {
    const { headers } = renderPage(page, { status: 200, formAction: [SELF, 'https://client.example', 'com.example.app:'] })
    expect(headers['content-security-policy']).toContain("form-action 'self' https://client.example com.example.app:; frame")
  })

  test.each([
    'https://a.example; script-src *',
    'https://a.example https://b.example',
    '*',
    'https://a.example,',
    "'unsafe-inline'",
    'a.example',
    '',
    'https://a.example\r\nx: y',
    'https://a.example/path',
  ])('what is no source is a bug, not another directive: %j', (source) => {
    expect(() => renderPage(page, { status: 200, formAction: [source] })).toThrow(TypeError)
  })
})

describe('formActionSource', () => {
  test.each([
    ['https://client.example/cb?x=1', 'https://client.example'],
    ['https://client.example:8443/cb', 'https://client.example:8443'],
    ['http://127.0.0.1:53682/cb', 'http://127.0.0.1:53682'],
    ['https://münchen.example/cb', 'https://xn--mnchen-3ya.example'],
    ['com.example.app:/cb', 'com.example.app:'],
    ['com.example.app://cb/x;y', 'com.example.app:'],
    // CSP has no grammar for IPv6 addresses
    ['http://[::1]:53682/cb', 'http:'],
  ])('%s is %s, which the policy accepts', (redirectUri, source) => {
    expect(formActionSource(redirectUri)).toBe(source)
    expect(() => renderPage(page, { status: 200, formAction: [SELF, source] })).not.toThrow()
  })
})

describe('the stylesheet', () => {
  test('its address follows its text, and it loads nothing else', () => {
    expect(stylesheetHash).toMatch(/^[\w-]{16}$/)
    expect(stylesheetPath).toBe(`/assets/${stylesheetHash}.css`)
    expect(stylesheet).not.toMatch(/url\(|@import|@font-face/)
    expect(stylesheet.length).toBeLessThan(10_000)
  })

  test('it knows dark, reduced motion and forced colours, and balances its braces', () => {
    for (const query of ['(prefers-color-scheme: dark)', '(prefers-reduced-motion: reduce)', '(forced-colors: active)', ':focus-visible'])
      expect(stylesheet).toContain(query)
    expect(stylesheet.split('{').length).toBe(stylesheet.split('}').length)
    for (const [, name] of stylesheet.matchAll(/var\((--[a-z-]+)\)/g)) expect(stylesheet).toContain(`${name}:`)
  })
})
