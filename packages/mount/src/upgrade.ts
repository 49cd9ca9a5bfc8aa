import { type IncomingMessage, request as httpRequest, STATUS_CODES, validateHeaderValue } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import { type HttpRequest, json, type Reply } from '@holdfast/protocol/http'
import type { Seconds } from '@holdfast/protocol/time'
import { failure, type OnError, toStderr } from './failure.ts'
import { type MountedMessage, targetOf } from './listener.ts'
import { NodeRequest } from './node-request.ts'
import { type PeerOptions, peersOf } from './peers.ts'
import { tunnel } from './tunnel.ts'
import { type Handshake, readAnswer, readHandshake } from './web-socket.ts'

/** Whether a WebSocket may be opened and where it leads, as `Bff.upgrade` says it. */
export type Upgrade =
  | { readonly kind: 'refused'; readonly reply: Reply }
  | {
      readonly kind: 'allowed'
      readonly url: URL
      readonly headers: Readonly<Record<string, string>>
      readonly replyHeaders: Reply['headers']
      /** What to do after the API refused the handshake: try again otherwise, or the reply. */
      readonly refused?: ((answer: Response) => Promise<Upgrade>) | undefined
    }

/** Undefined for a path whose WebSockets are somebody else's. */
export type UpgradeHandler = (request: HttpRequest) => Promise<Upgrade | undefined>

export interface UpgradeOptions extends PeerOptions {
  /** Until the API must have answered the handshake. @default 10 */
  readonly timeout?: Seconds
  /** After this a WebSocket is closed, whatever it does: nobody else ends it when its session has ended. @default 3600 */
  readonly lifetime?: Seconds
  /** Who takes what the handler does not know, such as the application's own WebSockets. @default 404 */
  readonly otherwise?: NodeUpgradeListener
  /** How TLS to APIs is made, such as `ca`. @default as Node does */
  readonly tls?: Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'servername'>
  /** Told what a handler threw, and why an API could not be reached. @default prints it to stderr */
  readonly onError?: OnError
}

export type NodeUpgradeListener = (incoming: IncomingMessage, socket: Duplex, head: Buffer) => void

/** Of the API's answer, as of any request. */
const MOST_HEADER_BYTES = 16 * 1024
/** A new nonce, a new token, and no more. */
const MOST_TRIES = 3

/**
 * Lets WebSockets through: `server.on('upgrade', toNodeUpgrade(bff.upgrade))`. Frames are not looked at, so extensions and
 * subprotocols are between the browser and the API.
 */
export function toNodeUpgrade(handler: UpgradeHandler, options: UpgradeOptions = {}): NodeUpgradeListener {
  const peers = peersOf(options)
  const onError = options.onError ?? toStderr
  const otherwise: NodeUpgradeListener = options.otherwise ?? ((_incoming, socket) => refuse(socket, json(404, { error: 'not_found' })))

  async function open(incoming: MountedMessage, socket: Duplex, head: Buffer): Promise<void> {
    const request = new NodeRequest(incoming, incoming.method ?? 'GET', targetOf(incoming), peers)
    let decision = await handler(request)
    if (decision === undefined) return otherwise(incoming, socket, head)
    const handshake = readHandshake(request)
    if ('status' in handshake) return refuse(socket, handshake)
    for (let tries = 1; decision.kind === 'allowed'; tries++) {
      // Its going is heard of once: a request that begins afterwards would not be ended by it.
      if (socket.destroyed) return
      const answer = await ask(decision.url, { ...decision.headers, ...handshake.headers }, options, socket)
      if (answer.kind === 'open') return join(socket, head, handshake, answer, decision.replyHeaders)
      if (answer.kind === 'failed') onError(answer.error)
      const next: Upgrade | undefined =
        answer.kind === 'refused' && tries < MOST_TRIES ? await decision.refused?.(answer.response) : undefined
      decision = next ?? { kind: 'refused', reply: withHeaders(unreachable(answer), decision.replyHeaders) }
    }
    return refuse(socket, decision.reply)
  }

  function join(socket: Duplex, head: Buffer, handshake: Handshake, answer: Open, replyHeaders: Reply['headers']): void {
    const headers = readAnswer(handshake, answer.message.headers)
    if (headers instanceof Error) {
      answer.socket.destroy()
      onError(headers)
      return refuse(socket, withHeaders(json(502, { error: 'bad_gateway' }), replyHeaders))
    }
    if (socket.destroyed) return void answer.socket.destroy()
    socket.write(headOf(101, { ...replyHeaders, ...headers }))
    // Before anything else on either connection.
    if (answer.head.length > 0) socket.write(answer.head)
    if (head.length > 0) answer.socket.write(head)
    tunnel(socket, answer.socket, (options.lifetime ?? 3600) * 1000)
  }

  return (incoming, socket, head) => {
    // A reset is nobody's fault, and without a listener the end of the process.
    socket.on('error', () => {})
    open(incoming, socket, head).catch((error: unknown) => {
      refuse(socket, failure(error))
      onError(error)
    })
  }
}

interface Open {
  readonly kind: 'open'
  readonly message: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
}
type Answer =
  | Open
  | { readonly kind: 'refused'; readonly response: Response }
  | { readonly kind: 'failed'; readonly error: Error; readonly late: boolean }

/** Asks the API for the WebSocket, on a connection of its own. */
function ask(url: URL, headers: Readonly<Record<string, string>>, { timeout, tls }: UpgradeOptions, client: Duplex): Promise<Answer> {
  return new Promise((resolve) => {
    let late = false
    const settle = (answer: Answer): void => {
      clearTimeout(timer)
      client.off('close', gone)
      resolve(answer)
    }
    const gone = (): void => void outgoing.destroy(new Error('the browser has gone'))
    const outgoing = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      ...tls,
      method: 'GET',
      headers,
      agent: false,
      maxHeaderSize: MOST_HEADER_BYTES,
    })
    const timer = setTimeout(
      () => {
        late = true
        outgoing.destroy(new Error(`no answer of ${url.origin} in time`))
      },
      (timeout ?? 10) * 1000,
    )
    client.on('close', gone)
    outgoing.on('upgrade', (message, socket, head) => {
      socket.on('error', () => {})
      settle({ kind: 'open', message, socket, head })
    })
    outgoing.on('response', (message) => {
      settle({ kind: 'refused', response: responseOf(message) })
      outgoing.destroy()
    })
    outgoing.on('error', (error) => settle({ kind: 'failed', error, late }))
    outgoing.end()
  })
}

/** Without its content, which a browser does not show to the page that asked. */
function responseOf(message: IncomingMessage): Response {
  const headers = new Headers()
  for (let i = 0; i < message.rawHeaders.length; i += 2)
    headers.append(message.rawHeaders[i] as string, message.rawHeaders[i + 1] as string)
  const status = message.statusCode ?? 502
  return new Response(null, { status: status < 200 || status > 599 ? 502 : status, headers })
}

/** The API's own refusal keeps its status, and nothing else. */
function unreachable(answer: Exclude<Answer, Open>): Reply {
  if (answer.kind === 'failed') return answer.late ? json(504, { error: 'gateway_timeout' }) : json(502, { error: 'bad_gateway' })
  const { status } = answer.response
  return status >= 400 && status !== 407 ? json(status, { error: 'refused_by_api' }) : json(502, { error: 'bad_gateway' })
}

/** Whatever the API says, a session that was renewed on the way has new cookies. */
function withHeaders(reply: Reply, headers: Reply['headers']): Reply {
  return { ...reply, headers: { ...headers, ...reply.headers } }
}

/** Answers on the bare connection, and ends it. */
function refuse(socket: Duplex, { status, headers, body }: Reply): void {
  if (socket.destroyed) return
  socket.end(headOf(status, { ...headers, 'content-length': String(Buffer.byteLength(body)), connection: 'close' }) + body)
  // What the browser still sends is not waited for.
  socket.once('finish', () => socket.destroy())
}

/** @throws {TypeError} a value that would end its line */
function headOf(status: number, headers: Reply['headers']): string {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((one) => {
      validateHeaderValue(name, one)
      return `${name}: ${one}`
    }),
  )
  return `${[`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines].join('\r\n')}\r\n\r\n`
}
