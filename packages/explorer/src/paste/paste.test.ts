import * as jose from 'jose'
import { describe, expect, test } from 'vitest'
import type { Members } from '../encoding.ts'
import { newSigningKey, signJws } from '../keys.ts'
import { API, bad, CLAIMS, full, issuer, ISSUER, keys, look, NOW, proofOf, said, token } from '../test/pasted.ts'

describe('an access token', () => {
  test('a right one passes everything that can be checked', async () => {
    const pasted = await full(await token())
    expect([pasted.kind, bad(pasted), said(pasted, 'not checked')]).toEqual(['access token', [], []])
    expect(said(pasted, 'good')).toContain(`The signature is by ${ISSUER}’s key.`)
  })
  test('each check says where it is written', async () => {
    const { checks } = await full(await token({ exp: NOW - 1, sub: undefined }, { typ: 'JWT' }), { kind: 'access token' })
    expect(checks.filter(({ state }) => state === 'bad').map(({ check, section }) => [check, section])).toEqual([
      ['typ', 'RFC 8725 §3.11'],
      ['exp', 'RFC 7519 §4.1.4'],
      ['sub', 'RFC 7519 §4.1.2'],
    ])
    const proof = await look(await proofOf())
    expect(new Set(proof.checks.map(({ section }) => section))).toEqual(new Set(['RFC 9449 §4.3']))
  })
  test('without keys, issuer and audience nothing passes that was not looked at', async () => {
    const pasted = await look(await token())
    expect(bad(pasted)).toEqual([])
    expect(pasted.checks.filter(({ state }) => state === 'not checked').map(({ check }) => check)).toEqual(['signature', 'iss', 'aud'])
  })
  test.each<[string, Members, Members, string]>([
    ['exp', { exp: NOW - 12 }, {}, 'exp is past by 12 s.'],
    ['exp now', { exp: NOW }, {}, 'exp is past by 0 s.'],
    ['no exp', { exp: undefined }, {}, 'exp is missing: it would be good for ever.'],
    ['exp as text', { exp: '1800000290' }, {}, 'exp is "1800000290", expected a number of seconds since 1970.'],
    ['nbf', { nbf: NOW + 30 }, {}, 'nbf is 30 s ahead: it is not good yet.'],
    ['iat', { iat: NOW + 3600 }, {}, 'iat is 3600 s ahead of this clock: one of the clocks is off.'],
    ['iss', { iss: 'https://other.example' }, {}, `iss is https://other.example, expected ${ISSUER}.`],
    ['iss with a slash', { iss: `${ISSUER}/` }, {}, `iss is ${ISSUER}/, expected ${ISSUER}.`],
    ['aud', { aud: ['https://a.example', 'https://b.example'] }, {}, `aud is https://a.example, https://b.example, expected ${API}.`],
    ['no aud', { aud: undefined }, {}, `aud is missing, expected ${API}.`],
    ['typ', {}, { typ: 'JWT' }, 'typ is JWT, expected at+jwt.'],
    ['no typ', {}, { typ: undefined }, 'typ is missing, expected at+jwt.'],
    ['kid', {}, { kid: 'old' }, `No key of ${ISSUER} has the kid old: it was replaced since, or another issuer signed this.`],
    ['sub', { sub: undefined }, {}, 'sub is missing.'],
  ])('%s', async (_what, claims, header, sentence) => {
    expect(bad(await full(await token(claims, header), { kind: 'access token' }))).toEqual([sentence])
  })
  test('changed after it was signed', async () => {
    const [header = '', , signature = ''] = (await token()).split('.')
    const changed = [header, jose.base64url.encode(JSON.stringify({ ...CLAIMS, sub: 'thief' })), signature].join('.')
    expect(bad(await full(changed))).toEqual([`The signature is not by ${ISSUER}’s key, or something was changed after it.`])
  })
  test('alg none is no signature, whatever follows', async () => {
    const text = `${jose.base64url.encode('{"alg":"none","typ":"at+jwt"}')}.${jose.base64url.encode(JSON.stringify(CLAIMS))}.`
    const pasted = await full(text)
    expect(bad(pasted)).toEqual(['The signature is empty.', 'alg is none: there is no signature, and anybody may have written this.'])
    expect(said(pasted, 'good').join(' ')).not.toContain('signature')
  })
  test('a shared secret cannot be checked, and that is said', async () => {
    const text = await new jose.SignJWT(CLAIMS).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' }).sign(new Uint8Array(32))
    const pasted = await full(text)
    expect(said(pasted, 'not checked')).toEqual(['HS256 is made with a shared secret, which is not here: the signature is not checked.'])
    expect(said(pasted, 'good').join(' ')).not.toContain('signature')
  })
  test('an alg that is not known here cannot be checked either', async () => {
    const pasted = await full(await token({}, { alg: 'XX999' }))
    expect(bad(pasted)).toEqual([`No key of ${ISSUER} can have made a signature by XX999.`])
  })
})

describe('keys of the issuer', () => {
  test('without kid every key that fits is tried, the replaced one too', async () => {
    const other = await newSigningKey()
    const pasted = await full(await token({}, { kid: undefined }), { keys: [{ ...other.publicJwk, kid: 'k0' }, ...keys] })
    expect(bad(pasted)).toEqual([])
    expect(said(pasted, 'not checked')).toEqual(['kid is missing: all 2 keys for ES256 tried.'])
  })
  test('a key to encrypt with, or of another kind, verifies nothing', async () => {
    const sealed = [
      { ...issuer.publicJwk, kid: 'k1', use: 'enc' },
      { kty: 'RSA', n: 'x', e: 'AQAB', kid: 'k1' },
    ]
    expect(bad(await full(await token(), { keys: sealed }))).toEqual([`No key of ${ISSUER} can have made a signature by ES256.`])
  })
  test('a key that is none says nothing, and breaks nothing', async () => {
    const pasted = await full(await token(), { keys: [{ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', kid: 'k1' }] })
    expect(said(pasted, 'not checked')).toEqual(['The signature by ES256 cannot be checked here, or the key is none.'])
  })
})

describe('other kinds', () => {
  const EVENTS = { 'http://schemas.openid.net/event/backchannel-logout': {} }
  test.each<[string, Members, Members]>([
    ['ID token', { typ: 'JWT' }, { iss: ISSUER, sub: 'u', aud: 'c', nonce: 'n', iat: NOW, exp: NOW + 60 }],
    ['logout token', { typ: 'logout+jwt' }, { iss: ISSUER, sub: 'u', aud: 'c', jti: 'j', iat: NOW, exp: NOW + 60, events: EVENTS }],
    ['request object', {}, { iss: 'c', aud: ISSUER, response_type: 'code', exp: NOW + 60 }],
    ['client assertion', {}, { iss: 'c', sub: 'c', aud: ISSUER, jti: 'j', exp: NOW + 60 }],
  ])('%s is told by what it says, and is right', async (kind, header, claims) => {
    const pasted = await look(await signJws({ alg: 'ES256', ...header }, claims, issuer))
    expect([pasted.kind, bad(pasted)]).toEqual([kind, []])
  })
  test('OpenID Connect Back-Channel Logout §2.6: an ID token is no logout token', async () => {
    const text = await signJws({ alg: 'ES256' }, { iss: ISSUER, sub: 'u', aud: 'c', jti: 'j', nonce: 'n', iat: NOW, exp: NOW + 60 }, issuer)
    expect(bad(await look(text, { kind: 'logout token' }))).toEqual([
      'events does not have http://schemas.openid.net/event/backchannel-logout.',
      'nonce must not be there: this might be an ID token that passes as a logout token.',
    ])
  })
  test('an access token is no ID token', async () => {
    expect(bad(await look(await token(), { kind: 'ID token' }))).toEqual(['typ is at+jwt, expected jwt.'])
  })
  test('encrypted: nothing in it is read, and nothing passes', async () => {
    const text = await new jose.EncryptJWT(CLAIMS).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(new Uint8Array(32))
    const { checks } = await full(text)
    expect(checks.map(({ state, say }) => [state, say])).toEqual([
      ['not checked', 'It is encrypted (JWE): only its receiver can read it, so nothing in it is checked.'],
    ])
  })
  test('opaque: said, not judged', async () => {
    expect(said(await full('mF_9.B5f-4.1JqM-x'), 'bad').length).toBeGreaterThan(0)
    expect(said(await full('2YotnFZFEjr1zCsicMWpAA'), 'not checked')).toEqual([
      'This is no JWT. If it is a token, it is opaque: only who issued it can say what it means.',
    ])
  })
})

describe('as people paste', () => {
  test.each<[string, (text: string) => string]>([
    ['blanks and lines around', (text) => `\n  ${text}  \n`],
    ['with Bearer', (text) => `Bearer ${text}`],
    ['with dpop', (text) => `dpop  ${text}`],
    ['the whole header', (text) => `Authorization: DPoP ${text}`],
    ['the proof’s header', (text) => `DPoP: ${text}`],
    ['as a member of JSON', (text) => `"access_token": "${text}",`],
    ['in quotes', (text) => `'${text}'`],
    ['broken into lines', (text) => (text.match(/.{1,40}/g) ?? []).join('\n')],
    ['broken in its last part', (text) => `${text.slice(0, -20)}\n${text.slice(-20)}`],
  ])('%s', async (_how, written) => {
    const text = await token()
    const pasted = await full(written(text))
    expect([pasted.jwt.text, pasted.notes, bad(pasted)]).toEqual([text, [], []])
  })
  test('two tokens: the first is looked at, and it is said', async () => {
    const [first, second] = [await token(), await proofOf()]
    const pasted = await full(`${first}\n${second}`)
    expect([pasted.jwt.text, pasted.notes]).toEqual([first, ['2 tokens were pasted: the first is looked at.']])
  })
  test('anything at all', async () => {
    for (const text of [
      '',
      ' ',
      '.',
      '..',
      '....',
      'null',
      '{"a":1}',
      '\u0000',
      'Bearer',
      'a'.repeat(100_000),
      'e30.e30.',
      'e30..e30.e30.',
    ])
      expect((await full(text)).checks.every(({ state }) => state !== 'good')).toBe(true)
  })
})
