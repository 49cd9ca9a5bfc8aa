import { createAccounts } from '@holdfast/accounts'
import { serve, type ServeOptions, type Serving } from '@holdfast/mount/node'
import type { Handler } from '@holdfast/protocol/http'
import type { World } from '@holdfast/explorer'
import { createServer, type Log, type RunningServer } from '@holdfast/server'
import type { Configuration } from './config/configuration.ts'
import type { MutualTlsListener } from './config/mutual-tls-shape.ts'
import { openMemory } from './open-memory.ts'
import { traceOf, withExplorer } from './explorer/front.ts'
import type { Trace } from './explorer/trace.ts'
import { withExplorerClient } from './explorer/world.ts'
import { openStore } from './open-store.ts'
import { withProbes } from './probes.ts'

/** How long requests in flight may take to finish, in seconds. */
const GRACE = 10

export interface Running {
  readonly host: string
  /** The port that is listened on, also when 0 was asked for. */
  readonly port: number
  /** The port of the listener for mutual TLS; undefined without one. */
  readonly mutualTlsPort: number | undefined
  /** `/readyz` says 503 from now on, nothing new is accepted, requests in flight finish within 10 s, the store is closed. */
  close(): Promise<void>
}

export interface StartOptions {
  /** Stands before the server's own paths, such as a start page. */
  readonly front?: (handler: Handler) => Handler
  /** What the flow explorer is told beside the configuration. */
  readonly world?: Partial<World>
  /** A trace that APIs of this process are noted in too; used in development alone. @default one of the server's own */
  readonly trace?: Trace | undefined
}

/** Puts the program together: store, people, server, probes and sockets, in the order in which each needs the one before. */
export async function start(configuration: Configuration, log: Log, options: StartOptions = {}): Promise<Running> {
  const { front = (handler) => handler, world } = options
  const trace = traceOf(configuration, options.trace)
  const explorer = configuration.explorer ? withExplorer(configuration, trace, world) : undefined
  if (configuration.explorer && explorer === undefined) log.warn('the flow explorer is not served: it was not built')
  const {
    store: _store,
    memory: _memory,
    accounts: _accounts,
    listen: _listen,
    tls: _tls,
    trustedProxies: _proxies,
    profile: _profile,
    explorer: _explorer,
    mtls,
    ...rest
  } = configuration
  const store = await openStore(configuration.store, (line) => log.error(line))
  let kept: { close(): Promise<void> } = store
  try {
    const { memory, close } = await openMemory(configuration, store.server, (line) => log.error(line))
    kept = { close: async () => void (await Promise.all([close(), store.close()])) }
    const accounts = createAccounts({ store: store.accounts, secrets: configuration.secrets, signUp: configuration.accounts.signUp })
    await accounts.seed(configuration.accounts.seed)
    // Options of the server have the same names in the configuration: what belongs to the program alone is not among them.
    const mutualTls = mtls === undefined ? undefined : { publicUrl: mtls.publicUrl }
    const clients = explorer !== undefined ? withExplorerClient(configuration) : configuration.clients
    const server = await createServer({ ...rest, clients, store: store.server, accounts, memory, log, ...(mutualTls && { mutualTls }) })
    return await listen(configuration, { ...server, handler: front(explorer?.(server.handler) ?? server.handler) }, kept, log)
  } catch (error) {
    await kept.close()
    throw error
  }
}

async function listen(configuration: Configuration, server: RunningServer, kept: { close(): Promise<void> }, log: Log): Promise<Running> {
  const health = { draining: false, ready: () => server.ready() }
  const { mtls } = configuration
  const servings: Serving[] = []
  const closeAll = (graceSeconds: number): Promise<unknown> => Promise.all(servings.map((one) => one.close({ graceSeconds })))
  try {
    servings.push(await serve(withProbes(server.handler, health), serveOptions(configuration, log)))
    if (mtls !== undefined) servings.push(await serve(server.mutualTlsHandler, mutualTlsOptions(configuration, mtls, log)))
  } catch (error) {
    await closeAll(0)
    await server.close()
    throw error
  }
  const [serving, mutual] = servings as [Serving, Serving?]
  const close = async (): Promise<void> => {
    health.draining = true
    await closeAll(GRACE)
    await server.close()
    await kept.close()
  }
  let closed: Promise<void> | undefined
  return { host: serving.host, port: serving.port, mutualTlsPort: mutual?.port, close: () => (closed ??= close()) }
}

/** RFC 8705 §6.1: every certificate is let through the handshake; whose it is, and whether it counts, is the server's to say. */
function mutualTlsOptions(configuration: Configuration, mtls: MutualTlsListener, log: Log): ServeOptions {
  const { tls, authorities, proxies, proxyValidates } = mtls
  return {
    ...serveOptions({ ...configuration, listen: mtls.listen, tls: undefined }, log),
    ...(tls === undefined
      ? { clientCertificateFrom: { proxies, authorities, proxyValidates } }
      : { tls: { cert: tls.certificate, key: tls.key, ca: [...authorities], requestCert: true, rejectUnauthorized: false } }),
  }
}

function serveOptions({ listen: { host, port }, tls, trustedProxies }: Configuration, log: Log): ServeOptions {
  return {
    host,
    port,
    trustedProxies,
    ...(tls !== undefined && { tls: { cert: tls.certificate, key: tls.key } }),
    onError: (error) =>
      log.error('a request failed outside the server', { fault: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  }
}
