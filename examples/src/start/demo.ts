import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ClientKeys, exampleClients } from './clients.ts'
import type { Places } from './places.ts'

export interface Demo {
  /** The configuration file for `holdfast serve`. */
  readonly config: string
  /** The example clients' private JWKs. */
  readonly keys: ClientKeys<PrivateJwk>
  readonly username: string
  /** Present on the first start only: afterwards nobody but its owner knows it. */
  readonly password: string | undefined
}

type PrivateJwk = Readonly<Record<string, unknown>>

const USERNAME = 'demo'
const KEY_FILES: ClientKeys<string> = { web: 'example-client.jwk.json', backend: 'example-backend.jwk.json', bff: 'example-bff.jwk.json' }

/**
 * Writes configuration, secrets and the example client's key on the first start; later starts find them.
 *
 * @returns undefined when the folder is of an older version of the example
 */
export async function prepareDemo(folder: string, places: Places): Promise<Demo | undefined> {
  const config = join(folder, 'holdfast.config.json')
  if (existsSync(config)) {
    const read = (file: string): PrivateJwk => JSON.parse(readFileSync(join(folder, file), 'utf8')) as PrivateJwk
    const { web, backend, bff } = KEY_FILES
    if (!existsSync(join(folder, bff))) return undefined
    return { config, keys: { web: read(web), backend: read(backend), bff: read(bff) }, username: USERNAME, password: undefined }
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const password = randomBytes(9).toString('base64url')
  const [web, backend, bff] = [await newKey(), await newKey(), await newKey()]
  const secret = (file: string, text: string): void => writeFileSync(join(folder, file), text, { mode: 0o600 })
  secret(KEY_FILES.web, JSON.stringify(web.privateJwk))
  secret(KEY_FILES.backend, JSON.stringify(backend.privateJwk))
  secret(KEY_FILES.bff, JSON.stringify(bff.privateJwk))
  secret('demo.password', password)
  secret('holdfast.secrets.json', JSON.stringify({ secrets: [{ id: 'first', value: randomBytes(32).toString('base64url') }] }))
  // Last, since its presence says that the others are complete.
  const publicKeys = { web: web.publicJwk, backend: backend.publicJwk, bff: bff.publicJwk }
  writeFileSync(config, `${JSON.stringify(configuration(places, publicKeys), undefined, 2)}\n`)
  return { config, keys: { web: web.privateJwk, backend: backend.privateJwk, bff: bff.privateJwk }, username: USERNAME, password }
}

async function newKey(): Promise<{ readonly publicJwk: PrivateJwk; readonly privateJwk: PrivateJwk }> {
  const { publicKey, privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const kid = randomBytes(6).toString('base64url')
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey)
  const { d } = await crypto.subtle.exportKey('jwk', privateKey)
  const publicJwk = { kty, crv, x, y, kid, alg: 'ES256', use: 'sig' }
  return { publicJwk, privateJwk: { kty, crv, x, y, d, kid, alg: 'ES256' } }
}

function configuration(places: Places, keys: ClientKeys<object>): object {
  const { issuer, api, mcp, bff } = places
  return {
    issuer,
    listen: { host: 'localhost', port: Number(new URL(issuer).port) },
    store: { engine: 'sqlite', path: 'holdfast.db' },
    secrets: { file: 'holdfast.secrets.json' },
    development: true,
    // It is told when somebody signs out (Back-Channel Logout), on this machine.
    outbound: { allow: [new URL(bff).host] },
    resources: [
      { identifier: api, name: 'Example accounts', scopes: [{ name: 'accounts:read', description: 'See your accounts and balances' }] },
      { identifier: mcp, name: 'Example tools', scopes: [{ name: 'tools', description: 'Use its tools in your name' }] },
    ],
    clients: exampleClients(places, keys),
    // For MCP clients, which nobody here can know beforehand.
    registration: { open: true, policy: { scopes: ['openid', 'tools'] } },
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
