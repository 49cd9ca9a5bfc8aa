import { createGuard, type Guard, type GuardOptions } from '@holdfast/guard'
import type { Handler, HttpRequest, Reply } from '@holdfast/protocol/http'
import { json } from '@holdfast/protocol/http'
import type { Client, ServerOptions } from '@holdfast/server'
import { Browser } from '@holdfast/testing/browser'
import { Internet } from '@holdfast/testing/internet'
import { CodePeople } from '../../../server/src/test/one-time-codes.ts'
import {
  ACCOUNTS_API,
  API,
  client,
  HeldClock,
  ISSUER,
  publicClient,
  startServer,
  type TestServer,
} from '../../../server/src/test/server.ts'
import { createConfidentialClient } from '../client/confidential.ts'
import { newSigningKey, type SigningKey } from '../keys.ts'
import type { World } from '../model.ts'
import { createStage, type Stage } from '../stage.ts'
import { BFF, BFF_CLIENT, bffAt, newKeyPair, PAGE_OF_BFF, SIBLING } from './bff-world.ts'
import { Person } from './person.ts'
import { TraceStandIn } from './trace-stand-in.ts'

export { API, BFF, ISSUER }
export const MCP = 'https://mcp.example/mcp'
export const TRACE = `${ISSUER}/trace`
const PAGE = 'https://explorer.example/callback'
const BACKEND = 'https://backend.example/callback'
/** How old a sign-in may be where the API wants a fresh one, in seconds. */
export const FRESH = 60

export interface TestWorld {
  readonly internet: Internet
  readonly as: TestServer
  readonly clock: HeldClock
  readonly person: Person
  readonly people: CodePeople
  /** As the page runs it. */
  readonly page: Stage
  /** As the back end runs it. */
  readonly backend: Stage
}

export interface Over {
  readonly world?: Partial<World>
  readonly stage?: Partial<Stage>
  readonly client?: Partial<Client>
  readonly server?: Partial<Omit<ServerOptions, 'store' | 'clock'>>
  readonly guard?: Partial<GuardOptions>
  /** Receivers tell nothing, as foreign ones. */
  readonly untold?: boolean
}

const SCOPES = ['openid', 'profile', 'email', 'accounts:read', 'accounts:write']
const grant = (name: string): string => `urn:ietf:params:oauth:grant-type:${name}`

function clientsFor(key: SigningKey, bffKey: Readonly<Record<string, unknown>>, over: Partial<Client>): readonly Client[] {
  const page = publicClient({ clientId: 'page', applicationType: 'web', redirectUris: [PAGE], scopes: [...SCOPES, 'tools'], ...over })
  return [
    page,
    publicClient({ clientId: 'tv', redirectUris: [], grantTypes: [grant('device_code'), 'refresh_token'], scopes: SCOPES }),
    publicClient({ clientId: 'phone', firstParty: true, redirectUris: ['com.example.phone:/callback'], scopes: SCOPES }),
    client({
      clientId: 'backend',
      redirectUris: [BACKEND],
      grantTypes: [
        'authorization_code',
        'refresh_token',
        'client_credentials',
        grant('token-exchange'),
        'urn:openid:params:grant-type:ciba',
      ],
      backchannel: { mode: 'poll', notificationEndpoint: undefined },
      scopes: SCOPES,
      tokenEndpointAuthMethod: 'private_key_jwt',
      secrets: [],
      requestObjectSigningAlg: 'ES256',
      jwks: { keys: [{ ...key.publicJwk, kid: 'k1', alg: 'ES256', use: 'sig' }] },
    }),
    client({ ...BFF_CLIENT, scopes: SCOPES, jwks: { keys: [bffKey] } }),
  ]
}

/** A real server and a real guard before two APIs, in this process, and a person with a browser. */
export async function startWorld(over: Over = {}): Promise<TestWorld> {
  const clock = new HeldClock()
  const key = await newSigningKey()
  const [bffPublic, bffPrivate] = await newKeyPair()
  const people = new CodePeople()
  const as = await startServer(clientsFor(key, bffPublic, over.client ?? {}), {
    accounts: {
      find: (sub) => people.find(sub),
      findByUsername: (username) => Promise.resolve([...people.people.values()].find((one) => one.username === username)),
      verifyPassword: (username, password) => people.verifyPassword(username, password),
      verifyOneTimeCode: (sub, code) => people.verifyOneTimeCode(sub, code),
    },
    resources: [ACCOUNTS_API, { ...ACCOUNTS_API, identifier: MCP, name: 'Tools', scopes: [{ name: 'tools', description: 'Use tools' }] }],
    registration: { open: true, perAddress: 1000, policy: { scopes: ['openid', 'tools'] } },
    ...over.server,
    clock,
  })
  const internet = new Internet()
  const traced = new TraceStandIn(clock)
  const host = (origin: string, handler: Handler): void => {
    const served = over.untold === true ? handler : traced.watching(handler, origin)
    internet.host(origin, origin === ISSUER ? traced.answering(served) : served)
  }
  host(ISSUER, as.server.handler)
  const guardOf = (resource: string, scopes: readonly string[]): Guard =>
    createGuard({ issuer: ISSUER, resource, scopes, clock, fetch: internet.fetch as typeof fetch, ...over.guard })
  host(new URL(API).origin, api(guardOf(API, ['accounts:read'])))
  host(new URL(MCP).origin, api(guardOf(MCP, ['tools'])))
  host(BFF, bffAt(internet, clock, bffPrivate))
  // A page of a sibling: the browser sends it the cookies of the same site.
  internet.host(SIBLING, () => Promise.resolve(PAGE_OF_BFF))
  const person = new Person(new Browser(internet, { clock }), people, [PAGE, BACKEND])
  const world: World = {
    issuer: ISSUER,
    api: API,
    stepUp: `${API}/transfer`,
    scope: 'accounts:read',
    clientId: 'page',
    redirectUri: PAGE,
    deviceClientId: 'tv',
    firstPartyClientId: 'phone',
    mcp: MCP,
    backend: 'https://backend.example',
    bff: BFF,
    username: 'ada',
    ...(over.untold === true ? {} : { trace: TRACE }),
    ...over.world,
  }
  const stage = (more: Partial<Stage> & Pick<Stage, 'world'>): Stage =>
    createStage({
      fetch: (url, init) => (init.mode === 'no-cors' ? person.script(SIBLING, url, init) : internet.fetch(url, init)),
      now: () => clock.now() * 1000,
      navigate: (url) => person.visit(url),
      wait: async (milliseconds) => {
        await person.act()
        clock.advance(Math.ceil(milliseconds / 1000))
      },
      ...more,
      ...over.stage,
    })
  const confidential = createConfidentialClient({ clientId: 'backend', issuer: ISSUER, key, kid: 'k1', now: () => clock.now() * 1000 })
  return {
    internet,
    as,
    clock,
    person,
    people,
    page: stage({ world }),
    backend: stage({ world: { ...world, redirectUri: BACKEND }, client: confidential }),
  }
}

function api(guard: Guard): Handler {
  return async (request: HttpRequest): Promise<Reply> => {
    const metadata = guard.metadata(request)
    if (metadata !== undefined) return metadata
    const verdict = await guard.check(request, request.path.endsWith('/transfer') ? { maxAge: FRESH } : {})
    return verdict.kind === 'refused' ? verdict.reply : json(200, { sub: verdict.access.subject }, verdict.headers)
  }
}
