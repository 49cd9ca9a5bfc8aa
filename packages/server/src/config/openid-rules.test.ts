import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Client } from './client.ts'
import { readClient } from './read-client.ts'

const CONTEXT = { profile: 'oauth21', resources: [], grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'] } as const
const enc = { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }), use: 'enc' }
const SECTOR = 'https://sector.example/uris.json'

function read(over: Readonly<Record<string, unknown>>): { readonly client: Client | undefined; readonly faults: readonly string[] } {
  const metadata = {
    client_id: 'web',
    client_secret: 'q8Zr4vKp2mXw7nTb5cYd9fGh3jLs6aEu',
    redirect_uris: ['https://app.example/cb'],
    ...over,
  }
  const { value, faults } = readClient(metadata, CONTEXT, 'c')
  return { client: value, faults: faults.map(({ path, message }) => `${path} ${message}`) }
}

describe('OIDC-55 OIDC-57 Core §8.1: subject types and sectors', () => {
  const TWO = ['https://app.example/cb', 'https://other.example/cb']
  test.each([
    ['public is the default', {}, undefined],
    ['and can be said', { subject_type: 'public' }, undefined],
    ['the host of the redirect URI', { subject_type: 'pairwise' }, 'app.example'],
    [
      'one host of several URIs, whatever their ports',
      { subject_type: 'pairwise', redirect_uris: ['https://app.example/a', 'https://app.example:8443/b'] },
      'app.example',
    ],
    ['the host of sector_identifier_uri', { subject_type: 'pairwise', sector_identifier_uri: SECTOR }, 'sector.example'],
    ['for several hosts', { subject_type: 'pairwise', sector_identifier_uri: SECTOR, redirect_uris: TWO }, 'sector.example'],
    ['public clients have no sector', { sector_identifier_uri: SECTOR }, undefined],
  ])('%s', (_name, over, sector) => {
    expect(read(over)).toEqual({ client: expect.objectContaining({ pairwiseSector: sector }) as Client, faults: [] })
  })

  test.each([
    ['several hosts', { redirect_uris: TWO }],
    // Every application on every device has these: they would all be one sector.
    ['loopback', { application_type: 'native', redirect_uris: ['http://127.0.0.1/cb'] }],
    ['a scheme of its own', { application_type: 'native', redirect_uris: ['com.example.app:/cb'] }],
    ['an address and loopback', { application_type: 'native', redirect_uris: ['https://app.example/cb', 'http://127.0.0.1/cb'] }],
    ['nowhere to redirect to', { redirect_uris: [], grant_types: ['client_credentials'] }],
  ])('OIDC-57 pairwise without sector_identifier_uri is refused with %s', (_name, over) => {
    expect(read({ subject_type: 'pairwise', ...over }).faults.filter((one) => one.includes('sector'))).toEqual([
      expect.stringMatching(/^c\.sector_identifier_uri is missing/),
    ])
    expect(
      read({ subject_type: 'pairwise', sector_identifier_uri: SECTOR, ...over }).faults.filter((one) => one.includes('sector')),
    ).toEqual([])
  })

  test.each([
    ['http', 'http://sector.example/uris.json'],
    ['loopback', 'http://localhost/uris.json'],
    ['no address', 'sector.example'],
    ['a fragment', `${SECTOR}#x`],
    ['a user', 'https://u:p@sector.example/uris.json'],
  ])('OIDC-58 sector_identifier_uri that is %s', (_name, uri) => {
    expect(read({ sector_identifier_uri: uri }).faults).toEqual([expect.stringMatching(/^c\.sector_identifier_uri must/)])
  })

  test('OIDC-55 another subject type is none', () => {
    expect(read({ subject_type: 'ephemeral' }).faults).toHaveLength(1)
  })
})

describe('OpenID Connect Registration §2: encrypted and signed answers', () => {
  test.each([
    ['id_token', 'idTokenEncryptedResponse'],
    ['userinfo', 'userinfoEncryptedResponse'],
  ] as const)('%s: enc has a default, and stands with alg and a key that fits', (about, member) => {
    const alg = `${about}_encrypted_response_alg`
    const jwks = { keys: [enc] }
    expect(read({ [alg]: 'ECDH-ES', jwks }).client?.[member]).toEqual({ alg: 'ECDH-ES', enc: 'A128CBC-HS256' })
    const named = { [alg]: 'ECDH-ES', [`${about}_encrypted_response_enc`]: 'A256GCM' }
    expect(read({ ...named, jwks_uri: 'https://app.example/jwks' }).client?.[member]).toEqual({ alg: 'ECDH-ES', enc: 'A256GCM' })
    expect(read({ [`${about}_encrypted_response_enc`]: 'A256GCM', jwks }).faults).toEqual([
      `c.${about}_encrypted_response_enc stands without ${alg}`,
    ])
    expect(read({ [alg]: 'RSA-OAEP', jwks }).faults).toEqual([`c.${alg} needs a key of jwks with use enc that RSA-OAEP can encrypt to`])
    expect(read({ [alg]: 'ECDH-ES' }).faults).toHaveLength(1)
    expect(read({ [alg]: 'RSA1_5', jwks }).faults).toHaveLength(1)
  })

  test('OIDC-42 userinfo is plain JSON unless it is said; none and HS256 are no signatures', () => {
    expect(read({}).client?.userinfoSignedResponseAlg).toBeUndefined()
    expect(read({ userinfo_signed_response_alg: 'RS256' }).client?.userinfoSignedResponseAlg).toBe('RS256')
    for (const alg of ['none', 'HS256']) expect(read({ userinfo_signed_response_alg: alg }).faults).toHaveLength(1)
  })

  test('FAPI-70 not RS256 under fapi2', () => {
    const { faults } = read({ profile: 'fapi2', userinfo_signed_response_alg: 'RS256' })
    expect(faults).toContain('c.userinfo_signed_response_alg must be one of PS256, ES256, EdDSA under the profile fapi2')
  })
})

describe('OIDC-52 Core §6.1: merged request objects', () => {
  test('what is signed and nothing else, unless the operator says so', () => {
    expect(read({}).client?.mergesRequestObject).toBe(false)
    expect(read({ request_object_parameters: 'only_inside' }).client?.mergesRequestObject).toBe(false)
    expect(read({ request_object_parameters: 'merged' }).client?.mergesRequestObject).toBe(true)
  })

  test.each([{ profile: 'strong' }, { profile: 'fapi2' }, { profile: 'fapi2-message-signing' }, { require_signed_request_object: true }])(
    'not with %j: what is not signed must not count',
    (over) => {
      const { faults } = read({ request_object_parameters: 'merged', ...over })
      expect(faults.filter((one) => one.includes('request_object_parameters'))).toEqual([
        expect.stringMatching(/^c\.request_object_parameters must be only_inside/),
      ])
    },
  )
})
