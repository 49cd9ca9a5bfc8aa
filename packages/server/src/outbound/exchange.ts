import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http'
import type { Socket } from 'node:net'
import { type OutboundReason, OutboundRefusal, type OutboundReply } from '../config/outbound.ts'
import { codeOf } from './connect.ts'
import type { Deadline } from './deadline.ts'
import type { Target } from './target.ts'

export interface Message {
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly maxBytes: number
}

/** Bytes of all header lines together. */
const MAX_HEADER_BYTES = 8 * 1024
/** Interim answers (1xx) before the answer. */
const MAX_INTERIM = 4

/** Sends one request over an open, checked connection, and reads one answer. The connection ends with it. */
export function exchange(socket: Socket, target: Target, message: Message, deadline: Deadline): Promise<OutboundReply | OutboundRefusal> {
  return new Promise((settle) => {
    let sent: ClientRequest | undefined
    const end = (outcome: OutboundReply | OutboundRefusal): void => {
      disarm()
      settle(outcome)
      sent?.destroy()
      socket.destroy()
    }
    const refuse = (reason: OutboundReason, detail: string): void => end(new OutboundRefusal(reason, `${target.host}: ${detail}`))
    const disarm = deadline.whenPassed(() => refuse('timeout', `the deadline of ${deadline.milliseconds} ms passed`))
    if (deadline.passed) return
    try {
      sent = httpRequest(target.url, {
        method: message.method,
        headers: headersOf(target, message),
        createConnection: () => socket,
        // The connection is there already; of an https URL only the host and the path are left to say.
        protocol: 'http:',
        setDefaultHeaders: false,
        maxHeaderSize: MAX_HEADER_BYTES,
        insecureHTTPParser: false,
      })
    } catch (error) {
      // A header of somebody else's making, such as a notification token, that no line can hold.
      return refuse('protocol', codeOf(error))
    }
    let interim = 0
    sent.on('information', () => {
      if (++interim > MAX_INTERIM) refuse('protocol', 'too many interim answers')
    })
    sent.on('error', (error) => {
      const { code } = error as NodeJS.ErrnoException
      refuse(code === 'HPE_HEADER_OVERFLOW' ? 'too_large' : 'protocol', codeOf(error))
    })
    sent.on('upgrade', () => refuse('protocol', 'it changed the protocol'))
    sent.on('response', (response) => {
      const fault = headFault(response, message.maxBytes)
      if (fault === undefined) readBody(response, message.maxBytes, end, refuse)
      else refuse(...fault)
    })
    sent.end(message.body)
  })
}

/** What belongs to the connection comes last: nobody's header stands in for it. */
function headersOf(target: Target, { headers, body }: Message): Record<string, string> {
  const given = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  const own = {
    host: target.url.host,
    'user-agent': 'Holdfast',
    'accept-encoding': 'identity',
    connection: 'close',
    ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
  }
  return { ...Object.fromEntries(given.filter(([name]) => !NEVER_SENT.has(name))), ...own }
}

const NEVER_SENT: ReadonlySet<string> = new Set([
  'cookie',
  'transfer-encoding',
  'upgrade',
  'expect',
  'te',
  'trailer',
  'proxy-authorization',
])

type Fault = readonly [OutboundReason, string]

/** What the head of an answer tells already. */
function headFault({ statusCode = 0, headers }: IncomingMessage, maxBytes: number): Fault | undefined {
  if (statusCode >= 300 && statusCode < 400) return ['redirect', `status ${statusCode}: redirects are not followed`]
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') return ['encoding', 'the body has a content encoding']
  const transfer = headers['transfer-encoding']
  if (transfer !== undefined && transfer.toLowerCase() !== 'chunked') return ['encoding', 'the body has a transfer encoding beside chunked']
  if (Number(headers['content-length'] ?? 0) > maxBytes) return ['too_large', `the body has more than ${maxBytes} bytes`]
  return undefined
}

function readBody(
  response: IncomingMessage,
  maxBytes: number,
  end: (reply: OutboundReply) => void,
  refuse: (...fault: Fault) => void,
): void {
  const chunks: Buffer[] = []
  let length = 0
  response.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length > maxBytes) refuse('too_large', `the body has more than ${maxBytes} bytes`)
    else chunks.push(chunk)
  })
  // A body that ends too early too: half a document is none.
  response.on('error', (error) => refuse('protocol', codeOf(error)))
  response.on('end', () => {
    end({ status: response.statusCode ?? 0, headers: readHeaders(response), body: new Uint8Array(Buffer.concat(chunks)) })
  })
}

function readHeaders({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  const read: Record<string, string> = Object.create(null) as Record<string, string>
  for (const [name, value] of Object.entries(headers)) if (typeof value === 'string') read[name] = value
  return read
}
