import type { HttpRequest } from '@holdfast/protocol/http'
import { describe, expect, it } from 'vitest'
import { shownBody, shownForm, shownReplyHeaders, shownRequestHeaders, shownUrl } from './shown.ts'

const FORM = 'application/x-www-form-urlencoded'

describe('what a trace has of a message', () => {
  it('hides every parameter that is not known to be harmless', () => {
    expect(shownForm('grant_type=authorization_code&code=abc&code_verifier=def&client_id=shop&brand_new=ghi')).toBe(
      'grant_type=authorization_code&code=hidden&code_verifier=hidden&client_id=shop&brand_new=hidden',
    )
  })

  it.each([
    [
      'https://app.example/cb?code=abc&state=xyz&iss=https%3A%2F%2Fas',
      'https://app.example/cb?code=hidden&state=hidden&iss=https%3A%2F%2Fas',
    ],
    ['https://app.example/cb#id_token=a.b.c&error=x', 'https://app.example/cb#id_token=hidden&error=x'],
    ['/interaction/0b1c2d3e4f5a6b7c8d9e0f1a2b/login', '/interaction/hidden/login'],
    ['/interaction/0b1c2d3e4f5a6b7c8d9e0f1a2b?x=1#y=2', '/interaction/hidden?x=hidden#y=hidden'],
  ])('an address: %s', (url, shown) => expect(shownUrl(url)).toBe(shown))

  it.each([
    ['a token without a name', '?v3ryS3cretT0ken', '?hidden=hidden'],
    ['a name of letters alone', `?${'Ab'.repeat(20)}=1`, '?hidden=hidden'],
    ['half of a sign where a name is cut', `?${'a'.repeat(63)}😀=1`, '?hidden=hidden'],
    ['a path', '/reset/aGVhZGVy.cGF5bG9hZA.c2lnbmF0dXJl/%61bcdef0123456789', '/reset/hidden/hidden'],
    ['who signs in at a host', 'https://user:s3cret@app.example/cb', 'https://hidden@app.example/cb'],
    [
      'another address',
      '?redirect_uri=https%3A%2F%2Fapp.example%2Fcb%3Fkey%3Ds3cret',
      '?redirect_uri=https%3A%2F%2Fapp.example%2Fcb%3Fkey%3Dhidden',
    ],
    [
      'JSON',
      `?authorization_details=${encodeURIComponent('[{"iban":"s3cret"}]')}&claims=s3cret`,
      `?authorization_details=${encodeURIComponent('[{"iban":"hidden"}]')}&claims=hidden`,
    ],
  ])('a value that stands in %s is hidden', (_where, url, shown) => expect(shownUrl(url)).toBe(shown))

  it('words of a path are shown', () =>
    expect(shownUrl('/.well-known/oauth-authorization-server/tenant-1')).toBe('/.well-known/oauth-authorization-server/tenant-1'))

  it('a cookie without a name is a value, and a member of JSON may be named by one', () => {
    const request = { headers: (name: string) => (name === 'cookie' ? ['a=b=c; s3cret;__Host-x=y'] : []) } as unknown as HttpRequest
    expect(shownRequestHeaders(request)).toEqual([['cookie', 'a=hidden; hidden; __Host-x=hidden']])
    expect(shownReplyHeaders({ 'set-cookie': 's3cret; Path=/' })).toEqual([['set-cookie', 'hidden; Path=/']])
    expect(shownBody('{"v3ryS3cretT0ken":{"scope":["a"],"error":"b"}}', 'application/json')).toBe(
      '{"hidden":{"scope":["hidden"],"error":"b"}}',
    )
  })

  it('shows no value of a cookie, credential or proof', () => {
    const shown = shownReplyHeaders({
      'set-cookie': ['__Host-session=s3cret; Path=/; HttpOnly', 'a=b=c; Secure'],
      location: 'https://app.example/cb?code=abc',
      'dpop-nonce': 'n0nce',
      'content-type': 'text/html',
    })
    expect(shown).toEqual([
      ['set-cookie', '__Host-session=hidden; Path=/; HttpOnly'],
      ['set-cookie', 'a=hidden; Secure'],
      ['location', 'https://app.example/cb?code=hidden'],
      ['dpop-nonce', 'hidden'],
      ['content-type', 'text/html'],
    ])
  })

  it('shows of a request which cookies came along and whether the header against forgery did, and no value of a cookie', () => {
    const sent: Readonly<Record<string, string>> = { cookie: 'holdfast-bff=s3cret; a=b=c', 'x-holdfast-csrf': '1', 'x-more': 's3cret' }
    const request = { headers: (name: string) => [sent[name]].filter((one) => one !== undefined) } as unknown as HttpRequest
    expect(shownRequestHeaders(request)).toEqual([
      ['cookie', 'holdfast-bff=hidden; a=hidden'],
      ['x-holdfast-csrf', '1'],
    ])
  })

  it('of who is signed in at a backend it shows that somebody is, and where to sign in', () => {
    const body = { active: true, claims: { sub: 's3cret', name: 's3cret' }, logout_url: '/bff/logout?t=s3cret', login_url: '/bff/login' }
    expect(JSON.parse(shownBody(JSON.stringify(body), 'application/json'))).toEqual({
      active: true,
      claims: { sub: 'hidden', name: 'hidden' },
      logout_url: 'hidden',
      login_url: '/bff/login',
    })
  })

  it('a JSON body has its members by the same list, however deep, and lists by none', () => {
    const body = {
      access_token: 'a',
      token_type: 'DPoP',
      keys: [{ n: 'b' }, 'c'],
      authorization_details: [{ type: 'pay', iban: 'd' }],
      error: null,
    }
    expect(JSON.parse(shownBody(JSON.stringify(body), 'application/json'))).toEqual({
      access_token: 'hidden',
      token_type: 'DPoP',
      keys: [{ n: 'hidden' }, 'hidden'],
      authorization_details: [{ type: 'hidden', iban: 'hidden' }],
      error: null,
    })
  })

  it('says of anything else how long it is', () => {
    expect(shownBody('<p>secret</p>', 'text/html; charset=utf-8')).toBe('(13 characters of text/html)')
    expect(shownBody('{"code":', 'application/json')).toBe('(8 characters that are no JSON)')
    expect(shownBody('secret', undefined)).toBe('(6 characters of no type)')
    expect(shownBody('', FORM)).toBe('')
  })
})
