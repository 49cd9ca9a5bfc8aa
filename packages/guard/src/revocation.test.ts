import { generateKeyPair } from '@holdfast/proof/node'
import { describe, expect, test } from 'vitest'
import { type Access, type Guard, type GuardEngine, type GuardOptions, guardWith } from './index.ts'
import { accessToken, type Api, issuerKey, proofFor, published, START, startApi } from './test/api.ts'

/** Only its `verify` is asked here. */
const engine: GuardEngine = {
  verify: () => false,
  checkProof: () => Promise.reject(new Error('no proofs here')),
  certificateThumbprint: () => '',
  nonces: () => ({ check: () => false, issue: () => '' }),
}
const next = generateKeyPair('ES256')
const nextPublished = { ...next.publicJwk, kid: 'k2', alg: 'ES256', use: 'sig' }
const bearer = (token: string): { token: string; scheme: string } => ({ token, scheme: 'Bearer' })
const longLived = (header = {}, key = issuerKey): string => accessToken({ cnf: undefined, exp: START + 100_000 }, header, key)

describe('a key that the issuer withdrew', () => {
  test('TOK-16 takes along what it verified: a forged token with years to go ends with the next key set', async () => {
    const api = startApi()
    const forged = longLived()
    expect((await api.call(bearer(forged))).allowed).toBe(true)
    api.issuer.keys = [nextPublished]
    api.clock.time += 299
    expect((await api.call(bearer(forged))).allowed).toBe(true)
    api.clock.time += 1
    expect(await api.call(bearer(forged))).toMatchObject({ status: 401, error: 'invalid_token' })
    expect(await api.call(bearer(forged))).toMatchObject({ status: 401, error: 'invalid_token' })
    expect((await api.call(bearer(longLived({ kid: 'k2' }, next)))).allowed).toBe(true)
  })
  test('TOK-16 at once, when a token by a new key has the set fetched sooner', async () => {
    const api = startApi()
    const forged = longLived()
    await api.call(bearer(forged))
    api.issuer.keys = [nextPublished]
    api.clock.time += 10
    expect((await api.call(bearer(longLived({ kid: 'k2' }, next)))).allowed).toBe(true)
    expect((await api.call(bearer(forged))).status).toBe(401)
  })
  test('TOK-16 another key under the same kid is another key', async () => {
    const api = startApi()
    const forged = longLived()
    await api.call(bearer(forged))
    api.issuer.keys = [{ ...nextPublished, kid: 'k1' }]
    api.clock.time += 300
    expect((await api.call(bearer(forged))).status).toBe(401)
  })
  test('TOK-16 of many at once nobody comes in while the new set is on its way', async () => {
    const api = startApi()
    const forged = longLived()
    await api.call(bearer(forged))
    api.issuer.keys = [nextPublished]
    api.clock.time += 300
    const all = await Promise.all(Array.from({ length: 20 }, () => api.call(bearer(forged))))
    expect(all.filter(({ allowed }) => allowed).length).toBe(0)
    expect(api.asked.length).toBe(3)
  })
  test('TOK-16 OIDC-35 a key that stays keeps its tokens, in any order and beside any other; nothing is verified again', async () => {
    let verified = 0
    const count = (options: GuardOptions): Guard => guardWith({ ...engine, verify: () => ++verified > 0 }, options)
    const api = startApi({}, count)
    const token = longLived()
    await api.call(bearer(token))
    api.issuer.keys = [nextPublished, { ...published }]
    for (let times = 0; times < 3; times++) {
      api.clock.time += 300
      expect((await api.call(bearer(token))).allowed).toBe(true)
    }
    expect([api.asked.length, verified]).toEqual([5, 1])
  })
  test('TOK-16 while the issuer is away its tokens come in, it is tried every ten seconds, and the key ends when it is back', async () => {
    const api = startApi()
    const token = longLived()
    await api.call(bearer(token))
    api.issuer.up = false
    api.clock.time += 300
    for (let times = 0; times < 5; times++) expect((await api.call(bearer(token))).allowed).toBe(true)
    expect(api.asked.length).toBe(3)
    api.issuer.up = true
    api.issuer.keys = [nextPublished]
    api.clock.time += 10
    // Nobody waits for an issuer that was away: this request starts the fetch, and the next has its answer.
    await api.call(bearer(token))
    await new Promise((resolve) => setImmediate(resolve))
    expect((await api.call(bearer(token))).status).toBe(401)
  })
})

describe('the hook revoked', () => {
  function withHook(revoked: (access: Access) => unknown): Api {
    return startApi({ revoked: revoked as (access: Access) => boolean })
  }

  test('FAPI-61 REV-06 a token on the list is 401 invalid_token at once, though its verdict is kept', async () => {
    const list = new Set<unknown>()
    const api = withHook((access) => list.has(access.claims['jti']))
    const token = accessToken({ cnf: undefined, jti: 'j1' })
    expect((await api.call(bearer(token))).allowed).toBe(true)
    list.add('j1')
    expect(await api.call(bearer(token))).toMatchObject({ allowed: false, status: 401, error: 'invalid_token' })
    list.clear()
    expect((await api.call(bearer(token))).allowed).toBe(true)
  })
  test('FAPI-61 it may answer later, and anything but false is a yes', async () => {
    const token = accessToken({ cnf: undefined })
    expect((await withHook(() => Promise.resolve(false)).call(bearer(token))).allowed).toBe(true)
    for (const answer of [true, Promise.resolve(true), undefined, null, 0, ''])
      expect((await withHook(() => answer).call(bearer(token))).status).toBe(401)
  })
  test('FAPI-61 when nobody knows, nobody comes in: 503', async () => {
    const token = accessToken({ cnf: undefined })
    for (const fails of [() => Promise.reject(new Error('down')), () => void JSON.parse('{')])
      expect((await withHook(fails).call(bearer(token))).status).toBe(503)
  })
  test('FAPI-61 DPOP-19 is asked about tokens that are good and shown by their holder, before what a route needs; it spends no proof', async () => {
    const seen: string[] = []
    let ended = true
    const api = withHook((access) => seen.push(access.subject) > 0 && ended)
    const token = accessToken()
    await api.call(bearer('made-up'))
    await api.call(bearer(token))
    await api.call({ token })
    expect(seen).toEqual([])
    const proof = proofFor(token)
    expect(await api.call({ token, proof }, { scopes: ['accounts:write'], acr: ['x'] })).toMatchObject({
      status: 401,
      error: 'invalid_token',
    })
    ended = false
    expect((await api.call({ token, proof })).allowed).toBe(true)
    expect(seen).toEqual(['u_ada', 'u_ada'])
  })
})
