import type { IncomingMessage } from 'node:http'
import { Aborted } from './failure.ts'

/** How a body that somebody reads as a stream is taken from them: the mount wants the connection back. */
const readers = new WeakMap<IncomingMessage, () => void>()

/**
 * The body of a request chunk by chunk: one is taken from the socket for each that is asked for, so a slow reader
 * slows the sender down. `Readable.toWeb` would not do: a cancelled stream would end the connection before its answer.
 */
export function bodyStream(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  let settle = (): void => {}
  const listen = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    const onData = (chunk: Buffer): void => {
      incoming.pause()
      controller.enqueue(chunk)
    }
    const onEnd = (): void => {
      settle()
      controller.close()
    }
    const onGone = (): void => {
      settle()
      controller.error(new Aborted())
    }
    settle = (): void => {
      incoming.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone)
      readers.delete(incoming)
    }
    readers.set(incoming, onGone)
    incoming.pause()
    incoming.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone)
  }
  return new ReadableStream<Uint8Array>(
    {
      start: listen,
      pull: () => void incoming.resume(),
      cancel() {
        settle()
        incoming.pause()
      },
    },
    // Nothing is taken in before somebody reads.
    { highWaterMark: 0 },
  )
}

/** A stream of bytes that are here already. */
export function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      if (bytes.byteLength > 0) controller.enqueue(bytes)
      controller.close()
    },
  })
}

/** Who still reads the body learns that there is no more of it. */
export function takeBack(incoming: IncomingMessage): void {
  readers.get(incoming)?.()
}
