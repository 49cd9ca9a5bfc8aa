import { describe, expect, test } from 'vitest'
import { readClient } from './read-client.ts'

const context = { profile: 'oauth21', grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'], resources: [] } as const
/** Of `openssl rand -base64 33`. */
const SECRET = 'q7Tz0cM1vYb4Kj8dXn2LwRs5pFh3GaEu6QiVoJyBtCkZ'
const app = {
  client_id: 'phone',
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  redirect_uris: ['com.example.phone:/callback'],
  first_party: true,
}
const faultsOf = (over: object): readonly string[] =>
  readClient({ ...app, ...over }, context, 'c').faults.map(({ path, message }) => `${path} ${message}`)

describe('first_party', () => {
  test('FIPA-38 is off by default, and on where the operator says so', () => {
    const { first_party: _on, ...other } = app
    expect(readClient(other, context, 'c').value?.firstParty).toBe(false)
    expect(readClient(app, context, 'c').value?.firstParty).toBe(true)
  })
  test('FIPA-06 is not for an application in a browser; a web server that authenticates may', () => {
    const web = { application_type: 'web', redirect_uris: ['https://app.example/callback'] }
    expect(faultsOf(web)).toEqual([expect.stringContaining('c.first_party must be false for an application in a browser')])
    expect(faultsOf({ ...web, application_type: undefined })).toHaveLength(1)
    expect(faultsOf({ ...web, token_endpoint_auth_method: 'client_secret_basic', client_secret: SECRET })).toEqual([])
  })
  test.each([
    [
      'without the grant',
      { grant_types: ['client_credentials'], token_endpoint_auth_method: 'client_secret_basic', client_secret: SECRET },
      'c.grant_types must have authorization_code',
    ],
    [
      'FAPI-31 under fapi2',
      { profile: 'fapi2', token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://app.example/jwks' },
      'c.first_party must be false under the profile fapi2',
    ],
    [
      'FAPI-31 under fapi2-message-signing',
      { profile: 'fapi2-message-signing', token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://app.example/jwks' },
      'c.first_party must be false under the profile fapi2-message-signing',
    ],
    [
      'JAR-14 with signed requests',
      { require_signed_request_object: true, jwks_uri: 'https://app.example/jwks' },
      'c.require_signed_request_object must be false with first_party',
    ],
  ])('contradicts itself %s', (_name, over, fault) => {
    expect(faultsOf(over)).toEqual([expect.stringContaining(fault)])
    expect(faultsOf({ ...over, first_party: false })).toEqual([])
  })
})
