import { describe, expect, test } from 'vitest'
import { hashText, type Members } from '../encoding.ts'
import { API, bad, holder, issuer, look, NOW, proofOf, said, token } from '../test/pasted.ts'

describe('a proof', () => {
  const REQUEST = { method: 'GET', url: API }

  test('a right one for its request and its token', async () => {
    const access = await token({ cnf: { jkt: holder.thumbprint } })
    const pasted = await look(await proofOf({ token: access }), { ...REQUEST, token: access })
    expect([pasted.kind, bad(pasted)]).toEqual(['DPoP proof', []])
    expect(said(pasted, 'not checked')).toEqual(['Whether jti was used before only the receiver knows.'])
  })
  test.each<[string, Members, Members, string]>([
    ['port', { htu: 'https://api.example:8443/accounts' }, {}, 'htu has another port (8443) than the request.'],
    ['host', { htu: 'https://api.exemple/accounts' }, {}, 'htu has another host (api.exemple) than the request.'],
    ['scheme', { htu: 'http://api.example:443/accounts' }, {}, 'htu has another scheme (http) than the request.'],
    ['path', { htu: 'https://api.example/other' }, {}, 'htu has another path (/other) than the request.'],
    ['slash', { htu: `${API}/` }, {}, 'htu has another path (/accounts/), by the slash at the end, than the request.'],
    ['no url', { htu: '/accounts' }, {}, 'htu is no absolute URL.'],
    ['method', { htm: 'POST' }, {}, 'htm is POST, and the request is GET.'],
    ['small letters', { htm: 'get' }, {}, 'htm is get, and the request is GET. Its letters must be the same too.'],
    ['typ', {}, { typ: 'JWT' }, 'typ is JWT, expected dpop+jwt.'],
    ['old', { iat: NOW - 75 }, {}, 'iat is 75 s old: Holdfast takes proofs of the last 60 s, and others do alike.'],
    ['jti', { jti: undefined }, {}, 'jti is missing.'],
    ['iat', { iat: undefined }, {}, 'iat is missing.'],
    ['jwk', {}, { jwk: undefined }, 'jwk is missing in the header: a proof carries its public key.'],
    ['HS256', {}, { alg: 'HS256' }, 'alg is HS256: a proof needs an asymmetric key.'],
  ])('%s', async (_what, claims, header, sentence) => {
    expect(bad(await look(await proofOf({ claims, header }), { ...REQUEST, kind: 'DPoP proof' }))).toEqual([sentence])
  })
  test.each(['https://API.example:443/accounts', `${API}?a=b#c`, 'https://api.example/%61ccounts', 'https://api.example/x/../accounts'])(
    'RFC 9449 §4.3: htu %s is the same address',
    async (htu) => {
      expect(bad(await look(await proofOf({ claims: { htu } }), { ...REQUEST, url: `${API}?page=2` }))).toEqual([])
    },
  )
  test('a private key in jwk is the worst of all', async () => {
    const jwk = { ...holder.publicJwk, d: 'secret' }
    expect(bad(await look(await proofOf({ header: { jwk } }), REQUEST))).toEqual([
      'jwk holds the private key (d): everybody who sees this can sign with it. Throw the key away.',
    ])
  })
  test('for another token, without ath, or with another key than the token’s', async () => {
    const access = await token({ cnf: { jkt: issuer.thumbprint } })
    expect(bad(await look(await proofOf({ token: 'another' }), { ...REQUEST, token: access }))).toEqual([
      'ath is of another access token.',
      'The token is bound to another key (cnf.jkt).',
    ])
    expect(bad(await look(await proofOf(), { ...REQUEST, token: access }))).toEqual([
      'ath is missing: at an API a proof names its access token.',
    ])
    const opaque = await look(await proofOf({ claims: { ath: await hashText('opaque') } }), { ...REQUEST, token: 'opaque' })
    expect([bad(opaque), said(opaque, 'not checked').at(-1)]).toEqual([
      [],
      'The token does not say which key it is bound to: it is opaque, or not bound.',
    ])
  })
  test('another nonce than the one that was handed out', async () => {
    expect(bad(await look(await proofOf({ claims: { nonce: 'x' } }), { ...REQUEST, nonce: 'n' }))).toEqual([
      'nonce is not the one that was handed out.',
    ])
    expect(bad(await look(await proofOf(), { ...REQUEST, nonce: 'n' }))).toEqual(['nonce is missing: the server handed one out.'])
  })
})
