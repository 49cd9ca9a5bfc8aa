/** The server that is measured, started as a user starts it: `holdfast serve --config FILE`. SQLite, the built-in people, nonces required (the default). */
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import {
  API,
  API_CLIENT,
  CLIENT_SECRET,
  EXCHANGE_CLIENT,
  FAPI_CLIENT,
  MACHINE_CLIENT,
  MACHINE_KEY_CLIENT,
  NATIVE_CLIENT,
  NEXT_API,
  OPAQUE_API,
  PASSWORD,
  publicJwk,
  REDIRECT_URI,
  SECRET_CLIENT,
} from './world.mjs'

const [port, dataDirectory, worldFile] = process.argv.slice(2)
const world = JSON.parse(readFileSync(worldFile, 'utf8'))
const secrets = `${dataDirectory}/holdfast.secrets.json`
if (!existsSync(secrets))
  writeFileSync(secrets, JSON.stringify({ secrets: [{ id: 'bench', value: randomBytes(32).toString('base64url') }] }), { mode: 0o600 })

function client(over) {
  return {
    profile: 'oauth21',
    redirect_uris: [REDIRECT_URI],
    grant_types: ['authorization_code', 'refresh_token'],
    scope: 'openid profile email accounts:read',
    token_endpoint_auth_method: 'none',
    dpop_bound_access_tokens: true,
    ...over,
  }
}

const SECRET = { token_endpoint_auth_method: 'client_secret_basic', client_secret: CLIENT_SECRET }

/** Acts for itself; bound where it sends a proof. */
function machine(over) {
  return client({
    redirect_uris: [],
    grant_types: ['client_credentials'],
    scope: 'accounts:read files:read',
    dpop_bound_access_tokens: false,
    ...over,
  })
}

const configuration = {
  issuer: `http://127.0.0.1:${port}`,
  listen: { host: '127.0.0.1', port: Number(port) },
  store: { engine: 'sqlite', path: `${dataDirectory}/holdfast.db` },
  secrets: { file: secrets },
  clients: [
    client({
      client_id: FAPI_CLIENT,
      profile: 'fapi2',
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [publicJwk(world.client)] },
    }),
    client({ client_id: NATIVE_CLIENT }),
    client({
      client_id: SECRET_CLIENT,
      token_endpoint_auth_method: 'client_secret_basic',
      client_secret: CLIENT_SECRET,
      dpop_bound_access_tokens: false,
    }),
    machine({ client_id: MACHINE_CLIENT, ...SECRET }),
    machine({ client_id: MACHINE_KEY_CLIENT, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicJwk(world.client)] } }),
    machine({
      client_id: EXCHANGE_CLIENT,
      ...SECRET,
      grant_types: ['urn:ietf:params:oauth:grant-type:token-exchange'],
      scope: 'payments',
      protected_resources: [API],
      token_exchange: { scopes: { 'accounts:read': ['payments'] } },
    }),
    machine({ client_id: API_CLIENT, ...SECRET, scope: '', protected_resources: [OPAQUE_API] }),
  ],
  resources: [
    {
      identifier: OPAQUE_API,
      name: 'Files',
      scopes: [{ name: 'files:read', description: 'See your files' }],
      accessTokenFormat: 'opaque',
      accessTokenLifetime: 300,
    },
    { identifier: NEXT_API, name: 'Payments', scopes: [{ name: 'payments', description: 'Pay' }], accessTokenLifetime: 300 },
    { identifier: API, name: 'Accounts', scopes: [{ name: 'accounts:read', description: 'See your accounts' }], accessTokenLifetime: 300 },
  ],
  accounts: {
    seed: [{ username: 'ada', password: PASSWORD, claims: { name: 'Ada Lovelace', email: 'ada@example.com', email_verified: true } }],
  },
}
const file = `${dataDirectory}/holdfast.config.json`
writeFileSync(file, JSON.stringify(configuration, undefined, 2))

// The parent's end must be this one's too.
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
process.argv = [process.argv[0], 'holdfast', 'serve', '--config', file]
const require = createRequire(import.meta.url)
const description = require.resolve('holdfast/package.json')
require(new URL(require(description).bin.holdfast, `file://${description}`).pathname)
