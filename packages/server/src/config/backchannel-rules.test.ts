import { expect, test } from 'vitest'
import { readClient } from './read-client.ts'

const CIBA = 'urn:openid:params:grant-type:ciba'
const base = {
  client_id: 'bank',
  client_secret: 'q9Zt3vXk1LmN8pRs5TuVw2YzA4BcD6Ef',
  grant_types: [CIBA],
  backchannel_token_delivery_mode: 'poll',
}
const ping = { ...base, backchannel_token_delivery_mode: 'ping', backchannel_client_notification_endpoint: 'https://bank.example/notified' }
const MODE = 'c.backchannel_token_delivery_mode'
const ENDPOINT = 'c.backchannel_client_notification_endpoint'

const faultsOf = (metadata: object): readonly string[] =>
  readClient(metadata, { profile: 'oauth21', resources: [], grantTypes: ['authorization_code', CIBA] }, 'c').faults.map(
    ({ path, message }) => `${path} ${message}`,
  )

test('CIBA-01 clients of poll and of ping are taken, and may sign people in without saying scopes', () => {
  expect([faultsOf(base), faultsOf(ping)]).toEqual([[], []])
  expect(readClient(base, { profile: 'oauth21', resources: [], grantTypes: [CIBA] }, 'c').value?.scopes).toContain('openid')
})

test.each([
  ['CIBA-06 CIBA-08 CIBA-10 push', { ...base, backchannel_token_delivery_mode: 'push' }, MODE, 'must be'],
  ['CIBA-06 no mode', { ...base, backchannel_token_delivery_mode: undefined }, MODE, 'is missing'],
  [
    'a mode without the grant',
    { ...base, grant_types: ['authorization_code'], redirect_uris: ['https://bank.example/cb'] },
    MODE,
    'stands without',
  ],
  ['CIBA-07 ping without an endpoint', { ...base, backchannel_token_delivery_mode: 'ping' }, ENDPOINT, 'is missing'],
  ['an endpoint without ping', { ...ping, backchannel_token_delivery_mode: 'poll' }, ENDPOINT, 'is for'],
  [
    'CIBA-07 an endpoint over http',
    { ...ping, backchannel_client_notification_endpoint: 'http://localhost/notified' },
    ENDPOINT,
    'must be https',
  ],
  ['CIBA-07 an endpoint that is none', { ...ping, backchannel_client_notification_endpoint: 'notified' }, ENDPOINT, 'must be'],
])('%s is refused by name', (_name, metadata, path, message) => {
  const faults = faultsOf(metadata)
  expect(faults).toHaveLength(1)
  expect(faults[0]).toContain(`${path} ${message}`)
})

test('CIBA-10 a public client is refused the grant, and under fapi2 the method is private_key_jwt or mutual TLS', () => {
  const anyone = { ...base, client_secret: undefined, token_endpoint_auth_method: 'none' }
  expect(faultsOf(anyone).join()).toContain(`c.grant_types must not have ${CIBA}`)
  const fapi = { ...base, profile: 'fapi2', token_endpoint_auth_method: 'client_secret_basic' }
  expect(faultsOf(fapi).join()).toMatch(/must be one of private_key_jwt, tls_client_auth, .* under the profile fapi2/)
})
