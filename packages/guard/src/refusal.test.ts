import { describe, expect, test } from 'vitest'
import type { GuardOptions, Need, Refusal } from './index.ts'
import { accessToken, API, type Answer, type Call, proofFor, START, startApi } from './test/api.ts'
import { activeAnswer, startAsked } from './test/asked-issuer.ts'

/** The answer to a call, what the client is told in it, and what the operator's log is told. */
async function refusedOf(
  call: Call,
  over: Partial<GuardOptions> = {},
  need?: Need,
): Promise<Answer & { readonly told: string; readonly log: Refusal }> {
  const log: Refusal[] = []
  const answer = await startApi({ onRefusal: (refusal) => log.push(refusal), ...over }).call(call, need)
  expect([answer.allowed, log.length]).toEqual([false, 1])
  const told = /error_description="([^"]*)"/.exec(answer.challenges[0] ?? '')?.[1] ?? ''
  return { ...answer, told, log: log[0] as Refusal }
}
const bearer = (claims = {}): Call => ({ token: accessToken({ cnf: undefined, ...claims }), scheme: 'Bearer' })

describe('htu (DPOP-09)', () => {
  const refusedHtu = (htu: string, over: Partial<GuardOptions> = {}): ReturnType<typeof refusedOf> => {
    const token = accessToken()
    return refusedOf({ token, proof: proofFor(token, { htu }) }, over)
  }
  test('DPOP-09 DPOP-11 another origin: both values, and which setting', async () => {
    const { told, log } = await refusedHtu('https://public.example/accounts')
    expect(told).toBe(
      `htu in the proof is https://public.example/accounts, this API is ${API}: the operator sets publicUrl of the guard to the origin that clients call`,
    )
    expect(log).toMatchObject({
      status: 401,
      error: 'invalid_dpop_proof',
      rule: 'DPOP-09',
      received: 'https://public.example/accounts',
      expected: [API],
      detail: expect.stringContaining('publicUrl') as string,
      clientId: 'web',
      method: 'GET',
      path: '/accounts',
    })
  })
  test('DPOP-09 DPOP-11 a prefix that a proxy takes away: which setting, and with it the proof comes in', async () => {
    const htu = 'https://api.example/v1/accounts'
    expect((await refusedHtu(htu)).told).toContain('publicPath')
    const token = accessToken()
    expect((await startApi({ publicPath: '/v1' }).call({ token, proof: proofFor(token, { htu }) })).allowed).toBe(true)
    expect((await startApi({ publicPath: '/v1' }).call({ token, proof: proofFor(token) })).error).toBe('invalid_dpop_proof')
  })
  test.each(['v1', '/', '/v1/', '//', '/a b', '/a?b', '/a#b'])('DPOP-11 publicPath %s is refused at the start', (publicPath) => {
    expect(() => startApi({ publicPath })).toThrow(TypeError)
  })
  test('DPOP-09 another path, or no address at all: no setting would help', async () => {
    for (const htu of ['https://api.example/other', 'accounts', `https://api.example/${'x'.repeat(300)}`]) {
      const { told, log } = await refusedHtu(htu)
      expect(told).toMatch(/^htu in the proof is .+, this API is https:\/\/api\.example\/accounts$/)
      expect([log.detail, (log.received ?? '').length <= 160]).toEqual([undefined, true])
    }
  })
  test('MTLS-36 all addresses that would have done are named', async () => {
    const publicUrl = ['https://api.example', 'https://mtls.api.example'] as const
    expect((await refusedHtu('https://x.example/accounts', { publicUrl })).log.expected).toEqual([API, 'https://mtls.api.example/accounts'])
  })
})

describe('clocks', () => {
  test.each([
    ['behind', -75, 'DPOP-13', /75 seconds ago/],
    ['ahead', 42, 'DPOP-13', /42 seconds ahead/],
  ])('DPOP-13 a client whose clock is %s: by how much', async (_name, skew, rule, text) => {
    const token = accessToken()
    const { told, log } = await refusedOf({ token, proof: proofFor(token, { iat: START + skew }) })
    expect(told).toMatch(text)
    expect(log).toMatchObject({ rule, skewSeconds: skew, detail: expect.stringContaining('clock') as string })
  })
  test('TOK-12 a token that has expired, or is not valid yet: by how much', async () => {
    expect(await refusedOf(bearer({ exp: START - 90 }))).toMatchObject({
      told: 'the access token has expired 90 s ago',
      log: { skewSeconds: -90, rule: 'TOK-12' },
    })
    expect(await refusedOf(bearer({ nbf: START + 30 }))).toMatchObject({
      told: 'the access token is not valid yet for 30 s',
      log: { skewSeconds: 30 },
    })
  })
})

describe('tokens', () => {
  test('TOK-12 for another API, by another issuer: what the token has and what is needed', async () => {
    expect(await refusedOf(bearer({ aud: ['https://other.example', 'x'] }))).toMatchObject({
      told: 'aud of the access token is https://other.example x, this API is https://api.example/accounts',
      log: { received: 'https://other.example x', expected: [API] },
    })
    expect(await refusedOf(bearer({ iss: 'https://other.example' }))).toMatchObject({
      told: 'iss of the access token is https://other.example, this API trusts https://as.example',
      log: { received: 'https://other.example', expected: ['https://as.example'] },
    })
  })
  test('TOK-12 aud and iss of any kind are shown, and break nothing', async () => {
    for (const odd of [null, 7, {}, { toString: 1 }, [{ toString: 1 }, ['x']], [], 'x'.repeat(1000), undefined])
      for (const claim of ['aud', 'iss']) {
        const { status, log } = await refusedOf(bearer({ [claim]: odd }))
        expect([status, (log.received ?? '').length <= 160]).toEqual([401, true])
      }
  })
  test('INT-06 what an opaque token is for is told to the operator alone', async () => {
    const log: Refusal[] = []
    const api = startAsked({}, { onRefusal: (refusal) => log.push(refusal) })
    api.tokens.set('at_1', activeAnswer({ aud: 'https://secret.example' }))
    const { challenges } = await api.call({ token: 'at_1', scheme: 'Bearer' })
    expect([challenges.join().includes('secret.example'), log[0]?.received]).toEqual([false, 'https://secret.example'])
  })
  test('DPOP-49 a bound token under Bearer: use the scheme DPoP, which the answer offers', async () => {
    const { told, challenges } = await refusedOf({ token: accessToken(), scheme: 'Bearer' })
    expect(told).toContain('bound to a DPoP key (cnf.jkt): show it under the scheme DPoP')
    expect(challenges[1]).toMatch(/^DPoP algs="ES256 EdDSA Ed25519 PS256", resource_metadata="[^"]+"$/)
  })
  test.each(['dpopRequired', 'bindingRequired'])(
    'DPOP-59 FAPI-63 with %s a bearer token is answered with an offer of DPoP',
    async (option) => {
      const { challenges } = await refusedOf(bearer(), { [option]: true })
      expect(challenges.map((one) => one.split(' ', 2))).toEqual([
        ['Bearer', 'error="invalid_token",'],
        ['DPoP', 'algs="ES256'],
      ])
    },
  )
  test('DPOP-56 any other refusal is in the scheme that was used alone', async () => {
    expect((await refusedOf(bearer({ exp: 1 }))).challenges.length).toBe(1)
  })
  test('OA-69 a missing scope: which, and which there are', async () => {
    expect(await refusedOf(bearer({ scope: 'a b' }), {}, { scopes: ['c'] })).toMatchObject({
      status: 403,
      log: { status: 403, error: 'insufficient_scope', rule: 'OA-69', received: 'a b', expected: ['c'], clientId: 'web' },
    })
  })
})

describe('the log of the operator', () => {
  test('OA-66 OA-71 who shows nothing is told nothing, and why it was nothing is in the log', async () => {
    for (const [call, detail] of [
      [{}, /^no token/],
      [{ query: 'access_token=abc' }, /in the query/],
      [{ authorization: ['Basic YTpi'] }, /another scheme/],
    ] as const)
      expect(await refusedOf(call)).toMatchObject({
        error: undefined,
        told: '',
        log: { status: 401, error: undefined, description: '', detail: expect.stringMatching(detail) as string },
      })
  })
  test('DPOP-55 400 and 503 are in it too, with the cause', async () => {
    expect((await refusedOf({ authorization: ['a', 'b'] })).log).toMatchObject({ status: 400, rule: 'DPOP-55' })
    const fetcher = (() => Promise.reject(new TypeError('connection refused'))) as typeof fetch
    const { log } = await refusedOf(bearer(), { fetch: fetcher })
    expect(log).toMatchObject({ status: 503, error: undefined, detail: expect.stringContaining('connection refused') as string })
    expect(log.cause).toBeInstanceOf(Error)
  })
  test('A69 holds no token, no proof and no query', async () => {
    const token = accessToken({ exp: START - 60 })
    const good = accessToken()
    for (const call of [
      { token, proof: proofFor(token), query: 'secret=1' },
      { token: good, proof: proofFor(good, { htm: 'POST' }), query: 'secret=1' },
      { token: good, scheme: 'Bearer' },
      { token: 'made-up', scheme: 'Bearer' },
    ]) {
      const text = JSON.stringify((await refusedOf(call)).log)
      for (const secret of [call.token, call.token.split('.')[2] ?? 'made-up', 'secret=1', ...('proof' in call ? [call.proof] : [])])
        expect(text).not.toContain(secret)
    }
  })
  test('is not told of who comes in; what it throws changes no answer', async () => {
    const broken = (): never => {
      throw new Error('disk full')
    }
    const api = startApi({ onRefusal: broken })
    expect([(await api.call(bearer())).allowed, (await api.call(bearer({ exp: 1 }))).status]).toEqual([true, 401])
  })
})

describe('what every challenge may have', () => {
  test('OA-70 the realm, where there is one, once in each and first; nothing can end its quotes', async () => {
    const over = { realm: 'a"b\\c\r\nd' }
    for (const call of [{}, bearer({ exp: 1 }), { authorization: ['a', 'b'] }, { token: accessToken(), scheme: 'Bearer' }])
      for (const challenge of (await refusedOf(call, over)).challenges) {
        expect(challenge).toMatch(/^(?:Bearer|DPoP) realm="a\?b\?c\?\?d", /)
        expect(challenge.match(/realm=/g)?.length).toBe(1)
      }
  })
  test('DPOP-45 RFC 9449 §7.1: a script of another origin may read the challenge and the nonce', async () => {
    const api = startApi({ nonceSecret: new Uint8Array(32).fill(9) })
    const token = accessToken()
    for (const call of [{}, bearer({ exp: 1 }), { token, proof: proofFor(token) }, { authorization: ['a', 'b'] }])
      expect((await api.call(call)).headers['access-control-expose-headers']).toBe('WWW-Authenticate, DPoP-Nonce')
  })
})
