import { readFileSync } from 'node:fs'
import { importJWK } from 'jose'
import * as oauth from 'oauth4webapi'
import { Agent, fetch as fetchWith } from 'undici'
import { ask, authorize, expect, NO_CHANNELS, run, sayVersions, world } from '../feature.mjs'

sayVersions(['oauth4webapi'])
const key = { key: await importJWK(world.key, 'ES256'), kid: world.key.kid }
const http = { [oauth.allowInsecureRequests]: true }
const issuer = new URL(world.issuer)
const scope = 'openid profile'
const API = `${scope} accounts:read`
const secret = oauth.ClientSecretBasic(world.secret)
const signed = oauth.PrivateKeyJwt(key)

const metadata = async () => oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, http))
const as = await metadata().catch(() => ({ issuer: world.issuer }))

/** Once more when the server wants a nonce, as its client is told to. */
async function again(attempt) {
  try {
    return await attempt()
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error
    return attempt()
  }
}

/**
 * The code flow from its parameters to the validated tokens.
 * @param {{ id: string, auth: oauth.ClientAuth, over?: object, push?: boolean, sign?: boolean, options?: object, callback?: string }} how
 */
async function tokens({
  id,
  auth,
  over = {},
  push = false,
  sign = false,
  options = http,
  callback = world.callback,
  alg = 'ES256',
  browser,
}) {
  const client = { client_id: id, authorization_signed_response_alg: 'ES256', id_token_signed_response_alg: alg }
  if (options.certificate !== undefined) client.use_mtls_endpoint_aliases = true
  const [verifier, state, nonce] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState(), oauth.generateRandomNonce()]
  const challenge = await oauth.calculatePKCECodeChallenge(verifier)
  let parameters = {
    response_type: 'code',
    redirect_uri: callback,
    scope,
    state,
    nonce,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...over,
  }
  if (sign) parameters = { request: await oauth.issueRequestObject(as, client, parameters, key) }
  if (push) {
    const pushed = await again(async () =>
      oauth.processPushedAuthorizationResponse(as, client, await oauth.pushedAuthorizationRequest(as, client, auth, parameters, options)),
    )
    parameters = { request_uri: pushed.request_uri }
  }
  const returned = await authorize(`${as.authorization_endpoint}?${new URLSearchParams({ client_id: id, ...parameters })}`, browser)
  const validate = over.response_mode === 'jwt' ? oauth.validateJwtAuthResponse : oauth.validateAuthResponse
  const answer = await validate(as, client, returned, state, http)
  return again(async () =>
    oauth.processAuthorizationCodeResponse(
      as,
      client,
      await oauth.authorizationCodeGrantRequest(as, client, auth, answer, callback, verifier, options),
      { expectedNonce: nonce, requireIdToken: true },
    ),
  )
}

const web = (over) => tokens({ id: 'web', auth: secret, ...(over && { over }) })

async function called(token, url, options = http) {
  const response = await again(() => oauth.protectedResourceRequest(token, 'GET', new URL(url), undefined, undefined, options))
  expect(response.status, 200, 'the API')
  return response.json()
}

const proving = async (id) => ({ ...http, DPoP: oauth.DPoP({ client_id: id }, await oauth.generateKeyPair('ES256')) })

/** Every answer but a pending one. */
async function polled(attempt) {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      if (tries > 3 || error.error !== 'authorization_pending') throw error
      await new Promise((resolve) => setTimeout(resolve, 5000))
    }
  }
}

await run({
  discovery: async () => expect((await metadata()).issuer, world.issuer, 'issuer'),
  code: async () => expect((await web()).token_type, 'bearer', 'token_type'),
  userinfo: async () => {
    const got = await web()
    const client = { client_id: 'web' }
    const response = await oauth.userInfoRequest(as, client, got.access_token, http)
    const { sub } = oauth.getValidatedIdTokenClaims(got)
    expect((await oauth.processUserInfoResponse(as, client, sub, response)).name, 'Ada Lovelace', 'name')
  },
  refresh: async () => {
    const client = { client_id: 'web' }
    const response = await oauth.refreshTokenGrantRequest(as, client, secret, (await web()).refresh_token, http)
    expect((await oauth.processRefreshTokenResponse(as, client, response)).token_type, 'bearer', 'token_type')
  },
  api: async () => {
    const got = await web({ scope: API, resource: world.api })
    expect((await called(got.access_token, world.api)).client, 'web', 'client')
  },
  private_key_jwt: async () => void (await tokens({ id: 'signer', auth: signed })),
  par: async () => void (await tokens({ id: 'web', auth: secret, push: true })),
  jar: async () => void (await tokens({ id: 'signed-request', auth: signed, sign: true })),
  jarm: async () => void (await web({ response_mode: 'jwt' })),
  dpop: async () => {
    const options = await proving('bound')
    const got = await tokens({ id: 'bound', auth: secret, over: { scope: API, resource: world.boundApi }, push: true, options })
    expect(got.token_type, 'dpop', 'token_type')
    await called(got.access_token, world.boundApi, options)
  },
  mtls: async () => {
    const read = (file) => readFileSync(file, 'utf8')
    const dispatcher = new Agent({
      connect: { cert: read(world.clientCertificate), key: read(world.clientKey), ca: read(world.authority) },
    })
    const options = { ...http, certificate: true, [oauth.customFetch]: (url, init) => fetchWith(url, { ...init, dispatcher }) }
    const got = await tokens({ id: 'tls', auth: oauth.TlsClientAuth(), over: { scope: API, resource: world.tlsApi }, options })
    await called(got.access_token, world.tlsApi, options)
  },
  message_signing: async () => {
    const options = await proving('bank')
    const over = { scope: API, resource: world.boundApi, response_mode: 'jwt' }
    const got = await tokens({ id: 'bank', auth: signed, over, push: true, sign: true, options })
    await called(got.access_token, world.boundApi, options)
  },
  client_credentials: async () => {
    const client = { client_id: 'machine' }
    const response = await oauth.clientCredentialsGrantRequest(as, client, secret, { scope: 'accounts:read', resource: world.api }, http)
    const got = await oauth.processClientCredentialsResponse(as, client, response)
    expect((await called(got.access_token, world.api)).client, 'machine', 'client')
  },
  device: async () => {
    const client = { client_id: 'tv' }
    const response = await oauth.deviceAuthorizationRequest(as, client, oauth.None(), { scope }, http)
    const asked = await oauth.processDeviceAuthorizationResponse(as, client, response)
    await ask('device', { user_code: asked.user_code })
    const got = await polled(async () =>
      oauth.processDeviceCodeResponse(as, client, await oauth.deviceCodeGrantRequest(as, client, oauth.None(), asked.device_code, http)),
    )
    expect(typeof oauth.getValidatedIdTokenClaims(got).sub, 'string', 'sub')
  },
  ciba: async () => {
    const client = { client_id: 'till' }
    const message = `Till ${oauth.generateRandomState().slice(0, 6)}`
    const parameters = { scope: 'openid', login_hint: world.username, binding_message: message }
    const response = await oauth.backchannelAuthenticationRequest(as, client, secret, parameters, http)
    const asked = await oauth.processBackchannelAuthenticationResponse(as, client, response)
    await ask('approve', { binding_message: message })
    const got = await polled(async () =>
      oauth.processBackchannelAuthenticationGrantResponse(
        as,
        client,
        await oauth.backchannelAuthenticationGrantRequest(as, client, secret, asked.auth_req_id, http),
      ),
    )
    expect(typeof oauth.getValidatedIdTokenClaims(got).sub, 'string', 'sub')
  },
  exchange: async () => {
    const { access_token: subject } = await web({ scope: API, resource: world.api })
    const client = { client_id: 'exchanger' }
    const type = 'urn:ietf:params:oauth:token-type:access_token'
    const parameters = { subject_token: subject, subject_token_type: type, resource: world.api }
    const response = await oauth.genericTokenEndpointRequest(as, client, secret, world.tokenExchange, parameters, http)
    expect((await oauth.processGenericTokenEndpointResponse(as, client, response)).issued_token_type, type, 'issued_token_type')
  },
  introspection: async () => {
    const { access_token: token } = await web({ scope: API, resource: world.api })
    for (const requestJwtResponse of [false, true]) {
      const client = { client_id: 'accounts-api', introspection_signed_response_alg: 'ES256' }
      const response = await oauth.introspectionRequest(as, client, secret, token, { ...http, requestJwtResponse })
      expect((await oauth.processIntrospectionResponse(as, client, response)).active, true, 'active')
    }
  },
  revocation: async () => {
    const { refresh_token: refresh } = await web()
    const client = { client_id: 'web' }
    await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, secret, refresh, http))
    const refused = await oauth.refreshTokenGrantRequest(as, client, secret, refresh, http)
    const error = await oauth.processRefreshTokenResponse(as, client, refused).catch((refusal) => refusal)
    expect(error.error, 'invalid_grant', 'the revoked token')
  },
  registration: async () => {
    const asked = { client_name: 'Interop', redirect_uris: [world.callback] }
    const made = await oauth.processDynamicClientRegistrationResponse(await oauth.dynamicClientRegistrationRequest(as, asked, http))
    await tokens({
      id: made.client_id,
      auth: oauth.ClientSecretBasic(made.client_secret),
      alg: made.id_token_signed_response_alg ?? 'RS256',
    })
  },
  resource_metadata: async () => {
    const resource = new URL(world.api)
    const found = await oauth.processResourceDiscoveryResponse(resource, await oauth.resourceDiscoveryRequest(resource, http))
    expect(found.authorization_servers[0], world.issuer, 'authorization_servers')
  },
  cimd: async () => {
    await tokens({ id: world.cimd, auth: oauth.None(), over: { scope: 'openid' }, callback: world.cimdCallback, alg: 'RS256' })
  },
  mcp: 'is no MCP client',
  silent: async () => {
    const how = { id: 'web', auth: secret, browser: 'oauth4webapi' }
    const [before, again] = [await tokens(how), await tokens({ ...how, over: { prompt: 'none' } })].map(oauth.getValidatedIdTokenClaims)
    expect(again.sub, before.sub, 'sub')
  },
  rp_logout: 'has no request for it',
  ...NO_CHANNELS,
})
