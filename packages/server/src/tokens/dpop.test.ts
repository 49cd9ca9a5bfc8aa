import { createHash } from 'node:crypto'
import { generateKeyPair, signJws, thumbprint } from '@holdfast/proof/node'
import { describe, expect, test } from 'vitest'
import { type Answer, Application, hashOf, KEY, OTHER_KEY, tally, times, told } from '../test/application.ts'
import { authorizationParameters } from '../test/person.ts'
import { client, ISSUER, publicClient, startServer, type TestServer } from '../test/server.ts'

async function web(): Promise<Application> {
  return new Application(await startServer(), client(), { dpop: KEY })
}

async function app(as?: TestServer): Promise<Application> {
  return new Application(as ?? (await startServer()), publicClient(), { dpop: KEY })
}

/** The parameters of a right push. */
function request({ client: { clientId, redirectUris } }: Application): Record<string, string> {
  return Object.fromEntries(authorizationParameters({ client_id: clientId, redirect_uri: redirectUris[0] }))
}

describe('DPOP-21 RFC 9449 §5: an invalid proof is invalid_dpop_proof, never a bearer token, and spends nothing', () => {
  const rsa = generateKeyPair('RS256')
  /** Each makes a proof for an endpoint that is wrong in one thing. */
  const FAULTS: readonly [string, (one: Application, path: string) => string][] = [
    ['DPOP-02 no JWS', () => 'not.a.proof'],
    ['DPOP-01 two headers', (one, path) => `${one.proof(path)}, ${one.proof(path)}`],
    ['DPOP-03 another typ', (one, path) => one.proof(path, {}, { typ: 'JWT' })],
    [
      'DPOP-04 A67 alg none',
      (one, path) =>
        `${Buffer.from(JSON.stringify({ typ: 'dpop+jwt', alg: 'none', jwk: KEY.publicJwk })).toString('base64url')}.${one.proof(path).split('.')[1]}.`,
    ],
    [
      'DPOP-04 A67 alg HS256',
      (one, path) =>
        one
          .proof(path)
          .replace(/^[^.]+/, Buffer.from(JSON.stringify({ typ: 'dpop+jwt', alg: 'HS256', jwk: KEY.publicJwk })).toString('base64url')),
    ],
    [
      'DPOP-04 FAPI-70 RS256',
      (one, path) =>
        signJws(
          { typ: 'dpop+jwt', alg: 'RS256', jwk: rsa.publicJwk },
          { jti: 'a', htm: 'POST', htu: ISSUER + path, iat: one.as.clock.now(), nonce: one.nonce },
          rsa.privateKey,
        ),
    ],
    ['DPOP-05 a private key', (one, path) => one.proof(path, {}, { jwk: KEY.privateKey.export({ format: 'jwk' }) })],
    ['DPOP-06 another key’s signature', (one, path) => one.proof(path, {}, { jwk: OTHER_KEY.publicJwk })],
    ['DPOP-06 a key by kid alone', (one, path) => one.proof(path, {}, { jwk: undefined, kid: 'some-key' })],
    [
      'DPOP-06 a point off the curve',
      (one, path) => one.proof(path, {}, { jwk: { ...KEY.publicJwk, y: Buffer.alloc(32, 7).toString('base64url') } }),
    ],
    ['DPOP-07 no jti', (one, path) => one.proof(path, { jti: undefined })],
    ['DPOP-17 A65 a jti of 5 KB', (one, path) => one.proof(path, { jti: 'j'.repeat(5000) })],
    ['DPOP-08 another method', (one, path) => one.proof(path, { htm: 'GET' })],
    ['DPOP-09 another path', (one, path) => one.proof(path, { htu: `${ISSUER}/elsewhere` })],
    ['DPOP-11 BCP-43 A72 another host', (one, path) => one.proof(path, { htu: `https://evil.example${path}` })],
    ['DPOP-10 A72 a trailing slash', (one, path) => one.proof(path, { htu: `${ISSUER}${path}/` })],
    ['DPOP-13 DPOP-14 61 s old, with a good nonce', (one, path) => one.proof(path, { iat: one.as.clock.now() - 61 })],
    ['DPOP-13 FAPI-21 11 s ahead', (one, path) => one.proof(path, { iat: one.as.clock.now() + 11 })],
    ['DPOP-15 past its exp', (one, path) => one.proof(path, { exp: one.as.clock.now() })],
  ]

  test.each(FAULTS)('%s', async (_name, faulty) => {
    const one = await app()
    const code = await one.code()
    await one.learnNonce()
    expect(told(await one.redeem(code, {}, { dpop: faulty(one, '/token') }))).toBe('400 invalid_dpop_proof')
    expect(told(await one.post('/par', request(one), { dpop: faulty(one, '/par') }))).toBe('400 invalid_dpop_proof')
    const redeemed = await one.redeem(code)
    expect([told(redeemed), redeemed.body['token_type']]).toEqual(['200', 'DPoP'])
  })

  test.each<[string, (one: Application) => Record<string, unknown>]>([
    ['DPOP-13 60 s old', (one) => ({ iat: one.as.clock.now() - 60 })],
    ['DPOP-13 FAPI-21 10 s ahead', (one) => ({ iat: one.as.clock.now() + 10 })],
    ['DPOP-09 htu with query and fragment', () => ({ htu: `${ISSUER}/token?a=b#c` })],
    ['DPOP-10 A72 htu with the default port and another case', () => ({ htu: 'HTTPS://AS.example:443/token' })],
    ['DPOP-12 claims nobody knows', () => ({ more: { than: 'needed' } })],
  ])('accepted: %s', async (_name, claims) => {
    const one = await app()
    const code = await one.code()
    await one.learnNonce()
    expect(told(await one.redeem(code, {}, { dpop: one.proof('/token', claims(one)) }))).toBe('200')
  })
})

describe('the nonce of the server (RFC 9449 §8)', () => {
  test('DPOP-37 DPOP-38 FAPI-18 DPOP-41 DPOP-43 is asked for with 400 use_dpop_nonce, once, of NQCHAR, not to be stored; PAR likewise', async () => {
    const one = await app()
    for (const path of ['/token', '/par']) {
      const answer = await one.post(
        path,
        { grant_type: 'refresh_token', refresh_token: 'x' },
        { dpop: one.proof(path, { nonce: undefined }) },
      )
      expect(told(answer)).toBe('400 use_dpop_nonce')
      expect(answer.headers.get('dpop-nonce')).toMatch(/^[\x21\x23-\x5b\x5d-\x7e]{20,}$/)
      expect(answer.headers.get('dpop-nonce')).not.toContain(',')
      expect(answer.headers.get('cache-control')).toBe('no-store')
    }
  })

  test('DPOP-30 DPOP-39 asking for it leaves code and refresh token; the retry succeeds', async () => {
    for (const one of [await app(), await web()]) {
      const code = await one.code()
      const first = await one.redeem(code, {}, { dpop: one.proof('/token', { nonce: undefined }) })
      expect(told(first)).toBe('400 use_dpop_nonce')
      const nonce = first.headers.get('dpop-nonce')
      const second = await one.redeem(code, {}, { dpop: one.proof('/token', { nonce }) })
      expect(told(second)).toBe('200')
      const refresh = String(second.body['refresh_token'])
      expect(told(await one.refresh(refresh, {}, { dpop: one.proof('/token', { nonce: 'made up' }) }))).toBe('400 use_dpop_nonce')
      expect(told(await one.refresh(refresh, {}, { dpop: one.proof('/token', { nonce }) }))).toBe('200')
    }
  })

  test('DPOP-39 DPOP-42 current and previous are good, older ones are not; 200 brings the newest', async () => {
    const one = await web()
    const { refresh } = await one.tokens()
    const nonce = one.nonce
    one.as.clock.advance(60)
    const next = await one.refresh(refresh, {}, { dpop: one.proof('/token', { nonce }) })
    expect([told(next), next.headers.get('dpop-nonce') === nonce]).toEqual(['200', false])
    one.as.clock.advance(60)
    expect(told(await one.refresh(refresh, {}, { dpop: one.proof('/token', { nonce }) }))).toBe('400 use_dpop_nonce')
  })

  test('DPOP-40 RFC 9449 §11.3: there is no way back to proofs without one', async () => {
    const one = await web()
    const { refresh } = await one.tokens()
    expect(told(await one.refresh(refresh, {}, { dpop: one.proof('/token', { nonce: undefined }) }))).toBe('400 use_dpop_nonce')
  })

  test('DPOP-44 RFC 9449 §9: a nonce of another server is none of ours', async () => {
    const other = await app(await startServer(undefined, { secrets: [{ id: 's1', value: new Uint8Array(32).fill(9) }] }))
    const foreign = await other.learnNonce()
    const one = await app()
    expect(told(await one.refresh('x', {}, { dpop: one.proof('/token', { nonce: foreign }) }))).toBe('400 use_dpop_nonce')
  })

  test('DPOP-40 switched off, none is sent or wanted, and one that is sent is ignored', async () => {
    const one = await app(await startServer(undefined, { dpopNonce: 'off' }))
    for (const nonce of [undefined, 'made up']) {
      const answer = await one.redeem(await one.code(), {}, { dpop: one.proof('/token', { nonce }) })
      expect([told(answer), answer.headers.get('dpop-nonce')]).toEqual(['200', null])
    }
  })

  test('DPOP-66 RFC 9449 §11.2: switched off, a bound token that nobody configured lives five minutes, and proofs made ahead are worth no more', async () => {
    const one = await app(await startServer(undefined, { dpopNonce: 'off' }))
    const answer = await one.redeem(await one.code())
    expect(answer.body).toMatchObject({ token_type: 'DPoP', expires_in: 300 })
  })

  test('a request without a proof is told no nonce', async () => {
    const one = new Application(await startServer(), client())
    expect((await one.redeem(await one.code())).headers.get('dpop-nonce')).toBeNull()
  })
})

describe('a proof is used once (RFC 9449 §11.1)', () => {
  test.each([
    ['a confidential client', web],
    ['a public client', app],
  ])('DPOP-16 BCP-37 A63 %s: across success and failure, at the token endpoint and at PAR', async (_name, make) => {
    const one = await make()
    const [code, other] = [await one.code(), await one.code()]
    await one.learnNonce()
    const used = one.proof('/token')
    expect(told(await one.redeem(code, { code_verifier: 'w'.repeat(43) }, { dpop: used }))).toBe('400 invalid_grant')
    expect(told(await one.redeem(code, {}, { dpop: used }))).toBe('400 invalid_dpop_proof')
    const again = one.proof('/token')
    expect(told(await one.redeem(code, {}, { dpop: again }))).toBe('200')
    expect(told(await one.redeem(other, {}, { dpop: again }))).toBe('400 invalid_dpop_proof')
    expect(told(await one.redeem(other))).toBe('200')
    const push = one.proof('/par')
    expect(told(await one.post('/par', request(one), { dpop: push }))).toBe('201')
    expect(told(await one.post('/par', request(one), { dpop: push }))).toBe('400 invalid_dpop_proof')
    expect(one.as.logged.filter((line) => line.includes('"rule":"DPOP-16"')).map((line) => /"endpoint":"(\w+)"/.exec(line)?.[1])).toEqual([
      'token',
      'par',
    ])
  })

  test('DPOP-18 of 20 at once with one proof, one is answered', async () => {
    const one = await web()
    const { refresh } = await one.tokens()
    const dpop = one.proof('/token')
    expect(tally(await Promise.all(times(20, () => one.refresh(refresh, {}, { dpop }))))).toEqual({
      '200': 1,
      '400 invalid_dpop_proof': 19,
    })
  })

  test('DPOP-18 A63 another server on the same store, and one started since, refuse it too', async () => {
    for (const make of [web, app]) {
      const one = await make()
      const [code, other] = [await one.code(), await one.code()]
      await one.learnNonce()
      const dpop = one.proof('/token')
      expect(told(await one.redeem(code, {}, { dpop }))).toBe('200')
      const second = await startServer(undefined, { store: one.as.store, clock: one.as.clock })
      const elsewhere = new Application(second, one.client, { dpop: KEY })
      expect(told(await elsewhere.redeem(other, {}, { dpop }))).toBe('400 invalid_dpop_proof')
    }
  })

  test('DPOP-14 A63 one made ahead of time is remembered to the end of its window', async () => {
    const one = await web()
    const { refresh } = await one.tokens()
    const dpop = one.proof('/token', { iat: one.as.clock.now() + 10 })
    expect(told(await one.refresh(refresh, {}, { dpop }))).toBe('200')
    one.as.clock.advance(70)
    await one.as.store.purge(one.as.clock.now())
    expect(told(await one.refresh(refresh, {}, { dpop }))).toBe('400 invalid_dpop_proof')
  })

  test('DPOP-19 a proof that fails another check does not use up its jti', async () => {
    const one = await web()
    const { refresh } = await one.tokens()
    const jti = 'the jti of an honest client'
    const broken = one.proof('/token', { jti }, { jwk: OTHER_KEY.publicJwk })
    expect(told(await one.refresh(refresh, {}, { dpop: broken }))).toBe('400 invalid_dpop_proof')
    expect(
      told(await one.holding(OTHER_KEY).refresh('x', {}, { dpop: one.holding(OTHER_KEY).proof('/token', { jti, nonce: one.nonce }) })),
    ).toBe('400 invalid_grant')
    expect(told(await one.refresh(refresh, {}, { dpop: one.proof('/token', { jti }) }))).toBe('200')
  })

  test('DPOP-17 the store keeps a hash of it', async () => {
    const one = await web()
    const jti = 'recognisable'
    await one.learnNonce()
    await one.redeem(await one.code(), {}, { dpop: one.proof('/token', { jti }) })
    const key = hashOf(`${thumbprint(KEY.publicJwk)} POST ${ISSUER}/token ${jti}`)
    expect(await one.as.store.read('dpop_jti', key)).toMatchObject({ value: {}, expiresAt: one.as.clock.now() + 70 })
  })
})

describe('binding', () => {
  test('DPOP-20 DPOP-22 DPOP-26 RFC 9449 §5.2: a client that must send proofs is refused without, and spends nothing', async () => {
    for (const over of [client({ dpopBoundAccessTokens: true }), publicClient({ dpopBoundAccessTokens: true })]) {
      const one = new Application(await startServer([over]), over, { dpop: KEY })
      const code = await one.code()
      expect(told(await one.holding(undefined).redeem(code))).toBe('400 invalid_request')
      const tokens: Answer = await one.redeem(code)
      expect([told(tokens), tokens.body['token_type']]).toEqual(['200', 'DPoP'])
      const refresh = String(tokens.body['refresh_token'])
      expect(told(await one.holding(undefined).refresh(refresh))).toBe('400 invalid_request')
      expect((await one.refresh(refresh)).body['token_type']).toBe('DPoP')
    }
  })

  test('DPOP-32 DPOP-33 A71 RFC 9449 §10.1: the proof of a push and its dpop_jkt are one key', async () => {
    const one = await web()
    expect(told(await one.post('/par', { ...request(one), dpop_jkt: thumbprint(OTHER_KEY.publicJwk) }))).toBe('400 invalid_request')
    expect(told(await one.post('/par', { ...request(one), dpop_jkt: thumbprint(KEY.publicJwk) }))).toBe('201')
  })

  test.each(['short', 'x'.repeat(44), `${'x'.repeat(42)}=`, createHash('sha256').update('a').digest('hex')])(
    'DPOP-35 dpop_jkt %j is no thumbprint',
    async (dpopJkt) => {
      const one = await web()
      expect(told(await one.post('/par', { ...request(one), dpop_jkt: dpopJkt }))).toBe('400 invalid_request')
    },
  )
})
