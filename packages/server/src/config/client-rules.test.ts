import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { clientRules } from './client-rules.ts'
import { EXAMPLE_SECRETS } from './client-secrets.ts'
import { profileRules } from './profile-rules.ts'
import { readClient } from './read-client.ts'

const secret = 'q9Zt3vXk1LmN8pRs5TuVw2YzA4BcD6Ef'
const web = { client_id: 'web', client_secret: secret, redirect_uris: ['https://app.example/cb'] }
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const key = ec.publicKey.export({ format: 'jwk' })
const offCurve = { ...key, y: (key.y as string).startsWith('A') ? `B${(key.y as string).slice(1)}` : `A${(key.y as string).slice(1)}` }
const rsa = (bits: number): object => generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({ format: 'jwk' })
const jwt = { client_id: 'bank', token_endpoint_auth_method: 'private_key_jwt', redirect_uris: ['https://app.example/cb'] }
const withKey = { ...jwt, jwks: { keys: [key] } }
const fapi = { ...withKey, profile: 'fapi2' }

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

const faultsOf = (metadata: object): readonly string[] =>
  readClient(
    metadata,
    { profile: 'strong', resources: [], grantTypes: ['authorization_code', 'refresh_token', 'client_credentials', JWT_BEARER] },
    'c',
  ).faults.map((fault) => `${fault.path} ${fault.message}`)

test.each([
  [web],
  [withKey],
  [fapi],
  [{ ...jwt, jwks: { keys: [rsa(2048)] }, token_endpoint_auth_signing_alg: 'PS256' }],
  [{ ...jwt, jwks_uri: 'https://app.example/jwks' }],
  [{ ...jwt, jwks: { keys: [key, { ...key, use: 'enc', alg: 'ECDH-ES' }, { ...rsa(2048), use: 'enc' }] } }],
])('%j is in order', (metadata) => {
  expect(faultsOf(metadata)).toEqual([])
})

describe('one fault each', () => {
  test.each([
    ['OA-73 a client_id like a subject', { ...web, client_id: 'u_7' }, 'c.client_id must not start with u_'],
    ['CIMD-14 a client_id like an address', { ...web, client_id: 'HTTPS://a.example' }, 'c.client_id must not start with https://'],
    ['a client_id with another alphabet', { ...web, client_id: 'кот' }, 'c.client_id must be printable ASCII'],
    ['a client_id of 257 characters', { ...web, client_id: 'a'.repeat(257) }, 'c.client_id must be text of 1 to 256'],
    ['a name that writes backwards', { ...web, client_name: 'a\u202eb' }, 'c.client_name must not have control'],
    ['a logo over http', { ...web, logo_uri: 'http://app.example/logo.png' }, 'c.logo_uri must be an https address'],
    ['a script as policy', { ...web, policy_uri: 'javascript:alert(1)' }, 'c.policy_uri must be an https address'],
    ['OA-17 a redirect URI that runs', { ...web, redirect_uris: ['javascript:alert(1)'] }, 'c.redirect_uris[0] must'],
    [
      'OA-16 a redirect URI with a fragment',
      { ...web, redirect_uris: ['https://app.example/cb#x'] },
      'c.redirect_uris[0] must be an absolute URI',
    ],
    [
      'BCP-17 OA-17 a redirect URI over http elsewhere than on this machine',
      { ...web, redirect_uris: ['http://app.example/cb'] },
      'c.redirect_uris[0] may use http on',
    ],
    [
      'REG-12 a private-use scheme on the web',
      { ...web, redirect_uris: ['com.example:/cb'] },
      'c.redirect_uris[0] may use a private-use scheme',
    ],
    [
      'a redirect URI twice',
      { ...web, redirect_uris: ['https://a.example/cb', 'https://a.example/cb'] },
      'c.redirect_uris[1] stands there twice',
    ],
    ['REG-06 no redirect URI', { ...web, redirect_uris: [] }, 'c.redirect_uris is missing'],
    ['REG-07 implicit', { ...web, grant_types: ['authorization_code', 'implicit'] }, 'c.grant_types[1] must be one of authorization_code'],
    ['REG-07 the grant and the response type disagree', { ...web, response_types: [] }, 'c.response_types must be [code]'],
    ['no grant', { ...web, grant_types: [] }, 'c.grant_types must name at least one'],
    ['refresh_token alone', { ...web, grant_types: ['refresh_token'] }, 'c.grant_types has refresh_token alone'],
    ['OA-26 a scope with two spaces', { ...web, scope: 'openid  email' }, 'c.scope must be scopes separated by single spaces'],
    ['an unknown scope', { ...web, scope: 'openid emial' }, 'c.scope has emial, which no resource has; did you mean email?'],
    [
      'an unknown resource',
      { ...web, resources: ['https://api.example'] },
      'c.resources[0] must be the identifier of a configured resource; there is none',
    ],
    [
      'a secret of 31 characters',
      { ...web, client_secret: secret.slice(1) },
      'c.client_secret must have at least 32 characters and has 31',
    ],
    ['a secret of one character', { ...web, client_secret: 'a'.repeat(40) }, 'c.client_secret must be random'],
    ['a secret of another alphabet', { ...web, client_secret: `${secret}é` }, 'c.client_secret must be printable ASCII'],
    ['a hash cut short', { ...web, client_secret: 'sha256:abc' }, 'c.client_secret must be sha256:'],
    ['an old secret that is weak', { ...web, previous_client_secret: 'short' }, 'c.previous_client_secret must have at least 32'],
    ['an end without a secret', { ...withKey, client_secret_expires_at: 5 }, 'c.client_secret_expires_at stands without client_secret'],
    [
      'CAUTH-01 a method without its secret',
      { ...web, client_secret: undefined },
      'c.client_secret is missing; client_secret_basic needs one',
    ],
    [
      'REG-03 none with a secret',
      { ...web, token_endpoint_auth_method: 'none' },
      'c.client_secret must be absent: a client with token_endpoint_auth_method none',
    ],
    ['REG-03 private_key_jwt with a secret', { ...withKey, client_secret: secret }, 'c.client_secret must be absent'],
    [
      'none with client_credentials',
      { client_id: 'a', token_endpoint_auth_method: 'none', grant_types: ['client_credentials'] },
      'c.grant_types must not have client_credentials',
    ],
    [
      'none with jwt-bearer',
      { client_id: 'a', token_endpoint_auth_method: 'none', grant_types: [JWT_BEARER] },
      `c.grant_types must not have ${JWT_BEARER}`,
    ],
    ['CAUTH-34 client_secret_jwt', { ...web, token_endpoint_auth_method: 'client_secret_jwt' }, 'c.token_endpoint_auth_method must be'],
    ['private_key_jwt without keys', jwt, 'c.jwks is missing; private_key_jwt needs the public keys'],
    ['a jwks_uri with a fragment', { ...jwt, jwks_uri: 'https://app.example/jwks#x' }, 'c.jwks_uri must not have a fragment'],
    ['REG-13 a jwks_uri that is not https', { ...jwt, jwks_uri: 'http://app.example/jwks' }, 'c.jwks_uri must be an https address'],
    ['REG-09 jwks and jwks_uri', { ...withKey, jwks_uri: 'https://app.example/jwks' }, 'c.jwks must not stand beside jwks_uri'],
    [
      'REG-09 a private key',
      { ...jwt, jwks: { keys: [ec.privateKey.export({ format: 'jwk' })] } },
      'c.jwks.keys[0] holds the private member d',
    ],
    ['FAPI-71 a weak RSA key', { ...jwt, jwks: { keys: [key, rsa(1024)] } }, 'c.jwks.keys[1] of kty RSA must have n of 2048'],
    ['a symmetric key', { ...jwt, jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } }, 'c.jwks.keys[0] holds the private member k'],
    ['a key off its curve', { ...jwt, jwks: { keys: [offCurve] } }, 'c.jwks.keys[0] is not a valid point'],
    ['a key for encryption alone', { ...jwt, jwks: { keys: [{ ...key, use: 'enc' }] } }, 'c.jwks.keys must have a key with use sig'],
    [
      'a key for encryption where the one for signatures does not fit',
      { ...jwt, jwks: { keys: [rsa(2048), { ...key, use: 'enc' }] }, token_endpoint_auth_signing_alg: 'ES256' },
      'c.jwks.keys must have a key for token_endpoint_auth_signing_alg ES256',
    ],
    ['a key for something else', { ...jwt, jwks: { keys: [{ ...key, use: 'tls' }] } }, 'c.jwks.keys[0] must have use sig or enc'],
    [
      'a key for encryption that is for signing',
      { ...jwt, jwks: { keys: [key, { ...key, use: 'enc', alg: 'ES256' }] } },
      'c.jwks.keys[1] with use enc must have an alg for encryption',
    ],
    [
      'a key for encryption of a kind that cannot',
      { ...jwt, jwks: { keys: [key, { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43), use: 'enc' }] } },
      'c.jwks.keys[1] for encryption must be RSA',
    ],
    [
      'a weak key for encryption',
      { ...jwt, jwks: { keys: [key, { ...rsa(1024), use: 'enc' }] } },
      'c.jwks.keys[1] of kty RSA must have n of 2048',
    ],
    [
      'a private key for encryption',
      { ...jwt, jwks: { keys: [key, { ...ec.privateKey.export({ format: 'jwk' }), use: 'enc' }] } },
      'c.jwks.keys[1] holds the private member d',
    ],
    [
      "a key with another kind's alg",
      { ...jwt, jwks: { keys: [{ ...key, alg: 'RS256' }] } },
      'c.jwks.keys[0] must have an alg that fits kty EC',
    ],
    [
      'no key for the algorithm',
      { ...withKey, token_endpoint_auth_signing_alg: 'PS256' },
      'c.jwks.keys must have a key for token_endpoint_auth_signing_alg PS256',
    ],
    [
      'an assertion algorithm without assertions',
      { ...web, token_endpoint_auth_signing_alg: 'ES256' },
      'c.token_endpoint_auth_signing_alg is for token_endpoint_auth_method private_key_jwt only',
    ],
    [
      'a legacy audience without assertions',
      { ...web, unsafe_legacy_assertion_audience: true },
      'c.unsafe_legacy_assertion_audience is for',
    ],
    [
      'strong without DPoP',
      { ...web, dpop_bound_access_tokens: false },
      'c.dpop_bound_access_tokens must be true under the profile strong',
    ],
    [
      'strong without PAR',
      { ...web, require_pushed_authorization_requests: false },
      'c.require_pushed_authorization_requests must be true under the profile strong',
    ],
    [
      'FAPI-12 fapi2 with a public client',
      { ...fapi, jwks: undefined, token_endpoint_auth_method: 'none' },
      'c.token_endpoint_auth_method must be one of private_key_jwt, tls_client_auth, self_signed_tls_client_auth under the profile fapi2',
    ],
    [
      'FAPI-14 fapi2 with a secret',
      { ...web, profile: 'fapi2', token_endpoint_auth_method: 'client_secret_post' },
      'c.token_endpoint_auth_method must be one of private_key_jwt, tls_client_auth, self_signed_tls_client_auth under the profile fapi2',
    ],
    [
      'FAPI-16 fapi2 with a legacy audience',
      { ...fapi, unsafe_legacy_assertion_audience: true },
      'c.unsafe_legacy_assertion_audience must be false',
    ],
    [
      'FAPI-70 fapi2 with RS256',
      { ...fapi, id_token_signed_response_alg: 'RS256' },
      'c.id_token_signed_response_alg must be one of PS256, ES256, EdDSA',
    ],
    [
      'FAPI-35 fapi2 with http on the web',
      { ...fapi, redirect_uris: ['http://127.0.0.1/cb'] },
      'c.redirect_uris[0] must be https under the profile fapi2',
    ],
  ])('%s', (_name, metadata, fault) => {
    const faults = faultsOf(metadata)
    expect(faults).toHaveLength(1)
    expect(faults[0]).toContain(fault)
  })
})

test('fapi2 takes http on loopback from native applications', () => {
  expect(faultsOf({ ...fapi, application_type: 'native', redirect_uris: ['http://127.0.0.1/cb'] })).toEqual([])
})

test('a secret that stands in a document is refused, whatever its length', () => {
  for (const example of EXAMPLE_SECRETS)
    expect(faultsOf({ ...web, client_secret: example })[0]).toMatch(/example from the documentation|at least 32/)
})

test('every rule names where it is written', () => {
  for (const rule of [...clientRules, ...profileRules]) expect(rule.spec).not.toBe('')
})

test('TOK-11 RFC 9068 §5: no client is called as a resource is: an ID token is made out to its client', () => {
  const local = 'http://localhost:9000/accounts'
  const resources = [{ identifier: local, name: 'Accounts', scopes: [], accessTokenFormat: 'jwt', accessTokenLifetime: 300 }] as const
  const { faults } = readClient(
    { ...web, client_id: local },
    { profile: 'oauth21', resources, grantTypes: ['authorization_code', 'refresh_token'] },
    'c',
  )
  expect(faults).toEqual([{ path: 'c.client_id', message: 'must not be the identifier of a resource' }])
})
