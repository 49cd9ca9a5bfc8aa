import { describe, expect, test } from 'vitest'
import { RESPONSE_MODES, type ResponseMode } from '@holdfast/protocol/response-mode'
import { StoreUnavailable } from '@holdfast/store'
import { authorizationParameters, Person, type Seen } from '../test/person.ts'
import { client, ISSUER, publicClient, startServer, type TestServer } from '../test/server.ts'
import { answerOf, carriedBy } from '../test/answers.ts'
import { Application } from '../test/application.ts'

const CALLBACK = 'https://app.example/callback'

const through = async (as: TestServer, over: Readonly<Record<string, string | undefined>>): Promise<Seen> =>
  new Person(as).through(authorizationParameters(over))

describe.each(RESPONSE_MODES)('response_mode %s', (mode) => {
  test('OA-30 ISS-01 ISS-04 FAPI-03 JRM-01 JRM-06 A01: a code, state and the issuer come to the registered URI, by its way alone', async () => {
    const as = await startServer()
    const seen = await through(as, { response_mode: mode, state: 'a b&c=é"<' })
    const { target, outside, parameters } = await answerOf(as, seen, mode)
    expect([target, carriedBy(seen)]).toEqual([CALLBACK, mode === 'jwt' ? 'query' : mode.replace('.jwt', '')])
    expect(parameters).toMatchObject({ state: 'a b&c=é"<', iss: ISSUER })
    expect(parameters['code']).toMatch(/^[0-9a-z]{26}[\w-]{43}$/)
    expect(outside.toSorted()).toEqual(mode.endsWith('jwt') ? ['response'] : ['code', 'iss', 'state'])
    expect(seen.headers.get('cache-control')).toBe('no-store')
    expect(seen.headers.get('referrer-policy')).toBe('no-referrer')
  })

  test('OA-31 JRM-02: an error of the request comes back by the same way', async () => {
    const as = await startServer()
    const seen = await new Person(as).authorize(authorizationParameters({ response_mode: mode, response_type: 'token', state: 's' }))
    const { target, parameters } = await answerOf(as, seen, mode)
    expect([target, parameters['error'], parameters['state'], parameters['iss'], parameters['code']]).toEqual([
      CALLBACK,
      'unsupported_response_type',
      's',
      ISSUER,
      undefined,
    ])
  })

  test('OIDC-10 OA-35: so do a silent refusal, a person who says no, and a fault of ours', async () => {
    const as = await startServer()
    const person = new Person(as)
    const silent = await person.authorize(authorizationParameters({ response_mode: mode, prompt: 'none' }))
    const asked = await person.signIn(await person.authorize(authorizationParameters({ response_mode: mode })))
    const denied = await person.submit(await person.go(asked.location ?? ''), { answer: 'deny' })
    const opened = await new Person(as).authorize(authorizationParameters({ response_mode: mode }))
    expect(opened.location?.pathname).toMatch(/^\/interaction/)
    as.store.commit = () => Promise.reject(new StoreUnavailable('locked'))
    const down = await new Person(as).authorize(authorizationParameters({ response_mode: mode }))
    for (const [seen, error] of [
      [silent, 'login_required'],
      [denied, 'access_denied'],
      [down, 'temporarily_unavailable'],
    ] as const)
      expect((await answerOf(as, seen, mode)).parameters['error']).toBe(error)
  })

  test('A01 A02 BCP-01: a redirect URI that is not registered ends on a page, whatever the mode', async () => {
    const as = await startServer([client(), publicClient()])
    for (const redirect_uri of [
      'https://evil.example/',
      `${CALLBACK}/`,
      `${CALLBACK}?x`,
      'https://app.example@evil.example/callback',
      'javascript:alert(1)',
      'JaVaScRiPt:alert(1)//',
      'data:text/html,x',
    ]) {
      const seen = await new Person(as).authorize(authorizationParameters({ response_mode: mode, redirect_uri }))
      expect([seen.status, seen.location, seen.text.includes('form-post')]).toEqual([400, undefined, false])
    }
  })

  test('PAR-06 PAR-17 it may be pushed, and of two tabs that finish the request one gets the code', async () => {
    const as = await startServer()
    const person = new Person(as)
    await person.through()
    const parameters = Object.fromEntries(authorizationParameters({ response_mode: mode, scope: 'openid email' }))
    const { body } = await new Application(as, client()).post('/par', parameters)
    const url = new URLSearchParams({ client_id: 'web', request_uri: String(body['request_uri']) })
    const tabs = await Promise.all([person.authorize(url), person.authorize(url)])
    const pages = await Promise.all(tabs.map((tab) => person.go(tab.location ?? '')))
    const seen = await Promise.all(pages.map((page) => person.submit(page, { answer: 'allow' })))
    const [won, ...more] = seen.filter((one) => one.status !== 400)
    if (won === undefined) throw new Error('nobody got the code')
    expect([more.length, typeof (await answerOf(as, won, mode)).parameters['code']]).toEqual([0, 'string'])
  })

  test('FMS-09 a client that registered other modes is not answered in this one', async () => {
    const others = RESPONSE_MODES.filter((other) => other !== mode)
    const as = await startServer([client({ responseModes: others })])
    const seen = await new Person(as).authorize(authorizationParameters({ response_mode: mode }))
    expect([seen.status, seen.location]).toEqual([400, undefined])
    const alone = await startServer([client({ responseModes: [mode] })])
    expect((await new Person(alone).authorize(authorizationParameters({ response_mode: mode }))).status).toBe(303)
    const unsaid = await new Person(alone).authorize(authorizationParameters())
    expect(unsaid.status).toBe(mode === 'query' ? 303 : 400)
  })
})

describe('OIDC-05 an answer that nobody knows how to give is a page', () => {
  test.each([
    ['JRM-01 an unknown mode', { response_mode: 'web_message' }],
    ['JRM-01 a mode in another case', { response_mode: 'Query' }],
    ['JRM-01 an unknown signed mode', { response_mode: 'web_message.jwt' }],
    ['a name that every object has', { response_mode: 'constructor' }],
    ['A09 form_post to a private-use scheme', { response_mode: 'form_post', client_id: 'app', redirect_uri: 'com.example.app:/callback' }],
    ['A09 form_post.jwt to it', { response_mode: 'form_post.jwt', client_id: 'app', redirect_uri: 'com.example.app:/callback' }],
  ])('OIDC-05 %s', async (_name, over) => {
    const seen = await new Person(await startServer()).authorize(authorizationParameters(over))
    expect([seen.status, seen.location]).toEqual([400, undefined])
    expect(seen.text).not.toMatch(/invalid_request|<form/)
  })

  test('a repeated response_mode', async () => {
    const seen = await new Person(await startServer()).authorize(
      `${authorizationParameters({ response_mode: 'query' })}&response_mode=fragment`,
    )
    expect([seen.status, seen.location]).toEqual([400, undefined])
  })

  test.each<ResponseMode>(['query', 'fragment', 'query.jwt', 'fragment.jwt', 'jwt'])(
    'a private-use scheme is reached by %s, since nothing is posted there',
    async (response_mode) => {
      const seen = await through(await startServer(), { client_id: 'app', redirect_uri: 'com.example.app:/callback', response_mode })
      expect(seen.location?.protocol).toBe('com.example.app:')
    },
  )

  test('JRM-03 BCP-10 a response type that holds tokens is refused in every mode, query.jwt among them', async () => {
    const as = await startServer()
    for (const response_mode of RESPONSE_MODES)
      for (const response_type of ['token', 'id_token', 'code id_token', 'code token']) {
        const seen = await new Person(as).authorize(authorizationParameters({ response_mode, response_type }))
        expect((await answerOf(as, seen, response_mode)).parameters['error']).toBe('unsupported_response_type')
      }
  })
})

test('JRM-05 discovery tells the modes, and what signs and encrypts them', async () => {
  const as = await startServer()
  const document = (await (await as.fetch(`${ISSUER}/.well-known/openid-configuration`)).json()) as Record<string, unknown>
  expect(document).toMatchObject({
    response_modes_supported: ['query', 'fragment', 'form_post', 'query.jwt', 'fragment.jwt', 'form_post.jwt', 'jwt'],
    authorization_signing_alg_values_supported: ['ES256', 'RS256', 'PS256', 'EdDSA'],
    authorization_encryption_alg_values_supported: ['ECDH-ES', 'ECDH-ES+A128KW', 'ECDH-ES+A256KW', 'RSA-OAEP', 'RSA-OAEP-256'],
    authorization_encryption_enc_values_supported: ['A128CBC-HS256', 'A256CBC-HS512', 'A128GCM', 'A256GCM'],
  })
})
