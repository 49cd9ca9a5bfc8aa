import type { Clock, EpochSeconds } from '@holdfast/protocol/time'
import { readMachineClient } from '../config/machine-client.ts'
import type { MachineContext, Metadata } from '../config/machine-metadata.ts'
import type { Log } from '../config/options.ts'
import { type Outbound, OutboundRefusal, type OutboundReply } from '../config/outbound.ts'
import { type DocumentOptions, hostListed } from '../config/registration.ts'
import type { SectorDocuments } from './sector-documents.ts'
import { Fetched, jsonObjectOf } from '../outbound/fetched.ts'
import type { ClientSource, FoundClient } from './clients.ts'

/** CIMD-10: the draft's recommendation. */
const MAX_BYTES = 5 * 1024
/** Fetches in a minute, of one host and of all: who sends us browsers with made-up client_ids hammers nobody through us. */
const PER_HOST = 20
const IN_ALL = 600
/** Lines in the log in a minute. */
const TOLD = 60
/** Seconds that a document still serves after its end while its host is away: a client's outage is not at once ours. */
const STALE = 600

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost'])
const SYMMETRIC = /^client_secret/

/** Why a client_id is not the URL of a document, or undefined when it is (CIMD-01). */
export function documentUrlFault(clientId: string): string | undefined {
  // Spelled as the URL standard does, there is one text for one place: no dot segments, default ports or other cases of a host.
  if (!URL.canParse(clientId) || new URL(clientId).href !== clientId) return 'it is not a URL in its usual spelling'
  const url = new URL(clientId)
  if (url.protocol !== 'https:') return 'it is not https'
  if (url.pathname === '/') return 'it has no path'
  if (clientId.includes('#')) return 'it has a fragment'
  if (/^https:\/\/[^/]*@/.test(clientId)) return 'it carries a user name or password'
  return undefined
}

/** Fetches of this minute. */
interface Budget {
  readonly byHost: Map<string, number>
  all: number
}

/** Clients whose client_id is the URL of their metadata: looked up at their place, kept for as long as it says within bounds. */
export class ClientDocuments implements ClientSource {
  readonly #options: DocumentOptions
  readonly #clock: Clock
  readonly #log: Log
  readonly #fetched: Fetched<FoundClient>
  #minute: EpochSeconds = -1
  /** Of clients that were there before, and of all others: strangers use up the second alone. */
  #known: Budget = { byHost: new Map(), all: 0 }
  #others: Budget = { byHost: new Map(), all: 0 }
  #told = 0

  constructor(options: DocumentOptions, context: DocumentContext, outbound: Outbound, clock: Clock, log: Log) {
    this.#options = options
    this.#clock = clock
    this.#log = log
    this.#fetched = new Fetched({
      outbound: this.#limited(outbound),
      clock,
      accept: 'application/json',
      maxBytes: MAX_BYTES,
      read: (reply, url) => readDocument(reply, url, options, context),
      stale: STALE,
    })
  }

  /** @returns undefined for every reason alike: outside, a document that is wrong looks like one that never was */
  async find(clientId: string): Promise<FoundClient | undefined> {
    const wrong = documentUrlFault(clientId) ?? this.#hostFault(clientId)
    const found = wrong === undefined ? await this.#fetched.get(clientId) : new OutboundRefusal('url', wrong)
    if (!(found instanceof OutboundRefusal)) return found
    this.#turn()
    if (this.#told++ < TOLD)
      this.#log.warn('a client_id that is a URL leads to no client', { clientId, reason: found.reason, detail: found.detail })
    return undefined
  }

  #hostFault(clientId: string): string | undefined {
    const { allowedHosts, deniedHosts = [] } = this.#options
    const { hostname } = new URL(clientId)
    if (deniedHosts.includes(clientId) || hostListed(hostname, deniedHosts)) return 'it is denied by name'
    return allowedHosts === undefined || hostListed(hostname, allowedHosts) ? undefined : 'its host is not among those that are allowed'
  }

  #limited(outbound: Outbound): Outbound {
    return {
      post: outbound.post,
      get: (url, wanted) => {
        this.#turn()
        // Not by port: one host has many. A port of loopback is there only because the operator listed it.
        const { host, hostname } = new URL(url)
        const asked = LOOPBACK.has(hostname) ? host : hostname
        const budget = this.#fetched.knows(url) ? this.#known : this.#others
        const here = (budget.byHost.get(asked) ?? 0) + 1
        if (here > PER_HOST || budget.all >= IN_ALL)
          return Promise.resolve(new OutboundRefusal('busy', `${hostname}: too many documents were fetched this minute`))
        budget.byHost.set(asked, here)
        budget.all++
        return outbound.get(url, wanted)
      },
    }
  }

  #turn(): void {
    const minute = Math.floor(this.#clock.now() / 60)
    if (minute === this.#minute) return
    this.#minute = minute
    this.#known = { byHost: new Map(), all: 0 }
    this.#others = { byHost: new Map(), all: 0 }
    this.#told = 0
  }
}

/** What documents are read against. */
type DocumentContext = MachineContext & { readonly sectors: SectorDocuments }

async function readDocument(
  reply: OutboundReply,
  url: string,
  options: DocumentOptions,
  context: DocumentContext,
): Promise<FoundClient | OutboundRefusal> {
  const document = jsonObjectOf(reply)
  if (document instanceof OutboundRefusal) return document
  const wrong = documentFault(document, url) ?? resourceFault(url, context)
  if (wrong !== undefined) return new OutboundRefusal('document', wrong)
  const read = readMachineClient(
    asRegistered(document, url, options),
    { clientId: url, origin: 'document', secretHash: undefined, vouched: options.allowedHosts !== undefined },
    context,
  )
  if ('client' in read) {
    const sector = await context.sectors.fault(read.client)
    return sector === undefined ? { client: read.client, require: [] } : new OutboundRefusal('document', `sector_identifier_uri ${sector}`)
  }
  return new OutboundRefusal('document', read.map(({ path, message }) => `${path} ${message}`).join('; '))
}

/** RFC 9068 §5 (TOK-11): the audience of an ID token is its client, and must never be that of an access token. */
function resourceFault(url: string, { resources }: MachineContext): string | undefined {
  return resources.some(({ identifier }) => identifier === url) ? 'client_id is the identifier of a resource' : undefined
}

/** CIMD-03, CIMD-04, MCP-06. */
function documentFault(document: Metadata, url: string): string | undefined {
  if (document['client_id'] !== url) return 'client_id is not the URL that it was fetched from'
  if (Object.hasOwn(document, 'client_secret') || Object.hasOwn(document, 'client_secret_expires_at'))
    return 'it has a client_secret, which everybody could read'
  const method = document['token_endpoint_auth_method']
  if (typeof method === 'string' && SYMMETRIC.test(method))
    return `token_endpoint_auth_method must not be ${method}: a document has no secret`
  if (typeof document['client_name'] !== 'string' || document['client_name'] === '') return 'client_name is missing'
  if (!Array.isArray(document['redirect_uris']) || document['redirect_uris'].length === 0) return 'redirect_uris is missing'
  return undefined
}

/** What RFC 7591 defaults to a secret defaults to none here; redirect URIs of other origins are left out (CIMD-15). */
function asRegistered(document: Metadata, url: string, { redirectUris = 'same-origin' }: DocumentOptions): Metadata {
  const uris = document['redirect_uris'] as readonly unknown[]
  const owned = (list: readonly unknown[]): readonly unknown[] =>
    redirectUris === 'any' ? list : list.filter((uri) => isOwn(uri, new URL(url).origin))
  const own = owned(uris)
  const afterwards: unknown = document['post_logout_redirect_uris']
  return {
    ...document,
    redirect_uris: own,
    ...(Array.isArray(afterwards) ? { post_logout_redirect_uris: owned(afterwards) } : {}),
    token_endpoint_auth_method: document['token_endpoint_auth_method'] ?? 'none',
    // An application on a device has loopback URIs alone; then the port of localhost is free too.
    application_type: document['application_type'] ?? (own.every(isLoopback) ? 'native' : 'web'),
  }
}

function isOwn(uri: unknown, origin: string): boolean {
  return isLoopback(uri) || (typeof uri === 'string' && URL.canParse(uri) && new URL(uri).origin === origin)
}

function isLoopback(uri: unknown): boolean {
  return typeof uri === 'string' && uri.startsWith('http:') && URL.canParse(uri) && LOOPBACK.has(new URL(uri).hostname)
}
