import { createAccounts } from '@holdfast/accounts'
import { serve, type ServeOptions, type Serving } from '@holdfast/mount/node'
import type { Handler } from '@holdfast/protocol/http'
import { createProcessMemory } from '@holdfast/proof/memory'
import { systemClock } from '@holdfast/protocol/time'
import { createServer, createStoreMemory, type Log, type RunningServer } from '@holdfast/server'
import type { Configuration } from './config/configuration.ts'
import { openStore } from './open-store.ts'
import { withProbes } from './probes.ts'

/** How long requests in flight may take to finish, in seconds. */
const GRACE = 10

export interface Running {
  readonly host: string
  /** The port that is listened on, also when 0 was asked for. */
  readonly port: number
  /** `/readyz` says 503 from now on, nothing new is accepted, requests in flight finish within 10 s, the store is closed. */
  close(): Promise<void>
}

/**
 * Puts the program together: store, people, server, probes and sockets, in the order in which each needs the one before.
 *
 * @param front stands before the server's own paths, such as a start page
 */
export async function start(
  configuration: Configuration,
  log: Log,
  front: (handler: Handler) => Handler = (handler) => handler,
): Promise<Running> {
  const { issuer, clients, resources, secrets, lifetimes, dpopNonce, outbound, attestation, development } = configuration
  const store = await openStore(configuration.store, (line) => log.error(line))
  try {
    const accounts = createAccounts({ store: store.accounts, secrets })
    await accounts.seed(configuration.accounts.seed)
    // Several processes may serve one file, so what one has seen must be seen by all; a store in memory has one process.
    const memory = configuration.store.engine === 'memory' ? createProcessMemory({ clock: systemClock }) : createStoreMemory(store.server)
    const server = await createServer({
      issuer,
      store: store.server,
      accounts,
      clients,
      resources,
      secrets,
      memory,
      log,
      lifetimes,
      dpopNonce,
      outbound,
      attestation,
      development,
    })
    return await listen(configuration, { ...server, handler: front(server.handler) }, store, log)
  } catch (error) {
    await store.close()
    throw error
  }
}

async function listen(configuration: Configuration, server: RunningServer, store: { close(): Promise<void> }, log: Log): Promise<Running> {
  const health = { draining: false, ready: () => server.ready() }
  let serving: Serving
  try {
    serving = await serve(withProbes(server.handler, health), serveOptions(configuration, log))
  } catch (error) {
    await server.close()
    throw error
  }
  const close = async (): Promise<void> => {
    health.draining = true
    await serving.close({ graceSeconds: GRACE })
    await server.close()
    await store.close()
  }
  let closed: Promise<void> | undefined
  return { host: serving.host, port: serving.port, close: () => (closed ??= close()) }
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
