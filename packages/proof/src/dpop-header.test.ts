import * as jose from 'jose'
import { describe, expect, test } from 'vitest'
import { engines } from '../test/engines.ts'
import { forged, inputWith, NOW, pairFor, proofWith, verdict } from '../test/proofs.ts'
import { offCurve, rfc7638, rfc8037, rfc9449 } from '../test/vectors.ts'
import { JWS_ALGORITHMS } from './algorithms.ts'
import { DpopRefusal } from './dpop.ts'

describe.each(engines)('the header of a proof by $name', (engine) => {
  const outcome = async (...args: Parameters<typeof inputWith>): Promise<string> => verdict(await engine.check(inputWith(...args)))

  test('RFC 9449 §4.1: the example is accepted, with its thumbprint', async () => {
    expect(await engine.check(inputWith(rfc9449.proof, { now: rfc9449.iat + 5 }))).toMatchObject({
      jkt: rfc9449.jkt,
      jti: '-BwC3ESc6acc2lTc',
      iat: rfc9449.iat,
      replayUntil: rfc9449.iat + 70,
    })
  })

  test('DPOP-01 RFC 9449 §4.3-1: exactly one DPoP header', async () => {
    const proof = proofWith()
    expect(await outcome(proof)).toBe('ok')
    expect(await outcome([])).toBe('one header')
    expect(await outcome([proof, proof])).toBe('one header')
    expect(await outcome([proof, proofWith()])).toBe('one header')
    expect(await outcome(`${proof}, ${proof}`)).toBe('one header')
    expect(await outcome(`${proof},`)).toBe('one header')
  })

  test('DPOP-02 RFC 9449 §4.3-2: one compact JWS, its case kept', async () => {
    const proof = proofWith()
    const [header = '', payload = '', signature = ''] = proof.split('.')
    for (const text of [
      '',
      'x',
      'a.b.c',
      `${header}.${payload}`,
      `${proof}.`,
      `${proof}=`,
      ` ${proof}`,
      `${proof} `,
      `DPoP ${proof}`,
      `"${proof}"`,
      `${header}..${signature}`,
      `${header}.${payload}.${signature}\n`,
    ]) {
      expect(await outcome(text)).toBe('compact jws')
    }
    expect(await outcome(proof.toLowerCase())).not.toBe('ok')
  })

  test('DPOP-17: a header of more than 8192 characters is refused unread', async () => {
    expect(await outcome(proofWith({ claims: { more: 'x'.repeat(5000) } }))).toBe('ok')
    expect(await outcome(proofWith({ claims: { more: 'x'.repeat(7000) } }))).toBe('length')
    expect(await outcome('.'.repeat(1e6))).toBe('length')
  })

  test.each([undefined, null, 'JWT', 'jwt', 'DPoP+jwt', 'dpop+JWT', 'application/dpop+jwt', 'dpop+jwt ', ['dpop+jwt'], 1])(
    'DPOP-03 RFC 9449 §4.3-4: typ %j is refused',
    async (typ) => {
      expect(await outcome(proofWith({ header: { typ } }))).toBe('typ')
    },
  )

  test.each([undefined, null, 'key', [], 1, true])('DPOP-03 RFC 9449 §4.2: jwk %j is refused', async (jwk) => {
    expect(await outcome(proofWith({ header: { jwk } }))).toBe('jwk present')
  })

  test.each(JWS_ALGORITHMS)('DPOP-04 RFC 9449 §4.3-5: %s is accepted where it is on the list, and only there', async (alg) => {
    const proof = proofWith({ pair: pairFor(alg) })
    expect(await outcome(proof, { algorithms: [alg] })).toBe('ok')
    expect(await outcome(proof, { algorithms: JWS_ALGORITHMS.filter((other) => other !== alg) })).toBe('alg')
    expect(await outcome(proof, { algorithms: [] })).toBe('alg')
  })

  test.each([
    'none',
    'None',
    'NONE',
    '',
    'HS256',
    'HS512',
    'ES384',
    'ES256K',
    'es256',
    'constructor',
    '__proto__',
    undefined,
    null,
    ['ES256'],
    1,
  ])('DPOP-04 RFC 9449 §11.6: alg %j is refused', async (alg) => {
    expect(await outcome(proofWith({ header: { alg } }))).toBe('alg')
    // A list that was filled by mistake opens nothing.
    expect(await outcome(proofWith({ header: { alg } }), { algorithms: [alg as never] })).toBe('alg')
  })

  test('DPOP-04: alg none without a signature is refused, and a MAC under the public key as well', async () => {
    const { publicJwk } = pairFor('RS256')
    const claims = { jti: 'a', htm: 'POST', htu: 'https://server.example.com/token', iat: NOW }
    const [header, payload] = forged({ typ: 'dpop+jwt', alg: 'none', jwk: publicJwk }, claims).split('.')
    expect(await outcome(`${header}.${payload}.`)).toBe('alg')
    const mac = await new jose.SignJWT(claims)
      .setProtectedHeader({ typ: 'dpop+jwt', alg: 'HS256', jwk: { ...publicJwk } })
      .sign(new TextEncoder().encode(JSON.stringify(publicJwk)))
    expect(await outcome(mac)).toBe('alg')
  })

  test('DPOP-04 RFC 7518 §3: alg must fit the key', async () => {
    for (const [alg, jwk] of [
      ['ES256', rfc8037.jwk],
      ['ES256', rfc7638.jwk],
      ['EdDSA', rfc9449.jwk],
      ['RS256', rfc9449.jwk],
      ['PS256', rfc8037.jwk],
      ['ES256', { ...rfc9449.jwk, crv: 'P-384' }],
      ['ES256', { kty: 'oct' }],
      ['ES256', {}],
    ] as const) {
      expect(
        await outcome(forged({ typ: 'dpop+jwt', alg, jwk }, { jti: 'a', htm: 'POST', htu: 'https://server.example.com/token', iat: NOW })),
      ).toBe('jwk fits alg')
    }
  })

  test.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])(
    'DPOP-05 RFC 9449 §4.3-7: a jwk with %s is refused though the signature is right',
    async (member) => {
      expect(await outcome(proofWith({ header: { jwk: { ...pairFor('ES256').publicJwk, [member]: 'AAAA' } } }))).toBe('jwk public')
    },
  )

  test('DPOP-05: the private key itself in jwk is refused', async () => {
    const { privateKey } = pairFor('ES256')
    expect(await outcome(proofWith({ header: { jwk: privateKey.export({ format: 'jwk' }) } }))).toBe('jwk public')
  })

  test('DPOP-06 RFC 9449 §4.3-6: the signature must be by the embedded key', async () => {
    const other = pairFor('EdDSA')
    const proof = proofWith()
    const [header, payload, signature] = proof.split('.')
    const [, otherPayload, otherSignature] = proofWith().split('.')
    expect(await outcome(`${header}.${payload}.${otherSignature}`)).toBe('signature')
    expect(await outcome(`${header}.${otherPayload}.${signature}`)).toBe('signature')
    expect(await outcome(`${header}.${payload}.`)).toBe('signature')
    expect(await outcome(`${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`)).toBe('signature')
    expect(await outcome(proofWith({ pair: other }))).toBe('ok')
    expect(await outcome(proofWith({ header: { jwk: rfc9449.jwk } }))).toBe('signature')
    // Once more, now that the header is remembered.
    expect(await outcome(proof)).toBe('ok')
    expect(await outcome(`${header}.${payload}.${otherSignature}`)).toBe('signature')
  })

  test('DPOP-06: kid, jku and x5c are no substitute for jwk, and beside it they are not looked at', async () => {
    for (const instead of [{ kid: 'a' }, { jku: 'https://attacker.example/jwks' }, { x5c: ['AAAA'] }]) {
      expect(await outcome(proofWith({ header: { jwk: undefined, ...instead } }))).toBe('jwk present')
      expect(await outcome(proofWith({ header: instead }))).toBe('ok')
    }
  })

  test('DPOP-06: a key that is on no curve is refused with invalid_dpop_proof', async () => {
    const refusal = await engine.check(inputWith(proofWith({ header: { jwk: offCurve } })))
    expect(refusal).toBeInstanceOf(DpopRefusal)
    expect(refusal).toMatchObject({ code: 'invalid_dpop_proof', check: 'key' })
  })

  test('DPOP-12 RFC 9449 §4.2: unknown header parameters and claims are accepted, crit is not', async () => {
    expect(
      await outcome(
        proofWith({ header: { b64: true, kid: 'x', 'https://x.example': {} }, claims: { nonce: 'unasked', ath: 1, sub: 'x' } }),
      ),
    ).toBe('ok')
    expect(await outcome(proofWith({ header: { crit: ['exp'] } }))).toBe('crit')
    expect(await outcome(proofWith({ header: { crit: [] } }))).toBe('crit')
  })

  test('RFC 9449 §4.3: a proof by jose is accepted', async () => {
    for (const alg of JWS_ALGORITHMS) {
      const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true })
      const jwk = await jose.exportJWK(publicKey)
      const proof = await new jose.SignJWT({ jti: 'j', htm: 'POST', htu: 'https://server.example.com/token', iat: NOW })
        .setProtectedHeader({ typ: 'dpop+jwt', alg, jwk })
        .sign(privateKey)
      expect(await engine.check(inputWith(proof))).toMatchObject({ jkt: await jose.calculateJwkThumbprint(jwk) })
    }
  })
})
