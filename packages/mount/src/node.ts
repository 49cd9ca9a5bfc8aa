import type { IncomingMessage, ServerResponse } from 'node:http'
import type { PassingHandler } from '@holdfast/protocol/http'
import { failure, toStderr } from './failure.ts'
import { judge, listener, type NodeListener, type NodeOptions, setHeaders, targetOf } from './listener.ts'
import { peersOf } from './peers.ts'
import { send } from './send.ts'
import type { Check } from './verdict.ts'

export { clientAddressBehind, peerIn, type AddressOf, type TrustedProxies } from './client-address.ts'
export { type CertificateOf, clientCertificateOf, type ClientCertificateProxies, clientCertificates } from './client-certificate.ts'
export type { NodeListener, NodeOptions } from './listener.ts'
export { send } from './send.ts'
export { serve, serveListener, type ServeOptions, type Serving } from './serve.ts'
export type { Check, Verdict } from './verdict.ts'

/**
 * Mounts a handler on `node:http` or `node:https`: `createServer(toNodeListener(handler))`.
 * With a server of your own that asks for client certificates give it `ca`: without it Node takes every public authority for
 * an authority of clients (RFC 8705 §7.4). `serve` does not.
 *
 * @param otherwise answers what the handler leaves; without it that is 404
 * @throws {TypeError} an entry of a list of proxies is neither an address nor a range
 */
export function toNodeListener(handler: PassingHandler, options: NodeOptions = {}, otherwise?: NodeListener): NodeListener {
  const answer = listener(handler, options)
  return (incoming, outgoing) => answer(incoming, outgoing, otherwise && (() => otherwise(incoming, outgoing)))
}

/** Protects a plain listener: `route` runs only for a request that `check` allows, and is given the access. A throw of `check` is answered 500. */
export function nodeGuard<T>(
  check: Check<T>,
  route: (incoming: IncomingMessage, outgoing: ServerResponse, access: T) => void | Promise<void>,
  options: NodeOptions = {},
): NodeListener {
  const peers = peersOf(options)
  const onError = options.onError ?? toStderr
  return (incoming, outgoing) => {
    judge(check, incoming, targetOf(incoming), peers)
      .then((verdict) => {
        if (verdict.kind === 'refused') return send(incoming, outgoing, verdict.reply, false, onError)
        setHeaders(outgoing, verdict.headers)
        return route(incoming, outgoing, verdict.access)
      })
      .catch((error: unknown) => {
        // What the route had begun to answer cannot be taken back: it is cut, so that it does not look whole.
        if (outgoing.headersSent) outgoing.destroy()
        else send(incoming, outgoing, failure(error), false, onError)
        onError(error)
      })
  }
}
