import { parseJws } from '@holdfast/proof'
import { createJwtSigner, generateKeyPair, verifyJws } from '@holdfast/proof/node'
import { describe, expect, test } from 'vitest'
import { accessToken, API, type Answer, ISSUER, proofFor, START, startApi } from './test/api.ts'
import { activeAnswer, type Asked, BEARER, SECRET, startAsked } from './test/asked-issuer.ts'
import { createGuard } from './index.ts'

const TOKEN = 'at_opaque'

function show(api: Asked, token = TOKEN): Promise<Answer> {
  return api.call({ token, proof: proofFor(token, { iat: api.clock.time }) })
}

function knowing(answer: Readonly<Record<string, unknown>>, over: Parameters<typeof startAsked>[0] = {}): Asked {
  const api = startAsked(over)
  api.tokens.set(TOKEN, answer)
  return api
}

const bearer = (api: Asked, token = TOKEN): Promise<Answer> => api.call({ token, scheme: 'Bearer' })

describe('asking (RFC 7662 §2.1)', () => {
  test('INT-06 an active token comes in with what the issuer says of it; the endpoint is found in the metadata', async () => {
    const api = knowing(activeAnswer())
    expect(await show(api)).toMatchObject({ allowed: true, subject: 'u_ada' })
    expect(api.net.traffic.map(({ method, url }) => `${method} ${url}`)).toEqual([
      `GET ${ISSUER}/.well-known/oauth-authorization-server`,
      `POST ${ISSUER}/introspect`,
    ])
  })

  test('INT-01 CAUTH-13 the API proves itself with its secret, form-encoded', async () => {
    const api = knowing(activeAnswer())
    await show(api)
    const [question] = api.questions
    const [clientId = '', secret = ''] = Buffer.from(question?.authorization[0]?.slice(6) ?? '', 'base64')
      .toString()
      .split(':')
    expect([clientId, new URLSearchParams(`s=${secret}`).get('s')]).toEqual(['api', SECRET])
    expect([question?.form.one('token'), question?.form.one('token_type_hint'), question?.accept]).toEqual([
      TOKEN,
      'access_token',
      ['application/json'],
    ])
  })

  test('INT-01 CAUTH-22 CAUTH-27 or with an assertion of its own for each question, made out to the issuer alone', async () => {
    const key = generateKeyPair('ES256')
    const signer = createJwtSigner({ key: key.privateKey, alg: 'ES256', typ: 'client-authentication+jwt' })
    const api = knowing(activeAnswer(), { signer, cacheSeconds: 0 })
    await show(api)
    await show(api)
    const assertions = api.questions.map(({ form }) => parseJws(String(form.one('client_assertion')), { maxLength: 8192 }))
    for (const assertion of assertions) {
      expect(assertion !== undefined && verifyJws(assertion, 'ES256', key.publicKey)).toBe(true)
      expect(assertion?.payload).toMatchObject({ iss: 'api', sub: 'api', aud: ISSUER, iat: START, exp: START + 60 })
    }
    expect(new Set(assertions.map((each) => each?.payload['jti'])).size).toBe(2)
    expect(api.questions[0]?.authorization).toEqual([])
  })

  test('FAPI-61 a JWT is checked here and not asked about, unless all are', async () => {
    const api = startAsked()
    expect((await show(api, accessToken())).allowed).toBe(true)
    expect(api.questions).toEqual([])
    const all = startAsked({ tokens: 'all' })
    const token = accessToken()
    expect(await show(all, token)).toMatchObject({ allowed: false, status: 401, error: 'invalid_token' })
    all.tokens.set(token, activeAnswer())
    all.clock.time += 2
    expect((await show(all, token)).allowed).toBe(true)
  })

  test('TOK-03 without introspection an opaque token stays out', async () => {
    expect(await startApi().call({ token: TOKEN, proof: proofFor(TOKEN) })).toMatchObject({ status: 401, error: 'invalid_token' })
  })
})

describe('the answer (RFC 7662 §2.2)', () => {
  test('INT-05 FAPI-61 active: false is 401 invalid_token, in the challenge of the scheme', async () => {
    const answer = await show(startAsked())
    expect([answer.status, answer.error, answer.challenges[0]?.split(' ')[0]]).toEqual([401, 'invalid_token', 'DPoP'])
  })

  test.each([
    ['INT-06 for another API', { aud: 'https://other.example' }],
    ['INT-06 for nobody said', { aud: undefined }],
    ['TOK-12 of another issuer', { iss: 'https://other.example' }],
    ['INT-05 expired', { exp: START - 11 }],
    ['INT-05 not valid yet', { nbf: START + 60 }],
    ['TOK-04 without an end', { exp: undefined }],
    ['TOK-04 without a subject', { sub: undefined }],
    ['TOK-04 without a client', { client_id: undefined }],
    ['DPOP-49 bound, and to which key is not said', { cnf: undefined }],
  ])('%s: 401 invalid_token', async (_name, over) => {
    expect(await show(knowing(activeAnswer(over)))).toMatchObject({ allowed: false, status: 401, error: 'invalid_token' })
  })

  test('INT-05 what is not active stays out, whatever else is said of it', async () => {
    expect(await show(knowing(activeAnswer({ active: false })))).toMatchObject({ status: 401, error: 'invalid_token' })
  })

  test('DPOP-49 token_type DPoP without a key is no bearer token', async () => {
    expect(await bearer(knowing(activeAnswer({ cnf: undefined })))).toMatchObject({ status: 401, error: 'invalid_token' })
  })

  test('INT-06 aud may be a list that has this API', async () => {
    expect((await show(knowing(activeAnswer({ aud: ['https://other.example', API] })))).allowed).toBe(true)
  })

  test('OA-69 a scope that it lacks is 403', async () => {
    const api = knowing(activeAnswer(BEARER))
    expect((await api.call({ token: TOKEN, scheme: 'Bearer' }, { scopes: ['accounts:write'] })).status).toBe(403)
    expect((await api.call({ token: TOKEN, scheme: 'Bearer' }, { scopes: ['accounts:read'] })).allowed).toBe(true)
  })
})

describe('the key in the answer (cnf)', () => {
  test('DPOP-49 A69 a bound token shown as Bearer is refused, with a proof and without', async () => {
    const api = knowing(activeAnswer())
    for (const proof of [undefined, proofFor(TOKEN)])
      expect(await api.call({ token: TOKEN, scheme: 'Bearer', ...(proof !== undefined && { proof }) })).toMatchObject({
        status: 401,
        error: 'invalid_token',
      })
  })
  test('DPOP-48 DPOP-51 it needs a proof, and by that key', async () => {
    const api = knowing(activeAnswer())
    expect((await api.call({ token: TOKEN })).error).toBe('invalid_dpop_proof')
    const other = proofFor(TOKEN, {}, {}, generateKeyPair('ES256'))
    expect((await api.call({ token: TOKEN, proof: other })).error).toBe('invalid_token')
  })
  test('DPOP-16 A63 a proof comes in once, also while the answer is kept', async () => {
    const api = knowing(activeAnswer())
    const proof = proofFor(TOKEN)
    const all = await Promise.all(Array.from({ length: 20 }, () => api.call({ token: TOKEN, proof })))
    expect(all.filter(({ allowed }) => allowed).length).toBe(1)
  })
  test('DPOP-60 MTLS-21 a binding that cannot be checked keeps it out, as either scheme', async () => {
    for (const cnf of [{ 'x5t#S256': 'abc' }, {}, { jkt: 5 }]) {
      const api = knowing(activeAnswer({ cnf, token_type: 'Bearer' }))
      expect((await bearer(api)).error).toBe('invalid_token')
      expect((await show(api)).error).toBe('invalid_token')
    }
  })
  test('DPOP-50 a bearer token is refused under the scheme DPoP', async () => {
    expect((await show(knowing(activeAnswer(BEARER)))).error).toBe('invalid_token')
  })
})

describe('how long an answer is kept (RFC 7662 §4)', () => {
  test('INT-09 ten seconds, from the question on', async () => {
    const api = knowing(activeAnswer(BEARER))
    expect((await bearer(api)).allowed).toBe(true)
    api.tokens.clear()
    api.clock.time += 9
    expect((await bearer(api)).allowed).toBe(true)
    api.clock.time += 1
    expect((await bearer(api)).status).toBe(401)
    expect(api.questions.length).toBe(2)
  })
  test('INT-09 never beyond the end of the token', async () => {
    const api = knowing(activeAnswer({ ...BEARER, exp: START + 3 }), { cacheSeconds: 30 })
    await bearer(api)
    api.tokens.clear()
    api.clock.time += 3
    expect((await bearer(api)).status).toBe(401)
  })
  test('INT-09 not at all with 0', async () => {
    const api = knowing(activeAnswer(BEARER), { cacheSeconds: 0 })
    await bearer(api)
    api.tokens.clear()
    expect((await bearer(api)).status).toBe(401)
  })
  test('INT-05 an inactive answer is kept for two seconds: a flood is one question, and a token that comes alive is let in', async () => {
    const api = startAsked()
    for (const _again of [1, 2, 3]) expect((await bearer(api)).status).toBe(401)
    expect(api.questions.length).toBe(1)
    api.tokens.set(TOKEN, activeAnswer(BEARER))
    api.clock.time += 1
    expect((await bearer(api)).status).toBe(401)
    api.clock.time += 1
    expect((await bearer(api)).allowed).toBe(true)
  })
  test('INT-05 with 0 an inactive answer is not kept either', async () => {
    const api = startAsked({ cacheSeconds: 0 })
    expect((await bearer(api)).status).toBe(401)
    api.tokens.set(TOKEN, activeAnswer(BEARER))
    expect((await bearer(api)).allowed).toBe(true)
  })
  test('INT-05 made-up tokens push out nobody who is known', async () => {
    const api = knowing(activeAnswer(BEARER))
    await bearer(api)
    for (let times = 0; times < 1_100; times++) await bearer(api, `at_made-up-${times}`)
    const asked = api.questions.length
    expect((await bearer(api)).allowed).toBe(true)
    expect(api.questions.length).toBe(asked)
    expect((await bearer(api, 'at_made-up-0')).status).toBe(401)
    expect(api.questions.length).toBe(asked + 1)
  })
  test('50 requests with one token at once are one question, and with two tokens two', async () => {
    const api = knowing(activeAnswer(BEARER), { cacheSeconds: 0 })
    const all = await Promise.all(Array.from({ length: 50 }, (_, index) => bearer(api, index % 2 === 0 ? TOKEN : 'at_other')))
    expect(all.filter(({ allowed }) => allowed).length).toBe(25)
    expect(api.questions.length).toBe(2)
  })
})

describe('options that cannot hold', () => {
  test.each([
    ['no credentials', { clientId: 'api' }],
    ['two kinds of credentials', { clientId: 'api', clientSecret: 's', signer: { sign: () => '' } }],
    ['INT-09 an answer kept for longer than 30 s', { clientId: 'api', clientSecret: 's', cacheSeconds: 31 }],
    ['an answer kept for less than nothing', { clientId: 'api', clientSecret: 's', cacheSeconds: -1 }],
    ['tokens and credentials over plain http', { clientId: 'api', clientSecret: 's', endpoint: 'http://as.example/introspect' }],
  ])('%s is refused at the start', (_name, introspection) => {
    expect(() => createGuard({ issuer: ISSUER, resource: API, introspection })).toThrow(TypeError)
  })
})
