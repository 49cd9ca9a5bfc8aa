import { type HttpRequest, json, type Reply, type StreamedReply } from '@holdfast/protocol/http'
import type { Upgrade } from '../bff.ts'
import type { ProxyOptions } from './errand.ts'
import { forward } from './forward.ts'
import { requestBody } from './request-body.ts'
import { compileRoutes, matchRoute } from './routes.ts'
import { targetOf } from './target.ts'
import { openWebSocket } from './web-socket.ts'

export type { ProxyOptions } from './errand.ts'

/** The way to APIs (draft-ietf-oauth-browser-based-apps §6.1.3.6). */
export interface Proxy {
  /** Undefined for a path that is no API's. */
  handle(request: HttpRequest): Promise<Reply | StreamedReply | undefined>
  upgrade(request: HttpRequest): Promise<Upgrade | undefined>
}

/** @throws {TypeError} an API is wrong: the message names the option and its rule */
export function createProxy(options: ProxyOptions): Proxy {
  const table = compileRoutes(options.routes)
  options.routes.forEach((route, i) => {
    for (const name of ['unsafeHttp', 'unsafeUpstreamCookies'] as const)
      if (route[name] === true) options.onEvent({ type: 'option.unsafe', option: `apis[${i}].${name}` })
  })
  return {
    async handle(request) {
      const found = matchRoute(table, request.path)
      if (found === undefined) return undefined
      const { route, rest } = found
      const url = targetOf(route, rest, request.query)
      if (!(url instanceof URL)) return url
      if (!route.methods.has(request.method))
        return json(
          405,
          { error: 'invalid_request', error_description: `this API takes ${[...route.methods].join(', ')}`, rule: 'BFF-42' },
          { allow: [...route.methods].join(', ') },
        )
      const refused = options.checkCsrf(request)
      if (refused !== undefined) return refused
      const body = await requestBody(request, route)
      if ('status' in body) return body
      return forward({ request, route, table, url, body, options })
    },
    async upgrade(request) {
      const found = matchRoute(table, request.path)
      if (found === undefined) return undefined
      const url = targetOf(found.route, found.rest, request.query)
      return url instanceof URL ? openWebSocket(options, found.route, url, request) : { kind: 'refused', reply: url }
    },
  }
}
