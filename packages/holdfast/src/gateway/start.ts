import { createGuard, type GuardOptions } from '@holdfast/guard'
import { serveListener } from '@holdfast/mount/node'
import { systemClock } from '@holdfast/protocol/time'
import { createProcessMemory } from '@holdfast/proof/memory'
import type { Log } from '@holdfast/server'
import type { GatewayConfiguration } from './configuration.ts'
import { Identity } from './identity.ts'
import { answeringQuestions, handingOn, nodeOptions, type Parts } from './listeners.ts'
import { Routes } from './routes.ts'
import { Upstream } from './upstream.ts'
import { webSockets } from './web-sockets.ts'

/** How long requests in flight may take to finish, in seconds. */
const GRACE = 10
/** How long a request may take to arrive: what is handed on may be larger than a form. */
const REQUEST_SECONDS = 300

export interface RunningGateway {
  readonly host: string
  /** The port that is listened on, also when 0 was asked for. */
  readonly port: number
  /** `/readyz` says 503 from now on, nothing new is accepted, requests in flight finish within 10 s. */
  close(): Promise<void>
}

/**
 * @param over what a test replaces
 * @throws the system's error when the address cannot be listened on
 */
export async function startGateway(
  configuration: GatewayConfiguration,
  log: Log,
  over: Partial<Pick<GuardOptions, 'clock' | 'fetch' | 'memory'>> = {},
): Promise<RunningGateway> {
  const health = { draining: false, ready: () => Promise.resolve(true) }
  const parts: Parts = {
    configuration,
    guard: createGuard({ ...guardOptions(configuration), ...over }),
    routes: new Routes(configuration.routes, configuration.need),
    identity: new Identity(configuration.identity.prefix),
    health,
    log,
  }
  const upstream = configuration.upstream === undefined ? undefined : new Upstream(configuration.upstream)
  const { listen, tls } = configuration
  const serving = await serveListener(
    (draining) => (upstream === undefined ? answeringQuestions(parts) : handingOn(parts, upstream, draining)),
    {
      ...nodeOptions(parts),
      ...listen,
      trustedProxies: configuration.trustedProxies,
      requestTimeout: REQUEST_SECONDS,
      ...(tls && { tls: { cert: tls.certificate, key: tls.key } }),
      ...(upstream !== undefined && configuration.webSockets && { upgrade: webSockets(parts, upstream.origin) }),
    },
  )
  const close = async (): Promise<void> => {
    health.draining = true
    await serving.close({ graceSeconds: GRACE })
    upstream?.close()
  }
  let closed: Promise<void> | undefined
  return { host: serving.host, port: serving.port, close: () => (closed ??= close()) }
}

function guardOptions(configuration: GatewayConfiguration): GuardOptions {
  const { issuer, resource, publicUrl, otherPublicUrls, scopes, dpopRequired, bindingRequired, nonceSecret, introspection } = configuration
  return {
    issuer,
    resource,
    publicUrl: [publicUrl, ...otherPublicUrls],
    scopes,
    dpopRequired,
    bindingRequired,
    certificateBoundTokens: configuration.clientCertificateProxies.length > 0,
    // One process alone remembers what it saw: a second one needs a memory that both share, and it is opened here.
    memory: createProcessMemory({ clock: systemClock }),
    ...(nonceSecret !== undefined && { nonceSecret }),
    ...(introspection !== undefined && { introspection: askingBy(introspection) }),
  }
}

function askingBy({ endpoint, ...rest }: NonNullable<GatewayConfiguration['introspection']>): NonNullable<GuardOptions['introspection']> {
  return endpoint === undefined ? rest : { ...rest, endpoint }
}
