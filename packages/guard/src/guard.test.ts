import type { Memory } from '@holdfast/proof/memory'
import { generateKeyPair } from '@holdfast/proof/node'
import { describe, expect, test } from 'vitest'
import type { Refusal } from './index.ts'
import { accessToken, API, clientKey, proofFor, START, startApi } from './test/api.ts'

const other = generateKeyPair('ES256')

describe('a bound token', () => {
  test('DPOP-46 FAPI-60 RFC 9449 §7.1: comes in with its scheme, in any case, and a proof by its key', async () => {
    const api = startApi()
    for (const scheme of ['DPoP', 'dpop', 'DPOP']) {
      const token = accessToken()
      expect(await api.call({ token, scheme, proof: proofFor(token) })).toMatchObject({ allowed: true, subject: 'u_ada' })
    }
  })
  test('DPOP-49 A69 RFC 9449 §7.2: shown as Bearer is 401 invalid_token, with a proof and without', async () => {
    const api = startApi()
    const token = accessToken()
    for (const proof of [undefined, proofFor(token)]) {
      const answer = await api.call({ token, scheme: 'Bearer', ...(proof !== undefined && { proof }) })
      expect([answer.status, answer.error, answer.challenges[0]?.split(' ')[0]]).toEqual([401, 'invalid_token', 'Bearer'])
    }
  })
  test('DPOP-48 RFC 9449 §4.3-12: with a proof by another key is 401 invalid_token', async () => {
    const token = accessToken()
    const answer = await startApi().call({ token, proof: proofFor(token, {}, {}, other) })
    expect([answer.status, answer.error]).toEqual([401, 'invalid_token'])
  })
  test('DPOP-51 RFC 9449 §7.1: without a proof is 401', async () => {
    const answer = await startApi().call({ token: accessToken() })
    expect([answer.status, answer.error]).toEqual([401, 'invalid_dpop_proof'])
  })
  test('DPOP-47 A66 RFC 9449 §4.3-12: a proof without ath, or for another token, is refused', async () => {
    const api = startApi()
    const token = accessToken()
    for (const proof of [proofFor(token, { ath: undefined }), proofFor(accessToken())])
      expect((await api.call({ token, proof })).error).toBe('invalid_dpop_proof')
  })
  test('DPOP-16 A63 RFC 9449 §11.1: a proof comes in once, also of twenty at once', async () => {
    const api = startApi()
    const token = accessToken()
    const proof = proofFor(token)
    const all = await Promise.all(Array.from({ length: 20 }, () => api.call({ token, proof })))
    expect(all.filter((answer) => answer.allowed).length).toBe(1)
    expect((await api.call({ token, proof })).error).toBe('invalid_dpop_proof')
  })
  test('DPOP-19 a proof that is refused for something else is not used up', async () => {
    const api = startApi()
    const token = accessToken()
    const proof = proofFor(token)
    expect((await api.call({ token, proof }, { scopes: ['accounts:write'] })).status).toBe(403)
    expect((await api.call({ token, proof, method: 'POST' })).status).toBe(401)
    expect((await api.call({ token, proof })).allowed).toBe(true)
  })
  const failing = (name: string): Memory => ({
    processLocal: false,
    startedAt: undefined,
    add: () => Promise.reject(Object.assign(new Error('away'), { name })),
    increment: () => Promise.resolve(1),
    forgive: () => Promise.resolve(),
  })
  test.each(['MemoryFull', 'MemoryUnavailable', 'StoreUnavailable', 'OutcomeUnknown'])(
    'DPOP-18 when the replay memory cannot answer (%s), nobody comes in, and may try again',
    async (name) => {
      const refusals: Refusal[] = []
      const api = startApi({ memory: failing(name), onRefusal: (refusal) => refusals.push(refusal) })
      const token = accessToken()
      const answer = await api.call({ token, proof: proofFor(token) })
      expect([answer.status, answer.error, answer.headers['retry-after']]).toEqual([503, 'temporarily_unavailable', '1'])
      expect(refusals).toMatchObject([{ status: 503, detail: 'away', cause: { name } }])
    },
  )
  test('DPOP-18 a fault of the replay memory that is no outage is one of the program: it is thrown, and nobody comes in', async () => {
    const token = accessToken()
    await expect(startApi({ memory: failing('TypeError') }).call({ token, proof: proofFor(token) })).rejects.toThrow('away')
  })
  test('A63 a proof from before the memory began is refused: it may have been used then', async () => {
    const token = accessToken()
    expect((await startApi().call({ token, proof: proofFor(token, { iat: START - 5 }) })).error).toBe('invalid_dpop_proof')
  })
  test('DPOP-18 a memory that was restarted while a request waited for `revoked` does not take its proof for a new one', async () => {
    const memory: Memory & { startedAt: number } = { ...failing(''), add: () => Promise.resolve('new'), startedAt: START - 100 }
    const api = startApi({ memory, revoked: () => ((memory.startedAt = START + 1), false) })
    const token = accessToken()
    expect(await api.call({ token, proof: proofFor(token) })).toMatchObject({ status: 401, error: 'invalid_dpop_proof' })
    expect((await api.call({ token, proof: proofFor(token, { iat: START + 1 }) })).allowed).toBe(true)
  })
  test('DPOP-60 a confirmation that the guard does not know, or knows in part, keeps the token out', async () => {
    const api = startApi()
    for (const cnf of [{ 'x5t#S256': 'abc' }, {}, 'text', { jkt: 5 }, { jkt: 'x'.repeat(43), other: 1 }]) {
      for (const scheme of ['Bearer', 'DPoP']) {
        const token = accessToken({ cnf })
        expect(await api.call({ token, scheme, proof: proofFor(token) })).toMatchObject({
          allowed: false,
          status: 401,
          error: 'invalid_token',
        })
      }
    }
  })
  test('DPOP-50 RFC 9449 §7.1: a token that is not bound is refused under the scheme DPoP', async () => {
    const token = accessToken({ cnf: undefined })
    expect(await startApi().call({ token, proof: proofFor(token) })).toMatchObject({ status: 401, error: 'invalid_token' })
  })
  test('DPOP-11 BCP-43 A72 the URL is the configured one, whatever Host and X-Forwarded-* say', async () => {
    const api = startApi({ publicUrl: 'https://public.example' })
    const token = accessToken()
    const headers = { host: ['api.example'], 'x-forwarded-host': ['api.example'], 'x-forwarded-proto': ['https'] }
    expect((await api.call({ token, proof: proofFor(token), headers })).error).toBe('invalid_dpop_proof')
    expect((await api.call({ token, proof: proofFor(token, { htu: 'https://public.example/accounts' }), headers })).allowed).toBe(true)
  })
  test('DPOP-09 the query of the request is not compared', async () => {
    const token = accessToken()
    expect((await startApi().call({ token, query: 'a=b', proof: proofFor(token, { htu: `${API}?c=d` }) })).allowed).toBe(true)
  })
})

describe('a bearer token', () => {
  test('OA-65 comes in where it is not bound, the scheme in any case', async () => {
    const api = startApi()
    for (const scheme of ['Bearer', 'bearer'])
      expect((await api.call({ token: accessToken({ cnf: undefined }), scheme })).allowed).toBe(true)
  })
  test('DPOP-59 RFC 9728 §2: is refused where DPoP is required, and Bearer is not offered', async () => {
    const api = startApi({ dpopRequired: true })
    expect((await api.call({ token: accessToken({ cnf: undefined }), scheme: 'Bearer' })).error).toBe('invalid_token')
    expect((await api.call({})).challenges.map((one) => one.split(' ')[0])).toEqual(['DPoP'])
  })
})

describe('nonces', () => {
  const nonceSecret = new Uint8Array(32).fill(9)
  test('DPOP-53 RFC 9449 §9: a missing nonce is 401 use_dpop_nonce with one, and the next call comes in', async () => {
    const api = startApi({ nonceSecret })
    const token = accessToken()
    const answer = await api.call({ token, proof: proofFor(token) })
    expect([answer.status, answer.error, answer.challenges[0]?.startsWith('DPoP ')]).toEqual([401, 'use_dpop_nonce', true])
    const nonce = answer.headers['dpop-nonce']
    const next = await api.call({ token, proof: proofFor(token, { nonce }) })
    expect([next.allowed, typeof next.headers['dpop-nonce']]).toEqual([true, 'string'])
  })
  test('DPOP-39 DPOP-40 an old or made-up nonce is use_dpop_nonce, and there is no way around', async () => {
    const api = startApi({ nonceSecret })
    const token = accessToken({ exp: START + 3000 })
    const first = (await api.call({ token, proof: proofFor(token) })).headers['dpop-nonce']
    api.clock.time += 121
    for (const nonce of [first, 'made-up', undefined])
      expect((await api.call({ token, proof: proofFor(token, { nonce, iat: api.clock.time }) })).error).toBe('use_dpop_nonce')
  })
  test('DPOP-44 RFC 9449 §9: the nonce of another secret is not ours', async () => {
    const token = accessToken()
    const theirs = (await startApi({ nonceSecret: new Uint8Array(32).fill(8) }).call({ token, proof: proofFor(token) })).headers[
      'dpop-nonce'
    ]
    expect((await startApi({ nonceSecret }).call({ token, proof: proofFor(token, { nonce: theirs }) })).error).toBe('use_dpop_nonce')
  })
  test('DPOP-37 with nonces off no DPoP-Nonce is sent', async () => {
    const token = accessToken()
    expect((await startApi().call({ token, proof: proofFor(token) })).headers).toEqual({})
  })
})

describe('what is shown', () => {
  test('DPOP-54 OA-70 OA-71 PRM-04 RFC 6750 §3.1: without credentials both schemes are offered and nothing is told', async () => {
    const { status, challenges, error } = await startApi().call({})
    expect([status, error]).toEqual([401, undefined])
    expect(challenges).toEqual([
      'Bearer resource_metadata="https://api.example/.well-known/oauth-protected-resource/accounts"',
      'DPoP algs="ES256 EdDSA Ed25519 PS256", resource_metadata="https://api.example/.well-known/oauth-protected-resource/accounts"',
    ])
  })
  test('OA-66 FAPI-60 a token in the query is not looked at', async () => {
    const { status, error } = await startApi().call({ query: `access_token=${accessToken({ cnf: undefined })}` })
    expect([status, error]).toEqual([401, undefined])
  })
  test('DPOP-55 OA-68 RFC 9449 §7.2: two Authorization headers are 400 for both schemes', async () => {
    const token = accessToken()
    const { status, challenges } = await startApi().call({ authorization: [`Bearer ${token}`, `DPoP ${token}`], proof: proofFor(token) })
    expect([status, challenges.map((one) => one.split(' ')[0])]).toEqual([400, ['Bearer', 'DPoP']])
    expect(challenges.every((one) => one.includes('error="invalid_request"'))).toBe(true)
  })
  test('OA-65 RFC 6750 §2.1: what is no token68 is 400 invalid_request', async () => {
    for (const authorization of ['Bearer', 'DPoP a b', 'Bearer {"a":1}', `Bearer ${'x'.repeat(9000)}`])
      expect(await startApi().call({ authorization: [authorization] })).toMatchObject({ status: 400, error: 'invalid_request' })
  })
  test('DPOP-57 another scheme is no credentials, and unknown parameters do not matter', async () => {
    expect(await startApi().call({ authorization: ['Basic YTpi'] })).toMatchObject({ status: 401, error: undefined })
  })
  test('DPOP-52 DPOP-56 PRM-04 the error stands in the challenge of the scheme that was used, with the algorithms', async () => {
    const token = accessToken()
    const { challenges } = await startApi().call({ token, proof: proofFor(token, { htm: 'POST' }) })
    expect(challenges.length).toBe(1)
    expect(challenges[0]).toMatch(
      /^DPoP error="invalid_dpop_proof", error_description="[^"]+", resource_metadata="[^"]+", algs="ES256 EdDSA Ed25519 PS256"$/,
    )
  })
  test('DPOP-01 two proofs, as two headers or joined, are refused', async () => {
    const token = accessToken()
    for (const proof of [[proofFor(token), proofFor(token)], `${proofFor(token)}, ${proofFor(token)}`])
      expect((await startApi().call({ token, proof })).error).toBe('invalid_dpop_proof')
  })
})

describe('scopes', () => {
  test('OA-69 FAPI-62 RFC 6750 §3.1: a missing scope is 403 insufficient_scope, which names what is needed', async () => {
    const token = accessToken()
    const { status, challenges } = await startApi().call({ token, proof: proofFor(token) }, { scopes: ['accounts:read', 'accounts:write'] })
    expect([status, challenges[0]]).toEqual([403, expect.stringContaining('error="insufficient_scope"')])
    expect(challenges[0]).toContain('scope="accounts:read accounts:write"')
  })
  test('DPOP-58 a right proof is no permission: the scope of another word does not do', async () => {
    const token = accessToken({ scope: 'accounts:reader' })
    expect((await startApi().call({ token, proof: proofFor(token) }, { scopes: ['accounts:read'] })).status).toBe(403)
  })
})

test('the key that was proved is told to the route', async () => {
  const api = startApi()
  const token = accessToken()
  const verdict = await api.guard.check({
    method: 'GET',
    path: '/accounts',
    query: '',
    clientAddress: '',
    headers: (name) => (name === 'authorization' ? [`DPoP ${token}`] : name === 'dpop' ? [proofFor(token)] : []),
    body: () => Promise.resolve(new Uint8Array()),
  })
  expect(verdict).toMatchObject({ kind: 'allowed', access: { subject: 'u_ada', clientId: 'web', scopes: ['accounts:read'] } })
  expect(verdict.kind === 'allowed' && verdict.access.jkt).toBe((await import('@holdfast/proof/node')).thumbprint(clientKey.publicJwk))
})
