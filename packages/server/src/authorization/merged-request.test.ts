import { expect, test } from 'vitest'
import { Application, OTHER_KEY, told } from '../test/application.ts'
import { authorizationParameters, CHALLENGE, Person } from '../test/person.ts'
import { startServer } from '../test/server.ts'
import { requestObject, signedQuery, signingClient } from '../test/signed-requests.ts'

const CALLBACK = 'https://app.example/callback'
const MERGED = signingClient({ mergesRequestObject: true, redirectUris: [CALLBACK, 'https://app.example/other'] })
const OUTSIDE = { response_type: 'code', scope: 'openid', redirect_uri: CALLBACK }
/** Everything that the usual object has, taken out of it. */
const NOTHING = Object.fromEntries([...authorizationParameters().keys()].map((name) => [name, undefined]))

async function ask(
  object: Parameters<typeof requestObject>[1],
  outside: Readonly<Record<string, string>>,
  of = MERGED,
): Promise<URL | undefined> {
  const as = await startServer([of])
  const person = new Person(as)
  const seen = await person.through(signedQuery(requestObject(as, object), outside))
  return seen.location
}

test('OIDC-52 Core §6.1: what the object does not have counts outside, and inside wins where both say something', async () => {
  const pkce = { code_challenge: CHALLENGE, code_challenge_method: 'S256' }
  const outside = { ...OUTSIDE, ...pkce, state: 'outside', redirect_uri: 'https://app.example/other' }
  const location = await ask({ ...NOTHING, state: 'inside' }, outside)
  expect([location?.pathname, location?.searchParams.get('state'), location?.searchParams.has('code')]).toEqual(['/other', 'inside', true])
  const both = await ask({}, { ...outside, state: 'outside' })
  expect([both?.pathname, both?.searchParams.get('state')]).toEqual(['/callback', 'state of the client'])
})

test('OIDC-52 Core §6.1: scope inside wins too, and resources of both are not mixed', async () => {
  const as = await startServer([MERGED])
  const app = new Application(as, MERGED)
  const object = requestObject(as, { scope: 'openid email' })
  const seen = await app.person.through(signedQuery(object, { ...OUTSIDE, scope: 'openid profile' }))
  const { body } = await app.redeem(seen.location?.searchParams.get('code') ?? '')
  expect(body['scope']).toBe('openid email')
})

test.each([
  ['response_type is missing outside', {}, { scope: 'openid', redirect_uri: CALLBACK }],
  ['scope is missing outside', {}, { response_type: 'code', redirect_uri: CALLBACK }],
  ['scope outside has no openid', {}, { ...OUTSIDE, scope: 'profile' }],
  ['response_type is another inside', { response_type: 'code id_token' }, OUTSIDE],
  ['a parameter stands outside that we do not take', {}, { ...OUTSIDE, id_token_hint: 'x' }],
])('OIDC-52 refused when %s', async (_name, inside, outside) => {
  expect((await ask(inside, outside))?.searchParams.get('error')).toBe('invalid_request')
})

test('OIDC-52 JAR-02 client_id may be outside alone, and is never another one inside', async () => {
  expect((await ask({ client_id: undefined }, OUTSIDE))?.searchParams.has('code')).toBe(true)
  expect((await ask({ client_id: 'app' }, OUTSIDE))?.searchParams.get('error')).toBe('invalid_request_object')
  expect((await ask({ client_id: undefined }, OUTSIDE, signingClient()))?.searchParams.get('error')).toBe('invalid_request_object')
})

test('OIDC-52 JAR-05 an object by another key is refused, whatever stands outside', async () => {
  const as = await startServer([MERGED])
  const object = requestObject(as, {}, {}, OTHER_KEY)
  const seen = await new Person(as).authorize(signedQuery(object, Object.fromEntries(authorizationParameters())))
  expect(seen.location?.searchParams.get('error')).toBe('invalid_request_object')
})

test('OIDC-52 pushed, the same holds; credentials of the client are no parameters', async () => {
  const as = await startServer([MERGED])
  const app = new Application(as, MERGED)
  const pushed = await app.post('/par', {
    client_id: 'web',
    request: requestObject(as, { state: undefined }),
    ...OUTSIDE,
    state: 'outside',
  })
  expect(told(pushed)).toBe('201')
  const seen = await app.person.through(new URLSearchParams({ client_id: 'web', request_uri: String(pushed.body['request_uri']) }))
  expect(seen.location?.searchParams.get('state')).toBe('outside')
})
