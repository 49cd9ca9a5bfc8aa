import type { Context, MiddlewareHandler, Next } from 'hono'
import type { ClientCertificate, PassingHandler } from '@holdfast/protocol/http'
import { ADDITIVE } from './additive.ts'
import type { OnError } from './failure.ts'
import { toFetch } from './fetch.ts'
import type { Check } from './verdict.ts'
import { judgeWeb } from './web-request.ts'
import { toResponse } from './web-response.ts'

export type { Check, Verdict } from './verdict.ts'

export interface HonoOptions {
  /** The client's address, e.g. `(c) => getConnInfo(c).remote.address ?? ''`. @default '' */
  readonly clientAddress?: (context: Context) => string
  /** The certificate of the client's TLS connection (RFC 8705), on Node `(c) => clientCertificateOf(c.env.incoming)` of `mount/node`. @default none */
  readonly clientCertificate?: (context: Context) => ClientCertificate | undefined
  /** Told what a handler threw; the client was answered 500 without it. @default prints it to stderr */
  readonly onError?: OnError
}

/** Mounts a handler in Hono: `app.all('/auth/*', toHono(handler))`. It answers every request it gets, unless the handler leaves one to what follows, and sees the whole path. */
export function toHono(handler: PassingHandler, options: HonoOptions = {}): (context: Context, next: Next) => Promise<Response> {
  const { clientAddress, clientCertificate, onError } = options
  return (context, next) =>
    toFetch(handler, {
      async otherwise() {
        await next()
        return context.res
      },
      clientAddress: () => clientAddress?.(context) ?? '',
      clientCertificate: () => clientCertificate?.(context),
      ...(onError && { onError }),
    })(context.req.raw)
}

/** Protects what follows: `app.use('/orders/*', honoGuard(check))`. The access is `c.get('auth')`; a throw of `check` goes to `app.onError`. */
export function honoGuard<T>(check: Check<T>, options: HonoOptions = {}): MiddlewareHandler<{ Variables: { auth: T } }> {
  return async (context, next) => {
    const client = { address: options.clientAddress?.(context) ?? '', certificate: options.clientCertificate?.(context) }
    const verdict = await judgeWeb(check, context.req.raw, client)
    if (verdict.kind === 'refused') return toResponse(verdict.reply, context.req.method === 'HEAD')
    context.set('auth', verdict.access)
    await next()
    // After the route, since a route that returns a Response of its own drops what was set before.
    for (const [name, value] of Object.entries(verdict.headers)) {
      const values = typeof value === 'string' ? [value] : value
      values.forEach((one, i) => context.header(name, one, { append: i > 0 || ADDITIVE.has(name.toLowerCase()) }))
    }
    return undefined
  }
}
