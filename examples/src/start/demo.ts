import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where everything of the example runs. */
export interface Places {
  readonly issuer: string
  readonly api: string
  readonly client: string
}

export interface Demo {
  /** The configuration file for `holdfast serve`. */
  readonly config: string
  /** The example client's private JWK. */
  readonly clientKey: Readonly<Record<string, unknown>>
  readonly username: string
  /** Present on the first start only: afterwards nobody but its owner knows it. */
  readonly password: string | undefined
}

const USERNAME = 'demo'

/** Writes configuration, secrets and the example client's key on the first start; later starts find them. */
export async function prepareDemo(folder: string, places: Places): Promise<Demo> {
  const config = join(folder, 'holdfast.config.json')
  const keyFile = join(folder, 'example-client.jwk.json')
  if (existsSync(config))
    return {
      config,
      clientKey: JSON.parse(readFileSync(keyFile, 'utf8')) as Record<string, unknown>,
      username: USERNAME,
      password: undefined,
    }
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const password = randomBytes(9).toString('base64url')
  const { publicJwk, privateJwk } = await newKey()
  const secret = (file: string, text: string): void => writeFileSync(join(folder, file), text, { mode: 0o600 })
  secret('example-client.jwk.json', JSON.stringify(privateJwk))
  secret('demo.password', password)
  secret('holdfast.secrets.json', JSON.stringify({ secrets: [{ id: 'first', value: randomBytes(32).toString('base64url') }] }))
  // Last, since its presence says that the others are complete.
  writeFileSync(config, `${JSON.stringify(configuration(places, publicJwk), undefined, 2)}\n`)
  return { config, clientKey: privateJwk, username: USERNAME, password }
}

async function newKey(): Promise<{ readonly publicJwk: Record<string, unknown>; readonly privateJwk: Record<string, unknown> }> {
  const { publicKey, privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const kid = randomBytes(6).toString('base64url')
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey)
  const { d } = await crypto.subtle.exportKey('jwk', privateKey)
  const publicJwk = { kty, crv, x, y, kid, alg: 'ES256', use: 'sig' }
  return { publicJwk, privateJwk: { kty, crv, x, y, d, kid } }
}

function configuration({ issuer, api, client }: Places, publicJwk: object): object {
  return {
    issuer,
    listen: { host: 'localhost', port: Number(new URL(issuer).port) },
    store: { engine: 'sqlite', path: 'holdfast.db' },
    secrets: { file: 'holdfast.secrets.json' },
    development: true,
    resources: [
      { identifier: api, name: 'Example accounts', scopes: [{ name: 'accounts:read', description: 'See your accounts and balances' }] },
    ],
    clients: [
      {
        client_id: 'web-example',
        client_name: 'Example application',
        client_uri: client,
        redirect_uris: [`${client}/callback`],
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [publicJwk] },
        scope: 'openid profile accounts:read',
      },
      {
        client_id: 'native-example',
        client_name: 'Example command line',
        application_type: 'native',
        redirect_uris: ['http://127.0.0.1/callback', 'http://[::1]/callback'],
        grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
        token_endpoint_auth_method: 'none',
        scope: 'openid profile offline_access accounts:read',
      },
    ],
    accounts: {
      seed: [
        {
          username: USERNAME,
          password: 'file:demo.password',
          claims: { name: 'Demo Person', email: 'demo@example.com', email_verified: true },
        },
      ],
    },
  }
}
