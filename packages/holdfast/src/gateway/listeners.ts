import type { Access, Guard } from '@holdfast/guard'
import { type NodeListener, nodeGuard, type NodeOptions, peerIn, send } from '@holdfast/mount/node'
import { type HttpRequest, json, type Reply } from '@holdfast/protocol/http'
import type { Log } from '@holdfast/server'
import { type Health, probed } from '../probes.ts'
import type { GatewayConfiguration } from './configuration.ts'
import { decide } from './door.ts'
import { asked, isQuestion, refusalFor, requestAs } from './forward-auth.ts'
import type { Identity } from './identity.ts'
import { forward } from './proxy.ts'
import type { Routes } from './routes.ts'
import type { Upstream } from './upstream.ts'

/** What a listener of the gateway works with. */
export interface Parts {
  readonly configuration: GatewayConfiguration
  readonly guard: Guard
  readonly routes: Routes
  readonly identity: Identity
  readonly health: Health
  readonly log: Log
}

/** The reverse proxy: what is let in goes on to the API. */
export function handingOn(parts: Parts, upstream: Upstream, draining: () => boolean): NodeListener {
  const { configuration, guard, routes, identity, log } = parts
  const onFault = (what: string, fault: Error): void => log.warn(what, { upstream: upstream.origin.origin, fault: fault.message })
  const proxy = { configuration, identity, upstream, draining, onFault }
  return nodeGuard<{ readonly who: Access | undefined; readonly request: HttpRequest }>(
    async (request) => {
      const own = await ownAnswer(request, parts)
      if (own !== undefined) return { kind: 'refused', reply: own }
      const decision = await decide(request, routes, guard)
      return decision.kind === 'refused'
        ? decision
        : { kind: 'allowed', access: { who: decision.access, request }, headers: decision.headers }
    },
    (incoming, outgoing, { who, request: { path, query, clientAddress } }) =>
      forward(proxy, incoming, outgoing, { target: query === '' ? path : `${path}?${query}`, identity: identity.of(who), clientAddress }),
    { ...nodeOptions(parts), trustedProxies: configuration.trustedProxies },
  )
}

const THIS_MACHINE: readonly string[] = ['127.0.0.0/8', '::1', 'unix']
const NOBODY: Reply = json(404, { error: 'not_found' })

/** Forward authentication: another proxy asks whether a request may go on. */
export function answeringQuestions(parts: Parts): NodeListener {
  const { configuration, guard, routes, identity } = parts
  const { forwardAuth: dialect } = configuration
  const mayAsk = peerIn(configuration.trustedProxies.length === 0 ? THIS_MACHINE : configuration.trustedProxies)
  const listener = nodeGuard<Access | undefined>(
    async (question) => {
      // First of all: where the place of the question is that of a probe, the probe's 200 would let everybody in.
      if (!isQuestion(question.path, dialect)) return { kind: 'refused', reply: (await ownAnswer(question, parts)) ?? NOBODY }
      // Whoever asks says which request it is about: a stranger would ask about another one than it has.
      if (!mayAsk(question.clientAddress))
        return { kind: 'refused', reply: json(403, { error: 'access_denied', error_description: 'name this proxy in trustedProxies' }) }
      const request = asked(question, dialect)
      if ('status' in request) return { kind: 'refused', reply: refusalFor(dialect.by, request) }
      const decision = await decide(request, routes, guard)
      return decision.kind === 'refused' ? { kind: 'refused', reply: refusalFor(dialect.by, decision.reply) } : decision
    },
    (_incoming, outgoing, who) =>
      void outgoing.writeHead(200, ['cache-control', 'no-store', 'content-length', '0', ...identity.all(who).flat()]).end(),
    // The peer itself is what counts here, not whom it speaks for.
    nodeOptions(parts),
  )
  return (incoming, outgoing) => {
    // What a client sent under our names cannot be taken away from here, and the proxy may be told to hand on fewer of ours.
    if (incoming.rawHeaders.some((name, index) => index % 2 === 0 && identity.claims(name)))
      send(
        incoming,
        outgoing,
        json(403, { error: 'invalid_request', error_description: "headers of this name are the guard's alone" }),
        false,
        onErrorOf(parts),
      )
    else listener(incoming, outgoing)
  }
}

/** Probes, and the metadata of the API (RFC 9728 §3). */
async function ownAnswer(request: HttpRequest, { guard, health }: Parts): Promise<Reply | undefined> {
  const read = request.method === 'HEAD' ? requestAs(request, 'GET', request.path, request.query) : request
  return guard.metadata(read) ?? (await probed(read, health))
}

export function nodeOptions(parts: Parts): NodeOptions {
  const { clientCertificateProxies: proxies } = parts.configuration
  return { onError: onErrorOf(parts), ...(proxies.length > 0 && { clientCertificateFrom: { proxies } }) }
}

function onErrorOf({ log }: Parts): (error: unknown) => void {
  return (error) => log.error('a request failed', { fault: error instanceof Error ? (error.stack ?? error.message) : String(error) })
}
