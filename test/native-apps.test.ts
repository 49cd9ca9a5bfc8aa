import { describe, expect, test } from 'vitest'
import { Application, type Parameters, told } from '../packages/server/src/test/application.ts'
import { authorizationParameters, Person, type Seen } from '../packages/server/src/test/person.ts'
import { metadata, startRegistrar } from '../packages/server/src/test/registrar.ts'
import { ISSUER, publicClient, SECRET, startServer } from '../packages/server/src/test/server.ts'

/** RFC 8252 as an authorization server has to keep it, over HTTP. */

const CLAIMED = 'https://app.example/claimed'
const PRIVATE = 'com.example.app:/callback'
const app = publicClient({ redirectUris: ['http://127.0.0.1/callback', 'http://[::1]/callback', PRIVATE, CLAIMED] })
const through = async (redirect_uri: string, over: Parameters = {}): Promise<Seen> =>
  new Person(await startServer([app])).through(authorizationParameters({ client_id: 'app', redirect_uri, ...over }))
const placeOf = ({ location }: Seen): string => location?.href.split('?')[0] ?? ''

describe('where the answer may go', () => {
  test.each([CLAIMED, 'http://127.0.0.1:51004/callback', PRIVATE])('NAT-01 RFC 8252 §7: to %s', async (uri) => {
    const seen = await through(uri)
    expect([seen.status, placeOf(seen), seen.location?.searchParams.has('code')]).toEqual([303, uri, true])
  })
  test.each(['http://127.0.0.1', 'http://[::1]'])(
    'NAT-02 RFC 8252 §7.3: to any port of %s, and the code is redeemed there',
    async (host) => {
      const application = new Application(await startServer([app]), app)
      for (const port of [1024, 33_418, 65_535]) {
        const redirect_uri = `${host}:${port}/callback`
        expect(told(await application.redeem(await application.code({ redirect_uri }), { redirect_uri }))).toBe('200')
      }
    },
  )
  test.each(['http://localhost:51004/callback', 'http://127.0.0.1:51004/other', 'http://127.0.0.2:51004/callback'])(
    'NAT-02 RFC 8252 §8.3: %s is another place, and gets nothing',
    async (redirect_uri) => {
      const person = new Person(await startServer([app]))
      const seen = await person.authorize(authorizationParameters({ client_id: 'app', redirect_uri }))
      expect([seen.status, seen.location]).toEqual([400, undefined])
    },
  )
  test.each(['myapp:/callback', 'http://app.example/callback', 'javascript:alert(1)'])(
    'NAT-03 RFC 8252 §7.1, §8.4: nobody registers %s',
    async (uri) => {
      const registrar = await startRegistrar()
      const answer = await registrar.register(metadata({ application_type: 'native', redirect_uris: [uri] }))
      expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_redirect_uri'])
    },
  )
})

describe('who it is', () => {
  const NATIVE = { application_type: 'native', redirect_uris: ['http://127.0.0.1/cb'] }

  test('NAT-04 OAuth 2.1 §8.1.1: its type is kept; it is public, or has credentials of this very installation', async () => {
    const registrar = await startRegistrar()
    const open = await registrar.register(metadata({ ...NATIVE, token_endpoint_auth_method: 'none' }))
    expect(open.body).toMatchObject({ application_type: 'native', token_endpoint_auth_method: 'none' })
    expect(open.body).not.toHaveProperty('client_secret')
    const asked = metadata({ ...NATIVE, token_endpoint_auth_method: 'client_secret_basic' })
    const [one, other] = [await registrar.register(asked), await registrar.register(asked)]
    expect(one.body['client_secret']).not.toBe(other.body['client_secret'])
    expect((await registrar.stored(one)).applicationType).toBe('native')
  })
  test('NAT-05 OAuth 2.1 §8.1: no secret is wanted of it, and one that it sends is refused, not believed', async () => {
    const application = new Application(await startServer([app]), app)
    expect((await application.tokens()).answer.status).toBe(200)
    const secret = { credentials: { parameters: { client_id: 'app', client_secret: SECRET } } }
    expect(told(await application.redeem(await application.code(), {}, secret))).toBe('401 invalid_client')
  })
  test('NAT-06 RFC 8252 §8.1: without PKCE it gets no code', async () => {
    const seen = await through(CLAIMED, { code_challenge: undefined, code_challenge_method: undefined })
    expect([seen.location?.searchParams.get('error'), seen.location?.searchParams.has('code')]).toEqual(['invalid_request', false])
  })
  test.each(['http://127.0.0.1:51004/callback', PRIVATE])(
    'NAT-07 RFC 8252 §8.6: at %s anybody could listen, so the person is asked each time; prompt=none is refused',
    async (redirect_uri) => {
      const person = new Person(await startServer([app]))
      const parameters = authorizationParameters({ client_id: 'app', redirect_uri })
      await person.through(parameters)
      const again = await person.authorize(parameters)
      expect((await person.go(again.location ?? '')).text).toContain('consent-allow')
      parameters.set('prompt', 'none')
      expect((await person.authorize(parameters)).location?.searchParams.get('error')).toBe('consent_required')
    },
  )
  test('NAT-07 RFC 8252 §8.6: a claimed https address is an identity, so she is asked once', async () => {
    const person = new Person(await startServer([app]))
    const parameters = authorizationParameters({ client_id: 'app', redirect_uri: CLAIMED })
    await person.through(parameters)
    expect((await person.authorize(parameters)).location?.searchParams.has('code')).toBe(true)
  })
  test('NAT-10 RFC 9207 §2: every answer says whose it is, the refusals too', async () => {
    const answers = [await through(PRIVATE), await through(PRIVATE, { response_type: 'token' })]
    expect(answers.map(({ location }) => location?.searchParams.get('iss'))).toEqual([ISSUER, ISSUER])
  })
})
