import { describe, expect, test } from 'vitest'
import type { Client } from '../index.ts'
import { Application, told } from '../test/application.ts'
import { authorizationParameters, Person } from '../test/person.ts'
import { client, publicClient, startServer } from '../test/server.ts'

const WITHOUT = { code_challenge: undefined, code_challenge_method: undefined }

async function ask(one: Client, over: Readonly<Record<string, string | undefined>> = {}): Promise<string | null | undefined> {
  const as = await startServer([one])
  const seen = await new Person(as).authorize(
    authorizationParameters({ client_id: one.clientId, redirect_uri: one.redirectUris[0], nonce: 'n', ...WITHOUT, ...over }),
  )
  return seen.location?.pathname.startsWith('/interaction/') === true ? 'asked' : seen.location?.searchParams.get('error')
}

describe('OA-20 OAuth 2.1 §7.5.1: PKCE may be left out', () => {
  test('by a confidential OpenID Connect client that has leave to, with a nonce', async () => {
    expect(await ask(client({ unsafeWithoutPkce: true }))).toBe('asked')
  })
  test.each([
    ['without leave', {}, {}],
    ['without a nonce', { unsafeWithoutPkce: true }, { nonce: undefined }],
    ['with an empty nonce', { unsafeWithoutPkce: true }, { nonce: '' }],
    ['without openid', { unsafeWithoutPkce: true }, { scope: 'accounts:read' }],
    ['under strong, whatever is stored', { unsafeWithoutPkce: true, profile: 'strong' }, {}],
    ['under fapi2, whatever is stored', { unsafeWithoutPkce: true, profile: 'fapi2' }, {}],
    ['with a method and no challenge', { unsafeWithoutPkce: true }, { code_challenge_method: 'S256' }],
    ['with plain', { unsafeWithoutPkce: true }, { code_challenge: 'a'.repeat(43), code_challenge_method: 'plain' }],
  ] as const)('OA-20 not %s', async (_name, over, parameters) => {
    expect(await ask(client(over), parameters)).toBe('invalid_request')
  })
  test('OA-20 not by a public client, whatever is stored', async () => {
    expect(await ask(publicClient({ unsafeWithoutPkce: true }))).toBe('invalid_request')
  })
})

describe('a code without a challenge', () => {
  const one = client({ unsafeWithoutPkce: true })
  test('is redeemed without a verifier, and the nonce is in the ID token', async () => {
    const app = new Application(await startServer([one]), one)
    const answer = await app.redeem(await app.code({ nonce: 'n-1', ...WITHOUT }), { code_verifier: undefined })
    expect(told(answer)).toBe('200')
    const [, claims = ''] = String(answer.body['id_token']).split('.')
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ nonce: 'n-1' })
  })
  test('OA-53 BCP-33 with a verifier it is refused: somebody took the challenge out of a request that had one', async () => {
    const app = new Application(await startServer([one]), one)
    expect(told(await app.redeem(await app.code({ nonce: 'n', ...WITHOUT })))).toBe('400 invalid_request')
  })
  test('OA-55 OpenID Connect Core §3.1.3.2: without PKCE nothing stands in for redirect_uri', async () => {
    const app = new Application(await startServer([one]), one)
    const code = await app.code({ nonce: 'n', ...WITHOUT })
    expect(told(await app.redeem(code, { code_verifier: undefined, redirect_uri: undefined }))).toBe('400 invalid_grant')
    expect(told(await app.redeem(code, { code_verifier: undefined }))).toBe('200')
  })
  test('OA-53 one with a challenge still needs its verifier', async () => {
    const app = new Application(await startServer([one]), one)
    expect(told(await app.redeem(await app.code({ nonce: 'n' }), { code_verifier: undefined }))).toBe('400 invalid_grant')
  })
})

test('design §1.9 what is unsafe is said at every start, each by its name', async () => {
  const as = await startServer([
    client({ unsafeWithoutPkce: true }),
    client({ clientId: 'other', unsafeLegacyAssertionAudience: true }),
    publicClient(),
  ])
  expect(as.logged.filter((line) => line.startsWith('an unsafe option is on'))).toEqual([
    'an unsafe option is on {"clientId":"web","option":"unsafe_without_pkce"}',
    'an unsafe option is on {"clientId":"other","option":"unsafe_legacy_assertion_audience"}',
  ])
})
