import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { send } from '@holdfast/mount/node'
import { json } from '@holdfast/protocol/http'
import { endToEnd, type HeaderLine, looseName, speaksForProxy } from '@holdfast/protocol/forwarding'
import type { GatewayConfiguration } from './configuration.ts'
import type { Identity } from './identity.ts'
import type { Upstream } from './upstream.ts'

/** A request that was let in. */
export interface Admitted {
  /** Path and query as they were checked. */
  readonly target: string
  readonly identity: readonly HeaderLine[]
  readonly clientAddress: string
}

export interface Proxy {
  readonly configuration: Pick<GatewayConfiguration, 'publicUrl' | 'identity' | 'timeout' | 'mostBytes'>
  readonly identity: Identity
  readonly upstream: Upstream
  /** Whether this is the connection's last answer. */
  draining(): boolean
  /** Hears why the API could not be asked. */
  onFault(what: string, fault: Error): void
}

/** Methods whose requests say nothing of a content that they have not (RFC 9110 §8.6). */
const WITHOUT_CONTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE'])

/** Hands a request on and its answer back, both as they come: what one side does not take, the other does not send. */
export function forward(proxy: Proxy, incoming: IncomingMessage, outgoing: ServerResponse, admitted: Admitted): void {
  const { timeout, mostBytes } = proxy.configuration
  const length = incoming.headers['content-length']
  const chunked = incoming.headers['transfer-encoding'] !== undefined
  if (length !== undefined && Number(length) > mostBytes) return refuse(proxy, incoming, outgoing, 413)
  const headers = requestHeaders(proxy, incoming, admitted, chunked ? 'chunked' : length)
  const hasBody = chunked || (length !== undefined && length !== '0')
  ask(!hasBody && ['GET', 'HEAD', 'OPTIONS'].includes(incoming.method ?? ''))

  function ask(again: boolean): void {
    let answered = false
    const request = proxy.upstream.ask(incoming.method ?? 'GET', admitted.target, headers, (answer) => {
      answered = true
      // From now on silence is the API's right: it may be sending events.
      request.setTimeout(0)
      sendBack(proxy, incoming, outgoing, answer)
    })
    request.setTimeout(timeout * 1000, () => request.destroy(new TimedOut()))
    request.on('error', (fault) => {
      // After the answer began, this is about a body that the API did not want to the end.
      if (answered || outgoing.destroyed) return
      // The API closed a connection at the very moment it was used again: nothing has happened yet.
      if (again && request.reusedSocket && !(fault instanceof TimedOut)) return ask(false)
      if (!(fault instanceof TooLarge))
        proxy.onFault(fault instanceof TimedOut ? 'the API did not answer in time' : 'the API cannot be reached', fault)
      refuse(proxy, incoming, outgoing, fault instanceof TimedOut ? 504 : fault instanceof TooLarge ? 413 : 502)
    })
    // The client has gone: nobody waits for what the API is doing.
    outgoing.on('close', () => outgoing.writableFinished || request.destroy())
    if (hasBody) sendBody(incoming, request, mostBytes)
    else request.end()
  }
}

function sendBody(incoming: IncomingMessage, request: ClientRequest, mostBytes: number): void {
  let sent = 0
  incoming.on('data', (chunk: Buffer) => {
    sent += chunk.length
    if (sent > mostBytes) request.destroy(new TooLarge())
  })
  incoming.pipe(request)
}

function requestHeaders(proxy: Proxy, incoming: IncomingMessage, admitted: Admitted, framing: string | undefined): readonly string[] {
  const { publicUrl, identity } = proxy.configuration
  const own = new Set(['host', 'content-length', 'expect', ...(identity.unsafePassToken ? [] : ['authorization', 'dpop'])])
  const kept = endToEnd(linesOf(incoming)).filter(
    ([name]) => !own.has(looseName(name)) && !speaksForProxy(name) && !proxy.identity.claims(name),
  )
  // Framed as it came, and always framed: content without a length would be read as the next request.
  const length: readonly HeaderLine[] =
    framing === undefined
      ? WITHOUT_CONTENT.has(incoming.method ?? '')
        ? []
        : [['content-length', '0']]
      : [framing === 'chunked' ? ['transfer-encoding', 'chunked'] : ['content-length', framing]]
  return [['host', proxy.upstream.origin.host] as const, ...kept, ...length, ...ownWords(publicUrl, admitted)].flat()
}

/** What the API hears from its proxy alone. */
export function ownWords(
  publicUrl: string,
  { clientAddress, identity }: Pick<Admitted, 'clientAddress' | 'identity'>,
): readonly HeaderLine[] {
  const { protocol, host } = new URL(publicUrl)
  return [
    ...(clientAddress === '' ? [] : [['x-forwarded-for', clientAddress] as const]),
    ['x-forwarded-proto', protocol.slice(0, -1)],
    ['x-forwarded-host', host],
    ...identity,
  ]
}

function sendBack(proxy: Proxy, incoming: IncomingMessage, outgoing: ServerResponse, answer: IncomingMessage): void {
  // What the guard says stands: a nonce of the API is for a proof that the API never sees.
  const lines = endToEnd(linesOf(answer)).filter(([name]) => !outgoing.hasHeader(name))
  // Bytes still to come would be read without end.
  const last = proxy.draining() || !incoming.complete
  try {
    outgoing.writeHead(answer.statusCode ?? 502, answer.statusMessage, [...lines.flat(), ...(last ? ['connection', 'close'] : [])])
  } catch (fault) {
    answer.destroy()
    proxy.onFault('the answer of the API cannot be handed on', fault as Error)
    return refuse(proxy, incoming, outgoing, 502)
  }
  // A failure on either side cuts both, so that what was sent does not look whole.
  pipeline(answer, outgoing, () => {})
}

function linesOf({ rawHeaders }: IncomingMessage): readonly HeaderLine[] {
  const lines: HeaderLine[] = []
  for (let at = 0; at < rawHeaders.length; at += 2) lines.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? ''])
  return lines
}

const REASONS = { 413: 'the content is too large', 502: 'the API cannot be reached', 504: 'the API did not answer in time' } as const

function refuse(proxy: Proxy, incoming: IncomingMessage, outgoing: ServerResponse, status: keyof typeof REASONS): void {
  incoming.unpipe()
  const error = status === 413 ? 'invalid_request' : 'temporarily_unavailable'
  const reply = json(status, { error, error_description: REASONS[status] })
  send(incoming, outgoing, reply, proxy.draining(), (fault) => proxy.onFault('a refusal cannot be sent', fault as Error))
}

class TimedOut extends Error {
  override readonly name = 'TimedOut'
}

class TooLarge extends Error {
  override readonly name = 'TooLarge'
}
