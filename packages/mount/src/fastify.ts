import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { Reply, PassingHandler } from '@holdfast/protocol/http'
import { judge, listener, type NodeOptions } from './listener.ts'
import { peersOf } from './peers.ts'
import type { Check } from './verdict.ts'

export type { NodeOptions } from './listener.ts'
export type { Check, Verdict } from './verdict.ts'

/**
 * Mounts a handler in Fastify: `app.register(toFastify(handler), { prefix: '/auth' })`. It answers every
 * request under the prefix and sees the whole path. The body passes by Fastify's parsers, inside this
 * plugin only; hooks that change replies (`onSend`) do not see them.
 */
export function toFastify(handler: PassingHandler, options: NodeOptions = {}): FastifyPluginAsync {
  const answer = listener(handler, options)
  const route = (request: FastifyRequest, reply: FastifyReply): void => {
    reply.hijack()
    answer(Object.assign(request.raw, { originalUrl: request.originalUrl }), reply.raw)
  }
  return async (app) => {
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, _payload, done) => done(null))
    app.all('/', route)
    app.all('/*', route)
  }
}

/** Protects routes: `{ onRequest: fastifyGuard(check) }`. The access is `request.auth`; a throw of `check` goes to Fastify's error handler. */
export function fastifyGuard<T>(
  check: Check<T>,
  options: NodeOptions = {},
): (request: FastifyRequest & { auth?: T }, reply: FastifyReply) => Promise<FastifyReply | undefined> {
  const peers = peersOf(options)
  return async (request, reply) => {
    const verdict = await judge(check, request.raw, request.originalUrl, peers)
    // As bytes: to the type of a text Fastify adds a charset, which the reply did not ask for.
    if (verdict.kind === 'refused')
      return reply.code(verdict.reply.status).headers(plain(verdict.reply.headers)).send(Buffer.from(verdict.reply.body))
    reply.headers(plain(verdict.headers))
    request.auth = verdict.access
    return undefined
  }
}

/** Fastify's types want lists that can be written. */
function plain(headers: Reply['headers']): Record<string, string | string[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]))
}
