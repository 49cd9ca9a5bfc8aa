import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Reply, StreamedReply } from '@holdfast/protocol/http'
import { takeBack } from './body-stream.ts'
import { failure, type OnError } from './failure.ts'

interface Waiting {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly reply: Reply
  readonly closing: boolean
  readonly onError: OnError
}

let waiting: Waiting[] = []

/**
 * Sends a reply at the end of this turn of the event loop, together with the others of the turn. Their
 * clients then come back together too, and one poll serves many: see the README for what it saves.
 *
 * @param closing ends the connection with this reply
 */
export function send(incoming: IncomingMessage, outgoing: ServerResponse, reply: Reply, closing: boolean, onError: OnError): void {
  if (waiting.push({ incoming, outgoing, reply, closing, onError }) === 1) setImmediate(flush)
}

function flush(): void {
  const turn = waiting
  waiting = []
  for (const one of turn) {
    try {
      write(one.incoming, one.outgoing, one.reply, one.closing)
    } catch (error) {
      // A header that cannot be sent is the handler's fault; the others of the turn must not wait for it.
      if (!one.outgoing.headersSent) write(one.incoming, one.outgoing, failure(error), one.closing)
      one.onError(error)
    }
  }
}

/** The most bytes, and milliseconds, that an unwanted body is still taken in for, so that its sender gets to read the answer. */
const LINGER_BYTES = 1024 * 1024
const LINGER_MILLISECONDS = 1000

function write(incoming: IncomingMessage, outgoing: ServerResponse, reply: Reply, closing: boolean): void {
  if (outgoing.destroyed || outgoing.headersSent) return
  // Bytes still to come would be taken for the next request, or read without end.
  const unread = !incoming.complete
  outgoing.writeHead(reply.status, headerLines(reply, closing || unread))
  const body = incoming.method === 'HEAD' ? '' : reply.body
  if (!unread) {
    outgoing.end(body)
    return
  }
  if (body === '') outgoing.flushHeaders()
  else outgoing.write(body)
  linger(incoming, outgoing)
}

/** Closing a socket that still receives resets it, and a reset can overtake the answer: take in a little, then close. */
export function linger(incoming: IncomingMessage, outgoing: ServerResponse): void {
  takeBack(incoming)
  let left = LINGER_BYTES
  const end = (): void => {
    clearTimeout(timer)
    incoming.off('data', onData)
    outgoing.end()
  }
  const onData = (chunk: Buffer): void => {
    left -= chunk.length
    if (left < 0) end()
  }
  const timer = setTimeout(end, LINGER_MILLISECONDS)
  incoming.on('data', onData).once('end', end).once('close', end)
  incoming.resume()
}

/** A flat list is what `writeHead` takes without copying, and it keeps one line for each value. */
export function headerLines(reply: Reply | StreamedReply, closing: boolean): string[] {
  const lines: string[] = []
  let length = true
  for (const name in reply.headers) {
    const value = reply.headers[name] as string | readonly string[]
    if (name === 'content-length') length = false
    if (typeof value === 'string') lines.push(name, value)
    else for (const one of value) lines.push(name, one)
  }
  // RFC 9110 §8.6: neither 204 nor 304 has a length of its own.
  if (length && typeof reply.body === 'string' && reply.status !== 204 && reply.status !== 304)
    lines.push('content-length', String(Buffer.byteLength(reply.body)))
  if (closing) lines.push('connection', 'close')
  return lines
}
