import { generateKeyPairSync } from 'node:crypto'
import { secretHash } from '@holdfast/protocol/secret'
import { describe, expect, test } from 'vitest'
import { readClient, readClients } from './read-client.ts'
import type { ClientContext } from './read-client.ts'

const secret = 'q9Zt3vXk1LmN8pRs5TuVw2YzA4BcD6Ef'
const context: ClientContext = {
  profile: 'strong',
  grantTypes: ['authorization_code', 'refresh_token'],
  resources: [
    {
      identifier: 'https://api.example',
      name: 'API',
      scopes: [{ name: 'accounts:read', description: 'Read' }],
      accessTokenFormat: 'jwt',
      accessTokenLifetime: 300,
    },
  ],
}
const publicKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })

describe('defaults of a client that an operator creates', () => {
  test('REG-08 RFC 7591 §2: little is said, the safe rest follows', () => {
    expect(readClient({ client_id: 'web', client_secret: secret, redirect_uris: ['https://app.example/cb'] }, context, 'c').value).toEqual({
      clientId: 'web',
      origin: 'operator',
      clientName: 'web',
      clientUri: undefined,
      logoUri: undefined,
      policyUri: undefined,
      tosUri: undefined,
      profile: 'strong',
      applicationType: 'web',
      redirectUris: ['https://app.example/cb'],
      grantTypes: ['authorization_code', 'refresh_token'],
      scopes: ['openid', 'profile', 'email', 'offline_access'],
      resources: undefined,
      tokenEndpointAuthMethod: 'client_secret_basic',
      tokenEndpointAuthSigningAlg: undefined,
      secrets: [{ hash: secretHash(secret), expiresAt: undefined }],
      jwks: undefined,
      jwksUri: undefined,
      idTokenSignedResponseAlg: 'ES256',
      dpopBoundAccessTokens: true,
      requirePushedAuthorizationRequests: true,
      defaultMaxAge: undefined,
      tlsClientAuth: undefined,
      certificateBoundAccessTokens: false,
      requestObjectSigningAlg: undefined,
      requireSignedRequestObject: false,
      mergesRequestObject: false,
      authorizationSignedResponseAlg: 'ES256',
      authorizationEncryptedResponse: undefined,
      introspectionSignedResponseAlg: 'ES256',
      introspectionEncryptedResponse: undefined,
      responseModes: undefined,
      postLogoutRedirectUris: [],
      backchannelLogoutUri: undefined,
      backchannelLogoutSessionRequired: false,
      frontchannelLogoutUri: undefined,
      frontchannelLogoutSessionRequired: false,
      initiateLoginUri: undefined,
      authorizationDetailsTypes: [],
      protectedResources: [],
      backchannel: undefined,
      firstParty: false,
      unsafeWithoutPkce: false,
      unsafeLegacyAssertionAudience: false,
      disabled: false,
    })
  })

  test('oauth21 asks for neither DPoP nor a pushed request, and can be told to', () => {
    const metadata = { client_id: 'spa', profile: 'oauth21', token_endpoint_auth_method: 'none', redirect_uris: ['https://app.example/cb'] }
    expect(readClient(metadata, context, 'c').value).toMatchObject({
      dpopBoundAccessTokens: false,
      requirePushedAuthorizationRequests: false,
      secrets: [],
    })
    expect(readClient({ ...metadata, dpop_bound_access_tokens: true }, context, 'c').value).toMatchObject({
      dpopBoundAccessTokens: true,
      requirePushedAuthorizationRequests: false,
    })
  })

  test('FAPI-14 FAPI 2.0 §5.3.2.1: a fapi2 client has private_key_jwt without saying so', () => {
    expect(
      readClient(
        { client_id: 'bank', profile: 'fapi2', jwks: { keys: [publicKey] }, redirect_uris: ['https://app.example/cb'] },
        context,
        'c',
      ).value,
    ).toMatchObject({
      tokenEndpointAuthMethod: 'private_key_jwt',
      dpopBoundAccessTokens: true,
      requirePushedAuthorizationRequests: true,
    })
  })

  test('the profile of the server is that of a client which names none', () => {
    expect(
      readClient(
        { client_id: 'a', client_secret: secret, redirect_uris: ['https://a.example/cb'] },
        { ...context, profile: 'oauth21' },
        'c',
      ).value,
    ).toMatchObject({ profile: 'oauth21', dpopBoundAccessTokens: false })
  })

  test('a client where nobody signs in has no scope by default', () => {
    const read = readClient(
      { client_id: 'job', client_secret: secret, grant_types: ['client_credentials'] },
      { ...context, grantTypes: ['client_credentials'] },
      'c',
    )
    expect(read.value).toMatchObject({ scopes: [], redirectUris: [] })
  })

  test('CAUTH-17 two secrets overlap, each with its end; 0 is never', () => {
    const read = readClient(
      {
        client_id: 'a',
        client_secret: secret,
        client_secret_expires_at: 0,
        previous_client_secret: `sha256:${secretHash('x')}`,
        previous_client_secret_expires_at: 2_000_000_000,
        redirect_uris: ['https://a.example/cb'],
      },
      context,
      'c',
    )
    expect(read.value?.secrets).toEqual([
      { hash: secretHash(secret), expiresAt: undefined },
      { hash: secretHash('x'), expiresAt: 2_000_000_000 },
    ])
  })

  test('a native application takes private-use schemes and loopback', () => {
    const read = readClient(
      {
        client_id: 'cli',
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        redirect_uris: ['com.example.app:/cb', 'http://127.0.0.1/cb', 'http://localhost/cb'],
      },
      context,
      'c',
    )
    expect(read.faults).toEqual([])
    expect(read.value?.applicationType).toBe('native')
  })
})

describe('a list of clients', () => {
  test('every fault of every client is told at once', () => {
    const read = readClients(
      [
        { client_id: 'u_1', client_secret: 'short', redirectUris: [], scope: 'acounts:read' },
        { client_name: 7, token_endpoint_auth_method: 'secret' },
        'web',
        { client_id: 'u_1', client_secret: secret, redirect_uris: ['https://a.example/cb'] },
      ],
      context,
    )
    expect(read.value).toBeUndefined()
    expect(read.faults.map((fault) => `${fault.path} ${fault.message}`)).toEqual([
      'clients[0].redirectUris is not an option; did you mean redirect_uris?',
      'clients[0].client_id must not start with u_, which is how people are named in tokens',
      'clients[0].redirect_uris is missing; the grant authorization_code needs at least one',
      'clients[0].scope has acounts:read, which no resource has; did you mean accounts:read?',
      'clients[0].client_secret must have at least 32 characters and has 5; make one with: openssl rand -base64 33',
      'clients[1].client_id is missing; it must be text of 1 to 256 printable ASCII characters',
      'clients[1].client_name must be text of 1 to 100 characters',
      expect.stringMatching(/^clients\[1\].token_endpoint_auth_method must be one of .*private_key_jwt.*, none$/),
      'clients[1].redirect_uris is missing; the grant authorization_code needs at least one',
      'clients[2] must be an object',
      'clients[3].client_id must not start with u_, which is how people are named in tokens',
      'clients[3].client_id is the same as that of clients[0]',
    ])
  })

  test('no fault shows a secret', () => {
    const text = JSON.stringify(
      readClients(
        [
          { client_id: 'a', client_secret: 'hunter2hunter2' },
          { client_id: 'b', client_secret: ['hunter2'] },
        ],
        context,
      ).faults,
    )
    expect(text).not.toContain('hunter2')
  })
})
