import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGuard } from '@holdfast/guard'
import { toFetch } from '@holdfast/mount/fetch'
import { type Records, serverKinds } from '@holdfast/server'
import type { OpenStore } from '@holdfast/store'
import { openMemoryStore } from '@holdfast/store/memory'
import { openSqliteStore } from '@holdfast/store-sqlite'
import { exportJWK, generateKeyPair } from 'jose'
import * as oauth from 'oauth4webapi'
import * as oidc from 'openid-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Person } from '../packages/server/src/test/person.ts'
import { API, client, ISSUER, publicClient, RealClock, startServer, type TestServer } from '../packages/server/src/test/server.ts'

/** Clients that nobody here wrote, against the whole server, on every engine. */
const folder = mkdtempSync(join(tmpdir(), 'holdfast-clients-'))
afterAll(() => rmSync(folder, { recursive: true }))

const engines: readonly [string, () => Promise<OpenStore<Records>>][] = [
  ['memory', () => Promise.resolve(openMemoryStore(serverKinds))],
  ['sqlite', () => openSqliteStore({ path: join(folder, 'store.db'), kinds: serverKinds })],
]

describe.each(engines)('on %s', (_name, open) => {
  let as: TestServer
  let store: OpenStore<Records>
  let assertionKey: CryptoKey
  const clientKeyId = 'client-key'

  beforeAll(async () => {
    const pair = await generateKeyPair('ES256', { extractable: true })
    assertionKey = pair.privateKey
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: clientKeyId, alg: 'ES256', use: 'sig' }
    store = await open()
    const bound = { dpopBoundAccessTokens: true, requirePushedAuthorizationRequests: true }
    const confidential = client({
      clientId: 'fapi',
      profile: 'fapi2',
      tokenEndpointAuthMethod: 'private_key_jwt',
      secrets: [],
      jwks: { keys: [jwk] },
      ...bound,
    })
    as = await startServer([confidential, publicClient({ profile: 'strong', ...bound })], {
      store,
      clock: new RealClock(),
    })
  })
  afterAll(async () => {
    await as.server.close()
    await store.close()
  })

  /** Routes by host: the API behind the guard, all else to the server. */
  function internet(): (url: string, options?: unknown) => Promise<Response> {
    const guard = createGuard({
      issuer: ISSUER,
      resource: API,
      fetch: ((url: string, init: RequestInit) => as.fetch(url, init)) as typeof fetch,
      nonceSecret: new Uint8Array(32).fill(3),
    })
    const api = toFetch(async (request) => {
      const verdict = await guard.check(request, { scopes: ['accounts:read'] })
      return verdict.kind === 'refused' ? verdict.reply : { status: 200, headers: verdict.headers, body: verdict.access.subject }
    })
    return (url, options) =>
      url.startsWith('https://api.example') ? api(new Request(url, options as RequestInit)) : as.fetch(url, options as RequestInit)
  }

  async function whole(configuration: oidc.Configuration, redirectUri: string): Promise<void> {
    const web = internet()
    configuration[oidc.customFetch] = web as oidc.CustomFetch
    const DPoP = oidc.getDPoPHandle(configuration, await oidc.randomDPoPKeyPair('ES256'))
    const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
    const [expectedState, expectedNonce] = [oidc.randomState(), oidc.randomNonce()]
    const parameters = {
      redirect_uri: redirectUri,
      scope: 'openid profile accounts:read',
      code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: expectedState,
      nonce: expectedNonce,
    }
    const url = await oidc.buildAuthorizationUrlWithPAR(configuration, parameters, { DPoP })
    const returned = await new Person(as).through(url.searchParams)
    const tokens = await oidc.authorizationCodeGrant(
      configuration,
      returned.location as URL,
      { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true },
      undefined,
      { DPoP },
    )
    expect([tokens.token_type, tokens.claims()?.sub]).toEqual(['dpop', 'u_ada'])
    const person = await oidc.fetchUserInfo(configuration, tokens.access_token, 'u_ada', { DPoP })
    expect(person['name']).toBe('Ada Lovelace')
    const refreshed = await oidc.refreshTokenGrant(configuration, tokens.refresh_token ?? '', undefined, { DPoP })
    const answer = await oidc.fetchProtectedResource(configuration, refreshed.access_token, new URL(API), 'GET', undefined, undefined, {
      DPoP,
    })
    expect([answer.status, await answer.text()]).toEqual([200, 'u_ada'])
    await oidc.tokenRevocation(configuration, refreshed.refresh_token ?? '')
    await expect(oidc.refreshTokenGrant(configuration, refreshed.refresh_token ?? '', undefined, { DPoP })).rejects.toMatchObject({
      error: 'invalid_grant',
    })
  }

  const options = (): { readonly [oidc.customFetch]: oidc.CustomFetch } => ({ [oidc.customFetch]: internet() as oidc.CustomFetch })

  test('openid-client: private_key_jwt, PAR, PKCE, DPoP with nonces at both ends, userinfo, refresh, API, revocation', async () => {
    const configuration = await oidc.discovery(
      new URL(ISSUER),
      'fapi',
      undefined,
      oidc.PrivateKeyJwt({ key: assertionKey, kid: clientKeyId }),
      options(),
    )
    await whole(configuration, 'https://app.example/callback')
  })

  test('openid-client: a public client on a loopback port', async () => {
    const configuration = await oidc.discovery(new URL(ISSUER), 'app', undefined, oidc.None(), options())
    await whole(configuration, 'http://127.0.0.1:50123/callback')
  })

  test('oauth4webapi: the FAPI 2.0 flow, each nonce asked for and answered', async () => {
    const web = internet()
    const custom = { [oauth.customFetch]: web as never }
    const issuer = await oauth.processDiscoveryResponse(
      new URL(ISSUER),
      await oauth.discoveryRequest(new URL(ISSUER), { algorithm: 'oauth2', ...custom }),
    )
    const me: oauth.Client = { client_id: 'fapi' }
    const auth = oauth.PrivateKeyJwt({ key: assertionKey, kid: clientKeyId })
    const DPoP = oauth.DPoP(me, await oauth.generateKeyPair('ES256'))
    const verifier = oauth.generateRandomCodeVerifier()
    const parameters = {
      response_type: 'code',
      redirect_uri: 'https://app.example/callback',
      scope: 'accounts:read',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      resource: API,
    }
    const push = (): Promise<oauth.PushedAuthorizationResponse> =>
      oauth
        .pushedAuthorizationRequest(issuer, me, auth, parameters, { DPoP, ...custom })
        .then((response) => oauth.processPushedAuthorizationResponse(issuer, me, response))
    const pushed = await push().catch((error: unknown) => (oauth.isDPoPNonceError(error) ? push() : Promise.reject(error)))
    const returned = await new Person(as).through(new URLSearchParams({ client_id: 'fapi', request_uri: pushed.request_uri }))
    const callback = oauth.validateAuthResponse(issuer, me, returned.location as URL, oauth.expectNoState)
    const response = await oauth.authorizationCodeGrantRequest(issuer, me, auth, callback, 'https://app.example/callback', verifier, {
      DPoP,
      ...custom,
    })
    const tokens = await oauth.processAuthorizationCodeResponse(issuer, me, response)
    const ask = (): Promise<Response> =>
      oauth.protectedResourceRequest(tokens.access_token, 'GET', new URL(API), undefined, undefined, { DPoP, ...custom })
    const answer = await ask().catch((error: unknown) => (oauth.isDPoPNonceError(error) ? ask() : Promise.reject(error)))
    expect([answer.status, tokens.scope, tokens.id_token]).toEqual([200, 'accounts:read', undefined])
  })
})
