import { expect, test } from 'vitest'
import { knownMembers } from './machine-metadata.ts'
import { readClient } from './read-client.ts'
import type { Resource } from './client.ts'

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const resource = (identifier: string, ...scopes: readonly string[]): Resource => ({
  identifier,
  name: identifier,
  scopes: scopes.map((name) => ({ name, description: name })),
  accessTokenFormat: 'jwt',
  accessTokenLifetime: 300,
})
const context = {
  profile: 'oauth21',
  resources: [resource('https://api.example/a', 'a'), resource('https://api.example/b', 'b')],
  grantTypes: ['authorization_code', EXCHANGE],
} as const
const base = {
  client_id: 'api',
  client_secret: 'q9Zt3vXk1LmN8pRs5TuVw2YzA4BcD6Ef',
  grant_types: [EXCHANGE],
  scope: 'a b',
  token_exchange: { scopes: { a: ['b'] } },
  may_act: { client_id: 'agent' },
}

const faultsOf = (metadata: object): readonly string[] =>
  readClient(metadata, context, 'c').faults.map(({ path, message }) => `${path} ${message}`)

test('TEX-08 TEX-10 what an operator writes is taken, with impersonation off', () => {
  expect(faultsOf(base)).toEqual([])
  expect(readClient(base, context, 'c').value).toMatchObject({
    tokenExchange: { impersonation: false, scopes: { a: ['b'] } },
    mayAct: { client_id: 'agent' },
  })
  const bare = { ...base, token_exchange: undefined, may_act: undefined }
  expect(readClient(bare, context, 'c').value).toMatchObject({ tokenExchange: undefined, mayAct: undefined })
  expect(readClient({ ...base, token_exchange: { impersonation: true } }, context, 'c').value?.tokenExchange).toEqual({
    impersonation: true,
    scopes: {},
  })
})

test.each([
  ['a public client', { client_secret: undefined, token_endpoint_auth_method: 'none' }, 'grant_types must not have'],
  [
    'a policy without the grant',
    { grant_types: ['authorization_code'], redirect_uris: ['https://a.example/cb'] },
    'token_exchange stands without',
  ],
  ['a map from openid', { token_exchange: { scopes: { openid: ['b'] } } }, 'token_exchange.scopes.openid must be a scope of'],
  ['a map from nothing known', { token_exchange: { scopes: { x: ['b'] } } }, 'token_exchange.scopes.x must be a scope of'],
  [
    'a map to openid',
    { scope: 'openid a b', token_exchange: { scopes: { a: ['openid'] } } },
    'token_exchange.scopes.a[0] must be a scope of',
  ],
  ['a map to nothing known', { token_exchange: { scopes: { a: ['b', 'x'] } } }, 'token_exchange.scopes.a[1] must be a scope of'],
  ['a map to more than is registered', { scope: 'a' }, 'token_exchange.scopes.a[0] must be in scope too'],
  ['a map of no lists', { token_exchange: { scopes: { a: 'b' } } }, 'token_exchange.scopes'],
  ['a member that nobody knows', { token_exchange: { impersonate: true } }, 'token_exchange.impersonate'],
  ['a may_act for everybody', { may_act: {} }, 'may_act must have sub or client_id'],
  ['a may_act with more', { may_act: { client_id: 'x', exp: 1 } }, 'may_act.exp'],
])('TEX-08 TEX-10 %s is refused by name', (_name, over, expected) => {
  const faults = faultsOf({ ...base, ...over })
  expect(faults).toHaveLength(1)
  expect(faults[0]).toContain(`c.${expected}`)
})

test('TEX-08 A46 a machine that registers itself cannot say any of it', () => {
  const { token_exchange: _policy, may_act: _named, ...rest } = knownMembers({ ...base, token_exchange: { impersonation: true } })
  expect(knownMembers({ ...base, token_exchange: { impersonation: true } })).toEqual(rest)
})
