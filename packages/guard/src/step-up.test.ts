import { generateKeyPair } from '@holdfast/proof/node'
import { describe, expect, test } from 'vitest'
import type { Need } from './index.ts'
import { accessToken, type Answer, type Api, proofFor, START, startApi } from './test/api.ts'
import { activeAnswer, BEARER, startAsked } from './test/asked-issuer.ts'

const MFA = 'urn:x:mfa'
const PWD = 'urn:x:pwd'
const METADATA = 'resource_metadata="https://api.example/.well-known/oauth-protected-resource/accounts"'
const INSUFFICIENT = { allowed: false, status: 401, error: 'insufficient_user_authentication' }

type Claims = Readonly<Record<string, unknown>>

/** A bearer token with these claims, shown where this is needed. */
function show(claims: Claims, need: Need, api: Api = startApi()): Promise<Answer> {
  return api.call({ token: accessToken({ cnf: undefined, ...claims }), scheme: 'Bearer' }, need)
}

/** The challenge without its description. */
function told({ status, challenges }: Answer): readonly unknown[] {
  return [status, ...challenges.map((one) => one.replace(/error_description="[^"]+", /, ''))]
}

describe('the worked values of RFC 9470 §3', () => {
  test('STEP-01 STEP-05 STEP-28 max_age=300 and ten minutes: 401 with max_age', async () => {
    const answer = await show({ auth_time: START - 600 }, { maxAge: 300 })
    expect(told(answer)).toEqual([401, `Bearer error="insufficient_user_authentication", max_age="300", ${METADATA}`])
  })
  test('STEP-01 STEP-02 STEP-06 another acr: 401 with acr_values, in the order of preference', async () => {
    const answer = await show({ acr: PWD }, { acr: [MFA, 'urn:x:hw'] })
    expect(told(answer)).toEqual([401, `Bearer error="insufficient_user_authentication", acr_values="urn:x:mfa urn:x:hw", ${METADATA}`])
  })
  test('STEP-02 STEP-28 both, and one is met: 401 with both, or the next sign-in would miss it', async () => {
    for (const claims of [
      { acr: MFA, auth_time: START - 600 },
      { acr: PWD, auth_time: START },
    ])
      expect(told(await show(claims, { acr: [MFA], maxAge: 300 }))).toEqual([
        401,
        `Bearer error="insufficient_user_authentication", acr_values="urn:x:mfa", max_age="300", ${METADATA}`,
      ])
  })
  test('STEP-04 acr is needed and the token has none: 401', async () => {
    expect(await show({}, { acr: [MFA] })).toMatchObject(INSUFFICIENT)
  })
  test('STEP-10 the acr is there and a scope is not: 403 with the scope alone', async () => {
    const answer = await show({ acr: MFA, auth_time: START }, { acr: [MFA], maxAge: 300, scopes: ['accounts:write'] })
    expect(told(answer)).toEqual([403, `Bearer error="insufficient_scope", scope="accounts:write", ${METADATA}`])
  })
  test('STEP-10 STEP-07 MCP-33 the token has expired: 401 invalid_token, and nothing of what is needed but the scopes', async () => {
    const answer = await show({ exp: START - 60 }, { acr: [MFA], maxAge: 300, scopes: ['accounts:write'] })
    expect(told(answer)).toEqual([401, `Bearer error="invalid_token", scope="accounts:write", ${METADATA}`])
  })
  test('STEP-03 a scope that the token has is not asked for', async () => {
    const answer = await show({ acr: PWD }, { acr: [MFA], scopes: ['accounts:read'] })
    expect(told(answer)).toEqual([401, `Bearer error="insufficient_user_authentication", acr_values="urn:x:mfa", ${METADATA}`])
  })
  test('STEP-03 STEP-37 neither level nor scope: one challenge for all three', async () => {
    const answer = await show({ acr: PWD }, { acr: [MFA], maxAge: 0, scopes: ['accounts:read', 'accounts:write'] })
    expect(told(answer)).toEqual([
      401,
      `Bearer error="insufficient_user_authentication", scope="accounts:read accounts:write", acr_values="urn:x:mfa", max_age="0", ${METADATA}`,
    ])
  })
})

describe('acr', () => {
  test('STEP-06 STEP-32 any one of the list comes in, and nothing that only looks like it', async () => {
    const need = { acr: [MFA, 'urn:x:hw'] }
    for (const acr of need.acr) expect((await show({ acr }, need)).allowed).toBe(true)
    for (const acr of ['urn:x:mf', 'urn:x:mfa:', 'URN:X:MFA', `${MFA} urn:x:hw`, '', 7, [MFA], null])
      expect(await show({ acr }, need)).toMatchObject(INSUFFICIENT)
  })
  test('STEP-06 levels have no order: 2 is not 1', async () => {
    expect(await show({ acr: '2' }, { acr: ['1'] })).toMatchObject(INSUFFICIENT)
  })
})

describe('max_age', () => {
  test('STEP-05 the very second comes in, the next does not; the verdict on the token is kept meanwhile', async () => {
    const api = startApi()
    const token = accessToken({ cnf: undefined, auth_time: START - 50 })
    const call = (): Promise<Answer> => api.call({ token, scheme: 'Bearer' }, { maxAge: 60 })
    api.clock.time = START + 10
    expect((await call()).allowed).toBe(true)
    api.clock.time = START + 11
    expect(await call()).toMatchObject(INSUFFICIENT)
  })
  test('STEP-05 0 means now', async () => {
    expect((await show({ auth_time: START }, { maxAge: 0 })).allowed).toBe(true)
    expect(await show({ auth_time: START - 1 }, { maxAge: 0 })).toMatchObject(INSUFFICIENT)
  })
  test('STEP-34 STEP-04 a token of this second without auth_time, or with one that is no number, is not fresh', async () => {
    for (const authTime of [undefined, null, String(START), [START], true])
      expect(await show({ iat: START, auth_time: authTime }, { maxAge: 300 })).toMatchObject(INSUFFICIENT)
  })
  test('STEP-05 a time to come, such as one in milliseconds, is not fresh for ever; clocks may differ a little', async () => {
    for (const authTime of [START * 1000, START + 11])
      expect(await show({ auth_time: authTime }, { maxAge: 300 })).toMatchObject(INSUFFICIENT)
    expect((await show({ auth_time: START + 10 }, { maxAge: 300 })).allowed).toBe(true)
  })
  test('STEP-36 an exchanged token is as old as the sign-in that it kept', async () => {
    const claims = { iat: START, auth_time: START - 600, acr: MFA, act: { sub: 'another-api' } }
    expect(await show(claims, { acr: [MFA], maxAge: 300 })).toMatchObject(INSUFFICIENT)
    expect((await show(claims, { acr: [MFA], maxAge: 600 })).allowed).toBe(true)
  })
  test('STEP-20 a token that is not enough for one route goes on being good for another', async () => {
    const api = startApi()
    const token = accessToken({ cnf: undefined, acr: PWD, auth_time: START - 600 })
    expect(await api.call({ token, scheme: 'Bearer' }, { acr: [MFA], maxAge: 300 })).toMatchObject(INSUFFICIENT)
    expect((await api.call({ token, scheme: 'Bearer' }, { acr: [PWD] })).allowed).toBe(true)
    expect((await api.call({ token, scheme: 'Bearer' })).allowed).toBe(true)
  })
})

describe('a token that is bound to a key', () => {
  const need: Need = { acr: [MFA], maxAge: 300, scopes: ['accounts:write'] }
  test('STEP-30 STEP-09 the challenge is of the scheme DPoP, with its algorithms, the metadata and the nonce', async () => {
    const api = startApi({ nonceSecret: new Uint8Array(32).fill(9) })
    const token = accessToken({ acr: PWD })
    const nonce = (await api.call({ token, proof: proofFor(token) })).headers['dpop-nonce']
    const answer = await api.call({ token, proof: proofFor(token, { nonce }) }, { acr: [MFA] })
    expect(told(answer)).toEqual([
      401,
      `DPoP error="insufficient_user_authentication", acr_values="urn:x:mfa", ${METADATA}, algs="ES256 EdDSA Ed25519 PS256"`,
    ])
    expect(answer.headers['dpop-nonce']).toBeTypeOf('string')
  })
  test('STEP-07 who does not hold the key, or shows no good token, learns nothing of how a person must authenticate', async () => {
    const token = accessToken({ acr: PWD })
    const stranger = generateKeyPair('ES256')
    const calls = [
      {},
      { token },
      { token, scheme: 'Bearer' },
      { token, proof: proofFor(token, {}, {}, stranger) },
      { token, proof: proofFor(token, { htm: 'POST' }) },
      { token, proof: proofFor(token, { iat: START - 300 }) },
      { token: accessToken({ acr: PWD }, {}, stranger), proof: proofFor(token) },
      { token: 'opaque', proof: proofFor('opaque') },
      { authorization: ['Bearer', 'Bearer'] },
    ]
    for (const call of calls) {
      const { error, challenges } = await startApi().call(call, need)
      expect(error).not.toBe('insufficient_user_authentication')
      expect(challenges.join()).not.toMatch(/acr_values|max_age/)
      // A good token in wrong hands needs no other scopes.
      if (error === 'invalid_dpop_proof') expect(challenges.join()).not.toContain('scope')
    }
  })
  test('STEP-07 nor does who has the token without its certificate', async () => {
    const token = accessToken({ cnf: { 'x5t#S256': 'x'.repeat(43) } })
    const { error, challenges } = await startApi().call({ token, scheme: 'Bearer' }, need)
    expect([error, challenges.join().includes('acr_values')]).toEqual(['invalid_token', false])
  })
  test('STEP-10 DPOP-19 a challenge uses up no proof, and none comes in twice', async () => {
    const api = startApi()
    const token = accessToken({ acr: PWD })
    const proof = proofFor(token)
    for (const _again of [1, 2]) expect(await api.call({ token, proof }, { acr: [MFA] })).toMatchObject(INSUFFICIENT)
    expect((await api.call({ token, proof }, { acr: [PWD] })).allowed).toBe(true)
    expect((await api.call({ token, proof }, { acr: [PWD] })).error).toBe('invalid_dpop_proof')
  })
})

describe('a token that the issuer is asked about', () => {
  const TOKEN = 'at_opaque'
  const call = { token: TOKEN, scheme: 'Bearer' }
  test('STEP-04 RFC 9470 §6.2: acr and auth_time stand at the top of the answer', async () => {
    const api = startAsked()
    api.tokens.set(TOKEN, activeAnswer({ ...BEARER, acr: MFA, auth_time: START - 10 }))
    expect((await api.call(call, { acr: [MFA], maxAge: 60 })).allowed).toBe(true)
    expect(await api.call(call, { acr: ['urn:x:hw'] })).toMatchObject(INSUFFICIENT)
    const silent = startAsked()
    silent.tokens.set(TOKEN, activeAnswer({ ...BEARER, iat: START }))
    for (const need of [{ acr: [MFA] }, { maxAge: 60 }]) expect(await silent.call(call, need)).toMatchObject(INSUFFICIENT)
  })
  test('STEP-33 an answer that is kept grows old like any other: no second more than max_age', async () => {
    const api = startAsked({ cacheSeconds: 30 })
    api.tokens.set(TOKEN, activeAnswer({ ...BEARER, auth_time: START - 55 }))
    expect((await api.call(call, { maxAge: 60 })).allowed).toBe(true)
    api.clock.time = START + 5
    expect((await api.call(call, { maxAge: 60 })).allowed).toBe(true)
    api.clock.time = START + 6
    expect(await api.call(call, { maxAge: 60 })).toMatchObject(INSUFFICIENT)
    expect((await api.call(call, { maxAge: 61 })).allowed).toBe(true)
    expect(api.questions.length).toBe(1)
  })
  test('STEP-33 the age is that at the answer, not at the request', async () => {
    const api = startAsked()
    api.reply = () => {
      api.clock.time = START + 3
      const body = JSON.stringify(activeAnswer({ ...BEARER, auth_time: START - 58 }))
      return { status: 200, headers: { 'content-type': 'application/json' }, body }
    }
    expect(await api.call(call, { maxAge: 60 })).toMatchObject(INSUFFICIENT)
  })
})

test('STEP-08 RFC 9470 §9: the challenge is the route’s, the same whoever asks with whatever token', async () => {
  const need = { acr: [MFA, 'urn:x:hw'], maxAge: 60, scopes: ['accounts:read'] }
  const told = await Promise.all(
    [{ sub: 'u_ada', acr: PWD }, { sub: 'u_bob' }, { sub: 'u_cyd', acr: 'urn:x:hw', auth_time: START - 61 }].map(async (claims) =>
      (await show(claims, need)).challenges.map((one) => one.replace(/error_description="[^"]+", /, '')),
    ),
  )
  expect(new Set(told.map((one) => one.join())).size).toBe(1)
})
