/** The server that is measured: one process, one durable SQLite file, no TLS, nonces required (the default). */
import { readFileSync } from 'node:fs'
import { serve } from '@holdfast/mount/node'
import { createProcessMemory } from '@holdfast/proof/memory'
import { secretHash } from '@holdfast/protocol/secret'
import { systemClock } from '@holdfast/protocol/time'
import { createServer, serverKinds } from '@holdfast/server'
import { openSqliteStore } from '@holdfast/store-sqlite'
import { API, CLIENT_SECRET, FAPI_CLIENT, NATIVE_CLIENT, PASSWORD, publicJwk, REDIRECT_URI, SECRET_CLIENT } from './world.mjs'

const [port, dataDirectory, worldFile] = process.argv.slice(2)
const world = JSON.parse(readFileSync(worldFile, 'utf8'))

const store = await openSqliteStore({ path: `${dataDirectory}/holdfast.db`, kinds: serverKinds, onFault: (line) => console.error(line) })
const ada = { sub: 'u_ada', username: 'ada', displayName: 'Ada', claims: { name: 'Ada Lovelace', email: 'ada@example.com', email_verified: true }, disabled: false }

function client(over) {
  return {
    clientName: 'Bench', clientUri: undefined, logoUri: undefined, policyUri: undefined, tosUri: undefined, profile: 'oauth21', applicationType: 'web',
    redirectUris: [REDIRECT_URI], grantTypes: ['authorization_code', 'refresh_token'], scopes: ['openid', 'profile', 'email', 'accounts:read'], resources: undefined,
    tokenEndpointAuthMethod: 'none', tokenEndpointAuthSigningAlg: undefined, secrets: [], jwks: undefined, jwksUri: undefined, idTokenSignedResponseAlg: 'ES256',
    dpopBoundAccessTokens: true, requirePushedAuthorizationRequests: false, defaultMaxAge: undefined, unsafeLegacyAssertionAudience: false, disabled: false,
    ...over,
  }
}

const server = await createServer({
  issuer: `http://127.0.0.1:${port}`,
  store,
  accounts: {
    find: async (sub) => (sub === ada.sub ? ada : undefined),
    verifyPassword: async (username, password) => (username === ada.username && password === PASSWORD ? ada : undefined),
  },
  clients: [
    client({ clientId: FAPI_CLIENT, profile: 'fapi2', tokenEndpointAuthMethod: 'private_key_jwt', jwks: { keys: [publicJwk(world.client)] }, requirePushedAuthorizationRequests: true }),
    client({ clientId: NATIVE_CLIENT }),
    client({ clientId: SECRET_CLIENT, tokenEndpointAuthMethod: 'client_secret_basic', secrets: [{ hash: secretHash(CLIENT_SECRET), expiresAt: undefined }], dpopBoundAccessTokens: false }),
  ],
  resources: [{ identifier: API, name: 'Accounts', scopes: [{ name: 'accounts:read', description: 'See your accounts' }], accessTokenFormat: 'jwt', accessTokenLifetime: 300 }],
  secrets: [{ id: 'bench', value: new Uint8Array(32).fill(7) }],
  memory: createProcessMemory({ clock: systemClock }),
  log: { info() {}, warn() {}, error: (event, fields) => console.error(event, fields) },
})
const serving = await serve(server.handler, { port: Number(port) })
console.log(`listening ${serving.port}`)

async function stop() {
  await serving.close({ graceSeconds: 1 })
  await server.close()
  await store.close()
  process.exit(0)
}
process.on('SIGTERM', stop)
process.on('disconnect', stop)
