import type { ServeOptions } from '@holdfast/mount/node'
import { json } from '@holdfast/protocol/http'
import { decide } from './door.ts'
import type { Parts } from './listeners.ts'
import { ownWords } from './proxy.ts'

/** What a handshake brings beside its own headers, and an API may want to see. */
const BROUGHT = ['origin', 'cookie', 'user-agent', 'accept-language'] as const

/** WebSockets: each is let in like a GET of its path, and its frames go through unseen (RFC 6455 §4). */
export function webSockets(parts: Parts, upstream: URL): NonNullable<ServeOptions['upgrade']> {
  const { configuration, guard, routes, identity } = parts
  return async (request) => {
    const decision = await decide(request, routes, guard)
    if (decision.kind === 'refused') return decision
    const url = new URL(upstream)
    url.pathname = request.path
    url.search = request.query
    // A path that a URL writes otherwise would not be the one that was checked.
    if (url.pathname !== request.path) return { kind: 'refused', reply: json(400, { error: 'invalid_request' }) }
    const brought = BROUGHT.flatMap((name) =>
      request
        .headers(name)
        .slice(0, 1)
        .map((value) => [name, value] as const),
    )
    const token = configuration.identity.unsafePassToken
      ? (['authorization', 'dpop'] as const).flatMap((name) => request.headers(name).map((value) => [name, value] as const))
      : []
    const own = ownWords(configuration.publicUrl, { clientAddress: request.clientAddress, identity: identity.of(decision.access) })
    return { kind: 'allowed', url, headers: Object.fromEntries([...brought, ...token, ...own]), replyHeaders: decision.headers }
  }
}
