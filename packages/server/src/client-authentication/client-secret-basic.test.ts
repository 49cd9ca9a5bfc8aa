import { secretHash } from '@holdfast/protocol/secret'
import { describe, expect, test } from 'vitest'
import { Application, basic, told } from '../test/application.ts'
import { client, startServer } from '../test/server.ts'

/** What the server makes of an Authorization header, for a client with this id and secret. */
async function outcome(clientId: string, secret: string, authorization: string): Promise<string> {
  const one = client({ clientId, secrets: [{ hash: secretHash(secret), expiresAt: undefined }] })
  return told(
    await new Application(await startServer([one]), one).refresh('no such token', {}, { credentials: { headers: { authorization } } }),
  )
}

const plain = (text: string | Buffer): string => `Basic ${Buffer.from(text).toString('base64')}`
const PROVEN = '400 invalid_grant'
const REFUSED = '401 invalid_client'

describe('CAUTH-13 OAuth 2.1 §2.4.1, App. B: each half is form-encoded, then joined by a colon', () => {
  test.each([
    ['plain', 'web', 'secret'],
    ['an id with colons', 'urn:example:client:7', 'secret'],
    ['an id that is a URL', 'http://127.0.0.1:80/client?a=b&c=d', 'secret'],
    ['a secret with a colon', 'web', 'a:b::c'],
    ['a secret with spaces and plus signs', 'web', 'a b+c  d'],
    ['a secret with percent signs', 'web', '100%25 %zz %'],
    ['a secret with reserved characters', 'web', "!'()*~-._&=/?#[]@$,;"],
    ['a secret beyond ASCII', 'web', 'pässwört€😀'],
  ])('%s', async (_name, clientId, secret) => {
    expect(await outcome(clientId, secret, basic(clientId, secret))).toBe(PROVEN)
  })

  test('CAUTH-13 the first colon splits', async () => {
    expect(await outcome('web', 'a:b', plain('web:a%3Ab'))).toBe(PROVEN)
    expect(await outcome('web:a', 'b', plain('web:a:b'))).toBe(REFUSED)
  })

  test('CAUTH-13 the scheme has any case', async () => {
    expect(await outcome('web', 'secret', plain('web:secret').replace('Basic', 'bAsIC'))).toBe(PROVEN)
  })
})

describe('CAUTH-14 clients that skip the encoding', () => {
  test.each([
    ['a plus sign', 'a+b'],
    ['a percent sign that decodes to something else', 'a%41b'],
    ['a percent sign that does not decode', 'a%zzb'],
    ['a colon', 'a:b'],
    ['a space', 'a b'],
    ['beyond ASCII', 'pässwört'],
  ])('a raw secret with %s is tried as it is', async (_name, secret) => {
    expect(await outcome('web', secret, plain(`web:${secret}`))).toBe(PROVEN)
  })

  test('CAUTH-14 an id is never tried raw: it could be that of another client', async () => {
    expect(await outcome('a%41', 'secret', plain('a%41:secret'))).toBe(REFUSED)
    expect(await outcome('aA', 'secret', plain('a%41:secret'))).toBe(PROVEN)
    expect(await outcome('a+b', 'secret', plain('a+b:secret'))).toBe(REFUSED)
  })
})

describe('CAUTH-16 OAuth 2.1 §3.2.4: what is malformed is invalid_client with 401', () => {
  test.each([
    ['nothing after the scheme', 'Basic'],
    ['no base64', 'Basic ???'],
    ['base64url', `Basic ${Buffer.from('web:>>>???').toString('base64url')}`],
    ['no colon', plain('websecret')],
    ['no id', plain(':secret')],
    ['no secret', plain('web:')],
    ['nothing but a colon', plain(':')],
    ['an id that does not decode', plain('web%zz:secret')],
    ['bytes that are not UTF-8', plain(Buffer.from([0xff, 0xfe, 0x3a, 0x61]))],
    ['3 KB', plain(`web:${'s'.repeat(3000)}`)],
    ['more after it', `${plain('web:secret')} more`],
    ['parameters', 'Basic realm="a"'],
  ])('%s', async (_name, authorization) => {
    expect(await outcome('web', 'secret', authorization)).toBe(REFUSED)
  })

  test('an empty secret is none, even where a client was stored with the hash of nothing', async () => {
    expect(await outcome('web', '', plain('web:'))).toBe(REFUSED)
  })
  test('a header that is too long is not looked into, even if the secret is right', async () => {
    expect(await outcome('web', 's'.repeat(1400), plain(`web:${'s'.repeat(1400)}`))).toBe(PROVEN)
    expect(await outcome('web', 's'.repeat(3000), plain(`web:${'s'.repeat(3000)}`))).toBe(REFUSED)
  })
})
