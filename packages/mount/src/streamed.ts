import type { Reply, StreamedReply } from '@holdfast/protocol/http'

export function isStreamed(reply: Reply | StreamedReply): reply is StreamedReply {
  return typeof reply.body !== 'string'
}

/** What nobody will read is not fetched any further. */
export function discard(body: ReadableStream<Uint8Array>): void {
  body.cancel().catch(() => {})
}

/** RFC 9110 §6.4.1: answers that have no content. A `Response` of theirs must have no body at all, not even an empty one. */
export function isBodiless(status: number): boolean {
  return status === 204 || status === 205 || status === 304
}
