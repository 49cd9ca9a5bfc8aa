import { randomBytes } from 'node:crypto'
import { generateKeyPair } from '@holdfast/proof/node'
import { describe, expect, test } from 'vitest'
import { readClient } from './read-client.ts'

const ec = { ...generateKeyPair('ES256').publicJwk }
const rsa = { ...generateKeyPair('PS256').publicJwk }
const ed = { ...generateKeyPair('EdDSA').publicJwk }
const API = 'https://api.example'
const RESOURCE = { identifier: API, name: 'API', scopes: [], accessTokenFormat: 'opaque', accessTokenLifetime: 300 } as const
const server = {
  client_id: 'api',
  client_secret: randomBytes(32).toString('base64url'),
  grant_types: ['client_credentials'],
  protected_resources: [API],
}

function faultsOf(metadata: object): readonly string[] {
  const context = { profile: 'oauth21', resources: [RESOURCE], grantTypes: ['client_credentials', 'authorization_code'] } as const
  return readClient(metadata, context, 'c').faults.map(({ path, message }) => `${path} ${message}`)
}

describe('a resource server', () => {
  test('INT-02 stands for configured resources, and has RFC 9701 metadata with a default of ES256', () => {
    expect(faultsOf(server)).toEqual([])
    const context = { profile: 'oauth21', resources: [RESOURCE], grantTypes: ['client_credentials'] } as const
    expect(readClient(server, context, 'c').value).toMatchObject({ protectedResources: [API], introspectionSignedResponseAlg: 'ES256' })
  })

  test('INT-02 RFC 7662 §2.1: it may have no grant, so that its secret is worth no token', () => {
    expect(faultsOf({ ...server, grant_types: [] })).toEqual([])
    expect(faultsOf({ ...server, grant_types: [], protected_resources: [] })).toEqual([expect.stringContaining('c.grant_types must name')])
  })

  test.each<[string, object, string]>([
    [
      'INT-02 a resource that is not configured',
      { protected_resources: ['https://other.example'] },
      'c.protected_resources[0] must be one of',
    ],
    [
      'INT-01 a public client',
      {
        token_endpoint_auth_method: 'none',
        client_secret: undefined,
        grant_types: ['authorization_code'],
        redirect_uris: ['https://a.example/'],
      },
      'c.protected_resources must be absent',
    ],
    [
      'JIN-04 enc without alg',
      { introspection_encrypted_response_enc: 'A256GCM' },
      'c.introspection_encrypted_response_enc stands without',
    ],
    ['JIN-04 alg without keys', { introspection_encrypted_response_alg: 'ECDH-ES' }, 'c.introspection_encrypted_response_alg needs a key'],
    [
      'JIN-04 alg with a key for signatures',
      { introspection_encrypted_response_alg: 'ECDH-ES', jwks: { keys: [ec] } },
      'c.introspection_encrypted_response_alg needs a key',
    ],
    [
      'JIN-04 alg with a key of another kind',
      { introspection_encrypted_response_alg: 'ECDH-ES', jwks: { keys: [{ ...rsa, use: 'enc' }] } },
      'c.introspection_encrypted_response_alg needs a key',
    ],
    [
      'JIN-04 a signing alg on a key for encryption',
      { jwks: { keys: [{ ...ec, use: 'enc', alg: 'ES256' }] } },
      'c.jwks.keys[0] with use enc must have an alg',
    ],
    [
      'JIN-04 an alg of another kind of key',
      { jwks: { keys: [{ ...rsa, use: 'enc', alg: 'ECDH-ES' }] } },
      'c.jwks.keys[0] with use enc must have an alg',
    ],
    ['JIN-04 a key that cannot receive', { jwks: { keys: [{ ...ed, use: 'enc' }] } }, 'c.jwks.keys[0] for encryption must be'],
  ])('%s is refused', (_name, over, fault) => {
    expect(faultsOf({ ...server, ...over })).toEqual([expect.stringContaining(fault)])
  })

  test.each<[string, object]>([
    ['JIN-04 ECDH-ES', { introspection_encrypted_response_alg: 'ECDH-ES', jwks: { keys: [ec, { ...ec, use: 'enc', alg: 'ECDH-ES' }] } }],
    ['JIN-04 RSA-OAEP-256', { introspection_encrypted_response_alg: 'RSA-OAEP-256', jwks: { keys: [{ ...rsa, use: 'enc' }] } }],
  ])('%s with a key of its kind is taken', (_name, over) => {
    expect(faultsOf({ ...server, ...over })).toEqual([])
  })
})
