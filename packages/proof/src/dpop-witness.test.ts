import type { Finding } from '@holdfast/protocol/witness'
import { describe, expect, test } from 'vitest'
import { engines } from '../test/engines.ts'
import { forged, inputWith, NOW, pairFor, proofWith, verdict } from '../test/proofs.ts'
import { type DpopChecks, dpopCheckNames, dpopChecks, dpopChecksWithout } from './dpop-checks.ts'
import type { DpopInput } from './dpop-input.ts'
import { createDpopValidator, DpopRefusal } from './dpop.ts'
import * as node from './node.ts'
import * as webEngine from './web-engine.ts'

const ES256 = { typ: 'dpop+jwt', alg: 'ES256', jwk: pairFor('ES256').publicJwk }
const nonce = { check: (value: string): boolean => value === 'good' }
const everything: Partial<DpopInput> = { nonce, accessToken: 'a token', notBefore: NOW - 5 }
const good = (): string => proofWith({ claims: { nonce: 'good', ath: node.sha256Base64url('a token'), exp: NOW + 9, nbf: NOW } })

/** For each check a request that it refuses. */
const REFUSED: readonly [string, Parameters<typeof inputWith>][] = [
  ['one header', [[]]],
  ['length', ['x'.repeat(8193)]],
  ['compact jws', ['no.jws']],
  ['crit', [proofWith({ header: { crit: ['x'] } })]],
  ['typ', [proofWith({ header: { typ: 'JWT' } })]],
  ['alg', [proofWith(), { algorithms: ['PS256'] }]],
  ['jwk present', [forged({ ...ES256, jwk: undefined }, {})]],
  ['jwk public', [proofWith({ header: { jwk: { ...pairFor('ES256').publicJwk, d: 'AA' } } })]],
  ['jwk fits alg', [forged({ ...ES256, alg: 'PS256' }, {})]],
  ['claim types', [proofWith({ claims: { iat: 'now' } })]],
  ['jti', [proofWith({ claims: { jti: '' } })]],
  ['htm', [proofWith({ claims: { htm: 'GET' } })]],
  ['htu', [proofWith({ claims: { htu: 'https://other.example/' } })]],
  ['iat age', [proofWith({ claims: { iat: NOW - 61 } })]],
  ['iat ahead', [proofWith({ claims: { iat: NOW + 11 } })]],
  ['iat since start', [proofWith({ claims: { iat: NOW - 2 } }), { notBefore: NOW }]],
  ['exp', [proofWith({ claims: { exp: NOW } })]],
  ['nbf', [proofWith({ claims: { nbf: NOW + 11 } })]],
  ['nonce present', [proofWith(), { nonce }]],
  ['nonce known', [proofWith({ claims: { nonce: 'old' } }), { nonce }]],
  ['ath', [proofWith({ claims: { ath: 'x' } }), { accessToken: 'a token' }]],
  [
    'key',
    [proofWith({ header: { jwk: { ...pairFor('ES256').publicJwk, y: pairFor('ES256').publicJwk.kty === 'EC' ? 'A'.repeat(43) : '' } } })],
  ],
  ['signature', [forged(ES256, { jti: 'a', htm: 'POST', htu: inputWith('').url, iat: NOW })]],
]

describe.each(engines)('the witness, by $name', (engine) => {
  async function heard(
    ...[proof, changes]: Parameters<typeof inputWith>
  ): Promise<{ readonly list: Finding[]; readonly outcome: unknown }> {
    const list: Finding[] = []
    const outcome = await engine.check(inputWith(proof, { ...changes, witness: (finding) => list.push(finding) }))
    return { list, outcome }
  }

  test('DPOP-02 RFC 9449 §4.3: of a good proof it hears every check, in their order, each with its rule', async () => {
    const { list } = await heard(good(), everything)
    expect(list.map(({ check }) => check)).toEqual(dpopCheckNames)
    for (const finding of list)
      expect(finding).toEqual({ about: 'DPoP proof', check: finding.check, rule: expect.stringMatching(/^DPOP-\d\d$/), refused: undefined })
  })

  test('DPOP-06: a key that is remembered makes no other list than one that is new', async () => {
    const pair = { ...pairFor('PS256') }
    const first = await heard(proofWith({ pair }))
    const second = await heard(proofWith({ pair }))
    expect(second.list).toEqual(first.list)
    expect(second.list.map(({ check }) => check)).toEqual(dpopCheckNames)
  })

  test.each(REFUSED)('DPOP-02 RFC 9449 §4.3: the list ends with the check that refuses: %s', async (name, args) => {
    const { list, outcome } = await heard(...args)
    expect(list.map(({ check }) => check)).toEqual(dpopCheckNames.slice(0, dpopCheckNames.indexOf(name as never) + 1))
    const refusal = outcome as DpopRefusal
    expect(refusal).toBeInstanceOf(DpopRefusal)
    expect(list.at(-1)).toEqual({ about: 'DPoP proof', check: refusal.check, rule: refusal.rule, refused: refusal.description })
    expect(list.slice(0, -1).every(({ refused }) => refused === undefined)).toBe(true)
    // A witness changes no answer.
    expect(await engine.check(inputWith(...args))).toEqual(refusal)
  })
})

test('every check has a request that it refuses', () => {
  expect(REFUSED.map(([name]) => name)).toEqual(dpopCheckNames)
})

describe('what decides is what is heard', () => {
  const checking = (checks: DpopChecks, web: boolean): ((input: DpopInput) => unknown) =>
    web
      ? createDpopValidator({ ...webEngine }, checks)
      : createDpopValidator(
          { importPublicKey: node.importPublicKey, verifyJws: node.verifyJws, sha256Base64url: node.sha256Base64url },
          checks,
        )

  test.each([
    ['htu', false],
    ['htu', true],
    ['signature', false],
    ['signature', true],
  ] as const)(
    'DPOP-09 DPOP-06: without the check %s nobody hears of it, and nothing is refused by it (WebCrypto: %s)',
    async (name, web) => {
      const [, args] = REFUSED.find(([one]) => one === name) as (typeof REFUSED)[number]
      const list: string[] = []
      const input = inputWith(args[0], { ...args[1], witness: ({ check }) => list.push(check) })
      expect(await checking(dpopChecks, web)(input)).toMatchObject({ check: name })
      list.length = 0
      expect(verdict((await checking(dpopChecksWithout(name), web)(input)) as never)).toBe('ok')
      expect(list).toEqual(dpopCheckNames.filter((one) => one !== name))
    },
  )

  test('DPOP-17: what it hears has nothing of a good proof in it', () => {
    const list: Finding[] = []
    const proof = good()
    node.checkDpopProof(inputWith(proof, { ...everything, witness: (finding) => list.push(finding) }))
    const text = JSON.stringify(list)
    for (const part of [...proof.split('.'), 'a token', node.thumbprint(pairFor('ES256').publicJwk)]) expect(text).not.toContain(part)
  })
})
