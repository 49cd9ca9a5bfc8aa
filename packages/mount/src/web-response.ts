import type { Reply, StreamedReply } from '@holdfast/protocol/http'
import { ADDITIVE } from './additive.ts'
import { discard, isBodiless, isStreamed } from './streamed.ts'

const encoder = new TextEncoder()

/** As bytes, since a text body would be given a content type that the reply did not ask for. */
export function toResponse(reply: Reply | StreamedReply, head: boolean): Response {
  const headers = new Headers()
  addHeaders(headers, reply.headers)
  const bodiless = isBodiless(reply.status)
  if (isStreamed(reply)) {
    if (!bodiless && !head) return new Response(reply.body, { status: reply.status, headers })
    discard(reply.body)
    return new Response(null, { status: reply.status, headers })
  }
  if (bodiless) return new Response(null, { status: reply.status, headers })
  const body = encoder.encode(reply.body)
  if (head) headers.set('content-length', String(body.byteLength))
  return new Response(head ? null : body, { status: reply.status, headers })
}

/** A copy that can be changed: a response that came from `fetch` cannot. */
export function withHeaders(response: Response, headers: Reply['headers']): Response {
  const copy = new Response(response.body, response)
  addHeaders(copy.headers, headers)
  return copy
}

function addHeaders(to: Headers, headers: Reply['headers']): void {
  for (const [name, value] of Object.entries(headers)) {
    const values = typeof value === 'string' ? [value] : value
    values.forEach((one, i) => (i > 0 || ADDITIVE.has(name.toLowerCase()) ? to.append(name, one) : to.set(name, one)))
  }
}
