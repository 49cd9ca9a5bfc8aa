import type { ServerResponse } from 'node:http'
import type { StreamingHandler } from '@holdfast/protocol/http'
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
 * Mounts a handler in Express: `app.use('/auth', toExpress(handler))`. It answers every request it gets and
 * sees the whole path, prefix included. Body parsers come after it; behind one it answers 500 and says so,
 * unless the bytes are kept (`express.raw`, or `rawBody` in a parser's `verify`).
 */
export function toExpress(handler: StreamingHandler, options: NodeOptions = {}): ExpressMiddleware {
  const answer = listener(handler, options)
  return (request, response) => answer(request, response)
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
