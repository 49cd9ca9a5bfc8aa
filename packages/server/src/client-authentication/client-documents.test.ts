import { generateKeyPair } from '@holdfast/proof/node'
import { describe, expect, test } from 'vitest'
import { OutboundRefusal } from '../config/outbound.ts'
import { Application, told } from '../test/application.ts'
import { authorizationParameters, Person } from '../test/person.ts'
import { asked, CALLBACK, type Members, opened, published, reply, start, URL_OF_CLIENT } from '../test/published.ts'
import { type Registrar, startRegistrar } from '../test/registrar.ts'
import { API, client, ISSUER } from '../test/server.ts'
import { documentUrlFault } from './client-documents.ts'

test('CIMD-08 META-12 MCP-05 that such clients may come is published, and only where they may', async () => {
  const document = async (registrar: Registrar): Promise<Members> =>
    (await registrar.send('/.well-known/oauth-authorization-server', {})).body
  expect((await document(await start()))['client_id_metadata_document_supported']).toBe(true)
  expect(await document(await start(undefined, { enabled: false }))).not.toHaveProperty('client_id_metadata_document_supported')
})

test('CIMD-01 CIMD-02 CIMD-03 a published client signs a person in and gets tokens, as a public client', async () => {
  const registrar = await start(published({ grant_types: ['authorization_code', 'refresh_token'] }))
  const app = new Application(registrar.as, client({ clientId: URL_OF_CLIENT, redirectUris: [CALLBACK], tokenEndpointAuthMethod: 'none' }))
  const { answer, refresh } = await app.tokens()
  expect(answer.status).toBe(200)
  expect(told(await app.refresh(refresh))).toBe('200')
  expect(registrar.places.asked).toEqual([
    { method: 'GET', url: URL_OF_CLIENT, body: undefined, wanted: { accept: 'application/json', maxBytes: 5120 } },
  ])
})

test('TOK-11 RFC 9068 §5: a document at the identifier of a resource is no client: its ID tokens would be made out to that resource', async () => {
  const registrar = await start()
  const statusOf = async (client_id: string): Promise<number> => {
    const redirect_uri = 'https://api.example/cb'
    registrar.places.put(client_id, published({ client_id, redirect_uris: [redirect_uri] }))
    return opened(registrar, { client_id, redirect_uri })
  }
  expect([await statusOf(API), await statusOf(`${API}.json`)]).toEqual([400, 303])
})

test('CIMD-15 LOGO-05 A16 people are sent back after signing out to the origin of the client_id alone', async () => {
  const uris = ['https://app.example/out', 'https://evil.example/out']
  const statusOf = async (registrar: Registrar, uri: string): Promise<number> => {
    const query = new URLSearchParams({ client_id: URL_OF_CLIENT, post_logout_redirect_uri: uri })
    return (await new Person(registrar.as).go(`${ISSUER}/end-session?${query}`)).status
  }
  const registrar = await start(published({ post_logout_redirect_uris: uris }))
  expect([await statusOf(registrar, uris[0] as string), await statusOf(registrar, uris[1] as string)]).toEqual([200, 400])
})

test('where such clients are off, nothing is fetched', async () => {
  const registrar = await start(published(), { enabled: false })
  expect([await opened(registrar), asked(registrar)]).toEqual([400, 0])
})

describe('CIMD-01 what no document can be at is not asked for', () => {
  test.each([
    ['http', 'http://app.example/client.json'],
    ['no path', 'https://app.example'],
    ['no path but a slash', 'https://app.example/'],
    ['dot segments', 'https://app.example/a/../client.json'],
    ['a single dot', 'https://app.example/./client.json'],
    ['encoded dots', 'https://app.example/a/%2e%2e/client.json'],
    ['a fragment', 'https://app.example/client.json#x'],
    ['an empty fragment', 'https://app.example/client.json#'],
    ['a user name', 'https://user@app.example/client.json'],
    ['an empty user name', 'https://@app.example/client.json'],
    ['a host in another case', 'https://APP.example/client.json'],
    ['the default port', 'https://app.example:443/client.json'],
    ['a backslash', 'https://app.example\\client.json'],
    ['another scheme case', 'HTTPS://app.example/client.json'],
    ['a space', 'https://app.example/client json'],
    ['an address as a number', 'https://2130706433/client.json'],
  ])('%s', async (_name, clientId) => {
    expect(documentUrlFault(clientId)).toBeDefined()
    const registrar = await start(published())
    expect([await opened(registrar, { client_id: clientId }), asked(registrar)]).toEqual([400, 0])
  })
  test('a port and a query are allowed', () => {
    expect([documentUrlFault('https://app.example:8443/c'), documentUrlFault('https://app.example/c?v=1')]).toEqual([undefined, undefined])
  })
})

describe('CIMD-02 CIMD-03 CIMD-04 CIMD-05 CIMD-10 MCP-06 what is no document of a client ends on a page of ours', () => {
  const jwk = generateKeyPair('ES256')
  test.each([
    ['another client_id', published({ client_id: 'https://app.example/oauth/CLIENT.json' })],
    ['no client_id', published({ client_id: undefined })],
    ['client_secret_basic', published({ token_endpoint_auth_method: 'client_secret_basic' })],
    ['client_secret_post', published({ token_endpoint_auth_method: 'client_secret_post' })],
    ['client_secret_jwt', published({ token_endpoint_auth_method: 'client_secret_jwt' })],
    ['a client_secret', published({ client_secret: 'everybody can read this secret, so it is none' })],
    ['client_secret_expires_at', published({ client_secret_expires_at: 0 })],
    ['no client_name', published({ client_name: undefined })],
    ['no redirect_uris', published({ redirect_uris: undefined })],
    ['a redirect URI that runs', published({ redirect_uris: ['javascript:alert(1)'] })],
    [
      'a private key',
      published({ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk.privateKey.export({ format: 'jwk' })] } }),
    ],
    ['private_key_jwt without keys', published({ token_endpoint_auth_method: 'private_key_jwt' })],
    ['the name of a client of the operator', published({ client_name: 'Web application' })],
    ['a name that turns the words around it', published({ client_name: 'Edi\u202Etor' })],
    ['A11 a page that runs', published({ tos_uri: 'javascript:alert(1)' })],
    ['no JSON', '<html></html>'],
    ['a list', '[]'],
    ['404', reply(published(), 'max-age=300', 404)],
    ['201', reply(published(), 'max-age=300', 201)],
  ])('%s', async (_name, document) => {
    const registrar = await start(document)
    expect(await opened(registrar)).toBe(400)
    const seen = await new Person(registrar.as).authorize(authorizationParameters({ client_id: URL_OF_CLIENT, redirect_uri: CALLBACK }))
    expect([seen.location, seen.text.includes('id="oauth-error"')]).toEqual([undefined, true])
    expect(registrar.as.logged.join()).toContain('leads to no client')
  })
  test.each(['redirect', 'too_large', 'timeout', 'address'] as const)(
    'CIMD-09 REG-13 A51 what the guarded client refuses: %s',
    async (reason) => {
      const registrar = await start()
      registrar.places.put(URL_OF_CLIENT, new OutboundRefusal(reason, '10.0.0.7 is not a public address'))
      expect(await opened(registrar)).toBe(400)
      const seen = await new Person(registrar.as).authorize(authorizationParameters({ client_id: URL_OF_CLIENT }))
      // It would map a private network.
      expect(seen.text).not.toContain('10.0.0.7')
    },
  )
})

test('CIMD-09 A51 with the real client a document in the network of the server is not fetched', async () => {
  const registrar = await startRegistrar({ clientIdMetadataDocuments: { enabled: true } }, { outbound: { allow: [] } })
  for (const host of ['127.0.0.1', '10.0.0.1', '169.254.169.254', '[::1]', '[::ffff:10.0.0.1]', 'localhost'])
    expect(await opened(registrar, { client_id: `https://${host}/client.json` })).toBe(400)
  expect(registrar.as.logged.filter((line) => line.includes('"reason":"address"')).length).toBeGreaterThan(4)
})

test('REG-05 A46 A47 a document gets what the policy has and nothing that only an operator may say', async () => {
  const wish = {
    scope: 'openid accounts:write',
    first_party: true,
    profile: 'fapi2',
    unsafe_without_pkce: true,
    grant_types: ['authorization_code', 'client_credentials'],
  }
  const registrar = await start(published(wish))
  expect(await opened(registrar, { scope: 'openid' })).toBe(303)
  const seen = await new Person(registrar.as).authorize(
    authorizationParameters({ client_id: URL_OF_CLIENT, redirect_uri: CALLBACK, scope: 'accounts:write' }),
  )
  expect(seen.location?.searchParams.get('error')).toBe('invalid_scope')
  const withoutPkce = await new Person(registrar.as).authorize(
    authorizationParameters({
      client_id: URL_OF_CLIENT,
      redirect_uri: CALLBACK,
      code_challenge: undefined,
      code_challenge_method: undefined,
    }),
  )
  expect(withoutPkce.location?.searchParams.get('error')).toBe('invalid_request')
  const open = await start(published({ scope: 'openid accounts:read' }), {}, { scopes: ['openid', 'accounts:read'] })
  expect(await opened(open, { scope: 'accounts:read', resource: API })).toBe(303)
})

describe('CIMD-12 a document with private_key_jwt is a confidential client', () => {
  const assertion = generateKeyPair('ES256')
  const confidential = client({ clientId: URL_OF_CLIENT, redirectUris: [CALLBACK], tokenEndpointAuthMethod: 'private_key_jwt' })
  const keys = { token_endpoint_auth_method: 'private_key_jwt', grant_types: ['authorization_code', 'refresh_token'] }

  test.each([
    ['jwks', { jwks: { keys: [assertion.publicJwk] } }],
    ['jwks_uri', { jwks_uri: 'https://app.example/jwks' }],
  ])('by its %s: every call is authenticated', async (_name, by) => {
    const registrar = await start(published({ ...keys, ...by }))
    registrar.places.put('https://app.example/jwks', { keys: [assertion.publicJwk] })
    const app = new Application(registrar.as, confidential, { assertion })
    const { refresh } = await app.tokens()
    expect(told(await app.refresh(refresh))).toBe('200')
    const bare = { credentials: { parameters: { client_id: URL_OF_CLIENT } } }
    expect(told(await app.refresh(refresh, {}, bare))).toBe('401 invalid_client')
    expect(told(await app.post('/par', {}, bare))).toBe('401 invalid_client')
    expect(told(await new Application(registrar.as, confidential, { assertion: generateKeyPair('ES256') }).refresh(refresh))).toBe(
      '401 invalid_client',
    )
  })
  test('CIMD-13 a key that the document no longer has is no longer one', async () => {
    const registrar = await start(published({ ...keys, jwks: { keys: [assertion.publicJwk] } }))
    const app = new Application(registrar.as, confidential, { assertion })
    const { refresh } = await app.tokens()
    registrar.places.put(URL_OF_CLIENT, published({ ...keys, jwks: { keys: [generateKeyPair('ES256').publicJwk] } }))
    registrar.as.clock.advance(3600)
    expect(told(await app.refresh(refresh))).toBe('401 invalid_client')
  })
})

test('CAUTH-05 at the token endpoint an unknown document is an unknown client', async () => {
  const registrar = await start()
  const app = new Application(registrar.as, client({ clientId: URL_OF_CLIENT, tokenEndpointAuthMethod: 'none' }))
  const unknown = await app.refresh('x')
  expect(told(unknown)).toBe('401 invalid_client')
  expect(unknown.body).toEqual(
    (await new Application(registrar.as, client({ clientId: 'nobody', tokenEndpointAuthMethod: 'none' })).refresh('x')).body,
  )
})
