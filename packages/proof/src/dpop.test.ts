import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { engines } from '../test/engines.ts'
import { forged, inputWith, NOW, pairFor, proofWith, URL_OF_TOKEN, verdict } from '../test/proofs.ts'
import { rfc9449 } from '../test/vectors.ts'
import { type DpopCheckName, dpopCheckNames, dpopChecksWithout } from './dpop-checks.ts'
import type { DpopProof } from './dpop-input.ts'
import { checkDpopJkt, createDpopValidator, DpopRefusal } from './dpop.ts'
import * as node from './node.ts'

describe.each(engines)('the validator by $name', (engine) => {
  const accept = async (...args: Parameters<typeof inputWith>): Promise<DpopProof> => {
    const outcome = await engine.check(inputWith(...args))
    expect(outcome).not.toBeInstanceOf(DpopRefusal)
    return outcome as DpopProof
  }

  test('DPOP-16 RFC 9449 §11.1: the replay key differs by key, method, target and jti, and by nothing else', async () => {
    const claims = { jti: 'one' }
    const first = await accept(proofWith({ claims }))
    expect(first.replayKey).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect((await accept(proofWith({ claims }))).replayKey).toBe(first.replayKey)
    expect(
      (await accept(proofWith({ claims: { ...claims, iat: NOW - 3, htu: 'https://SERVER.example.com:443/token?x' } }))).replayKey,
    ).toBe(first.replayKey)
    const others = [
      await accept(proofWith({ claims: { jti: 'two' } })),
      await accept(proofWith({ claims, pair: pairFor('EdDSA') })),
      await accept(proofWith({ claims: { ...claims, htm: 'GET' } }), { method: 'GET' }),
      await accept(proofWith({ claims: { ...claims, htu: `${URL_OF_TOKEN}s` } }), { url: `${URL_OF_TOKEN}s` }),
    ]
    expect(new Set([first, ...others].map(({ replayKey }) => replayKey)).size).toBe(5)
    expect(first.replayKey).toBe(await engine.hash(`${first.jkt} POST ${URL_OF_TOKEN} one`))
  })

  test('DPOP-14 DPOP-16: the replay key is wanted until iat + 70', async () => {
    for (const offset of [-60, 0, 10])
      expect(await accept(proofWith({ claims: { iat: NOW + offset } }))).toMatchObject({
        iat: NOW + offset,
        replayUntil: NOW + offset + 70,
      })
  })

  test('DPOP-19: only a proof that passed has a replay key', async () => {
    const outcome = await engine.check(
      inputWith(
        forged({ typ: 'dpop+jwt', alg: 'ES256', jwk: pairFor('ES256').publicJwk }, { jti: 'a', htm: 'POST', htu: URL_OF_TOKEN, iat: NOW }),
      ),
    )
    expect(outcome).toBeInstanceOf(DpopRefusal)
    expect(outcome).not.toHaveProperty('replayKey')
  })

  test('DPOP-30: checking spends nothing, whatever the answer', async () => {
    const proof = proofWith()
    expect(await engine.check(inputWith(proof))).toEqual(await engine.check(inputWith(proof)))
    const nonce = { check: (): boolean => false }
    expect(await engine.check(inputWith(proofWith({ claims: { nonce: 'x' } }), { nonce }))).toMatchObject({ code: 'use_dpop_nonce' })
    expect(verdict(await engine.check(inputWith(proof)))).toBe('ok')
  })

  test('DPOP-37 DPOP-39 RFC 9449 §8: with nonces on, a proof without a known one is told use_dpop_nonce', async () => {
    const nonce = { check: (value: string) => value === 'good' }
    expect(verdict(await engine.check(inputWith(proofWith({ claims: { nonce: 'good' } }), { nonce })))).toBe('ok')
    for (const [value, check, rule] of [
      [undefined, 'nonce present', 'DPOP-40'],
      [null, 'nonce present', 'DPOP-40'],
      [['good'], 'nonce present', 'DPOP-40'],
      ['', 'nonce known', 'DPOP-39'],
      ['bad', 'nonce known', 'DPOP-39'],
    ] as const) {
      expect(await engine.check(inputWith(proofWith({ claims: { nonce: value } }), { nonce }))).toMatchObject({
        code: 'use_dpop_nonce',
        check,
        rule,
      })
    }
  })

  test('DPOP-40 RFC 9449 §11.3: nonces on are always required, off are never asked for', async () => {
    expect(verdict(await engine.check(inputWith(proofWith(), { nonce: { check: () => true } })))).toBe('nonce present')
    expect(verdict(await engine.check(inputWith(proofWith())))).toBe('ok')
  })

  test('RFC 9449 §8: what a nonce cannot mend is told first', async () => {
    const nonce = { check: (): boolean => false }
    expect(await engine.check(inputWith(proofWith({ claims: { htm: 'GET' } }), { nonce }))).toMatchObject({
      code: 'invalid_dpop_proof',
      check: 'htm',
    })
  })

  test('DPOP-02 RFC 9449 §4.3: nothing that is sent makes it throw, and nothing forged passes', async () => {
    const word = fc.oneof(
      fc.string(),
      fc.anything(),
      fc.constantFrom(
        'dpop+jwt',
        'ES256',
        'RS256',
        'EdDSA',
        'none',
        'HS256',
        'POST',
        URL_OF_TOKEN,
        NOW,
        'EC',
        'OKP',
        'RSA',
        'P-256',
        'Ed25519',
        'AQAB',
        rfc9449.jwk.x,
      ),
    )
    const jwk = fc.oneof(word, fc.record({ kty: word, crv: word, x: word, y: word, n: word, e: word, d: word }, { requiredKeys: [] }))
    const plain = (value: unknown): unknown =>
      JSON.parse(
        JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' || typeof inner === 'symbol' ? 'x' : inner)) ?? 'null',
      )
    const header = fc.record({ typ: word, alg: word, jwk, kid: word, crit: word }, { requiredKeys: [] })
    const claims = fc.record(
      { jti: word, htm: word, htu: word, iat: word, exp: word, nbf: word, nonce: word, ath: word },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(header, claims, async (sent, said) => {
        expect(
          await engine.check(inputWith(forged(plain(sent), plain(said)), { accessToken: 'x', nonce: { check: () => true } })),
        ).toBeInstanceOf(DpopRefusal)
      }),
      { numRuns: 300 },
    )
    // All but one thing is right, so that the late checks are reached.
    const good = { typ: 'dpop+jwt', alg: 'ES256', jwk: rfc9449.jwk }
    const right = { jti: 'a', htm: 'POST', htu: URL_OF_TOKEN, iat: NOW }
    const memberOf = (object: object): fc.Arbitrary<string> => fc.constantFrom(...Object.keys(object))
    await fc.assert(
      fc.asyncProperty(memberOf(good), memberOf(right), word, async (parameter, claim, value) => {
        expect(await engine.check(inputWith(forged(plain({ ...good, [parameter]: value }), right)))).toBeInstanceOf(DpopRefusal)
        expect(await engine.check(inputWith(forged(good, plain({ ...right, [claim]: value }))))).toBeInstanceOf(DpopRefusal)
      }),
      { numRuns: 300 },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'binary' }), { maxLength: 3 }), async (headers) => {
        expect(await engine.check(inputWith(headers))).toBeInstanceOf(DpopRefusal)
      }),
    )
  })
})

describe('the table of checks', () => {
  test('RFC 9449 §4.3: every check has one name, the signature is the last', () => {
    expect(new Set(dpopCheckNames).size).toBe(dpopCheckNames.length)
    expect(dpopCheckNames.at(0)).toBe('one header')
    expect(dpopCheckNames.at(-1)).toBe('signature')
  })

  /** For each check a proof that it alone refuses. */
  const only: readonly [DpopCheckName, Parameters<typeof inputWith>][] = [
    ['one header', [[proofWith(), proofWith()]]],
    ['typ', [proofWith({ header: { typ: 'JWT' } })]],
    ['alg', [proofWith(), { algorithms: ['PS256'] }]],
    ['jwk public', [proofWith({ header: { jwk: { ...pairFor('ES256').publicJwk, d: 'AA' } } })]],
    ['jti', [proofWith({ claims: { jti: 'x'.repeat(300) } })]],
    ['htm', [proofWith({ claims: { htm: 'GET' } })]],
    ['htu', [proofWith({ claims: { htu: 'https://other.example/' } })]],
    ['iat age', [proofWith({ claims: { iat: NOW - 100 } })]],
    ['iat ahead', [proofWith({ claims: { iat: NOW + 100 } })]],
    ['iat since start', [proofWith({ claims: { iat: NOW - 2 } }), { notBefore: NOW - 1 }]],
    ['exp', [proofWith({ claims: { exp: NOW - 1 } })]],
    ['nbf', [proofWith({ claims: { nbf: NOW + 100 } })]],
    ['nonce present', [proofWith(), { nonce: { check: () => false } }]],
    ['nonce known', [proofWith({ claims: { nonce: 'x' } }), { nonce: { check: () => false } }]],
    ['ath', [proofWith({ claims: { ath: 'x' } }), { accessToken: 'y' }]],
    [
      'signature',
      [forged({ typ: 'dpop+jwt', alg: 'ES256', jwk: pairFor('ES256').publicJwk }, { jti: 'a', htm: 'POST', htu: URL_OF_TOKEN, iat: NOW })],
    ],
  ]

  test.each(only)('RFC 9449 §4.3: without the check "%s" its attack passes, so no other check stands in for it', (name, args) => {
    const lacking = createDpopValidator(node, dpopChecksWithout(name))
    expect(verdict(node.checkDpopProof(inputWith(...args)))).toBe(name)
    expect(lacking(inputWith(...args))).toMatchObject({ replayUntil: expect.any(Number) as number })
  })

  test('RFC 9449 §4.3: no single check left out makes hostile input throw', () => {
    for (const name of dpopCheckNames) {
      const lacking = createDpopValidator(node, dpopChecksWithout(name))
      for (const header of [
        {},
        { typ: 'dpop+jwt', alg: 'none', jwk: {} },
        { typ: 'dpop+jwt', alg: 'ES256', jwk: rfc9449.jwk },
        { typ: 'dpop+jwt', alg: 'RS256', jwk: rfc9449.jwk },
      ]) {
        for (const claims of [{}, { jti: 1, htm: 1, htu: 1, iat: 'x' }, { jti: 'a', htm: 'POST', htu: URL_OF_TOKEN, iat: NOW }])
          void lacking(inputWith(forged(header, claims)))
      }
      void lacking(inputWith([]))
    }
  })
})

describe('dpop_jkt', () => {
  test('DPOP-35 RFC 9449 §10: it has 43 base64url characters', () => {
    expect(checkDpopJkt(rfc9449.jkt)).toBeUndefined()
    for (const text of [
      '',
      'x',
      rfc9449.jkt.slice(1),
      `${rfc9449.jkt}A`,
      `${rfc9449.jkt}=`,
      rfc9449.jkt.replace('0', '+'),
      `${rfc9449.jkt.slice(0, 42)}B`,
      `${rfc9449.jkt}\n`,
    ]) {
      expect(checkDpopJkt(text)).toMatchObject({ code: 'invalid_request', rule: 'DPOP-35' })
    }
  })
})
