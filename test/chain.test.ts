import { createGuard } from '@holdfast/guard'
import { toFetch } from '@holdfast/mount/fetch'
import { createProcessMemory } from '@holdfast/proof/memory'
import { createServer, type Client, serverKinds } from '@holdfast/server'
import { newSecret, secretHash } from '@holdfast/protocol/secret'
import { systemClock } from '@holdfast/protocol/time'
import { openMemoryStore } from '@holdfast/store/memory'
import * as oidc from 'openid-client'
import { expect, test } from 'vitest'

test('the whole chain', async () => {
  const issuer = 'https://as.example'
  const resource = 'https://api.example/accounts'
  const store = openMemoryStore(serverKinds)
  const secret = newSecret()
  const client: Client = {
    clientId: 'demo', clientName: 'Demo', clientUri: undefined, logoUri: undefined, policyUri: undefined, tosUri: undefined, profile: 'strong', applicationType: 'web',
    redirectUris: ['https://app.example/callback'], grantTypes: ['authorization_code', 'refresh_token'], scopes: ['openid', 'profile', 'accounts:read'], resources: undefined,
    tokenEndpointAuthMethod: 'client_secret_basic', tokenEndpointAuthSigningAlg: undefined, secrets: [{ hash: secretHash(secret), expiresAt: undefined }], jwks: undefined, jwksUri: undefined,
    idTokenSignedResponseAlg: 'ES256', dpopBoundAccessTokens: true, requirePushedAuthorizationRequests: true, defaultMaxAge: undefined, unsafeLegacyAssertionAudience: false, disabled: false,
  }
  const account = { sub: 'u_1', username: 'ada', displayName: 'Ada', claims: { name: 'Ada' }, disabled: false }
  const server = await createServer({
    issuer, store,
    accounts: { find: async (sub) => (sub === 'u_1' ? account : undefined), verifyPassword: async (u, p) => (u === 'ada' && p === 'right' ? account : undefined) },
    clients: [client],
    resources: [{ identifier: resource, name: 'Accounts', scopes: [{ name: 'accounts:read', description: 'See accounts' }], accessTokenFormat: 'jwt', accessTokenLifetime: 300 }],
    secrets: [{ id: 'a', value: new Uint8Array(32).fill(7) }],
    memory: createProcessMemory({ clock: systemClock }),
    log: { info: console.log, warn: console.log, error: console.error },
  })
  const asFetch = toFetch(server.handler)
  const bridge = (url: string, options: unknown): Promise<Response> => asFetch(new Request(url, options as RequestInit))
  const config = await oidc.discovery(new URL(issuer), 'demo', { client_secret: secret }, oidc.ClientSecretBasic(secret), { [oidc.customFetch]: bridge as oidc.CustomFetch, algorithm: 'oauth2' })
  config[oidc.customFetch] = bridge as oidc.CustomFetch
  const keys = await oidc.randomDPoPKeyPair('ES256')
  const DPoP = oidc.getDPoPHandle(config, keys)
  const verifier = oidc.randomPKCECodeVerifier()
  const state = oidc.randomState()
  const url = await oidc.buildAuthorizationUrlWithPAR(config, { redirect_uri: 'https://app.example/callback', scope: 'openid profile accounts:read', code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', state }, { DPoP })
  // sign in
  let res = await bridge(url.href, { redirect: 'manual' })
  expect(res.status).toBe(303)
  let cookie = res.headers.getSetCookie().map((c) => c.split(';')[0]).join('; ')
  const page = res.headers.get('location')!
  res = await bridge(page, { headers: { cookie } })
  let html = await res.text()
  expect(html).toContain('login-submit')
  const csrf = (h: string): string => /name="csrf" value="([^"]+)"/.exec(h)![1]!
  const post = (body: Record<string, string>): Promise<Response> => bridge(page, { method: 'POST', redirect: 'manual', headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(body).toString() })
  res = await post({ csrf: csrf(html), username: 'ada', password: 'right' })
  expect(res.status).toBe(303)
  cookie = res.headers.getSetCookie().map((c) => c.split(';')[0]).join('; ')
  res = await bridge(page, { headers: { cookie } })
  html = await res.text()
  expect(html).toContain('consent-allow')
  res = await post({ csrf: csrf(html), answer: 'allow' })
  expect(res.status).toBe(303)
  const tokens = await oidc.authorizationCodeGrant(config, new URL(res.headers.get('location')!), { pkceCodeVerifier: verifier, expectedState: state }, undefined, { DPoP })
  expect(tokens.token_type).toBe('dpop')
  const user = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims()!.sub, { DPoP })
  expect(user['name']).toBe('Ada')
  const again = await oidc.refreshTokenGrant(config, tokens.refresh_token!, undefined, { DPoP })
  const guard = createGuard({ issuer, resource, fetch: ((u: string, o: RequestInit) => bridge(u, o)) as typeof fetch })
  const apiFetch = toFetch(async (request) => {
    const verdict = await guard.check(request, { scopes: ['accounts:read'] })
    return verdict.kind === 'refused' ? verdict.reply : { status: 200, headers: {}, body: verdict.access.subject }
  })
  config[oidc.customFetch] = ((u: string, o: RequestInit) => apiFetch(new Request(u, o))) as unknown as oidc.CustomFetch
  const answer = await oidc.fetchProtectedResource(config, again.access_token, new URL('https://api.example/accounts'), 'GET', undefined, undefined, { DPoP })
  expect(await answer.text()).toBe('u_1')
  const stolen = await apiFetch(new Request(resource, { headers: { authorization: `Bearer ${again.access_token}` } }))
  expect(stolen.status).toBe(401)
  await server.close()
})
