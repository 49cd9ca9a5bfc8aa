/** What an operator wrote down: keys and certificates of everybody, made once, and the configuration of one world. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Authority, CLIENT, selfSigned, SERVER } from '../test/certificates.ts'
import { newKey } from './thief.mjs'

export const PASSWORD = 'the password of the victim'
export const SECRET = randomBytes(32).toString('base64url')
/** Of a client of its own: who knows one secret knows no other. */
export const DESK_SECRET = randomBytes(32).toString('base64url')
export const PAYMENTS = 'https://payments.example.com'
export const PARTNER = 'https://partner.example.com'
export const FORMER = 'https://former.example.com'
export const STATEMENTS = 'https://statements.example.com'
export const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'
export const CIBA = 'urn:openid:params:grant-type:ciba'
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

const subject = (cn, o = 'Example') => [{ C: ['US'] }, { O: [o] }, { CN: [cn] }]
let made

/** Keys and certificates, the same for every world of a run. */
export function installation() {
  return (made ??= make())
}

async function make() {
  const authority = await Authority.create('Authority of the clients')
  const issue = (cn, o) => authority.issue({ subject: subject(cn, o), purposes: [CLIENT] })
  const names = ['localhost', 'ip6-localhost', 'internal.example'].map((value) => ({ type: 'dns', value }))
  const site = await authority.issue({
    subject: [{ CN: ['localhost'] }],
    names: [...names, { type: 'ip', value: '127.0.0.1' }, { type: 'ip', value: '::1' }],
    purposes: [SERVER],
  })
  const stranger = await Authority.create('Authority of the clients')
  return {
    authority,
    site,
    certificates: {
      bank: await issue('bank'),
      shop: await issue('shop'),
      'self-a': await selfSigned({ subject: subject('self-a') }),
      'self-b': await selfSigned({ subject: subject('self-b') }),
    },
    forged: {
      'another organisation': await issue('bank', 'Other'),
      'the name within a name': await issue('CN=bank,O=Example,C=US'),
      'two common names': await authority.issue({ subject: [...subject('bank'), { CN: ['shop'] }], purposes: [CLIENT] }),
      'another authority of the same name': await stranger.issue({ subject: subject('bank'), purposes: [CLIENT] }),
      'signed by itself': await selfSigned({ subject: subject('bank') }),
      expired: await authority.issue({
        subject: subject('bank'),
        purposes: [CLIENT],
        notBefore: new Date('2020-01-01'),
        notAfter: new Date('2021-01-01'),
      }),
    },
    selfAgain: await selfSigned({ subject: subject('self-a') }),
    keyed: await newKey(),
    partner: await newKey(),
    former: await newKey(),
    statements: await newKey(),
    app: await newKey(),
  }
}

/** A folder of one world, with the files that its configuration names. */
export function openFolder({ authority, site }) {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-attack-'))
  const write = (name, text) => {
    writeFileSync(join(path, name), text, { mode: 0o600 })
    return join(path, name)
  }
  const master = { id: 'a1', value: randomBytes(32) }
  return {
    write,
    store: join(path, 'store.db'),
    sessions: join(path, 'sessions.db'),
    masters: [master],
    secrets: write('secrets.json', JSON.stringify({ secrets: [{ id: master.id, value: master.value.toString('base64url') }] })),
    authority: write('authority.pem', authority.certificate),
    certificate: write('site.pem', site.certificate),
    key: write('site.key', site.key),
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}

export function configuration({ issuer, api, app, mtls, ports, folder, hosts, keys }) {
  const common = { grant_types: ['authorization_code', 'refresh_token'], scope: 'openid profile accounts:read', profile: 'oauth21' }
  const machine = { profile: 'oauth21', grant_types: ['client_credentials'], scope: 'accounts:read' }
  const trusted = { subjectIs: 'username', scopes: ['accounts:read'], clients: ['desk'] }
  return {
    issuer,
    listen: { host: '127.0.0.1', port: ports.as },
    mtls: {
      publicUrl: mtls,
      listen: { host: '127.0.0.1', port: ports.mtls },
      certificate: folder.certificate,
      key: folder.key,
      authorities: [folder.authority],
    },
    store: { engine: 'sqlite', path: folder.store },
    secrets: { file: folder.secrets },
    lifetimes: { refreshTokenGrace: 1 },
    resources: [
      { identifier: api, name: 'Accounts', scopes: [{ name: 'accounts:read', description: 'See your accounts' }] },
      { identifier: PAYMENTS, name: 'Payments', scopes: [{ name: 'payments:write', description: 'Pay' }] },
    ],
    clients: [
      {
        client_id: 'native',
        client_name: 'Native',
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
        ...common,
      },
      {
        client_id: 'web',
        client_name: 'Web',
        token_endpoint_auth_method: 'client_secret_post',
        client_secret: SECRET,
        redirect_uris: ['https://portal.example.com/callback'],
        post_logout_redirect_uris: ['https://portal.example.com/signed-out'],
        ...common,
      },
      {
        client_id: 'desk',
        client_name: 'Desk',
        token_endpoint_auth_method: 'client_secret_basic',
        client_secret: DESK_SECRET,
        redirect_uris: ['https://desk.example.com/callback'],
        backchannel_token_delivery_mode: 'poll',
        ...common,
        grant_types: [...common.grant_types, 'client_credentials', DEVICE_CODE, CIBA, JWT_BEARER],
      },
      {
        client_id: 'keyed',
        client_name: 'Keyed',
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [keys.keyed.jwk] },
        redirect_uris: ['https://keyed.example.com/callback'],
        ...common,
        grant_types: [...common.grant_types, 'client_credentials', DEVICE_CODE],
      },
      {
        client_id: 'app',
        client_name: 'Application with a backend',
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [keys.app.jwk] },
        redirect_uris: [`${app}/bff/callback`],
        ...common,
      },
      {
        client_id: 'tv',
        client_name: 'Television',
        token_endpoint_auth_method: 'none',
        ...common,
        grant_types: [DEVICE_CODE, 'refresh_token'],
      },
      {
        client_id: 'robot',
        token_endpoint_auth_method: 'client_secret_basic',
        client_secret: SECRET,
        ...machine,
        grant_types: ['client_credentials', JWT_BEARER],
      },
      {
        client_id: 'accounts-api',
        token_endpoint_auth_method: 'client_secret_basic',
        client_secret: SECRET,
        ...machine,
        grant_types: [TOKEN_EXCHANGE],
        scope: 'accounts:read payments:write',
        protected_resources: [api],
        token_exchange: { scopes: { 'accounts:read': ['payments:write'] } },
      },
      ...['bank', 'shop'].map((name) => ({
        client_id: name,
        token_endpoint_auth_method: 'tls_client_auth',
        tls_client_auth_subject_dn: `CN=${name},O=Example,C=US`,
        ...machine,
      })),
      ...['self-a', 'self-b'].map((name) => ({
        client_id: name,
        token_endpoint_auth_method: 'self_signed_tls_client_auth',
        jwks: { keys: [keys.certificates[name].jwk] },
        ...machine,
      })),
    ],
    outbound: { allow: hosts },
    registration: {
      open: true,
      perAddress: 100_000,
      softwareStatements: [{ issuer: STATEMENTS, jwks: { keys: [keys.statements.jwk] } }],
      clientIdMetadataDocuments: { enabled: true },
      policy: {
        grantTypes: ['authorization_code', 'refresh_token', 'client_credentials', JWT_BEARER, CIBA],
        scopes: ['openid', 'profile', 'accounts:read'],
      },
    },
    trustedIssuers: [
      { issuer: PARTNER, jwks: { keys: [keys.partner.jwk] }, ...trusted },
      { issuer: FORMER, jwks: { keys: [keys.former.jwk] }, ...trusted, disabled: true },
    ],
    accounts: {
      seed: [
        { username: 'victim', password: PASSWORD, claims: { name: 'Victim' } },
        { username: 'other', password: PASSWORD, claims: { name: 'Other' } },
        { username: 'leaver', password: PASSWORD, claims: { name: 'Leaver' } },
      ],
    },
  }
}
