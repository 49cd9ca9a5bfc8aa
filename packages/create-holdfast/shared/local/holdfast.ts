/**
 * A Holdfast on this machine, for development and tests: the program as it is published, with `holdfast.config.json`.
 * What is secret is made at the first start and kept in `.holdfast/`, which is not in version control.
 */
import { createLog, loadConfiguration, start } from 'holdfast'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'

export interface LocalHoldfast {
  readonly issuer: string
  /** Who can sign in, where the configuration has somebody. */
  readonly person: { readonly username: string; readonly password: string; /** Made just now. */ readonly isNew: boolean } | undefined
  /** What the application needs to know of it. */
  readonly environment: Readonly<Record<string, string>>
  close(): Promise<void>
}

export interface Places {
  readonly issuer: string
  readonly app: string
  /** Where secrets and data are. */
  readonly folder: string
}

/** Where `holdfast.config.json` has them. */
const WRITTEN = { issuer: 'http://localhost:4000', app: 'http://localhost:3000' }

interface WrittenClient {
  readonly token_endpoint_auth_method?: string
  readonly jwks?: unknown
}

/** @throws Error with every fault of the configuration, or when the port is taken */
export async function startHoldfast({ issuer, app, folder }: Places): Promise<LocalHoldfast> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const keep = (name: string, make: () => string): Kept => kept(join(folder, name), make)
  const password = keep('demo.password', () => randomBytes(9).toString('base64url'))
  const totp = keep('demo.totp', newTotpSecret)
  const key = JSON.parse(keep('client.jwk.json', newKey).text) as Readonly<Record<string, string>>
  const { d: _private, ...publicKey } = key
  keep('holdfast.secrets.json', () => JSON.stringify({ secrets: [{ id: 'local', value: secret() }] }))

  const written = readFileSync('holdfast.config.json', 'utf8').replaceAll(WRITTEN.issuer, issuer).replaceAll(WRITTEN.app, app)
  const { clients = [], resources = [] } = JSON.parse(written) as { readonly clients?: WrittenClient[]; readonly resources?: unknown[] }
  // Of this machine alone, so it cannot stand in the file: the public half of the application's key.
  const withKey = clients.map((client) =>
    client.token_endpoint_auth_method === 'private_key_jwt' && client.jwks === undefined
      ? { ...client, jwks: { keys: [{ ...publicKey, use: 'sig' }] } }
      : client,
  )
  const { configuration, faults } = await loadConfiguration({
    file: resolve('holdfast.config.json'),
    directory: resolve('.'),
    environment: {
      HOLDFAST_ISSUER: issuer,
      HOLDFAST_LISTEN_HOST: 'localhost',
      HOLDFAST_LISTEN_PORT: new URL(issuer).port,
      HOLDFAST_STORE_PATH: resolve(folder, 'holdfast.db'),
      HOLDFAST_SECRETS_FILE: resolve(folder, 'holdfast.secrets.json'),
      HOLDFAST_CLIENTS: JSON.stringify(withKey),
      HOLDFAST_RESOURCES: JSON.stringify(resources),
      // It tells the application when a session has ended.
      HOLDFAST_OUTBOUND_ALLOW: JSON.stringify([new URL(app).host]),
      DEMO_PASSWORD: password.text,
      DEMO_TOTP_SECRET: totp.text,
    },
  })
  if (configuration === undefined) throw new Error(faults.map(({ path, message }) => `holdfast.config.json: ${path} ${message}`).join('\n'))
  const log = createLog({ form: 'text', color: process.stdout.isTTY, write: (text) => void process.stdout.write(text) })
  // What happens is in the log of a real server; here only what needs a look.
  const running = await start(configuration, { ...log, info: () => undefined })
  const [demo] = configuration.accounts.seed
  return {
    issuer,
    person: demo && { username: demo.username, password: password.text, isNew: password.isNew },
    environment: {
      HOLDFAST_ISSUER: issuer,
      APP_URL: app,
      CLIENT_KEY: JSON.stringify(key),
      SESSION_SECRET: keep('session.secret', secret).text,
    },
    close: () => running.close(),
  }
}

/** A port that nobody listens on now, for tests. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

interface Kept {
  readonly text: string
  readonly isNew: boolean
}

function kept(path: string, make: () => string): Kept {
  try {
    const text = make()
    // `wx`: two starts at once do not overwrite each other.
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 })
    return { text, isNew: true }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    return { text: readFileSync(path, 'utf8'), isNew: false }
  }
}

/** Base32, as authenticator apps have it. */
const newTotpSecret = (): string => [...randomBytes(32)].map((byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[byte % 32]).join('')
const secret = (): string => randomBytes(32).toString('base64url')

function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: randomBytes(6).toString('base64url'), alg: 'ES256' })
}
