import type { IncomingMessage, ServerResponse } from 'node:http'
import { Aborted } from './failure.ts'

/**
 * Aborts when the client has gone before its answer was whole. A client that ends its side counts as gone, as with other
 * proxies: a browser that leaves does exactly that, and no more is heard of it until something is written.
 */
export function goneSignal(incoming: IncomingMessage, outgoing: ServerResponse): AbortSignal {
  const controller = new AbortController()
  const { socket } = incoming
  const settle = (): void => {
    socket.off('end', gone).off('close', gone)
    outgoing.off('finish', settle)
  }
  const gone = (): void => {
    settle()
    controller.abort(new Aborted())
  }
  if (socket.destroyed || socket.readableEnded) gone()
  else {
    socket.on('end', gone).on('close', gone)
    outgoing.on('finish', settle)
  }
  return controller.signal
}
