import type { Handler, HttpRequest, Reply } from '@holdfast/protocol/http'
import { appendedWellKnown, insertedWellKnown } from '@holdfast/protocol/metadata'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { createProcessMemory } from '@holdfast/proof/memory'
import { systemClock } from '@holdfast/protocol/time'
import { StoreUnavailable } from '@holdfast/store'
import type { AuthorizationServer } from './authorization-server.ts'
import { ClientDirectory } from './client-authentication/clients.ts'
import { GuessLimit } from './client-authentication/guess-limit.ts'
import type { Client } from './config/client.ts'
import { DEFAULT_LIFETIMES } from './config/lifetimes.ts'
import type { Log, ServerOptions } from './config/options.ts'
import { tokenError } from './endpoints/answer.ts'
import type { Answer, Endpoint } from './endpoints/endpoint.ts'
import { DISCOVERY, ENDPOINTS } from './endpoints/index.ts'
import { errorPage } from './endpoints/page.ts'
import { ToldFault } from './endpoints/proceed.ts'
import { KnownDevices } from './interaction/known-devices.ts'
import { SignInLimit } from './interaction/sign-in-limit.ts'
import { DerivedKeys } from './keys/derived.ts'
import { KeyRing } from './keys/key-ring.ts'
import { Refusals } from './refusals.ts'
import { Sessions } from './sessions/session.ts'
import { AccessTokenReader } from './tokens/access-token.ts'
import { DpopAtServer } from './tokens/dpop.ts'
import { GrantReferences } from './tokens/grant-reference.ts'
import { genuine } from './tokens/refresh-token.ts'
import { ResourceCatalog } from './tokens/resources.ts'
import { TokenSigner } from './tokens/sign.ts'

/** A running authorization server: a handler for any mount, and its housekeeping. */
export interface RunningServer {
  readonly handler: Handler
  /** Whether keys and store answer: for a readiness probe. */
  ready(): Promise<boolean>
  /** Stops the housekeeping and stores what was counted. The store is the caller's. */
  close(): Promise<void>
}

const SILENT: Log = { info() {}, warn() {}, error() {} }
/** What strangers can fill is a memory of its own: full, it answers 503 to public clients and to nobody else. */
const UNPROVEN_ENTRIES = 500_000
/** Keys are looked after and refusals summed up once a minute. */
const HOUSEKEEPING_MILLISECONDS = 60_000

/**
 * Puts the server together and makes what is missing, such as signing keys.
 *
 * @throws when a configured client is stored too, or a signing key cannot be opened: better no start than a wrong one
 */
export async function createServer(options: ServerOptions): Promise<RunningServer> {
  const as = assemble(options)
  await refuseClash(options)
  tellWhatIsUnsafe(options.clients, as.log)
  await as.keys.maintain()
  const housekeeping = setInterval(() => {
    void keepHouse(as)
  }, HOUSEKEEPING_MILLISECONDS)
  housekeeping.unref()
  return {
    handler: route(as),
    async ready() {
      try {
        await as.store.read('revision', 'keys')
        return true
      } catch {
        return false
      }
    },
    async close() {
      clearInterval(housekeeping)
      await as.refusals.flush(as.clock.now())
    },
  }
}

/** What weakens is said at every start, so that nobody forgets that it is on. */
function tellWhatIsUnsafe(clients: readonly Client[], log: Log): void {
  for (const { clientId, unsafeLegacyAssertionAudience } of clients) {
    if (unsafeLegacyAssertionAudience) log.warn('an unsafe option is on', { clientId, option: 'unsafe_legacy_assertion_audience' })
  }
}

async function keepHouse(as: AuthorizationServer): Promise<void> {
  try {
    await as.keys.maintain()
    await as.refusals.flush(as.clock.now())
  } catch (fault) {
    as.log.error('housekeeping failed; it is tried again in a minute', { fault: String(fault) })
  }
}

function assemble(options: ServerOptions): AuthorizationServer {
  const { issuer, store, accounts, memory } = options
  const clock = options.clock ?? systemClock
  const log = options.log ?? SILENT
  const lifetimes = { ...DEFAULT_LIFETIMES, ...options.lifetimes }
  const derived = new DerivedKeys(options.secrets)
  const keys = new KeyRing(store, derived, clock)
  const references = new GrantReferences(derived)
  const unproven = createProcessMemory({ clock, maxEntries: UNPROVEN_ENTRIES })
  const resources = new ResourceCatalog(issuer, options.resources, lifetimes.accessToken)
  return {
    issuer,
    origin: new URL(issuer).origin,
    development: options.development ?? false,
    clock,
    log,
    store,
    memory,
    accounts,
    clients: new ClientDirectory(store, options.clients, clock),
    unproven,
    guesses: new GuessLimit(unproven),
    signInLimit: new SignInLimit(memory),
    devices: new KnownDevices(derived, issuer),
    refusals: new Refusals(store, log),
    keys,
    derived,
    dpop: new DpopAtServer(issuer, options.dpopNonce ?? 'required', derived, memory),
    sessions: new Sessions(store, lifetimes, issuer),
    references,
    accessTokens: new AccessTokenReader(issuer, keys, references),
    signer: new TokenSigner(issuer, keys, derived, references),
    resources,
    lifetimes,
    policy: { issuer, resources, lifetimes, refreshKeyId: derived.current('refresh').id },
    sources: { store, accounts, refreshTokens: { verify: (token, family) => genuine(derived, token, family) } },
  }
}

/** Configured clients win over stored ones, so one name for both would hide a client: the start is refused. */
async function refuseClash({ clients, store }: ServerOptions): Promise<void> {
  for (const { clientId } of clients) {
    if ((await store.read('client', clientId)) !== undefined)
      throw new Error(`client ${clientId} is both configured and stored: remove one of the two`)
  }
}

interface Route {
  readonly endpoint: Endpoint
  readonly page: boolean
}

/** An exact-path map; only interaction pages and assets have something below their path. */
function route(as: AuthorizationServer): Handler {
  const base = new URL(as.issuer).pathname.replace(/\/$/, '')
  const exact: Map<string, Route> = new Map()
  const below: [string, Route][] = []
  for (const endpoint of [...ENDPOINTS, ...wellKnown(as.issuer)]) {
    const found: Route = { endpoint, page: endpoint.cors === 'never' }
    const path = endpoint.path.startsWith('/.well-known') || endpoint.path.includes('/.well-known/') ? endpoint.path : base + endpoint.path
    if (path.endsWith('/*')) below.push([path.slice(0, -1), found])
    else exact.set(path, found)
  }
  return async (request) => {
    const found = exact.get(request.path) ?? below.find(([prefix]) => request.path.startsWith(prefix))?.[1]
    if (found === undefined)
      return { status: 404, headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }, body: 'not found' }
    const reply = await answered(as, request, found)
    return found.endpoint.cors === 'any' ? { ...reply, headers: { ...reply.headers, ...CORS } } : reply
  }
}

/** The metadata document in every place where a client may look (MCP-02): inserted and appended, for both names. */
function wellKnown(issuer: string): readonly Endpoint[] {
  const places = new Set([
    insertedWellKnown(issuer, 'oauth-authorization-server'),
    insertedWellKnown(issuer, 'openid-configuration'),
    appendedWellKnown(issuer, 'openid-configuration'),
  ])
  return [...places].map((place) => ({ path: new URL(place).pathname, methods: { GET: DISCOVERY }, cors: 'any', metadata: undefined }))
}

/** Works without cookies, so any origin may ask (OA-44); what DPoP clients in browsers must read is exposed (DPOP-45). */
const CORS: Reply['headers'] = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'DPoP-Nonce, WWW-Authenticate' }

async function answered(as: AuthorizationServer, request: HttpRequest, { endpoint, page }: Route): Promise<Reply> {
  const { methods } = endpoint
  if (request.method === 'OPTIONS' && !page) {
    const headers = {
      'access-control-allow-methods': Object.keys(methods).join(', '),
      'access-control-allow-headers': 'DPoP, Authorization, Content-Type',
      'access-control-max-age': '600',
    }
    return { status: 204, headers, body: '' }
  }
  const { method } = request
  const answer: Answer | undefined = method === 'GET' || method === 'POST' ? methods[method] : undefined
  if (answer === undefined)
    return {
      status: 405,
      headers: { allow: Object.keys(methods).join(', '), 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
      body: 'method not allowed',
    }
  try {
    return await answer(as, request)
  } catch (fault) {
    return faulted(as, request, page, fault)
  }
}

/** Caught once, here: an outage is 503 and says so, a bug is 500 and says nothing. */
function faulted(as: AuthorizationServer, request: HttpRequest, page: boolean, thrown: unknown): Reply {
  const fault = thrown instanceof ToldFault ? thrown.cause : thrown
  const outage =
    fault instanceof StoreUnavailable ||
    (fault instanceof Error && (fault.name === 'OutcomeUnknown' || fault.name === 'MemoryFull' || fault.name === 'Overloaded'))
  as.log.error(outage ? 'the store or the memory cannot be used' : 'a request failed', {
    path: request.path,
    fault: fault instanceof Error ? (fault.stack ?? fault.message) : String(fault),
  })
  const error = outage
    ? new OAuthError('temporarily_unavailable', 'the server cannot store anything at the moment: try again')
    : new OAuthError('server_error', 'something went wrong here')
  if (thrown instanceof ToldFault) return thrown.reply(error)
  if (!page) return tokenError(request, error)
  return errorPage(
    as,
    request,
    error,
    'This does not work at the moment',
    'The fault is on our side, and nothing was lost. Try again in a moment.',
    outage ? 503 : 500,
  )
}
