import { createGuard } from '@holdfast/guard'
import { toFetch } from '@holdfast/mount/fetch'
import type { Handler } from '@holdfast/protocol/http'
import * as oidc from 'openid-client'
import { beforeEach, describe, expect, test } from 'vitest'
import { authorizationParameters, Person } from '../packages/server/src/test/person.ts'
import { API, client, ISSUER, publicClient, RealClock, SECRET, startServer, type TestServer } from '../packages/server/src/test/server.ts'

/** Everything that can be stolen in one flow is stolen, and shown by the thief. Each time the owner goes on unharmed. */
describe('stolen', () => {
  let as: TestServer
  let owner: oidc.Configuration
  let keys: oidc.DPoPHandle
  let api: (request: Request) => Promise<Response>
  const redirectUri = 'http://127.0.0.1:50123/callback'

  beforeEach(async () => {
    as = await startServer([publicClient({ dpopBoundAccessTokens: true }), client()], {
      clock: new RealClock(),
    })
    const web = (url: string, options: unknown): Promise<Response> => as.fetch(url, options as RequestInit)
    const options = { [oidc.customFetch]: web as oidc.CustomFetch }
    owner = await oidc.discovery(new URL(ISSUER), 'app', undefined, oidc.None(), options)
    keys = oidc.getDPoPHandle(owner, await oidc.randomDPoPKeyPair('ES256'))
    const guard = createGuard({ issuer: ISSUER, resource: API, fetch: web as typeof fetch })
    const handler: Handler = async (request) => {
      const verdict = await guard.check(request)
      return verdict.kind === 'refused' ? verdict.reply : { status: 200, headers: {}, body: 'in' }
    }
    api = toFetch(handler)
  })

  async function thief(clientId = 'app'): Promise<{ readonly configuration: oidc.Configuration; readonly DPoP: oidc.DPoPHandle }> {
    const web = (url: string, options: unknown): Promise<Response> =>
      url.startsWith(API) ? api(new Request(url, options as RequestInit)) : as.fetch(url, options as RequestInit)
    const authentication = clientId === 'app' ? oidc.None() : oidc.ClientSecretPost(SECRET)
    const configuration = await oidc.discovery(new URL(ISSUER), clientId, undefined, authentication, {
      [oidc.customFetch]: web as oidc.CustomFetch,
    })
    return { configuration, DPoP: oidc.getDPoPHandle(configuration, await oidc.randomDPoPKeyPair('ES256')) }
  }

  async function code(): Promise<{ readonly callback: URL; readonly pkceCodeVerifier: string }> {
    const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
    const parameters = {
      redirect_uri: redirectUri,
      scope: 'openid accounts:read',
      code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    }
    const url = await oidc.buildAuthorizationUrlWithPAR(owner, parameters, { DPoP: keys })
    const { location } = await new Person(as).through(url.searchParams)
    return { callback: location as URL, pkceCodeVerifier }
  }

  const redeem = (
    callback: URL,
    pkceCodeVerifier: string | undefined,
    who = { configuration: owner, DPoP: keys },
  ): Promise<oidc.TokenEndpointResponse> =>
    oidc.authorizationCodeGrant(who.configuration, callback, pkceCodeVerifier === undefined ? {} : { pkceCodeVerifier }, undefined, {
      DPoP: who.DPoP,
    })

  test('OA-53 BCP-30 A18 A21 a code without the verifier is worth nothing, and stays good for its owner', async () => {
    const { callback, pkceCodeVerifier } = await code()
    for (const verifier of [undefined, oidc.randomPKCECodeVerifier()])
      await expect(redeem(callback, verifier)).rejects.toMatchObject({ error: 'invalid_grant' })
    expect((await redeem(callback, pkceCodeVerifier)).access_token).toBeTypeOf('string')
  })

  test('DPOP-31 RFC 9449 §10: a code with its verifier but another key is worth nothing', async () => {
    const { callback, pkceCodeVerifier } = await code()
    await expect(redeem(callback, pkceCodeVerifier, await thief())).rejects.toMatchObject({ error: 'invalid_grant' })
    expect((await redeem(callback, pkceCodeVerifier)).access_token).toBeTypeOf('string')
  })

  test('OA-52 a code at another client is worth nothing', async () => {
    const { callback, pkceCodeVerifier } = await code()
    const { configuration } = await thief('web')
    configuration[oidc.customFetch] = ((url: string, options: RequestInit) => as.fetch(url, options)) as unknown as oidc.CustomFetch
    await expect(redeem(callback, pkceCodeVerifier, { configuration, DPoP: keys })).rejects.toBeDefined()
    expect((await redeem(callback, pkceCodeVerifier)).access_token).toBeTypeOf('string')
  })

  test('DPOP-49 A69 an access token as Bearer is worth nothing, at the API and at userinfo', async () => {
    const { callback, pkceCodeVerifier } = await code()
    const { access_token: token } = await redeem(callback, pkceCodeVerifier)
    const headers = { authorization: `Bearer ${token}` }
    const answers = [await api(new Request(API, { headers })), await as.fetch(`${ISSUER}/userinfo`, { headers })]
    for (const answer of answers)
      expect([answer.status, ((await answer.json()) as { error: string }).error]).toEqual([401, 'invalid_token'])
  })

  test('DPOP-48 an access token with a proof by another key is worth nothing', async () => {
    const { callback, pkceCodeVerifier } = await code()
    const { access_token: token } = await redeem(callback, pkceCodeVerifier)
    const { configuration, DPoP } = await thief()
    for (const url of [API, `${ISSUER}/userinfo`]) {
      const shown = oidc.fetchProtectedResource(configuration, token, new URL(url), 'GET', undefined, undefined, { DPoP })
      await expect(shown).rejects.toMatchObject({ status: 401, cause: [{ scheme: 'dpop', parameters: { error: 'invalid_token' } }] })
    }
  })

  test('DPOP-24 A33 a refresh token without its key is worth nothing, and stays good for its owner', async () => {
    const { callback, pkceCodeVerifier } = await code()
    const { refresh_token: token = '' } = await redeem(callback, pkceCodeVerifier)
    const { configuration, DPoP } = await thief()
    await expect(oidc.refreshTokenGrant(configuration, token, undefined, { DPoP })).rejects.toMatchObject({ error: 'invalid_grant' })
    await expect(oidc.refreshTokenGrant(configuration, token)).rejects.toMatchObject({ error: 'invalid_request' })
    expect((await oidc.refreshTokenGrant(owner, token, undefined, { DPoP: keys })).refresh_token).not.toBe(token)
  })

  test('OA-57 A31 a refresh token at another client is worth nothing', async () => {
    const { callback, pkceCodeVerifier } = await code()
    const { refresh_token: token = '' } = await redeem(callback, pkceCodeVerifier)
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token, client_id: 'web' }).toString()
    const answer = await as.fetch(`${ISSUER}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body,
    })
    expect([answer.status, ((await answer.json()) as { error: string }).error]).toEqual([401, 'invalid_client'])
  })

  test('PAR-16 PAR-17 a request_uri at another client, or after its use, is worth nothing', async () => {
    const parameters = {
      redirect_uri: redirectUri,
      scope: 'openid',
      code_challenge: await oidc.calculatePKCECodeChallenge(oidc.randomPKCECodeVerifier()),
      code_challenge_method: 'S256',
    }
    const url = await oidc.buildAuthorizationUrlWithPAR(owner, parameters, { DPoP: keys })
    const person = new Person(as)
    const swapped = new URLSearchParams({ client_id: 'web', request_uri: url.searchParams.get('request_uri') ?? '' })
    expect((await person.authorize(swapped)).status).toBe(400)
    expect((await person.through(url.searchParams)).location?.searchParams.has('code')).toBe(true)
    expect((await person.authorize(url.searchParams)).status).toBe(400)
  })

  test('BCP-06 A28 the cookie of another session does not open an interaction, nor does the address alone', async () => {
    const victim = new Person(as)
    const { location } = await victim.authorize(authorizationParameters())
    const other = new Person(as)
    await other.through()
    for (const person of [other, new Person(as)]) {
      const seen = await person.go(location as URL)
      expect([seen.status, seen.text.includes('login-submit'), seen.text.includes('consent-allow')]).toEqual([400, false, false])
    }
    expect((await victim.signIn({ status: 303, headers: new Headers(), text: '', location })).status).toBe(303)
  })
})
