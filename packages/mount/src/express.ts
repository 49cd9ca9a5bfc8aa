import type { ServerResponse } from 'node:http'
import type { NextFunction, Request as ExpressRequest, RequestHandler, Response as ExpressResponse } from 'express'
import type { PassingHandler } from '@holdfast/protocol/http'
import { toStderr } from './failure.ts'
import { judge, listener, type MountedMessage, type NodeOptions, setHeaders, targetOf } from './listener.ts'
import { peersOf } from './peers.ts'
import { send } from './send.ts'
import type { Check } from './verdict.ts'

export type { NodeOptions } from './listener.ts'
export type { Check, Verdict } from './verdict.ts'

export type ExpressMiddleware<Request = MountedMessage> = (
  request: Request,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

/**
 * Mounts a handler in Express: `app.use('/auth', toExpress(handler))`. It answers every request it gets,
 * unless the handler leaves one to what follows, and sees the whole path, prefix included. Body parsers come after it; behind one it answers 500 and says so,
 * unless the bytes are kept (`express.raw`, or `rawBody` in a parser's `verify`).
 */
export function toExpress(handler: PassingHandler, options: NodeOptions = {}): ExpressMiddleware {
  const answer = listener(handler, options)
  return (request, response, next) => answer(request, response, () => next())
}

/** Protects what follows: `app.get('/orders', expressGuard(check), …)`. The access is `req.auth`; a throw of `check` goes to `next`. */
export function expressGuard<T>(check: Check<T>, options: NodeOptions = {}): ExpressMiddleware<MountedMessage & { auth?: T }> {
  const peers = peersOf(options)
  return (request, response, next) => {
    judge(check, request, targetOf(request), peers).then((verdict) => {
      if (verdict.kind === 'refused') return send(request, response, verdict.reply, false, options.onError ?? toStderr)
      setHeaders(response, verdict.headers)
      request.auth = verdict.access
      next()
    }, next)
  }
}

/**
 * A check and the route behind it, whose `request.auth` has the type of what the check grants:
 * `app.get('/orders', expressRoute(check, (request, response) => …))`. A throw of either goes to `next`.
 */
export function expressRoute<T>(
  check: Check<T>,
  route: (request: ExpressRequest & { readonly auth: T }, response: ExpressResponse, next: NextFunction) => unknown,
  options: NodeOptions = {},
): RequestHandler {
  const guard = expressGuard(check, options)
  return (request, response, next) =>
    guard(request, response, (error) => {
      if (error === undefined) void answered(() => route(request as typeof request & { readonly auth: T }, response, next), next)
      else next(error)
    })
}

/** Express hears of a promise's fault only where it called the function itself. */
async function answered(route: () => unknown, next: NextFunction): Promise<void> {
  try {
    await route()
  } catch (error) {
    next(error)
  }
}
