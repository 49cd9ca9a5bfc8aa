import { GRANT_TYPES } from '../grants/index.ts'
import { openMemoryStore } from '@holdfast/store/memory'
import { expect, test } from 'vitest'
import { serverKinds } from '../index.ts'
import { ISSUER, startServer, type TestServer } from '../test/server.ts'
import { DPOP_ALGORITHMS } from '@holdfast/proof'

type Metadata = Readonly<Record<string, unknown>>

async function metadata(as: TestServer, url: string): Promise<Metadata> {
  const response = await as.fetch(url)
  if (response.status !== 200) throw new Error(`${url} is ${response.status}`)
  return (await response.json()) as Metadata
}

const OAUTH = `${ISSUER}/.well-known/oauth-authorization-server`
const OPENID = `${ISSUER}/.well-known/openid-configuration`

test('TOK-13 META-01 MCP-02 RFC 9068 §4: the document of RFC 8414 and that of OpenID Connect Discovery are one', async () => {
  const as = await startServer()
  const [oauth, openid] = await Promise.all([metadata(as, OAUTH), metadata(as, OPENID)])
  expect(oauth).toEqual(openid)
  expect(oauth['issuer']).toBe(ISSUER)
})

test('OIDC-62 MCP-02 RFC 8414 §3.1: an issuer with a path is found where each standard looks', async () => {
  const issuer = 'https://as.example/tenant'
  const as = await startServer(undefined, { issuer, store: openMemoryStore(serverKinds) })
  for (const url of [
    'https://as.example/.well-known/oauth-authorization-server/tenant',
    'https://as.example/.well-known/openid-configuration/tenant',
    `${issuer}/.well-known/openid-configuration`,
  ]) {
    expect(await metadata(as, url)).toMatchObject({ issuer, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` })
  }
  expect((await as.fetch(`${issuer}/jwks`)).status).toBe(200)
  expect((await as.fetch('https://as.example/jwks')).status).toBe(404)
})

test('OA-06 META-03 every endpoint that is named is under the issuer, without fragment, and is there', async () => {
  const as = await startServer()
  const named = Object.entries(await metadata(as, OAUTH)).filter(([name]) => name.endsWith('_endpoint') || name === 'jwks_uri')
  expect(named.map(([name]) => name).toSorted()).toEqual([
    'authorization_challenge_endpoint',
    'authorization_endpoint',
    'backchannel_authentication_endpoint',
    'device_authorization_endpoint',
    'end_session_endpoint',
    'introspection_endpoint',
    'jwks_uri',
    'pushed_authorization_request_endpoint',
    'revocation_endpoint',
    'token_endpoint',
    'userinfo_endpoint',
  ])
  for (const [, url] of named) {
    expect(url).toMatch(/^https:\/\/as\.example\/[a-z_-]+$/)
    expect((await as.fetch(String(url))).status).not.toBe(404)
  }
})

test('META-02 no member is empty or null', async () => {
  for (const value of Object.values(await metadata(await startServer(), OAUTH))) {
    expect(value).not.toBeNull()
    if (Array.isArray(value)) expect(value).not.toHaveLength(0)
  }
})

test('OA-23 BCP-09 BCP-16 DPOP-27 CAUTH-30 CAUTH-34 OIDC-29 A23 what is supported is said, and nothing weak is: no plain, no none, no HMAC, no implicit', async () => {
  const document = await metadata(await startServer(), OAUTH)
  expect(document).toMatchObject({
    code_challenge_methods_supported: ['S256'],
    response_types_supported: ['code'],
    grant_types_supported: GRANT_TYPES,
    token_endpoint_auth_methods_supported: ['private_key_jwt', 'client_secret_basic', 'client_secret_post', 'none'],
    token_endpoint_auth_signing_alg_values_supported: ['ES256', 'PS256', 'EdDSA', 'RS256'],
    dpop_signing_alg_values_supported: DPOP_ALGORITHMS,
    id_token_signing_alg_values_supported: expect.arrayContaining(['ES256', 'RS256']) as string[],
    authorization_response_iss_parameter_supported: true,
  })
  for (const [name, values] of Object.entries(document)) {
    if (!name.includes('alg_values')) continue
    for (const alg of values as string[]) expect(alg).not.toMatch(/^(none|HS\d+)$/)
  }
})

test('META-05 OIDC-51 what would mean true when it is left out is said to be false', async () => {
  expect(await metadata(await startServer(), OPENID)).toMatchObject({ request_uri_parameter_supported: false })
})

test('OIDC-63 OIDC-64 OIDC-46 OIDC-55 OpenID Connect Discovery §3: what every provider must say, and what this one can', async () => {
  const document = await metadata(await startServer(), OPENID)
  expect(document).toMatchObject({
    issuer: ISSUER,
    authorization_endpoint: `${ISSUER}/authorize`,
    token_endpoint: `${ISSUER}/token`,
    userinfo_endpoint: `${ISSUER}/userinfo`,
    jwks_uri: `${ISSUER}/jwks`,
    scopes_supported: expect.arrayContaining(['openid', 'profile', 'email', 'address', 'phone', 'offline_access']) as string[],
    response_types_supported: ['code'],
    subject_types_supported: ['public', 'pairwise'],
    id_token_signing_alg_values_supported: expect.arrayContaining(['RS256']) as string[],
    claims_parameter_supported: true,
    claim_types_supported: ['normal'],
    display_values_supported: ['page'],
    ui_locales_supported: ['en'],
    claims_supported: expect.arrayContaining(['sub', 'iss', 'auth_time', 'name', 'email_verified', 'address', 'phone_number']) as string[],
  })
  for (const about of ['id_token', 'userinfo']) {
    expect(document[`${about}_signing_alg_values_supported`]).toEqual(['ES256', 'RS256', 'PS256', 'EdDSA'])
    expect(document[`${about}_encryption_alg_values_supported`]).toContain('RSA-OAEP-256')
    expect(document[`${about}_encryption_enc_values_supported`]).toContain('A128CBC-HS256')
  }
})

test('OIDC-65 Discovery §3, OA-05: a page of another origin may read the document and the keys, and not ask for a sign-in', async () => {
  const as = await startServer()
  const headers = { origin: 'https://spa.example' }
  const allowed = async (url: string, init: RequestInit = {}): Promise<string | null> =>
    (await as.fetch(url, { headers, ...init })).headers.get('access-control-allow-origin')
  for (const url of [OPENID, OAUTH, `${ISSUER}/jwks`, `${ISSUER}/userinfo`]) expect(await allowed(url)).toBe('*')
  expect(await allowed(`${ISSUER}/authorize`)).toBeNull()
  expect(await allowed(`${ISSUER}/authorize`, { method: 'OPTIONS' })).toBeNull()
})

test('RES-02 the scopes of the resources are told', async () => {
  expect((await metadata(await startServer(), OPENID))['scopes_supported']).toEqual(
    expect.arrayContaining(['openid', 'accounts:read', 'accounts:write']),
  )
})

test('TOK-13 it may be cached for minutes, and is JSON', async () => {
  const response = await (await startServer()).fetch(OPENID)
  expect([response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual(['application/json', 'public, max-age=300'])
})
