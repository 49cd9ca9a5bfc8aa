import type { Reply } from '@holdfast/protocol/http'
import { ADDITIVE } from './additive.ts'

const encoder = new TextEncoder()

/** Statuses whose `Response` must have no body at all, not even an empty one. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304])

/** As bytes, since a text body would be given a content type that the reply did not ask for. */
export function toResponse(reply: Reply, head: boolean): Response {
  const headers = new Headers()
  addHeaders(headers, reply.headers)
  if (BODILESS.has(reply.status)) return new Response(null, { status: reply.status, headers })
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
