import { describe, expect, test } from 'vitest'
import { createInitialAccessToken } from '../index.ts'
import { hostListed } from '../config/registration.ts'
import { authorizationParameters, Person } from '../test/person.ts'
import { metadata, type Registrar, startRegistrar } from '../test/registrar.ts'
import { API, startServer } from '../test/server.ts'

const ACCOUNTS = ['openid', 'profile', 'accounts:read']

async function asked({ as }: Registrar, clientId: unknown, over: Readonly<Record<string, string>>): Promise<string | null> {
  const parameters = authorizationParameters({ client_id: String(clientId), redirect_uri: 'https://budget.example/cb', ...over })
  const seen = await new Person(as).authorize(parameters)
  return seen.location?.searchParams.get('error') ?? null
}

describe('REG-05 what is asked beyond the policy is left out, and the answer shows it', () => {
  test('scopes: those of resources are for clients that an operator named', async () => {
    const registrar = await startRegistrar()
    const { status, body } = await registrar.register(metadata({ scope: 'openid accounts:read accounts:write' }))
    expect([status, body['scope']]).toEqual([201, 'openid'])
    expect(await asked(registrar, body['client_id'], { scope: 'accounts:read' })).toBe('invalid_scope')
    expect(await asked(registrar, body['client_id'], { resource: API })).toBe('invalid_target')
    expect((await registrar.register(metadata({ scope: 'accounts:read' }))).body['error']).toBe('invalid_client_metadata')
  })
  test('a scope that the policy has opens its resource', async () => {
    const registrar = await startRegistrar({ open: true, policy: { scopes: ACCOUNTS } })
    const { body } = await registrar.register(metadata({ scope: 'openid accounts:read accounts:write' }))
    expect(body['scope']).toBe('openid accounts:read')
    expect(await asked(registrar, body['client_id'], { scope: 'openid accounts:read', resource: API })).toBeNull()
    expect((await registrar.register(metadata())).body['scope']).toBe('openid profile')
  })
  test('default scopes and resources by name', async () => {
    const policy = { scopes: ACCOUNTS, defaultScopes: ['accounts:read'], resources: [] }
    const registrar = await startRegistrar({ open: true, policy })
    const { body } = await registrar.register()
    expect(body['scope']).toBe('accounts:read')
    expect(await asked(registrar, body['client_id'], { scope: 'accounts:read', resource: API })).toBe('invalid_target')
  })
  test('grant types: others are left out, and nobody without a voucher acts without a person', async () => {
    const device = 'urn:ietf:params:oauth:grant-type:device_code'
    const policy = { grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'] }
    const registrar = await startRegistrar({ open: true, initialAccessTokens: true, policy })
    const wish = metadata({ grant_types: ['authorization_code', 'refresh_token', device, 'client_credentials'] })
    expect((await registrar.register(wish)).body['grant_types']).toEqual(['authorization_code', 'refresh_token'])
    expect((await registrar.register(metadata({ grant_types: [device] }))).body['error']).toBe('invalid_client_metadata')
  })
  test('types of authorization_details', async () => {
    const registrar = await startRegistrar(
      { open: true, policy: { authorizationDetailsTypes: ['calendar', 'unknown'] } },
      {
        authorizationDetailsTypes: ['calendar', 'payment'].map((type) => ({
          type,
          schema: { type: 'object', additionalProperties: false, properties: {} },
          title: 'See it',
        })),
      },
    )
    const answer = await registrar.register(metadata({ authorization_details_types: ['payment', 'calendar', 'unknown'] }))
    expect([answer.body['authorization_details_types'], (await registrar.stored(answer)).authorizationDetailsTypes]).toEqual([
      ['calendar'],
      ['calendar'],
    ])
  })
})

describe('what the policy refuses', () => {
  test('authentication methods', async () => {
    const registrar = await startRegistrar({ open: true, policy: { authMethods: ['none'] } })
    expect((await registrar.register()).status).toBe(201)
    const answer = await registrar.register(metadata({ token_endpoint_auth_method: undefined }))
    expect([answer.body['error'], answer.body['error_description']]).toEqual([
      'invalid_client_metadata',
      'token_endpoint_auth_method must be one of none',
    ])
  })
  test('redirect hosts', async () => {
    const registrar = await startRegistrar({ open: true, policy: { redirectHosts: ['budget.example', '*.apps.example'] } })
    const at = async (uri: string): Promise<unknown> => (await registrar.register(metadata({ redirect_uris: [uri] }))).body['error']
    expect(await at('https://budget.example/cb')).toBeUndefined()
    expect(await at('https://one.apps.example/cb')).toBeUndefined()
    for (const uri of [
      'https://apps.example/cb',
      'https://evil.example/cb',
      'https://budget.example.evil.example/cb',
      'https://evilapps.example/cb',
    ])
      expect(await at(uri)).toBe('invalid_redirect_uri')
    expect([hostListed('a.b.example', ['*.b.example']), hostListed('.b.example', ['*.b.example'])]).toEqual([true, false])
  })
  test('applications on a device', async () => {
    const registrar = await startRegistrar({ open: true, policy: { native: false } })
    for (const uri of ['http://127.0.0.1/cb', 'com.example.app:/cb'])
      expect((await registrar.register(metadata({ application_type: 'native', redirect_uris: [uri] }))).body['error']).toBe(
        'invalid_redirect_uri',
      )
  })
})

describe('what the policy adds', () => {
  test('PAR and DPoP for everybody', async () => {
    const registrar = await startRegistrar({
      open: true,
      policy: { requirePushedAuthorizationRequests: true, dpopBoundAccessTokens: true },
    })
    const { body } = await registrar.register(metadata({ dpop_bound_access_tokens: false }))
    expect(body).toMatchObject({ require_pushed_authorization_requests: true, dpop_bound_access_tokens: true })
    expect(await asked(registrar, body['client_id'], {})).toBe('invalid_request')
  })
  test('REG-08 under fapi2 the defaults are those of FAPI: no secret, and no RS256', async () => {
    const registrar = await startRegistrar({ open: true, policy: { profile: 'fapi2' } })
    const jwks = { keys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }] }
    const answer = await registrar.register(metadata({ token_endpoint_auth_method: undefined, jwks }))
    expect(answer.body).toMatchObject({ token_endpoint_auth_method: 'private_key_jwt', dpop_bound_access_tokens: true })
    expect((await registrar.stored(answer)).idTokenSignedResponseAlg).toBe('ES256')
    expect((await registrar.register()).body['error']).toBe('invalid_client_metadata')
  })
})

test('A36 a policy that was narrowed holds for clients that registered before', async () => {
  const registrar = await startRegistrar({ open: true, policy: { scopes: ACCOUNTS } })
  const { body } = await registrar.register(metadata({ scope: 'openid accounts:read' }))
  expect(await asked(registrar, body['client_id'], { scope: 'accounts:read' })).toBeNull()
  const { store, clock } = registrar.as
  const next = await startServer([], { store, clock, registration: { open: true } })
  const seen = await new Person(next).authorize(
    authorizationParameters({ client_id: String(body['client_id']), redirect_uri: 'https://budget.example/cb', scope: 'accounts:read' }),
  )
  expect(seen.location?.searchParams.get('error')).toBe('invalid_scope')
})

test.each([
  ['REG-12 the hosts that codes may go to', { redirectHosts: ['other.example'] }, 'https://budget.example/cb', 'page'],
  ['REG-12 applications on a device', { native: false }, 'http://127.0.0.1:3000/cb', 'page'],
  ['a stricter profile', { profile: 'strong' }, 'https://budget.example/cb', 'invalid_request'],
] as const)('A36 %s: what was narrowed holds for clients that registered before', async (_what, policy, redirect_uri, answer) => {
  const registrar = await startRegistrar({ open: true })
  const native = redirect_uri.startsWith('http:')
  const metadataOf = metadata({ redirect_uris: [redirect_uri], ...(native ? { application_type: 'native' } : {}) })
  const { body } = await registrar.register(metadataOf)
  const parameters = authorizationParameters({ client_id: String(body['client_id']), redirect_uri })
  const opened = await new Person(registrar.as).authorize(parameters)
  expect(opened.location?.pathname).toMatch(/^\/interaction\//)
  const { store, clock } = registrar.as
  const next = await startServer([], { store, clock, registration: { open: true, policy } })
  const seen = await new Person(next).authorize(parameters)
  expect(seen.location?.searchParams.get('error') ?? (seen.status === 400 ? 'page' : 'a sign-in')).toBe(answer)
})

test('A46 a voucher opens what the policy has, and no more', async () => {
  const registrar = await startRegistrar({ initialAccessTokens: true, policy: { grantTypes: ['authorization_code'] } })
  const token = await createInitialAccessToken(registrar.as.store, { uses: 1, lifetime: 60 }, registrar.as.clock)
  const answer = await registrar.register(
    metadata({ grant_types: ['authorization_code', 'refresh_token'], scope: 'openid accounts:write' }),
    token,
  )
  expect([answer.body['grant_types'], answer.body['scope']]).toEqual([['authorization_code'], 'openid'])
})
