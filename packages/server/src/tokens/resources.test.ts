import { OAuthError } from '@holdfast/protocol/oauth-error'
import { describe, expect, test } from 'vitest'
import { Application, told } from '../test/application.ts'
import { authorizationParameters } from '../test/person.ts'
import { ACCOUNTS_API, API, client, ISSUER, startServer } from '../test/server.ts'
import type { Client, Resource } from '../index.ts'
import { ResourceCatalog } from './resources.ts'

const PAYMENTS = 'https://api.example/payments'
const PAYMENTS_API: Resource = {
  identifier: PAYMENTS,
  name: 'Payments',
  scopes: [
    { name: 'payments', description: 'Pay' },
    { name: 'statements', description: 'See statements' },
  ],
  accessTokenFormat: 'jwt',
  accessTokenLifetime: 60,
}
const ARCHIVE = 'https://archive.example'
const ARCHIVE_API: Resource = {
  ...PAYMENTS_API,
  identifier: ARCHIVE,
  name: 'Archive',
  scopes: [{ name: 'statements', description: 'See statements' }],
}

const catalog = new ResourceCatalog(ISSUER, [ACCOUNTS_API, PAYMENTS_API, ARCHIVE_API], 300)
const anyone = client()

/** `audience: scopes`, or the refusal's code and requirement. */
function target(requested: readonly string[], granted: readonly string[], scopes: string, of: Client = anyone): string {
  const found = catalog.target(requested, granted, scopes.split(' '), of)
  return found instanceof OAuthError ? `${found.code} ${found.rule}` : `${found.audience.join(' ')}: ${found.scopes.join(' ')}`
}

describe('whom a token is for', () => {
  test.each<[string, readonly string[], readonly string[], string, string]>([
    [
      'RES-02 TOK-09 the resource that the token request names',
      [PAYMENTS],
      [API, PAYMENTS],
      'openid accounts:read payments',
      `${PAYMENTS}: payments`,
    ],
    [
      'RES-02 TOK-09 else the one that was granted, and userinfo with openid',
      [],
      [PAYMENTS],
      'openid payments',
      `${PAYMENTS} ${ISSUER}: openid payments`,
    ],
    ['TOK-09 RFC 9068 §3: else the one that the scopes belong to', [], [], 'accounts:read', `${API}: accounts:read`],
    ['TOK-09 the issuer, when the scopes are its own', [], [], 'openid profile', `${ISSUER}: openid profile`],
    ['RES-04 a resource that the scopes belong to may be named later', [API], [], 'openid accounts:read payments', `${API}: accounts:read`],
    ['RES-02 the issuer may be named', [ISSUER], [], 'openid accounts:read', `${ISSUER}: openid`],
    [
      'RES-05 TOK-07 BCP-13 FAPI-22 only the scopes that mean something there',
      [API],
      [API, PAYMENTS],
      'openid accounts:read payments',
      `${API}: accounts:read`,
    ],
    ['TOK-09 scopes of several resources are ambiguous', [], [], 'accounts:read payments', 'invalid_scope TOK-09'],
    ['TOK-10 a scope of two resources is ambiguous', [], [], 'statements', 'invalid_scope TOK-09'],
    ['TOK-10 and not when the resource is named', [ARCHIVE], [], 'statements', `${ARCHIVE}: statements`],
    ['RES-06 RES-03 several were granted and none is named', [], [API, PAYMENTS], 'accounts:read', 'invalid_target RES-06'],
    ['RES-06 two are named', [API, PAYMENTS], [API, PAYMENTS], 'accounts:read', 'invalid_target RES-06'],
    ['RES-04 A41 one that was not granted', [PAYMENTS], [API], 'accounts:read payments', 'invalid_target RES-04'],
    ['RES-04 A41 one that no granted scope belongs to', [PAYMENTS], [], 'accounts:read', 'invalid_target RES-04'],
    ['RES-01 one that nobody knows', ['https://unknown.example'], [], 'accounts:read', 'invalid_target RES-01'],
    ['RES-07 a trailing slash is another resource', [`${API}/`], [API], 'accounts:read', 'invalid_target RES-01'],
    ['RES-07 another case is another resource', [API.replace('api', 'API')], [API], 'accounts:read', 'invalid_target RES-01'],
  ])('%s', (_name, requested, granted, scopes, expected) => {
    expect(target(requested, granted, scopes)).toBe(expected)
  })

  test('the lifetime is the shortest of the audience', () => {
    expect(catalog.target([], [PAYMENTS], ['openid', 'payments'], anyone)).toMatchObject({ lifetime: 60 })
    expect(catalog.target([], [], ['openid'], anyone)).toMatchObject({ lifetime: 300 })
  })
})

describe('RES-01 a client that may ask for some resources only', () => {
  const payer = client({ resources: [PAYMENTS] })

  test('gets no token for another: named late, granted earlier, or by its scopes', () => {
    expect(target([API], [], 'accounts:read', payer)).toBe('invalid_target RES-01')
    expect(target([], [API], 'accounts:read', payer)).toBe('invalid_target RES-01')
    expect(target([], [], 'accounts:read payments', payer)).toBe(`${PAYMENTS}: payments`)
  })

  test('RES-01 A41 at the token endpoint, which leaves the code', async () => {
    const limited = client({ resources: [PAYMENTS], scopes: ['openid', 'accounts:read', 'payments'] })
    const one = new Application(await startServer([limited], { resources: [ACCOUNTS_API, PAYMENTS_API] }), limited)
    const code = await one.code({ scope: 'accounts:read payments' })
    expect(told(await one.redeem(code, { resource: API }))).toBe('400 invalid_target')
    const { body } = await one.redeem(code)
    expect(body['scope']).toBe('payments')
  })
})

describe('over HTTP', () => {
  async function payer(): Promise<Application> {
    const one = client({ scopes: ['openid', 'accounts:read', 'payments'] })
    return new Application(await startServer([one], { resources: [ACCOUNTS_API, PAYMENTS_API] }), one)
  }
  const audienceOf = (access: unknown): unknown =>
    (JSON.parse(Buffer.from(String(access).split('.')[1] ?? '', 'base64url').toString()) as { aud: unknown }).aud

  test('RES-04 RES-05 RFC 8707 §2.2: several at the authorization endpoint, one in each token; the refresh token keeps them all', async () => {
    const one = await payer()
    const parameters = `resource=${encodeURIComponent(API)}&resource=${encodeURIComponent(PAYMENTS)}`
    const seen = await one.person.through(`${authorizationParameters({ scope: 'openid accounts:read payments' })}&${parameters}`)
    const code = seen.location?.searchParams.get('code') ?? ''
    expect(told(await one.redeem(code))).toBe('400 invalid_target')
    const first = await one.redeem(code, { resource: API })
    expect([audienceOf(first.body['access_token']), first.body['scope']]).toEqual([API, 'accounts:read'])
    const second = await one.refresh(String(first.body['refresh_token']), { resource: PAYMENTS })
    expect([audienceOf(second.body['access_token']), second.body['scope'], second.body['expires_in']]).toEqual([PAYMENTS, 'payments', 60])
    const third = await one.refresh(String(second.body['refresh_token']), { resource: API })
    expect(audienceOf(third.body['access_token'])).toBe(API)
  })

  test.each([
    ['no URI', 'accounts'],
    ['a fragment', `${API}#part`],
    ['an empty host', 'https://'],
    ['unknown', 'https://unknown.example'],
  ])('RES-01 BCP-36 RFC 8707 §2: a resource with %s is invalid_target and leaves the code', async (_name, resource) => {
    const one = await payer()
    const code = await one.code({ scope: 'openid accounts:read' })
    expect(told(await one.redeem(code, { resource }))).toBe('400 invalid_target')
    expect(told(await one.redeem(code))).toBe('200')
  })
})
