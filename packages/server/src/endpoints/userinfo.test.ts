import { MemoryFull } from '@holdfast/proof/memory'
import { describe, expect, test } from 'vitest'
import { Application, hashOf, KEY, OTHER_KEY, proof, tally, times, told } from '../test/application.ts'
import { API, client, ISSUER, publicClient, startServer } from '../test/server.ts'

const USERINFO = `${ISSUER}/userinfo`
const ALGS = 'ES256 EdDSA Ed25519 PS256'

/** Bearer tokens. */
async function web(): Promise<Application> {
  return new Application(await startServer(), client())
}

/** Tokens bound to a key. */
async function app(): Promise<Application> {
  return new Application(await startServer(), publicClient(), { dpop: KEY })
}

describe('claims', () => {
  test('OIDC-33 OIDC-41 OIDC-42 OpenID Connect Core §5.3: sub and what the scopes open, as JSON that is not stored', async () => {
    const one = await web()
    const { access } = await one.tokens({ scope: 'openid profile email' })
    const answer = await one.userinfo(access)
    expect(answer.body).toEqual({ sub: 'u_ada', name: 'Ada Lovelace', email: 'ada@example.com', email_verified: true })
    expect([answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual(['application/json', 'no-store'])
  })

  test.each([
    ['openid', { sub: 'u_ada' }],
    ['openid profile', { sub: 'u_ada', name: 'Ada Lovelace' }],
    ['openid email', { sub: 'u_ada', email: 'ada@example.com', email_verified: true }],
  ])('OIDC-33 the scope %j opens no more than that', async (scope, claims) => {
    const one = await web()
    expect((await one.userinfo((await one.tokens({ scope })).access)).body).toEqual(claims)
  })

  test('OIDC-40 POST works too, with the token in the header or in a form', async () => {
    const one = await web()
    const { access } = await one.tokens()
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(told(await one.send(USERINFO, { method: 'POST', headers: { authorization: `bearer ${access}` } }))).toBe('200')
    expect(told(await one.send(USERINFO, { method: 'POST', headers: form, body: `access_token=${access}` }))).toBe('200')
    expect(told(await one.send(USERINFO, { method: 'POST', headers: { ...form, authorization: `Bearer ${access}` }, body: '' }))).toBe(
      '200',
    )
  })
})

describe('without or with unreadable credentials', () => {
  test('OA-70 OA-71 DPOP-54 RFC 9449 §7.2: 401, both schemes offered, nothing told', async () => {
    const one = await web()
    const answer = await one.send(USERINFO, {})
    expect([answer.status, answer.body, answer.headers.get('www-authenticate')]).toEqual([
      401,
      {},
      `Bearer realm="holdfast", DPoP algs="${ALGS}"`,
    ])
  })

  test('OA-66 OAuth 2.1 §5.3.2: a token in the query is no credential', async () => {
    const one = await web()
    const { access } = await one.tokens()
    const answer = await one.send(`${USERINFO}?access_token=${access}`, {})
    expect([answer.status, answer.body]).toEqual([401, {}])
  })

  test('OA-65 OA-68 DPOP-55 several or malformed ones are 400 invalid_request', async () => {
    const one = await web()
    const { access } = await one.tokens()
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    for (const init of [
      { headers: { authorization: 'Bearer a b' } },
      { headers: { authorization: 'Bearer' } },
      { headers: { authorization: `Bearer ${access}, DPoP ${access}` } },
      { method: 'POST', headers: { ...form, authorization: `Bearer ${access}` }, body: `access_token=${access}` },
      { method: 'POST', headers: form, body: `access_token=${access}&access_token=${access}` },
    ]) {
      const answer = await one.send(USERINFO, init)
      expect([told(answer), answer.headers.get('www-authenticate')]).toEqual([
        '400 invalid_request',
        expect.stringMatching(/^Bearer error="invalid_request".*DPoP error="invalid_request"/) as string,
      ])
    }
  })

  test('another scheme is no credential', async () => {
    const one = await web()
    expect((await one.send(USERINFO, { headers: { authorization: 'Basic d2ViOng=' } })).body).toEqual({})
  })
})

describe('OA-69 TOK-12 the token', () => {
  test('OA-69 DPOP-56 one that was changed, or signed by another, is 401 invalid_token in the scheme that was used', async () => {
    const one = await web()
    const { access } = await one.tokens()
    const [header, payload, signature] = access.split('.')
    const other = await new Application(
      await startServer(undefined, { secrets: [{ id: 's1', value: new Uint8Array(32).fill(5) }] }),
      client(),
    ).tokens()
    const none = `${Buffer.from('{"typ":"at+jwt","alg":"none"}').toString('base64url')}.${payload}.`
    for (const token of [
      `${header}.${payload}.${'A'.repeat(86)}`,
      `${header}.${Buffer.from('{}').toString('base64url')}.${signature}`,
      other.access,
      none,
      'opaque',
    ]) {
      const answer = await one.userinfo(token)
      expect([told(answer), answer.headers.get('www-authenticate')]).toEqual([
        '401 invalid_token',
        expect.stringMatching(/^Bearer error="invalid_token"/) as string,
      ])
    }
  })

  test('OA-69 it ends at its exp', async () => {
    const one = await web()
    const { access } = await one.tokens()
    one.as.clock.advance(299)
    expect(told(await one.userinfo(access))).toBe('200')
    one.as.clock.advance(1)
    expect(told(await one.userinfo(access))).toBe('401 invalid_token')
  })

  test('OA-69 BCP-13 RES-02 one for another resource alone is refused', async () => {
    const one = await web()
    const { access } = await one.tokens({ scope: 'openid accounts:read' }, { resource: API })
    expect(told(await one.userinfo(access))).toBe('401 invalid_token')
  })

  test('OA-69 OIDC-43 RFC 6750 §3.1: without openid it is 403 insufficient_scope, and the scope is named', async () => {
    const one = await web()
    const { access } = await one.tokens({ scope: 'profile' })
    const answer = await one.userinfo(access)
    expect([told(answer), answer.headers.get('www-authenticate')]).toEqual([
      '403 insufficient_scope',
      expect.stringContaining('scope="openid"') as string,
    ])
  })

  test('REV-06 RT-09 a person who was disabled or removed, and a client that was disabled, open nothing', async () => {
    const one = await web()
    const { access } = await one.tokens()
    const [ada] = [...one.as.people.values()]
    if (ada === undefined) throw new Error('ada is missing')
    one.as.people.set(ada.sub, { ...ada, disabled: true })
    expect(told(await one.userinfo(access))).toBe('401 invalid_token')
    one.as.people.delete(ada.sub)
    expect(told(await one.userinfo(access))).toBe('401 invalid_token')
    one.as.people.set(ada.sub, ada)
    expect(told(await one.userinfo(access))).toBe('200')
    const off = new Application(await startServer([client({ disabled: true })], { store: one.as.store, clock: one.as.clock }), client())
    expect(told(await off.userinfo(access))).toBe('401 invalid_token')
  })
})

describe('DPOP-36 RFC 9449 §7: bound tokens', () => {
  test('DPOP-46 with scheme, key and proof; the scheme has any case', async () => {
    const one = await app()
    const { access } = await one.tokens()
    expect(told(await one.userinfo(access))).toBe('200')
    expect(told(await one.userinfo(access, { authorization: `dpop ${access}` }))).toBe('200')
  })

  test('DPOP-49 A69 BCP-11 RFC 9449 §7.2: as Bearer, in the header or a form, with a proof or without, it is invalid_token', async () => {
    const one = await app()
    const { access } = await one.tokens()
    expect(told(await one.userinfo(access, { authorization: `Bearer ${access}` }))).toBe('401 invalid_token')
    expect(told(await one.holding(undefined).userinfo(access))).toBe('401 invalid_token')
    const form = await one.send(USERINFO, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `access_token=${access}`,
    })
    expect(told(form)).toBe('401 invalid_token')
  })

  test('DPOP-50 an unbound token as DPoP is invalid_token', async () => {
    const one = await web()
    const { access } = await one.tokens()
    expect(told(await one.holding(KEY).userinfo(access))).toBe('401 invalid_token')
  })

  test('DPOP-48 a proof by another key is invalid_token', async () => {
    const one = await app()
    const { access } = await one.tokens()
    const answer = await one.holding(OTHER_KEY).userinfo(access)
    expect([told(answer), answer.headers.get('www-authenticate')]).toEqual([
      '401 invalid_token',
      expect.stringMatching(/^DPoP error="invalid_token"/) as string,
    ])
  })

  test('DPOP-51 DPOP-52 without a proof it is invalid_dpop_proof, and the algorithms are named', async () => {
    const one = await app()
    const { access } = await one.tokens()
    const answer = await one.send(USERINFO, { headers: { authorization: `DPoP ${access}` } })
    expect([told(answer), answer.headers.get('www-authenticate')]).toEqual([
      '401 invalid_dpop_proof',
      expect.stringContaining(`algs="${ALGS}"`) as string,
    ])
  })

  test.each<[string, (access: string, one: Application) => Readonly<Record<string, unknown>>]>([
    ['DPOP-47 A66 no ath', () => ({ ath: undefined })],
    ['DPOP-47 A66 the ath of another token', () => ({ ath: hashOf('another token') })],
    ['DPOP-47 an ath with padding', (access) => ({ ath: `${hashOf(access)}=` })],
    ['DPOP-08 another method', () => ({ htm: 'POST' })],
    ['DPOP-09 another endpoint', () => ({ htu: `${ISSUER}/token` })],
    ['DPOP-13 61 s old', (_access, one) => ({ iat: one.as.clock.now() - 61 })],
    [
      'DPOP-18 A63 from before the server started, which cannot know whether it was used',
      (_access, one) => ({ iat: one.as.clock.now() - 1 }),
    ],
  ])('DPOP-52 %s is invalid_dpop_proof', async (_name, claims) => {
    const one = await app()
    const { access } = await one.tokens()
    const dpop = one.proof('/userinfo', { htm: 'GET', ath: hashOf(access), ...claims(access, one) })
    expect(told(await one.userinfo(access, { dpop }))).toBe('401 invalid_dpop_proof')
    expect(told(await one.userinfo(access))).toBe('200')
  })

  test('DPOP-53 DPOP-41 the nonce is asked for with 401 in the challenge, and each answer brings the newest', async () => {
    const one = await app()
    const { access } = await one.tokens()
    const asked = await one.userinfo(access, {
      dpop: proof(KEY, { htm: 'GET', htu: USERINFO, iat: one.as.clock.now(), ath: hashOf(access) }),
    })
    expect([told(asked), asked.headers.get('www-authenticate')]).toEqual([
      '401 use_dpop_nonce',
      expect.stringMatching(/^DPoP error="use_dpop_nonce"/) as string,
    ])
    one.nonce = asked.headers.get('dpop-nonce') ?? undefined
    const answer = await one.userinfo(access)
    expect([told(answer), answer.headers.get('dpop-nonce'), answer.headers.get('cache-control')]).toEqual(['200', one.nonce, 'no-store'])
  })
})

describe('DPOP-16 A63 RFC 9449 §11.1: a proof is used once', () => {
  test('DPOP-16 again, and of 20 at once, one is answered', async () => {
    const one = await app()
    const { access } = await one.tokens()
    const dpop = one.proof('/userinfo', { htm: 'GET', ath: hashOf(access) })
    expect(tally(await Promise.all(times(20, () => one.userinfo(access, { dpop }))))).toEqual({ '200': 1, '401 invalid_dpop_proof': 19 })
    one.as.clock.advance(60)
    expect(told(await one.userinfo(access, { dpop }))).toBe('401 invalid_dpop_proof')
  })

  test('DPOP-19 one by another key does not use it up', async () => {
    const one = await app()
    const { access } = await one.tokens()
    const claims = { htm: 'GET', ath: hashOf(access), jti: 'the same' }
    const thief = one.holding(OTHER_KEY)
    expect(told(await thief.userinfo(access, { dpop: thief.proof('/userinfo', { ...claims, nonce: one.nonce }) }))).toBe(
      '401 invalid_token',
    )
    expect(told(await one.userinfo(access, { dpop: one.proof('/userinfo', claims) }))).toBe('200')
  })

  test('DPOP-18 a memory that is full is 503: what cannot be checked is not accepted', async () => {
    const one = await app()
    const { access } = await one.tokens()
    one.as.memory.add = () => Promise.reject(new MemoryFull('full'))
    const answer = await one.userinfo(access)
    expect([told(answer), answer.headers.get('retry-after')]).toEqual(['503 temporarily_unavailable', '1'])
  })
})
