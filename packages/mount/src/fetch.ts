import type { ClientCertificate, PassingHandler } from '@holdfast/protocol/http'
import { failure, notFound, type OnError, toStderr } from './failure.ts'
import type { Check } from './verdict.ts'
import { judgeWeb, type WebClient, webRequest } from './web-request.ts'
import { toResponse, withHeaders } from './web-response.ts'

export type { Check, Verdict } from './verdict.ts'

export interface FetchOptions {
  /** The client's address, from whatever the platform knows; nothing in a `Request` can be trusted to tell it. @default '' */
  readonly clientAddress?: (request: Request) => string
  /** The certificate of the client's TLS connection, from whatever the platform knows (RFC 8705). @default none */
  readonly clientCertificate?: (request: Request) => ClientCertificate | undefined
  /** Told what a handler threw; the client was answered 500 without it. @default prints it to stderr */
  readonly onError?: OnError
  /** Answers what the handler leaves. @default 404 */
  readonly otherwise?: (request: Request) => Response | Promise<Response>
}

/** Mounts a handler as a web-standard `fetch` function. It resolves for every request. */
export function toFetch(handler: PassingHandler, options: FetchOptions = {}): (request: Request) => Promise<Response> {
  return async (request) => {
    const head = request.method === 'HEAD'
    try {
      const reply = await handler(webRequest(request, head ? 'GET' : request.method, clientOf(options, request)))
      if (reply === undefined && options.otherwise !== undefined) return await options.otherwise(request)
      return toResponse(reply ?? notFound(), head)
    } catch (error) {
      ;(options.onError ?? toStderr)(error)
      return toResponse(failure(error), head)
    }
  }
}

/** Protects a `fetch` function: `route` runs only for a request that `check` allows, and is given the access. A throw of either is answered 500. */
export function fetchGuard<T>(
  check: Check<T>,
  route: (request: Request, access: T) => Response | Promise<Response>,
  options: FetchOptions = {},
): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      const verdict = await judgeWeb(check, request, clientOf(options, request))
      if (verdict.kind === 'refused') return toResponse(verdict.reply, request.method === 'HEAD')
      return withHeaders(await route(request, verdict.access), verdict.headers)
    } catch (error) {
      ;(options.onError ?? toStderr)(error)
      return toResponse(failure(error), request.method === 'HEAD')
    }
  }
}

function clientOf(options: FetchOptions, request: Request): WebClient {
  return { address: options.clientAddress?.(request) ?? '', certificate: options.clientCertificate?.(request) }
}
