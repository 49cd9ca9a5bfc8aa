import type { Handler } from '@holdfast/protocol/http'
import type { World } from '@holdfast/explorer'
import type { Configuration } from '../config/configuration.ts'
import { isLoopbackUrl } from './loopback.ts'
import { explorerSite, siteFolder } from './site.ts'
import { Trace } from './trace.ts'
import { TRACE_PATH, traceEndpoint } from './trace-endpoint.ts'
import { worldOf } from './world.ts'

type Configured = Pick<Configuration, 'issuer' | 'clients' | 'resources' | 'development' | 'profile'>

/**
 * A trace where there may be one: in development, on an issuer that only this machine reaches.
 *
 * @param given one that others note in too; it is left alone where there may be none
 */
export function traceOf({ issuer, development }: Pick<Configured, 'issuer' | 'development'>, given?: Trace): Trace | undefined {
  return development && isLoopbackUrl(issuer) ? (given ?? new Trace()) : undefined
}

/**
 * Puts the flow explorer before a server, and has its requests noted where that may be.
 *
 * @param more what the configuration does not know, such as an application's back end
 * @returns undefined when the explorer was not built, as in a checkout of the sources
 */
export function withExplorer(
  configuration: Configured,
  trace: Trace | undefined,
  more: Partial<World> = {},
  folder: string = siteFolder(),
): ((handler: Handler) => Handler) | undefined {
  const { origin } = new URL(configuration.issuer)
  const told = trace === undefined ? {} : { trace: origin + TRACE_PATH }
  const world = { ...worldOf(configuration), ...told, ...more }
  const site = explorerSite(folder, world, connectsOf(configuration, world))
  if (site === undefined) return undefined
  const tell = trace && traceEndpoint(trace, configuration.issuer)
  return (handler) => {
    const watched = trace?.watch(handler, origin) ?? handler
    return async (request) => tell?.(request) ?? site(request) ?? watched(request)
  }
}

/** Its page calls the APIs that are configured; in development any, since a token may be pasted from anywhere. */
function connectsOf({ resources, development }: Configured, { backend, mcp }: World): readonly string[] {
  if (development) return ['*']
  const urls = [...resources.map(({ identifier }) => identifier), backend, mcp].filter((url) => url !== undefined && URL.canParse(url))
  return [...new Set(urls.map((url) => new URL(url as string).origin))]
}
