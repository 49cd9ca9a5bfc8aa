import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { type HttpRequest, json, type Reply } from '@holdfast/protocol/http'

/** What a browser asked for, and the API is asked for in turn (RFC 6455 §4.1). */
export interface Handshake {
  readonly headers: Readonly<Record<string, string>>
  /** What the API's answer must have. */
  readonly accept: string
  readonly protocols: readonly string[]
  readonly extensions: readonly string[]
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** 16 bytes in Base64. */
const KEY = /^[A-Za-z0-9+/]{21}[AQgw]==$/
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/**
 * Reads the handshake of a browser. Nothing but a WebSocket is opened: what asks for `h2c` would get a connection to the
 * API that no rule of ours sees into, and so would one whose body is taken for the API's next request.
 */
export function readHandshake(request: HttpRequest): Handshake | Reply {
  if (request.method !== 'GET') return malformed('a WebSocket is opened by GET (RFC 6455 §4.1)')
  if (request.headers('content-length').length > 0 || request.headers('transfer-encoding').length > 0)
    return malformed('the request for a WebSocket has no body')
  if (only(request, 'upgrade')?.toLowerCase() !== 'websocket') return malformed('the only protocol to upgrade to is websocket')
  if (only(request, 'sec-websocket-version') !== '13')
    return json(426, { error: 'invalid_request', error_description: 'the version of WebSocket is 13' }, { 'sec-websocket-version': '13' })
  const key = only(request, 'sec-websocket-key')
  if (key === undefined || !KEY.test(key)) return malformed('Sec-WebSocket-Key is 16 bytes in Base64')
  const protocols = listed(request.headers('sec-websocket-protocol'))
  if (!protocols.every((name) => TOKEN.test(name)) || new Set(protocols).size < protocols.length)
    return malformed('Sec-WebSocket-Protocol is a list of different tokens')
  const extensions = request.headers('sec-websocket-extensions').join(', ')
  return {
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': key,
      ...(protocols.length > 0 && { 'sec-websocket-protocol': protocols.join(', ') }),
      ...(extensions !== '' && { 'sec-websocket-extensions': extensions }),
    },
    accept: createHash('sha1').update(key).update(GUID).digest('base64'),
    protocols,
    extensions: extensionNames(extensions),
  }
}

/** @returns the headers of the answer to the browser, or what is wrong with the API's (RFC 6455 §4.1) */
export function readAnswer(handshake: Handshake, headers: IncomingHttpHeaders): Readonly<Record<string, string>> | Error {
  if (headers.upgrade?.toLowerCase() !== 'websocket') return new Error('the API switched to another protocol')
  if (headers['sec-websocket-accept'] !== handshake.accept) return new Error('the API did not answer this handshake')
  const protocol = headers['sec-websocket-protocol']
  if (protocol !== undefined && !handshake.protocols.includes(protocol)) return new Error('the API chose a subprotocol that nobody offered')
  const extensions = headers['sec-websocket-extensions']
  if (!extensionNames(extensions ?? '').every((name) => handshake.extensions.includes(name)))
    return new Error('the API chose an extension that nobody offered')
  return {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-accept': handshake.accept,
    ...(protocol !== undefined && { 'sec-websocket-protocol': protocol }),
    ...(extensions !== undefined && { 'sec-websocket-extensions': extensions }),
  }
}

function only(request: HttpRequest, name: Lowercase<string>): string | undefined {
  const values = request.headers(name)
  return values.length === 1 ? values[0]?.trim() : undefined
}

const listed = (lines: readonly string[]): readonly string[] =>
  lines
    .flatMap((line) => line.split(','))
    .map((item) => item.trim())
    .filter((item) => item !== '')

const extensionNames = (extensions: string): readonly string[] =>
  listed([extensions]).map((extension) => (extension.split(';')[0] ?? '').trim().toLowerCase())

function malformed(description: string): Reply {
  return json(400, { error: 'invalid_request', error_description: description })
}
