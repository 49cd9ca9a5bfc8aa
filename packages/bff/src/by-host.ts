import type { HttpRequest } from '@holdfast/protocol/http'
import type { Bff } from './bff.ts'
import { createBff } from './create.ts'
import type { BffOptions } from './options.ts'

/**
 * Several front ends on one backend (draft-ietf-oauth-browser-based-apps §9.4: one application an origin). Each has its own
 * origin, client, cookies and sessions; `Host` chooses among them, and nothing else is ever taken from it. A request for a
 * name that none of them has is nobody's: undefined.
 *
 * @param all at least one; they may share a store, and sessions stay apart
 * @throws {TypeError} an option is wrong, or two front ends have one host
 */
export function createBffByHost(all: readonly [BffOptions, ...BffOptions[]]): Bff {
  const byHost = new Map<string, Bff>()
  for (const options of all) {
    const bff = createBff(options)
    const { host } = new URL(options.publicUrl)
    if (byHost.has(host)) throw new TypeError(`publicUrl: two front ends are at ${host}`)
    byHost.set(host, bff)
  }
  const named = (request: HttpRequest): Bff | undefined => {
    const [host, ...others] = request.headers('host')
    return host === undefined || others.length > 0 ? undefined : byHost.get(host.toLowerCase())
  }
  return {
    handle: async (request) => named(request)?.handle(request),
    upgrade: async (request) => named(request)?.upgrade(request),
    session: async (request) => named(request)?.session(request),
  }
}
