import type { IncomingMessage, ServerResponse } from 'node:http'
import type { PassingHandler, Reply, StreamedReply } from '@holdfast/protocol/http'
import { ADDITIVE } from './additive.ts'
import { Aborted, bodyOfRoute, failure, notFound, type OnError, toStderr } from './failure.ts'
import { NodeRequest } from './node-request.ts'
import { type PeerOptions, type Peers, peersOf } from './peers.ts'
import { send } from './send.ts'
import { sendStream } from './send-stream.ts'
import { isStreamed } from './streamed.ts'
import type { Check, Verdict } from './verdict.ts'

export interface NodeOptions extends PeerOptions {
  /** Told what a handler threw; the client was answered 500 without it. @default prints it to stderr */
  readonly onError?: OnError
}

export type NodeListener = (incoming: IncomingMessage, outgoing: ServerResponse) => void

/** `pass` takes what the handler leaves; without it that is answered 404. */
type PassingListener = (incoming: IncomingMessage, outgoing: ServerResponse, pass?: () => void) => void

/** Express and Connect cut the prefix they were mounted under from `url` and keep the whole in `originalUrl`. */
export type MountedMessage = IncomingMessage & { readonly originalUrl?: string }

export function targetOf(incoming: MountedMessage): string {
  return incoming.originalUrl ?? incoming.url ?? '/'
}

/** The one listener behind every mount on Node. `draining` says that this is the connection's last reply. */
export function listener(handler: PassingHandler, options: NodeOptions, draining: () => boolean = () => false): PassingListener {
  const peers = peersOf(options)
  const onError = options.onError ?? toStderr
  return (incoming, outgoing, pass) => void answer(incoming, outgoing, pass)

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse, pass: (() => void) | undefined): Promise<void> {
    // RFC 9110 §9.3.2: HEAD is GET without the content; handlers need not know it.
    const method = incoming.method === 'HEAD' ? 'GET' : (incoming.method ?? 'GET')
    let reply: Reply | StreamedReply | undefined
    try {
      reply = await handler(new NodeRequest(incoming, method, targetOf(incoming), peers, outgoing))
    } catch (error) {
      if (error instanceof Aborted) return
      send(incoming, outgoing, failure(error), draining(), onError)
      onError(error)
      return
    }
    if (reply === undefined && pass !== undefined) return pass()
    reply ??= notFound()
    if (isStreamed(reply)) sendStream(incoming, outgoing, reply, draining(), onError)
    else send(incoming, outgoing, reply, draining(), onError)
  }
}

/** Puts a request before a check. The body stays for the route. */
export function judge<T>(check: Check<T>, incoming: IncomingMessage, target: string, peers: Peers): Promise<Verdict<T>> {
  const request = new NodeRequest(incoming, incoming.method ?? 'GET', target, peers)
  request.body = () => Promise.reject(bodyOfRoute())
  request.stream = () => {
    throw bodyOfRoute()
  }
  return check(request)
}

export function setHeaders(outgoing: ServerResponse, headers: Reply['headers']): void {
  for (const [name, value] of Object.entries(headers)) {
    if (ADDITIVE.has(name.toLowerCase())) outgoing.appendHeader(name, value)
    else outgoing.setHeader(name, value)
  }
}
