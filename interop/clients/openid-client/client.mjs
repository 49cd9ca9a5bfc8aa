import { readFileSync } from 'node:fs'
import { importJWK } from 'jose'
import * as oidc from 'openid-client'
import { Agent, fetch as fetchWith } from 'undici'
import { ask, authorize, expect, expectSignedOut, NO_CHANNELS, run, sayVersions, world } from '../feature.mjs'

sayVersions(['openid-client'])
const key = { key: await importJWK(world.key, 'ES256'), kid: world.key.kid }
const http = { execute: [oidc.allowInsecureRequests] }
const scope = 'openid profile'

/** With the scope of the API: its token is for the API alone, and names it. */
const API = `${scope} accounts:read`

const configured = (clientId, auth, metadata = {}, options = http) =>
  oidc.discovery(new URL(world.issuer), clientId, metadata, auth, options)
const web = () => configured('web', oidc.ClientSecretBasic(world.secret))

/** The code flow, from the address where the browser starts to the tokens. `build` makes that address. */
async function tokens(config, { build = oidc.buildAuthorizationUrl, callback = world.callback, over = {}, DPoP, browser } = {}) {
  const [pkceCodeVerifier, expectedState, expectedNonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()]
  const challenge = await oidc.calculatePKCECodeChallenge(pkceCodeVerifier)
  const pkce = { code_challenge: challenge, code_challenge_method: 'S256', state: expectedState, nonce: expectedNonce }
  // Some builders ask the server first.
  const url = await Promise.resolve(build(config, { redirect_uri: callback, scope, ...pkce, ...over }))
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true }
  return oidc.authorizationCodeGrant(config, await authorize(url, browser), checks, undefined, { DPoP })
}

async function called(config, token, url, options) {
  const response = await oidc.fetchProtectedResource(config, token, new URL(url), 'GET', undefined, undefined, options)
  expect(response.status, 200, 'the API')
  return response.json()
}

const dpopHandle = async (config) => oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'))

await run({
  discovery: async () => expect((await web()).serverMetadata().issuer, world.issuer, 'issuer'),
  code: async () => expect((await tokens(await web())).token_type, 'bearer', 'token_type'),
  userinfo: async () => {
    const config = await web()
    const got = await tokens(config)
    expect((await oidc.fetchUserInfo(config, got.access_token, got.claims().sub)).name, 'Ada Lovelace', 'name')
  },
  refresh: async () => {
    const config = await web()
    const { refresh_token: first } = await tokens(config, { over: { scope: `${scope} offline_access`, prompt: 'consent' } })
    expect((await oidc.refreshTokenGrant(config, first)).token_type, 'bearer', 'token_type')
  },
  api: async () => {
    const config = await web()
    const got = await tokens(config, { over: { scope: API, resource: world.api } })
    expect((await called(config, got.access_token, world.api)).subject, got.claims().sub, 'subject')
  },
  private_key_jwt: async () => void (await tokens(await configured('signer', oidc.PrivateKeyJwt(key)))),
  par: async () => void (await tokens(await web(), { build: oidc.buildAuthorizationUrlWithPAR })),
  jar: async () => {
    const build = (config, parameters) => oidc.buildAuthorizationUrlWithJAR(config, parameters, key)
    await tokens(await configured('signed-request', oidc.PrivateKeyJwt(key)), { build })
  },
  jarm: async () => {
    const config = await web()
    oidc.useJwtResponseMode(config)
    await tokens(config)
  },
  dpop: async () => {
    const config = await configured('bound', oidc.ClientSecretBasic(world.secret))
    const DPoP = await dpopHandle(config)
    const got = await tokens(config, {
      build: (...args) => oidc.buildAuthorizationUrlWithPAR(...args, { DPoP }),
      over: { scope: API, resource: world.boundApi },
      DPoP,
    })
    expect(got.token_type, 'dpop', 'token_type')
    await called(config, got.access_token, world.boundApi, { DPoP })
    const again = await oidc.refreshTokenGrant(config, got.refresh_token, undefined, { DPoP })
    await called(config, again.access_token, world.boundApi, { DPoP })
  },
  mtls: async () => {
    const read = (file) => readFileSync(file, 'utf8')
    const dispatcher = new Agent({
      connect: { cert: read(world.clientCertificate), key: read(world.clientKey), ca: read(world.authority) },
    })
    const options = { ...http, [oidc.customFetch]: (url, init) => fetchWith(url, { ...init, dispatcher }) }
    const config = await configured('tls', oidc.TlsClientAuth(), { use_mtls_endpoint_aliases: true }, options)
    const got = await tokens(config, { over: { scope: API, resource: world.tlsApi } })
    await called(config, got.access_token, world.tlsApi)
  },
  message_signing: async () => {
    const config = await configured('bank', oidc.PrivateKeyJwt(key), { authorization_signed_response_alg: 'ES256' })
    oidc.useJwtResponseMode(config)
    const DPoP = await dpopHandle(config)
    const build = async (_config, parameters) => {
      const signed = await oidc.buildAuthorizationUrlWithJAR(config, parameters, key)
      return oidc.buildAuthorizationUrlWithPAR(config, signed.searchParams, { DPoP })
    }
    const got = await tokens(config, { build, over: { scope: API, resource: world.boundApi }, DPoP })
    await called(config, got.access_token, world.boundApi, { DPoP })
  },
  client_credentials: async () => {
    const config = await configured('machine', oidc.ClientSecretBasic(world.secret))
    const got = await oidc.clientCredentialsGrant(config, { scope: 'accounts:read', resource: world.api })
    expect((await called(config, got.access_token, world.api)).client, 'machine', 'client')
  },
  device: async () => {
    const config = await configured('tv', oidc.None())
    const asked = await oidc.initiateDeviceAuthorization(config, { scope: 'openid profile' })
    await ask('device', { user_code: asked.user_code })
    expect(typeof (await oidc.pollDeviceAuthorizationGrant(config, asked)).claims().sub, 'string', 'sub')
  },
  ciba: async () => {
    const config = await configured('till', oidc.ClientSecretBasic(world.secret))
    const message = `Till ${oidc.randomState().slice(0, 6)}`
    const asked = await oidc.initiateBackchannelAuthentication(config, {
      scope: 'openid',
      login_hint: world.username,
      binding_message: message,
    })
    await ask('approve', { binding_message: message })
    expect(typeof (await oidc.pollBackchannelAuthenticationGrant(config, asked)).claims().sub, 'string', 'sub')
  },
  exchange: async () => {
    const { access_token: subject } = await tokens(await web(), { over: { scope: API, resource: world.api } })
    const config = await configured('exchanger', oidc.ClientSecretBasic(world.secret))
    const type = 'urn:ietf:params:oauth:token-type:access_token'
    const got = await oidc.genericGrantRequest(config, world.tokenExchange, {
      subject_token: subject,
      subject_token_type: type,
      resource: world.api,
    })
    expect(got['issued_token_type'], type, 'issued_token_type')
  },
  introspection: async () => {
    const { access_token: token } = await tokens(await web(), { over: { scope: API, resource: world.api } })
    const config = await configured('accounts-api', oidc.ClientSecretBasic(world.secret))
    expect((await oidc.tokenIntrospection(config, token)).active, true, 'active')
  },
  revocation: async () => {
    const config = await web()
    const { refresh_token: refresh } = await tokens(config)
    await oidc.tokenRevocation(config, refresh)
    const error = await oidc.refreshTokenGrant(config, refresh).catch((refused) => refused)
    expect(error.error, 'invalid_grant', 'the revoked token')
  },
  registration: async () => {
    // Without the method it would send the secret in the body though it was registered for the default, Basic.
    const metadata = { client_name: 'Interop', redirect_uris: [world.callback], token_endpoint_auth_method: 'client_secret_post' }
    await tokens(await oidc.dynamicClientRegistration(new URL(world.issuer), metadata, undefined, http))
  },
  resource_metadata: 'has no request for it; oauth4webapi has',
  cimd: async () => {
    const config = await configured(world.cimd, oidc.None(), { id_token_signed_response_alg: 'RS256' })
    await tokens(config, { callback: world.cimdCallback, over: { scope: 'openid' } })
  },
  mcp: 'is no MCP client',
  silent: async () => {
    const config = await web()
    const browser = 'openid-client silent'
    const before = await tokens(config, { browser })
    const again = await tokens(config, { browser, over: { prompt: 'none' } })
    expect(again.claims().sub, before.claims().sub, 'sub')
  },
  rp_logout: async () => {
    const config = await web()
    const browser = 'openid-client logout'
    const { id_token: hint } = await tokens(config, { browser })
    const state = oidc.randomState()
    const url = oidc.buildEndSessionUrl(config, { post_logout_redirect_uri: world.goodbye, id_token_hint: hint, state })
    await expectSignedOut(await authorize(url, browser), state, browser)
  },
  ...NO_CHANNELS,
})
