import type { IncomingMessage, ServerResponse } from 'node:http'
import type { StreamedReply } from '@holdfast/protocol/http'
import { Aborted, failure, type OnError } from './failure.ts'
import { headerLines, linger, send } from './send.ts'
import { discard, isBodiless } from './streamed.ts'

/**
 * Sends a reply as its content comes: the head at once, each chunk as it is, and none before the client has taken the one
 * before. When the stream fails the connection is cut, when the client goes the stream is cancelled.
 */
export function sendStream(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  reply: StreamedReply,
  closing: boolean,
  onError: OnError,
): void {
  if (outgoing.destroyed || outgoing.headersSent || incoming.socket.destroyed) return discard(reply.body)
  const content = incoming.method !== 'HEAD' && !isBodiless(reply.status)
  let reader: ReadableStreamDefaultReader<Uint8Array>
  try {
    reader = reply.body.getReader()
    outgoing.writeHead(reply.status, headerLines(reply, closing || !incoming.complete))
  } catch (error) {
    // A header that cannot be sent, or a stream that somebody else reads, is the handler's fault.
    discard(reply.body)
    send(incoming, outgoing, failure(error), closing, onError)
    onError(error)
    return
  }
  if (!content) {
    reader.cancel().catch(() => {})
    finish(incoming, outgoing)
    return
  }
  outgoing.flushHeaders()
  outgoing.once('close', () => void reader.cancel().catch(() => {}))
  pump(reader, outgoing).then(
    () => finish(incoming, outgoing),
    (error: unknown) => {
      if (outgoing.destroyed) return
      cut(outgoing)
      // The client's own going, heard of by way of the stream.
      if (!(error instanceof Aborted)) onError(error)
    },
  )
}

async function pump(reader: ReadableStreamDefaultReader<Uint8Array>, outgoing: ServerResponse): Promise<void> {
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    if (!outgoing.write(read.value)) await drained(outgoing)
  }
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      outgoing.off('drain', settle).off('close', settle)
      resolve()
    }
    if (outgoing.destroyed) resolve()
    else outgoing.on('drain', settle).on('close', settle)
  })
}

function finish(incoming: IncomingMessage, outgoing: ServerResponse): void {
  if (outgoing.destroyed) return
  if (incoming.complete) outgoing.end()
  else linger(incoming, outgoing)
}

/** With a reset: where only the end of the connection ends the content (HTTP/1.0), a plain end would look whole. */
function cut(outgoing: ServerResponse): void {
  const { socket } = outgoing
  if (socket === null || 'encrypted' in socket) outgoing.destroy()
  else socket.resetAndDestroy()
}
