import { describe, expect, test } from 'vitest'
import { engines } from '../test/engines.ts'
import { inputWith, NOW, proofWith, URL_OF_TOKEN, verdict } from '../test/proofs.ts'
import { rfc9449 } from '../test/vectors.ts'
import type { DpopRefusal } from './dpop.ts'

describe.each(engines)('the claims of a proof by $name', (engine) => {
  const outcome = async (claims: Record<string, unknown>, changes: Parameters<typeof inputWith>[1] = {}): Promise<string> =>
    verdict(await engine.check(inputWith(proofWith({ claims }), changes)))
  const refusal = async (claims: Record<string, unknown>, changes: Parameters<typeof inputWith>[1] = {}): Promise<DpopRefusal> =>
    (await engine.check(inputWith(proofWith({ claims }), changes))) as DpopRefusal

  test.each(['jti', 'htm', 'htu', 'iat'])('DPOP-07 RFC 9449 §4.3-3: %s must be there and of its type', async (claim) => {
    for (const value of [undefined, null, true, {}, [], ['POST'], claim === 'iat' ? String(NOW) : 1]) {
      expect(await outcome({ [claim]: value })).toBe('claim types')
    }
    expect((await refusal({ [claim]: undefined })).description).toContain(claim)
  })

  test('DPOP-07 RFC 7519 §2: iat may have a fraction, and is no number without end', async () => {
    expect(await engine.check(inputWith(proofWith({ claims: { iat: NOW - 0.5 } })))).toMatchObject({ iat: NOW - 1, replayUntil: NOW + 70 })
    expect(await outcome({ iat: 1e300 })).toBe('claim types')
    expect(await outcome({ iat: -1e300 })).toBe('claim types')
  })

  test('DPOP-08 RFC 9449 §4.3: a proof for another method is refused', async () => {
    for (const htm of ['GET', 'post', 'Post', 'POST ', '', 'POST,GET', 'PUT']) expect(await outcome({ htm })).toBe('htm')
    expect(await outcome({ htm: 'GET' }, { method: 'GET' })).toBe('ok')
    expect(await refusal({ htm: 'GET' })).toMatchObject({ rule: 'DPOP-08', description: 'htm in the proof is GET, this request is POST' })
  })

  test.each([
    `${URL_OF_TOKEN}?a=b`,
    `${URL_OF_TOKEN}#f`,
    `${URL_OF_TOKEN}?a=b#f`,
    `${URL_OF_TOKEN}?`,
    `${URL_OF_TOKEN}?u=https://x.example/\\"`,
  ])('DPOP-09 RFC 9449 §4.3-9: query and fragment are ignored on both sides: %s', async (url) => {
    expect(await outcome({ htu: url })).toBe('ok')
    expect(await outcome({ htu: URL_OF_TOKEN }, { url })).toBe('ok')
    expect(await outcome({ htu: url }, { url: `${URL_OF_TOKEN}?other` })).toBe('ok')
  })

  test('DPOP-09 RFC 9449 §4.3-9: a proof for another URL is refused, and both are named', async () => {
    for (const htu of [
      'https://server.example.com/token/',
      'https://server.example.com/tokens',
      'https://server.example.com/Token',
      'https://server.example.com',
      'https://server.example.com:8443/token',
      'http://server.example.com/token',
      'https://server.example.com.attacker.example/token',
      'https://attacker.example/token',
      'https://server.example.com@attacker.example/token',
      'https://user@server.example.com/token',
      '/token',
      'token',
      '',
      'https://server.example.com\\token',
      ' https://server.example.com/token',
      'https:server.example.com/token',
      'https:///server.example.com/token',
      'https://server.example.com/to\nken',
      'urn:x',
      'https://',
    ]) {
      expect(await outcome({ htu })).toBe('htu')
    }
    expect(await refusal({ htu: 'https://old.example/token"\\\n' })).toMatchObject({
      rule: 'DPOP-09',
      code: 'invalid_dpop_proof',
      description: `htu in the proof is https://old.example/token???, this endpoint is ${URL_OF_TOKEN}`,
    })
    const long = await refusal({ htu: `https://a.example/${'x'.repeat(3000)}` }, { url: `https://b.example/${'y'.repeat(3000)}` })
    expect(long.description).toMatch(
      /^htu in the proof is https:\/\/a\.example\/x+\.\.\., this endpoint is https:\/\/b\.example\/y+\.\.\.$/,
    )
  })

  test('DPOP-10 RFC 3986 §6.2.2: equal after normalisation is equal', async () => {
    for (const htu of [
      'HTTPS://SERVER.example.COM/token',
      'https://server.example.com:443/token',
      'https://server.example.com/a/../token',
      'https://server.example.com/./token',
      'https://server.example.com/%74oken',
    ])
      expect(await outcome({ htu })).toBe('ok')
    expect(await outcome({ htu: URL_OF_TOKEN }, { url: 'HTTPS://Server.Example.com:443/token' })).toBe('ok')
    expect(await outcome({ htu: 'https://server.example.com' }, { url: 'https://server.example.com/' })).toBe('ok')
    expect(await outcome({ htu: 'https://server.example.com/%7euser/%c3%a9' }, { url: 'https://server.example.com/~user/%C3%A9' })).toBe(
      'ok',
    )
  })

  test('DPOP-11 RFC 9449 §4.3-9: what counts is the configured URL; one that is no URL accepts nothing', async () => {
    expect(await outcome({ htu: 'https://public.example/token' }, { url: 'http://10.0.0.1:3000/token' })).toBe('htu')
    for (const url of ['', '/token', 'token']) expect(await outcome({ htu: url }, { url })).toBe('htu')
  })

  test.each([
    [-60, 'ok'],
    [-61, 'iat age'],
    [-3600, 'iat age'],
    [0, 'ok'],
    [10, 'ok'],
    [11, 'iat ahead'],
    [61, 'iat ahead'],
    [3600, 'iat ahead'],
  ])('DPOP-13 RFC 9449 §4.3-11: iat %d seconds from now: %s', async (offset, expected) => {
    expect(await outcome({ iat: NOW + offset })).toBe(expected)
  })

  test('DPOP-13 RFC 9449 §11.1: the window can be set', async () => {
    expect(await outcome({ iat: NOW - 31 }, { maxAgeSeconds: 30 })).toBe('iat age')
    expect(await outcome({ iat: NOW + 6 }, { maxAheadSeconds: 5 })).toBe('iat ahead')
    expect(await engine.check(inputWith(proofWith(), { maxAgeSeconds: 30, maxAheadSeconds: 5 }))).toMatchObject({ replayUntil: NOW + 35 })
  })

  test('DPOP-14: iat is checked with a nonce too', async () => {
    const nonces = engine.nonces(new Uint8Array(32))
    const nonce = await nonces.issue(NOW)
    const check = { check: (value: string) => value === nonce }
    expect(await outcome({ nonce, iat: NOW }, { nonce: check })).toBe('ok')
    expect(await outcome({ nonce, iat: NOW - 61 }, { nonce: check })).toBe('iat age')
    expect(await outcome({ nonce, iat: NOW + 11 }, { nonce: check })).toBe('iat ahead')
  })

  test('DPOP-15: exp and nbf are kept when the client sets them', async () => {
    expect(await outcome({ exp: NOW + 1, nbf: NOW })).toBe('ok')
    expect(await outcome({ nbf: NOW + 10 })).toBe('ok')
    for (const exp of [NOW, NOW - 1, 0, '9999999999', null, {}]) expect(await outcome({ exp })).toBe('exp')
    for (const nbf of [NOW + 11, '0', null, {}]) expect(await outcome({ nbf })).toBe('nbf')
  })

  test('DPOP-17 RFC 9449 §11.1: jti has 1 to 256 characters', async () => {
    expect(await outcome({ jti: 'x' })).toBe('ok')
    expect(await outcome({ jti: 'x'.repeat(256) })).toBe('ok')
    for (const length of [0, 257, 5000]) expect(await outcome({ jti: 'x'.repeat(length) })).toBe('jti')
  })

  test('DPOP-18: a proof made before the replay memory began is refused', async () => {
    expect(await outcome({ iat: NOW - 5 }, { notBefore: NOW - 5 })).toBe('ok')
    expect(await outcome({ iat: NOW - 5.1 }, { notBefore: NOW - 5 })).toBe('iat since start')
    expect(await refusal({ iat: NOW - 6 }, { notBefore: NOW - 5 })).toMatchObject({ rule: 'DPOP-18', code: 'invalid_dpop_proof' })
  })

  test('DPOP-47 RFC 9449 §4.3-12: ath is the hash of the access token, when there is one', async () => {
    const { accessToken, ath } = rfc9449
    expect(await outcome({ ath }, { accessToken })).toBe('ok')
    for (const wrong of [undefined, null, '', `${ath}=`, ath.toLowerCase(), accessToken, [ath]])
      expect(await outcome({ ath: wrong }, { accessToken })).toBe('ath')
    expect(await outcome({ ath }, { accessToken: `${accessToken}x` })).toBe('ath')
    expect(await outcome({ ath }, { accessToken: '' })).toBe('ath')
    expect(await outcome({ ath: 'unasked' })).toBe('ok')
  })
})
