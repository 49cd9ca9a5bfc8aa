import { generateKeyPair } from '@holdfast/proof/node'
import { secretHash } from '@holdfast/protocol/secret'
import { openMemoryStore } from '@holdfast/store/memory'
import { StoreUnavailable } from '@holdfast/store'
import { describe, expect, test } from 'vitest'
import { serverKinds } from '../index.ts'
import { basic } from '../test/application.ts'
import { Person, authorizationParameters, VERIFIER } from '../test/person.ts'
import { metadata, METADATA, startRegistrar } from '../test/registrar.ts'
import { ISSUER, startServer } from '../test/server.ts'

const { publicJwk, privateKey } = generateKeyPair('ES256')

test('REG-02 A46 nothing is registered, announced or found unless the operator says so', async () => {
  const as = await startServer()
  expect((await as.fetch(`${ISSUER}/register`, { method: 'POST', body: '{}' })).status).toBe(404)
  const document = (await (await as.fetch(`${ISSUER}/.well-known/oauth-authorization-server`)).json()) as object
  expect(document).not.toHaveProperty('registration_endpoint')
  expect(document).not.toHaveProperty('client_id_metadata_document_supported')
})

test('REG-01 REG-03 REG-08 REG-20 CIMD-14 CAUTH-17 RFC 7591 §3.2.1: 201 with all that is registered, defaults included, and no-store', async () => {
  const registrar = await startRegistrar()
  const answer = await registrar.register({ client_name: 'Budget', redirect_uris: ['https://budget.example/cb'] })
  expect([answer.status, answer.headers.get('cache-control'), answer.headers.get('content-type')]).toEqual([
    201,
    'no-store',
    'application/json',
  ])
  expect(answer.body).toEqual({
    client_id: expect.stringMatching(/^c_[A-Za-z0-9_-]{22}$/) as string,
    client_id_issued_at: registrar.as.clock.now(),
    client_secret: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) as string,
    client_secret_expires_at: 0,
    registration_access_token: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) as string,
    registration_client_uri: `${ISSUER}/register/${String(answer.body['client_id'])}`,
    client_name: 'Budget',
    redirect_uris: ['https://budget.example/cb'],
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: ['authorization_code'],
    response_types: ['code'],
    application_type: 'web',
    scope: 'openid profile email offline_access',
    id_token_signed_response_alg: 'RS256',
  })
  const stored = await registrar.stored(answer)
  expect(stored).toMatchObject({ origin: 'machine', profile: 'oauth21', firstParty: false, idTokenSignedResponseAlg: 'RS256' })
  expect(stored.secrets).toEqual([{ hash: secretHash(String(answer.body['client_secret'])), expiresAt: undefined }])
  // Neither secret stands anywhere in clear.
  const kept = JSON.stringify([stored, await registrar.as.store.read('registration', stored.clientId), registrar.as.logged])
  expect(kept).not.toContain(answer.body['client_secret'])
  expect(kept).not.toContain(answer.body['registration_access_token'])
})

test('REG-03 the client works at once, and two clients share nothing', async () => {
  const registrar = await startRegistrar()
  const [one, other] = await Promise.all([
    registrar.register({ ...METADATA, token_endpoint_auth_method: undefined }),
    registrar.register({ ...METADATA, token_endpoint_auth_method: undefined }),
  ])
  for (const member of ['client_id', 'client_secret', 'registration_access_token']) expect(one.body[member]).not.toBe(other.body[member])
  const clientId = String(one.body['client_id'])
  const redirectUri = 'https://budget.example/cb'
  const seen = await new Person(registrar.as).through(authorizationParameters({ client_id: clientId, redirect_uri: redirectUri }))
  const redeem = (secret: unknown): Promise<Response> =>
    registrar.as.fetch(`${ISSUER}/token`, {
      method: 'POST',
      headers: { authorization: basic(clientId, String(secret)), 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: seen.location?.searchParams.get('code') ?? '',
        code_verifier: VERIFIER,
        redirect_uri: redirectUri,
      }).toString(),
    })
  expect((await redeem(other.body['client_secret'])).status).toBe(401)
  const tokens = await redeem(one.body['client_secret'])
  expect(tokens.status).toBe(200)
  const { id_token } = (await tokens.json()) as { id_token: string }
  expect(JSON.parse(Buffer.from(id_token.split('.')[0] ?? '', 'base64url').toString())).toMatchObject({ alg: 'RS256' })
})

describe('REG-03 no secret where none is used', () => {
  test.each([
    ['none', {}],
    ['private_key_jwt', { jwks: { keys: [publicJwk] } }],
    ['private_key_jwt', { jwks_uri: 'https://budget.example/jwks' }],
  ])('%s', async (method, over) => {
    const { status, body } = await (await startRegistrar()).register(metadata({ token_endpoint_auth_method: method, ...over }))
    expect([status, 'client_secret' in body, 'client_secret_expires_at' in body]).toEqual([201, false, false])
    expect(body).toMatchObject(over)
  })
})

describe('REG-04 REG-06 REG-07 REG-09 REG-12 REG-14 A11 RFC 7591 §3.2.2: what is refused, by which code', () => {
  const redirect = 'invalid_redirect_uri'
  const other = 'invalid_client_metadata'
  const privateJwk = privateKey.export({ format: 'jwk' })
  test.each([
    ['REG-06 no redirect_uris', { redirect_uris: undefined }, redirect],
    ['REG-06 none in the list', { redirect_uris: [] }, redirect],
    ['REG-06 not a list', { redirect_uris: 'https://budget.example/cb' }, redirect],
    ['REG-06 OA-16 a fragment', { redirect_uris: ['https://budget.example/cb#x'] }, redirect],
    ['REG-06 OA-17 a scheme that runs', { redirect_uris: ['javascript:alert(1)//'] }, redirect],
    ['REG-06 A17 a data URL', { redirect_uris: ['data:text/html,x'], application_type: 'native' }, redirect],
    ['REG-12 plain http', { redirect_uris: ['http://budget.example/cb'] }, redirect],
    ['REG-12 A06 a host that only looks like loopback', { redirect_uris: ['http://127.0.0.1.evil.example/cb'] }, redirect],
    ['REG-12 a private-use scheme for a web client', { redirect_uris: ['com.example.app:/cb'] }, redirect],
    ['REG-12 https for a native client', { application_type: 'native' }, redirect],
    ['REG-12 one wrong of two', { redirect_uris: ['https://budget.example/cb', 'http://budget.example/cb'] }, redirect],
    ['REG-12 another application_type', { application_type: 'desktop' }, other],
    ['REG-07 implicit', { grant_types: ['authorization_code', 'implicit'] }, other],
    ['REG-07 password', { grant_types: ['password'] }, other],
    ['REG-07 code without its grant', { grant_types: ['refresh_token'] }, other],
    ['REG-07 the grant without code', { response_types: [] }, other],
    ['REG-07 the response type token', { response_types: ['token'] }, other],
    ['REG-09 jwks and jwks_uri', { jwks: { keys: [publicJwk] }, jwks_uri: 'https://budget.example/jwks' }, other],
    ['REG-09 a private key', { jwks: { keys: [privateJwk] } }, other],
    ['REG-13 a jwks_uri that is not https', { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'http://10.0.0.1/jwks' }, other],
    ['REG-14 a method that nobody has', { token_endpoint_auth_method: 'client_secret_jwt' }, other],
    ['REG-14 a flag that is text', { dpop_bound_access_tokens: 'true' }, other],
    ['REG-14 PAR that is a number', { require_pushed_authorization_requests: 1 }, other],
    ['REG-14 an algorithm none', { id_token_signed_response_alg: 'none' }, other],
    ['REG-14 a name that is no text', { client_name: ['Budget'] }, other],
    ['REG-14 types that are no list', { authorization_details_types: 'payment' }, other],
    ['REG-14 a scope that is a list', { scope: ['openid'] }, other],
    ['A11 a logo that runs', { logo_uri: 'javascript:alert(1)' }, other],
    ['A11 terms that run', { tos_uri: 'JavaScript:alert(1)' }, other],
    ['A11 a policy as data', { policy_uri: 'data:text/html,x' }, other],
    ['A11 a page in clear', { client_uri: 'http://localhost/' }, other],
    ['REG-10 a name that turns the words around it', { client_name: 'Bud\u202Eteg' }, other],
    ['REG-10 a name with lines', { client_name: 'Budget\n\nSafe' }, other],
    ['REG-10 the name of a client of the operator', { client_name: 'ｗｅｂ-application ' }, other],
  ])('%s', async (_name, over, code) => {
    const answer = await (await startRegistrar()).register(metadata(over))
    expect([answer.status, answer.body['error']]).toEqual([400, code])
    expect(answer.body['error_description']).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/)
  })
})

describe('REG-01 RFC 7591 §3.1: the body is JSON, and small', () => {
  test.each([
    ['a form', 'client_name=Budget', 'application/x-www-form-urlencoded'],
    ['another type', JSON.stringify(METADATA), 'application/jsonp'],
    ['broken JSON', '{"redirect_uris":', 'application/json'],
    ['a list', '[]', 'application/json'],
    ['null', 'null', 'application/json'],
    ['more than 64 KiB', JSON.stringify(metadata({ x: 'x'.repeat(65536) })), 'application/json'],
  ])('%s', async (_name, body, type) => {
    const answer = await (await startRegistrar()).register(body, undefined, { 'content-type': type })
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_client_metadata'])
  })
  test('parameters of the type are no matter, another method is 405', async () => {
    const registrar = await startRegistrar()
    expect((await registrar.register(METADATA, undefined, { 'content-type': 'Application/JSON; charset=utf-8' })).status).toBe(201)
    expect((await registrar.send('/register', { method: 'GET' })).status).toBe(405)
  })
})

test('REG-05 RFC 7591 §2: unknown members are ignored, null and empty ones are absent, language tags are dropped', async () => {
  const registrar = await startRegistrar()
  const answer = await registrar.register(
    metadata({
      'client_name#de': 'Haushalt',
      software_id: 'x',
      my_own: { deep: [1] },
      client_uri: null,
      tos_uri: '',
      contacts: ['a@b.example'],
    }),
  )
  expect(answer.status).toBe(201)
  for (const member of ['client_name#de', 'software_id', 'my_own', 'client_uri', 'tos_uri', 'contacts'])
    expect(answer.body).not.toHaveProperty([member])
})

test('A46 A47 what only an operator may say is never taken from a machine', async () => {
  const registrar = await startRegistrar()
  const own = {
    client_id: 'web',
    client_secret: 'a secret of its own choice, long enough to count',
    profile: 'fapi2',
    first_party: true,
    unsafe_without_pkce: true,
    unsafe_legacy_assertion_audience: true,
    resources: ['https://as.example'],
    protected_resources: ['https://api.example/accounts'],
    disabled: true,
    origin: 'operator',
  }
  const answer = await registrar.register(metadata(own))
  expect(answer.status).toBe(201)
  expect(answer.body['client_id']).not.toBe('web')
  for (const member of [
    'profile',
    'first_party',
    'unsafe_without_pkce',
    'resources',
    'protected_resources',
    'disabled',
    'origin',
    'client_secret',
  ])
    expect(answer.body).not.toHaveProperty([member])
  expect(await registrar.stored(answer)).toMatchObject({
    origin: 'machine',
    profile: 'oauth21',
    firstParty: false,
    unsafeWithoutPkce: false,
    unsafeLegacyAssertionAudience: false,
    resources: [],
    protectedResources: [],
    disabled: false,
    secrets: [],
  })
})

test('REG-10 pages of hosts that codes do not go to are left out', async () => {
  const registrar = await startRegistrar()
  const answer = await registrar.register(
    metadata({
      client_uri: 'https://budget.example/about',
      policy_uri: 'https://bank.example/privacy',
      logo_uri: 'https://bank.example/logo.png',
    }),
  )
  expect(answer.body['client_uri']).toBe('https://budget.example/about')
  expect(answer.body).not.toHaveProperty('policy_uri')
  const { clientUri, policyUri, logoUri } = await registrar.stored(answer)
  expect([clientUri, policyUri, logoUri]).toEqual(['https://budget.example/about', undefined, undefined])
})

test('REG-12 MCP-09 a native client with loopback and private-use redirect URIs is registered', async () => {
  const registrar = await startRegistrar()
  const uris = ['http://127.0.0.1:33418/', 'http://localhost:33418/', 'com.example.app:/cb']
  const answer = await registrar.register(metadata({ application_type: 'native', redirect_uris: uris }))
  expect([answer.status, answer.body['redirect_uris'], answer.body['application_type']]).toEqual([201, uris, 'native'])
  expect((await registrar.register(metadata({ redirect_uris: ['http://localhost:33418/'] }))).status).toBe(201)
})

test('MCP-18 a client in a browser may register: any origin, no cookies', async () => {
  const registrar = await startRegistrar()
  const { headers } = await registrar.register()
  expect([headers.get('access-control-allow-origin'), headers.get('access-control-allow-credentials')]).toEqual(['*', null])
})

test('a store that is away is 503, and nothing is registered', async () => {
  const store = openMemoryStore(serverKinds)
  const registrar = await startRegistrar({ open: true }, { store })
  const away = { ...store, read: store.read.bind(store), list: store.list.bind(store) }
  Object.assign(store, { commit: () => Promise.reject(new StoreUnavailable('away')) })
  const answer = await registrar.register()
  expect([answer.status, answer.body['error']]).toEqual([503, 'temporarily_unavailable'])
  expect((await away.list('client', 'kind', 'client', { limit: 10 })).items).toEqual([])
})
