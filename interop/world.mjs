/** Addresses, keys, certificates and the configuration of one run. Everything is on loopback, and new every time. */
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import { Authority, CLIENT, SERVER } from '../test/certificates.ts'
import { TOKEN_EXCHANGE } from './features.mjs'
import { partyClients, PARTIES } from './parties.mjs'

const CALLBACK = 'https://app.example/callback'
const GOODBYE = 'https://app.example/goodbye'
const NOTES = ['notes:read', 'notes:write']
export const PERSON = {
  username: 'ada',
  password: randomBytes(12).toString('base64url'),
  claims: { name: 'Ada Lovelace', email: 'ada@example.com' },
}

/** @returns what the clients are told, written to `world.json`; and what only the runner needs */
export async function newWorld(folder) {
  const names = Object.keys(PARTIES)
  const [port, mtls, api, tlsApi, documents, person, notes, origin, ...free] = await Promise.all(
    Array.from({ length: 8 + names.length }, freePort),
  )
  const certificates = await writeCertificates(folder)
  const secret = randomBytes(32).toString('base64url')
  const key = await newKey()
  const world = {
    issuer: `http://127.0.0.1:${port}`,
    person: `http://127.0.0.1:${person}`,
    callback: CALLBACK,
    goodbye: GOODBYE,
    parties: Object.fromEntries(names.map((name, index) => [name, `http://127.0.0.1:${free[index]}`])),
    secret,
    key,
    username: PERSON.username,
    password: PERSON.password,
    ...certificates,
    api: `http://127.0.0.1:${api}/accounts`,
    boundApi: `http://127.0.0.1:${api}/bound`,
    mcp: `http://127.0.0.1:${api}/mcp`,
    notes: `http://127.0.0.1:${notes}/mcp`,
    wholeOrigin: `http://127.0.0.1:${origin}`,
    tlsApi: `https://localhost:${tlsApi}/accounts`,
    cimd: `https://localhost:${documents}/client.json`,
    cimdCallback: `https://localhost:${documents}/callback`,
    hostDocument: `https://localhost:${documents}/host.json`,
    tokenExchange: TOKEN_EXCHANGE,
  }
  return { world, ports: { port, mtls, api, tlsApi, documents, person } }
}

/** The file for `holdfast serve`: JSON is YAML. `having`: what this server may not know. */
export function configuration({ world, ports }, folder, having) {
  const scope = 'openid profile email offline_access accounts:read'
  const { d: _d, ...publicKey } = world.key
  const confidential = { client_secret: world.secret, redirect_uris: [CALLBACK], scope }
  const signing = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicKey] }, redirect_uris: [CALLBACK], scope }
  const resource = (identifier, ...scopes) => ({ identifier, scopes })
  return {
    issuer: world.issuer,
    profile: 'oauth21',
    listen: { host: '127.0.0.1', port: ports.port },
    store: { engine: 'sqlite', path: join(folder, 'store.db') },
    secrets: { file: join(folder, 'secrets.json') },
    ...(having.logout && { sessions: { thirdPartyFrames: true } }),
    mtls: {
      publicUrl: `https://localhost:${ports.mtls}`,
      listen: { host: 'localhost', port: ports.mtls },
      certificate: world.serverCertificate,
      key: world.serverKey,
      authorities: [world.authority],
    },
    outbound: { allow: [world.cimd, ...Object.values(world.parties)].map((url) => new URL(url).host) },
    accounts: { seed: [PERSON] },
    resources: [
      resource(world.api, 'accounts:read'),
      resource(world.boundApi, 'accounts:read'),
      resource(world.tlsApi, 'accounts:read'),
      resource(world.mcp, 'tools:call'),
      resource(world.notes, ...NOTES),
      resource(world.wholeOrigin, ...NOTES),
    ],
    registration: {
      open: true,
      perAddress: 1000,
      clientIdMetadataDocuments: { enabled: true },
      policy: { scopes: ['openid', 'profile', 'email', 'offline_access', 'accounts:read', 'tools:call', ...NOTES] },
    },
    clients: [
      { client_id: 'web', ...confidential, ...(having.logout && { post_logout_redirect_uris: [GOODBYE] }) },
      ...partyClients(world, having.logout),
      { client_id: 'signer', ...signing },
      { client_id: 'signed-request', ...signing, require_signed_request_object: true },
      { client_id: 'bound', ...confidential, profile: 'strong' },
      { client_id: 'bank', ...signing, profile: 'fapi2-message-signing' },
      {
        client_id: 'tls',
        token_endpoint_auth_method: 'tls_client_auth',
        tls_client_auth_subject_dn: 'CN=interop client',
        tls_client_certificate_bound_access_tokens: true,
        redirect_uris: [CALLBACK],
        scope,
      },
      {
        client_id: 'tv',
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
        scope: 'openid profile offline_access',
      },
      {
        client_id: 'till',
        client_secret: world.secret,
        grant_types: ['urn:openid:params:grant-type:ciba'],
        backchannel_token_delivery_mode: 'poll',
        scope: 'openid profile',
      },
      { client_id: 'machine', client_secret: world.secret, grant_types: ['client_credentials'], scope: 'accounts:read tools:call' },
      { ...signing, client_id: 'signing-machine', redirect_uris: [], grant_types: ['client_credentials'], scope: 'tools:call' },
      { client_id: 'accounts-api', client_secret: world.secret, grant_types: [], protected_resources: [world.api] },
      ...(having.exchange
        ? [
            {
              client_id: 'exchanger',
              client_secret: world.secret,
              grant_types: [TOKEN_EXCHANGE],
              scope: 'accounts:read',
              protected_resources: [world.api],
            },
          ]
        : []),
    ],
  }
}

export function writeSecrets(folder) {
  const secrets = [{ id: 'i1', value: randomBytes(32).toString('base64url') }]
  writeFileSync(join(folder, 'secrets.json'), JSON.stringify({ secrets }), { mode: 0o600 })
}

async function newKey() {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = await exportJWK(privateKey)
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'ES256', use: 'sig' }
}

async function writeCertificates(folder) {
  const authority = await Authority.create('interop authority')
  const names = [
    { type: 'dns', value: 'localhost' },
    { type: 'ip', value: '127.0.0.1' },
  ]
  const server = await authority.issue({ subject: [{ CN: ['localhost'] }], names, purposes: [SERVER] })
  const client = await authority.issue({ subject: [{ CN: ['interop client'] }], purposes: [CLIENT] })
  const write = (name, text) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 })
    return join(folder, name)
  }
  return {
    authority: write('authority.pem', authority.certificate),
    serverCertificate: write('server.pem', server.certificate),
    serverKey: write('server.key', server.key),
    clientCertificate: write('client.pem', client.certificate),
    clientKey: write('client.key', client.key),
  }
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}
