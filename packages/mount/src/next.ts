import { type FetchOptions, fetchGuard } from './fetch.ts'
import { ACCESS_HEADER, checkSecret, type Handover, sealed } from './handover.ts'
import type { Check } from './verdict.ts'

export type { FetchOptions } from './fetch.ts'
export { handedAccess, type Handover } from './handover.ts'
export type { Check, Verdict } from './verdict.ts'

/** Of `next/server`, what is used here. */
export interface NextResponses {
  next(init: { readonly request: { readonly headers: Headers } }): Response
}

/** Protects a route handler: `export const GET = nextGuard(check, (request, access) => Response.json(…))`. A throw of either is answered 500. */
export function nextGuard<T, R extends Request = Request, Context = unknown>(
  check: Check<T>,
  route: (request: R, access: T, context: Context) => Response | Promise<Response>,
  options: FetchOptions = {},
): (request: R, context: Context) => Promise<Response> {
  return (request, context) => fetchGuard(check, (_same, access) => route(request, access, context), options)(request)
}

/**
 * A middleware (`proxy.ts`) that lets in what `check` allows: `export const proxy = nextMiddleware(check, NextResponse, { secret })`.
 * The route asks `handedAccess(request, { secret })`: a path that the middleware's `matcher` left out has none, whatever a client sent.
 *
 * @throws {RangeError} the secret is shorter than 32 bytes
 */
export function nextMiddleware<T>(
  check: Check<T>,
  responses: NextResponses,
  handover: Handover,
  options: FetchOptions = {},
): (request: Request) => Promise<Response> {
  checkSecret(handover)
  const route = async (request: Request, access: T): Promise<Response> => {
    const headers = new Headers(request.headers)
    headers.set(ACCESS_HEADER, await sealed(access, request, handover))
    return responses.next({ request: { headers } })
  }
  return fetchGuard(check, route, options)
}
