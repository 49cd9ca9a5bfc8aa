import { assemble, type CreateOptions } from './assemble.ts'
import type { Handler } from '@holdfast/protocol/http'
import { type AuthorizationServer } from './authorization-server.ts'
import { checkAuthenticationLevels } from './config/authentication-levels.ts'
import type { Client } from './config/client.ts'
import { unsafeOptionsOf } from './config/unsafe.ts'
import type { Log, ServerOptions } from './config/options.ts'
import { sweepUnused } from './registration/registered-clients.ts'
import type { Records } from './records.ts'
import { route } from './router.ts'
import { isAliased } from './endpoints/endpoint.ts'
import { resumeEndings } from './sessions/end-session.ts'

/** A running authorization server: a handler for any mount, and its housekeeping. */
export interface RunningServer {
  readonly handler: Handler
  /** The endpoints that have an alias at the listener for mutual TLS, and no pages (RFC 8705 §5). */
  readonly mutualTlsHandler: Handler
  /** Whether keys and store answer: for a readiness probe. */
  ready(): Promise<boolean>
  /** Stops the housekeeping and stores what was counted. The store is the caller's. */
  close(): Promise<void>
}

/** Keys are looked after and refusals summed up once a minute. */
const HOUSEKEEPING_MILLISECONDS = 60_000

/**
 * Puts the server together and makes what is missing, such as signing keys.
 *
 * @throws when a configured client is stored too, a grant type is there twice, or a signing key cannot be opened: better no start than a wrong one
 */
export async function createServer<R extends Records = Records>(given: CreateOptions<R>): Promise<RunningServer> {
  // A store that keeps more than the server's records is one that keeps them; only the grants that came with it know the rest.
  const options = given as unknown as CreateOptions
  const as = assemble(options)
  await refuseClash(options)
  refuseLevels(options)
  tellWhatIsUnsafe(options.clients, as.log)
  if (options.outbound !== undefined && 'allow' in options.outbound && options.outbound.allow.length > 0)
    as.log.info('the server may ask private places', { allow: options.outbound.allow })
  if (as.thirdPartyFrames) as.log.info('the session is known in frames of other sites: its cookie is SameSite=None')
  await as.keys.maintain()
  await as.subjects.open()
  void lookAfterLogouts(as)
  const housekeeping = setInterval(() => {
    void keepHouse(as)
    void lookAfterLogouts(as)
  }, HOUSEKEEPING_MILLISECONDS)
  housekeeping.unref()
  return {
    handler: route(as),
    mutualTlsHandler: route(as, isAliased),
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
      as.logouts.close()
      await as.refusals.flush(as.clock.now())
      await as.issued.flush(as.clock.now())
    },
  }
}

function refuseLevels({ authenticationLevels = [] }: ServerOptions): void {
  const [fault] = checkAuthenticationLevels(authenticationLevels, 'authenticationLevels')
  if (fault !== undefined) throw new TypeError(`${fault.path} ${fault.message}`)
}

/** What weakens is said at every start, so that nobody forgets that it is on. */
function tellWhatIsUnsafe(clients: readonly Client[], log: Log): void {
  for (const client of clients) {
    const { clientId } = client
    // Anybody can say that name, and ask people for their passwords under it (FIPA-36).
    if (client.firstParty && client.tokenEndpointAuthMethod === 'none')
      log.warn('a first-party client proves nothing: let it be attested', { clientId })
    for (const option of unsafeOptionsOf(client)) log.warn('an unsafe option is on', { clientId, option })
  }
}

async function keepHouse(as: AuthorizationServer): Promise<void> {
  try {
    await as.keys.maintain()
    await as.refusals.flush(as.clock.now())
    await as.issued.flush(as.clock.now())
    await sweepUnused(as.store, as.clock.now(), as.registration.unusedAfter)
  } catch (fault) {
    as.log.error('housekeeping failed; it is tried again in a minute', { fault: String(fault) })
  }
}

/** What this or another server began and did not finish. Apart from the rest: neither waits for the other's faults. */
async function lookAfterLogouts(as: AuthorizationServer): Promise<void> {
  try {
    await resumeEndings(as)
    await as.logouts.sweep()
  } catch (fault) {
    as.log.error('ended sessions could not be looked after; it is tried again in a minute', { fault: String(fault) })
  }
}

/** Configured clients win over stored ones, so one name for both would hide a client: the start is refused. */
async function refuseClash({ clients, store }: ServerOptions): Promise<void> {
  for (const { clientId } of clients) {
    if ((await store.read('client', clientId)) !== undefined)
      throw new Error(`client ${clientId} is both configured and stored: remove one of the two`)
  }
}
