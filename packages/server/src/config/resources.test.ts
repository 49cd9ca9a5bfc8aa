import { describe, expect, test } from 'vitest'
import { readResources } from './resources.ts'

const issuer = 'https://as.example'
const faultsOf = (list: unknown): readonly string[] =>
  readResources(list, { issuer }).faults.map((fault) => `${fault.path} ${fault.message}`)

describe('resources', () => {
  test('names alone, and names with a description', () => {
    const read = readResources(
      [
        {
          identifier: 'https://api.example',
          name: 'Accounts',
          scopes: ['read', { name: 'write', description: 'Change your accounts' }],
          accessTokenLifetime: 600,
        },
        { identifier: 'http://localhost:4100/api' },
      ],
      { issuer, accessTokenLifetime: 120 },
    )
    expect(read.value).toEqual([
      {
        identifier: 'https://api.example',
        name: 'Accounts',
        scopes: [
          { name: 'read', description: 'read' },
          { name: 'write', description: 'Change your accounts' },
        ],
        accessTokenFormat: 'jwt',
        accessTokenLifetime: 600,
      },
      {
        identifier: 'http://localhost:4100/api',
        name: 'http://localhost:4100/api',
        scopes: [],
        accessTokenFormat: 'jwt',
        accessTokenLifetime: 120,
      },
    ])
  })

  test('five minutes is the default of an access token', () => {
    expect(readResources([{ identifier: 'https://api.example' }], { issuer }).value?.[0]?.accessTokenLifetime).toBe(300)
  })

  test('jwt is the default form of an access token, and opaque the other', () => {
    const list = [{ identifier: 'https://a.example' }, { identifier: 'https://b.example', accessTokenFormat: 'opaque' }]
    expect(readResources(list, { issuer }).value?.map((one) => one.accessTokenFormat)).toEqual(['jwt', 'opaque'])
  })

  test.each([
    [{ identifier: 'https://api.example#x' }, 'resources[0].identifier must not have a fragment (RFC 8707 §2)'],
    [
      { identifier: 'http://api.example' },
      'resources[0].identifier must be an https address; http is for 127.0.0.1, [::1] and localhost only',
    ],
    [{ identifier: 'urn:api' }, 'resources[0].identifier must be an https address; http is for 127.0.0.1, [::1] and localhost only'],
    [{ identifier: issuer }, 'resources[0].identifier must not be the issuer, which is a resource by itself (for userinfo)'],
    [{}, 'resources[0].identifier is missing; it must be an https address of at most 1024 characters'],
    [{ identifier: 'https://a.example', scopes: ['openid'] }, 'resources[0].scopes[0] must not be openid, which belongs to OpenID Connect'],
    [
      { identifier: 'https://a.example', scopes: ['a b'] },
      'resources[0].scopes[0] must be printable ASCII without spaces, " and \\ (OAuth 2.1 §1.4.1)',
    ],
    [
      { identifier: 'https://a.example', scopes: ['a', { name: 'a', description: 'A' }] },
      'resources[0].scopes[1] is the same as resources[0].scopes[0]',
    ],
    [
      { identifier: 'https://a.example', scopes: [{ name: 'a', text: 'A' }] },
      'resources[0].scopes[0] must be the name of a scope, or an object with its name and a description of at most 200 characters',
    ],
    [{ identifier: 'https://a.example', accessTokenFormat: 'saml' }, 'resources[0].accessTokenFormat must be one of jwt, opaque'],
    [
      { identifier: 'https://a.example', accessTokenLifetime: 29 },
      'resources[0].accessTokenLifetime must be a whole number of seconds from 30 to 3600',
    ],
    [
      { identifier: 'https://a.example', accessTokenLifetime: 3601 },
      'resources[0].accessTokenLifetime must be a whole number of seconds from 30 to 3600',
    ],
    [
      { identifier: 'https://a.example', accessTokenLifetme: 300 },
      'resources[0].accessTokenLifetme is not an option; did you mean accessTokenLifetime?',
    ],
    ['https://a.example', 'resources[0] must be an object'],
  ])('%j is refused', (resource, fault) => {
    expect(faultsOf([resource])).toContain(fault)
  })

  test('an identifier stands once', () => {
    expect(faultsOf([{ identifier: 'https://a.example' }, { identifier: 'https://a.example' }])).toEqual([
      'resources[1].identifier is the same as that of resources[0]',
    ])
  })

  test('every fault of every resource is told at once', () => {
    expect(faultsOf([{ identifier: 'http://a.example', scopes: ['email'], color: 1 }, { accessTokenLifetime: 'x' }])).toHaveLength(5)
    expect(faultsOf('x')).toEqual(['resources must be a list of resources'])
  })
})
