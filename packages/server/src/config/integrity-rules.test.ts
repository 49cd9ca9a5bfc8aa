import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { readClient } from './read-client.ts'

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
const rsa = (bits: number): object => generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({ format: 'jwk' })
const RSA = rsa(2048)
const OKP = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
const enc = (jwk: object, more: object = {}): object => ({ ...jwk, use: 'enc', ...more })

const web = {
  client_id: 'web',
  client_secret: 'q9Zt3vXk1LmN8pRs5TuVw2YzA4BcD6Ef',
  redirect_uris: ['https://app.example/cb'],
  profile: 'oauth21',
}
const bank = {
  client_id: 'bank',
  token_endpoint_auth_method: 'private_key_jwt',
  redirect_uris: ['https://app.example/cb'],
  profile: 'fapi2-message-signing',
  jwks: { keys: [key] },
}
const encrypts = { authorization_encrypted_response_alg: 'ECDH-ES' }

function read(metadata: object): ReturnType<typeof readClient> {
  return readClient(metadata, { profile: 'strong', resources: [], grantTypes: ['authorization_code', 'refresh_token'] }, 'c')
}
const faultsOf = (metadata: object): readonly string[] => read(metadata).faults.map((fault) => `${fault.path} ${fault.message}`)

describe('in order', () => {
  test.each([
    ['the profile fapi2-message-signing', bank],
    ['encryption to a key of its own', { ...web, ...encrypts, jwks: { keys: [key, enc(key, { alg: 'ECDH-ES' })] } }],
    ['encryption to an RSA key', { ...web, authorization_encrypted_response_alg: 'RSA-OAEP-256', jwks: { keys: [enc(RSA)] } }],
    ['its algorithm for request objects', { ...web, jwks: { keys: [key] }, request_object_signing_alg: 'ES256' }],
    ['signed modes', { ...bank, response_modes: ['jwt', 'form_post.jwt'] }],
    ['PKCE left out', { ...web, unsafe_without_pkce: true }],
  ])('%s', (_name, metadata) => {
    expect(faultsOf(metadata)).toEqual([])
  })
})

describe('one fault each', () => {
  test.each([
    [
      'JRM-04 JARM §3: enc without alg',
      { ...web, authorization_encrypted_response_enc: 'A128GCM' },
      'c.authorization_encrypted_response_enc stands without',
    ],
    ['JRM-04 alg without keys', { ...web, ...encrypts }, 'c.jwks must have a key with use enc'],
    ['JRM-04 alg with a key for signatures', { ...web, ...encrypts, jwks: { keys: [key] } }, 'c.jwks must have a key with use enc'],
    ['JRM-04 alg with a key of another kind', { ...web, ...encrypts, jwks: { keys: [enc(RSA)] } }, 'c.jwks must have a key with use enc'],
    [
      'JRM-04 alg with a key for another algorithm',
      { ...web, ...encrypts, jwks: { keys: [enc(key, { alg: 'ECDH-ES+A128KW' })] } },
      'c.jwks must have a key with use enc',
    ],
    [
      'an alg of signatures on a key for encryption',
      { ...web, jwks: { keys: [enc(key, { alg: 'ES256' })] } },
      'c.jwks.keys[0] with use enc must have an alg',
    ],
    ['RFC 8725 §3.2: RSA1_5', { ...web, jwks: { keys: [enc(RSA, { alg: 'RSA1_5' })] } }, 'c.jwks.keys[0] with use enc must have an alg'],
    ['Ed25519 for encryption', { ...web, jwks: { keys: [enc(OKP)] } }, 'c.jwks.keys[0] for encryption must be RSA'],
    ['FAPI-71 a weak key for encryption', { ...web, jwks: { keys: [enc(rsa(1024))] } }, 'c.jwks.keys[0] of kty RSA must have n of 2048'],
    [
      'JRM-04 RSA1_5 is no algorithm here',
      { ...web, authorization_encrypted_response_alg: 'RSA1_5', jwks: { keys: [enc(RSA)] } },
      'c.authorization_encrypted_response_alg must be one of',
    ],
    [
      'JRM-04 JARM §3: none signs nothing',
      { ...web, authorization_signed_response_alg: 'none' },
      'c.authorization_signed_response_alg must be one of',
    ],
    [
      'JAR-05 no key for request objects',
      { ...web, request_object_signing_alg: 'ES256' },
      'c.jwks must have a key for request_object_signing_alg ES256',
    ],
    [
      'JAR-05 a key of another kind for request objects',
      { ...web, jwks: { keys: [key] }, request_object_signing_alg: 'PS256' },
      'c.jwks must have a key for request_object_signing_alg PS256',
    ],
    [
      'JAR-05 a key for encryption is none for request objects',
      { ...web, jwks: { keys: [enc(key)] }, request_object_signing_alg: 'ES256' },
      'c.jwks must have a key for request_object_signing_alg ES256',
    ],
    ['JAR-01 none for request objects', { ...web, request_object_signing_alg: 'none' }, 'c.request_object_signing_alg must be one of'],
    [
      'JAR-14 signed requests without keys',
      { ...web, require_signed_request_object: true },
      'c.jwks must have a key for signed request objects',
    ],
    [
      'FMS-01 unsigned requests under fapi2-message-signing',
      { ...bank, require_signed_request_object: false },
      'c.require_signed_request_object must be true',
    ],
    [
      'FMS-06 an unsigned mode under it',
      { ...bank, response_modes: ['jwt', 'query'] },
      'c.response_modes[1] must be a mode that is signed',
    ],
    [
      'FAPI-70 RS256 for its answers',
      { ...bank, authorization_signed_response_alg: 'RS256' },
      'c.authorization_signed_response_alg must be one of PS256, ES256, EdDSA under the profile fapi2-message-signing',
    ],
    [
      'FAPI-70 RS256 for its requests',
      { ...bank, profile: 'fapi2', jwks: { keys: [RSA] }, request_object_signing_alg: 'RS256' },
      'c.request_object_signing_alg must be one of PS256, ES256, EdDSA under the profile fapi2',
    ],
    [
      'FMS-01 what fapi2 asks holds too',
      { ...bank, id_token_signed_response_alg: 'RS256' },
      'c.id_token_signed_response_alg must be one of',
    ],
    [
      'FAPI-14 a secret under it',
      { ...web, profile: 'fapi2-message-signing', token_endpoint_auth_method: 'client_secret_basic', jwks: { keys: [key] } },
      'c.token_endpoint_auth_method must be one of private_key_jwt',
    ],
    [
      'PAR-20 requests that are not pushed under it',
      { ...bank, require_pushed_authorization_requests: false },
      'c.require_pushed_authorization_requests must be true',
    ],
    ['FMS-09 no mode at all', { ...web, response_modes: [] }, 'c.response_modes must be'],
    ['FMS-09 an unknown mode', { ...web, response_modes: ['web_message'] }, 'c.response_modes[0] must be one of query'],
    [
      'OA-20 a public client without PKCE',
      { ...web, client_secret: undefined, token_endpoint_auth_method: 'none', unsafe_without_pkce: true },
      'c.unsafe_without_pkce must be false for a public client',
    ],
    [
      'OA-20 no PKCE under strong',
      { ...web, profile: 'strong', unsafe_without_pkce: true },
      'c.unsafe_without_pkce must be false under the profile strong',
    ],
    [
      'OA-20 no PKCE under fapi2',
      { ...bank, profile: 'fapi2', unsafe_without_pkce: true },
      'c.unsafe_without_pkce must be false under the profile fapi2',
    ],
    [
      'OA-20 no PKCE without OpenID Connect',
      { ...web, scope: '', unsafe_without_pkce: true },
      'c.unsafe_without_pkce is for OpenID Connect clients',
    ],
  ])('%s', (_name, metadata, fault) => {
    const faults = faultsOf(metadata)
    expect(faults).toHaveLength(1)
    expect(faults[0]).toContain(fault)
  })
})

test('FMS-01 FMS-06 the profile fapi2-message-signing brings what fapi2 brings, and signed requests', () => {
  const { token_endpoint_auth_method: _, ...unsaid } = bank
  expect(read(unsaid).value).toMatchObject({
    tokenEndpointAuthMethod: 'private_key_jwt',
    requirePushedAuthorizationRequests: true,
    dpopBoundAccessTokens: true,
    requireSignedRequestObject: true,
    authorizationSignedResponseAlg: 'ES256',
    authorizationEncryptedResponse: undefined,
  })
})

test('JRM-04 JARM §3: enc is A128CBC-HS256 where only alg is registered', () => {
  expect(read({ ...web, ...encrypts, jwks: { keys: [enc(key)] } }).value?.authorizationEncryptedResponse).toEqual({
    alg: 'ECDH-ES',
    enc: 'A128CBC-HS256',
  })
})
