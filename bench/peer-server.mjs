/** oidc-provider, set up to do what the measured server does: ES256, JWT access tokens, DPoP with nonces, rotation, ID tokens. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import Provider from 'oidc-provider'
import { memoryAdapter, sqliteAdapter } from './peer-adapters.mjs'
import {
  API,
  API_CLIENT,
  CLIENT_SECRET,
  FAPI_CLIENT,
  MACHINE_CLIENT,
  MACHINE_KEY_CLIENT,
  NATIVE_CLIENT,
  OPAQUE_API,
  publicJwk,
  REDIRECT_URI,
  SECRET_CLIENT,
} from './world.mjs'

const [port, dataDirectory, worldFile, storage] = process.argv.slice(2)
const world = JSON.parse(readFileSync(worldFile, 'utf8'))
const adapter = storage === 'memory' ? memoryAdapter() : sqliteAdapter(`${dataDirectory}/peer-${storage}.db`, storage === 'grouped')

function client(over) {
  return {
    redirect_uris: [REDIRECT_URI],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    scope: 'openid profile email accounts:read',
    token_endpoint_auth_method: 'none',
    id_token_signed_response_alg: 'ES256',
    dpop_bound_access_tokens: true,
    ...over,
  }
}

const SECRET = { token_endpoint_auth_method: 'client_secret_basic', client_secret: CLIENT_SECRET }

function machine(over) {
  return client({
    redirect_uris: [],
    response_types: [],
    grant_types: ['client_credentials'],
    scope: 'accounts:read files:read',
    dpop_bound_access_tokens: false,
    ...over,
  })
}

const provider = new Provider(`http://127.0.0.1:${port}`, {
  adapter,
  jwks: { keys: [world.peerSigning] },
  cookies: { keys: ['a key of the bench for cookies, and long enough'] },
  clients: [
    client({
      client_id: FAPI_CLIENT,
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks: { keys: [publicJwk(world.client)] },
      require_pushed_authorization_requests: true,
    }),
    client({ client_id: NATIVE_CLIENT }),
    client({
      client_id: SECRET_CLIENT,
      client_secret: CLIENT_SECRET,
      token_endpoint_auth_method: 'client_secret_basic',
      dpop_bound_access_tokens: false,
    }),
    machine({ client_id: MACHINE_CLIENT, ...SECRET }),
    machine({
      client_id: MACHINE_KEY_CLIENT,
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks: { keys: [publicJwk(world.client)] },
    }),
    machine({ client_id: API_CLIENT, ...SECRET }),
  ],
  scopes: ['openid', 'profile', 'email', 'accounts:read', 'files:read'],
  claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
  findAccount: (_ctx, sub) => ({
    accountId: sub,
    claims: () => ({ sub, name: 'Ada Lovelace', email: 'ada@example.com', email_verified: true }),
  }),
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: true },
    pushedAuthorizationRequests: { enabled: true },
    dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => undefined,
      useGrantedResource: () => true,
      getResourceServerInfo: (_ctx, resource) =>
        resource === OPAQUE_API
          ? { scope: 'files:read', audience: OPAQUE_API, accessTokenFormat: 'opaque', accessTokenTTL: 300 }
          : { scope: 'accounts:read', audience: API, accessTokenFormat: 'jwt', accessTokenTTL: 300, jwt: { sign: { alg: 'ES256' } } },
    },
    clientCredentials: { enabled: true },
    // As ours: an API hears about the tokens that are for it.
    introspection: { enabled: true, allowedPolicy: (_ctx, asking, token) => asking.clientId === API_CLIENT && token.aud === OPAQUE_API },
  },
  issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: (ctx) => ctx.oidc.client.clientAuthMethod === 'none',
  ttl: {
    AccessToken: 300,
    ClientCredentials: 300,
    AuthorizationCode: 60,
    IdToken: 300,
    RefreshToken: 604_800,
    Session: 43_200,
    Grant: 2_592_000,
    Interaction: 1800,
  },
})
provider.on('server_error', (_ctx, error) => console.error(error))

const server = createServer({ keepAliveTimeout: 65_000 }, provider.callback())
server.listen(Number(port), '127.0.0.1', () => console.log(`listening ${port}`))
process.on('SIGTERM', () => process.exit(0))
process.on('disconnect', () => process.exit(0))
