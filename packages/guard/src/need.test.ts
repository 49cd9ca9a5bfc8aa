import { describe, expect, test } from 'vitest'
import type { Access, Need } from './index.ts'
import { accessToken, type Answer, requestOf, START, startApi } from './test/api.ts'

const MFA = 'urn:x:mfa'

type Claims = Readonly<Record<string, unknown>>

function show(claims: Claims, need: Need): Promise<Answer> {
  return startApi().call({ token: accessToken({ cnf: undefined, ...claims }), scheme: 'Bearer' }, need)
}

async function accessOf(claims: Claims): Promise<Access | undefined> {
  const verdict = await startApi().guard.check(requestOf({ token: accessToken({ cnf: undefined, ...claims }), scheme: 'Bearer' }))
  return verdict.kind === 'allowed' ? verdict.access : undefined
}

describe('what the route is told', () => {
  test('STEP-04 RFC 9068 §2.2.1: acr, amr and auth_time', async () => {
    expect(await accessOf({ acr: MFA, amr: ['pwd', 'otp'], auth_time: START - 5 })).toMatchObject({
      acr: MFA,
      amr: ['pwd', 'otp'],
      authTime: START - 5,
    })
  })
  test('STEP-34 what the token does not say, or not rightly, is not made up', async () => {
    for (const claims of [{}, { acr: 1, amr: 'pwd', auth_time: 'now' }, { acr: null, amr: ['pwd', 1], auth_time: null }])
      expect(await accessOf(claims)).toMatchObject({ acr: undefined, amr: [], authTime: undefined })
  })
})

describe('needs that cannot be', () => {
  const refusal = (need: unknown): Promise<unknown> => startApi().call({}, need as Need)
  test.each([
    ['a text, in which a part would be found', MFA],
    ['nothing at all', []],
    ['null', null],
    ['an empty name', ['']],
    ['a space', [MFA, 'a b']],
    ['a quote', ['a"']],
    ['a backslash', ['a\\']],
    ['a line', ['a\r\nSet-Cookie: a=b']],
    ['beyond ASCII', ['é']],
    ['no text', [7]],
  ])('STEP-35 acr with %s is a fault of the program, whoever asks', async (_name, acr) => {
    await expect(refusal({ acr })).rejects.toThrow(TypeError)
    await expect(refusal({ acr })).rejects.toThrow(/^need\.acr\b.*RFC 9470 §3\)$/)
  })
  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '300', null])('STEP-02 maxAge %s too', async (maxAge) => {
    await expect(refusal({ maxAge })).rejects.toThrow(
      new TypeError('need.maxAge must be a whole number of seconds, 0 or more (RFC 9470 §3)'),
    )
  })
  test('STEP-35 at each use; every sign that is allowed passes', async () => {
    const api = startApi()
    const wrong = { acr: ['a b'] }
    for (const _again of [1, 2]) await expect(api.call({}, wrong)).rejects.toThrow('need.acr[0]')
    const signs = Array.from({ length: 94 }, (_, index) => String.fromCodePoint(33 + index)).join('')
    const acr = [signs.replaceAll(/["\\]/g, '')]
    expect((await show({}, { acr })).challenges[0]).toContain(`acr_values="${acr[0]}"`)
  })
})

test('OA-70 a route that needs no scope names none', async () => {
  const { status, challenges } = await show({}, { scopes: [], details: () => false })
  expect([status, challenges[0]?.includes('scope="')]).toEqual([403, false])
})
