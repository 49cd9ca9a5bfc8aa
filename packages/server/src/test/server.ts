import { toFetch } from '@holdfast/mount/fetch'
import { createProcessMemory, type Memory } from '@holdfast/proof/memory'
import { secretHash } from '@holdfast/protocol/secret'
import type { Clock } from '@holdfast/protocol/time'
import { openMemoryStore } from '@holdfast/store/memory'
import type { OpenStore } from '@holdfast/store'
import type { ServerChange, ServerStore } from '../records.ts'
import type { Account, Client, Records, Resource, ServerOptions } from '../index.ts'
import { createServer, type RunningServer, serverKinds } from '../index.ts'

export const ISSUER = 'https://as.example'
export const API = 'https://api.example/accounts'
export const SECRET = 'a secret for tests only, long enough to count'

/** A clock that a test moves. */
export class HeldClock implements Clock {
  time = 1_800_000_000
  now(): number {
    return this.time
  }
  advance(seconds: number): void {
    this.time += seconds
  }
}

/** The real time, for clients that nobody here wrote. */
export class RealClock extends HeldClock {
  override now(): number {
    return Math.floor(Date.now() / 1000)
  }
}

/** A confidential client of profile `strong`, with what a test wants otherwise. */
export function client(over: Partial<Client> = {}): Client {
  return {
    clientId: 'web',
    origin: 'operator',
    clientName: 'Web application',
    clientUri: undefined,
    logoUri: undefined,
    policyUri: undefined,
    tosUri: undefined,
    profile: 'oauth21',
    applicationType: 'web',
    redirectUris: ['https://app.example/callback'],
    grantTypes: ['authorization_code', 'refresh_token'],
    scopes: ['openid', 'profile', 'email', 'accounts:read', 'accounts:write'],
    resources: undefined,
    tokenEndpointAuthMethod: 'client_secret_basic',
    tokenEndpointAuthSigningAlg: undefined,
    secrets: [{ hash: secretHash(SECRET), expiresAt: undefined }],
    jwks: undefined,
    jwksUri: undefined,
    idTokenSignedResponseAlg: 'ES256',
    dpopBoundAccessTokens: false,
    requirePushedAuthorizationRequests: false,
    defaultMaxAge: undefined,
    tlsClientAuth: undefined,
    certificateBoundAccessTokens: false,
    requestObjectSigningAlg: undefined,
    requireSignedRequestObject: false,
    authorizationSignedResponseAlg: 'ES256',
    authorizationEncryptedResponse: undefined,
    introspectionSignedResponseAlg: 'ES256',
    introspectionEncryptedResponse: undefined,
    responseModes: undefined,
    authorizationDetailsTypes: [],
    protectedResources: [],
    backchannel: undefined,
    tokenExchange: undefined,
    mayAct: undefined,
    firstParty: false,
    unsafeWithoutPkce: false,
    unsafeLegacyAssertionAudience: false,
    disabled: false,
    ...over,
  }
}

export function publicClient(over: Partial<Client> = {}): Client {
  return client({
    clientId: 'app',
    clientName: 'Native application',
    applicationType: 'native',
    tokenEndpointAuthMethod: 'none',
    secrets: [],
    redirectUris: ['http://127.0.0.1/callback', 'com.example.app:/callback'],
    ...over,
  })
}

export const ACCOUNTS_API: Resource = {
  identifier: API,
  name: 'Accounts',
  scopes: [
    { name: 'accounts:read', description: 'See your accounts' },
    { name: 'accounts:write', description: 'Change your accounts' },
  ],
  accessTokenFormat: 'jwt',
  accessTokenLifetime: 300,
}

const ADA: Account = {
  sub: 'u_ada',
  username: 'ada',
  displayName: 'Ada',
  claims: { name: 'Ada Lovelace', email: 'ada@example.com', email_verified: true },
  disabled: false,
}
export const PASSWORD = 'correct horse battery'

export interface TestServer {
  readonly server: RunningServer
  readonly store: OpenStore<Records>
  readonly clock: HeldClock
  readonly memory: Memory
  /** Every person of the server; a test may take one away. */
  readonly people: Map<string, Account>
  /** What was logged, as text: no token may ever stand in it. */
  readonly logged: string[]
  fetch(url: string, init?: RequestInit): Promise<Response>
}

/** Signing keys are made once for all tests of a file: RSA keys cost a tenth of a second each. */
let keys: readonly ServerChange[] | undefined

async function withKeys(store: ServerStore): Promise<void> {
  if (keys !== undefined) await store.commit(keys)
}

async function keepKeys(store: ServerStore): Promise<void> {
  const made: ServerChange[] = []
  for (const alg of ['ES256', 'RS256', 'PS256', 'EdDSA', 'ECDH-ES']) {
    const { items } = await store.list('signing_key', 'alg', alg, { limit: 10 })
    made.push(
      ...items.map((item): ServerChange => ({
        op: 'insert',
        kind: 'signing_key',
        id: item.id,
        value: item.value,
        expiresAt: item.expiresAt,
      })),
    )
  }
  keys = made
}

/** The options of a server; a second one is given the store and the clock of the first. */
type Options = Partial<Omit<ServerOptions, 'store' | 'clock'>> & { readonly store?: OpenStore<Records>; readonly clock?: HeldClock }

/** A server in this process, over the memory store, with one person (ada) and the clients given. */
export async function startServer(clients: readonly Client[] = [client(), publicClient()], over: Options = {}): Promise<TestServer> {
  const { clock = new HeldClock(), store = openMemoryStore(serverKinds) } = over
  const memory = createProcessMemory({ clock })
  const people = new Map([[ADA.sub, ADA]])
  const logged: string[] = []
  const line = (event: string, fields?: unknown): void => void logged.push(`${event} ${JSON.stringify(fields ?? {})}`)
  if (over.secrets === undefined && over.store === undefined) await withKeys(store)
  const server = await createServer({
    issuer: ISSUER,
    store,
    accounts: {
      find: (sub) => Promise.resolve(people.get(sub)),
      findByUsername: (username) => Promise.resolve([...people.values()].find((one) => one.username === username)),
      verifyPassword: (username, password) =>
        Promise.resolve([...people.values()].find((one) => one.username === username && password === PASSWORD)),
    },
    clients,
    resources: [ACCOUNTS_API],
    secrets: [{ id: 's1', value: new Uint8Array(32).fill(1) }],
    memory,
    clock,
    log: { info: line, warn: line, error: line },
    ...over,
  })
  if (over.secrets === undefined && over.store === undefined) await keepKeys(store)
  const asFetch = toFetch(server.handler, { clientAddress: () => '192.0.2.1' })
  return { server, store, clock, memory, people, logged, fetch: (url, init) => asFetch(new Request(url, { redirect: 'manual', ...init })) }
}
