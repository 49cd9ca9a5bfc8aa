import { type HttpRequest, json, type Reply } from '@holdfast/protocol/http'
import { PASSED } from './page-headers.ts'
import type { Route } from './routes.ts'

const ABOUT_CONTENT = /^(?:content-|repr-digest$)/

/** The headers of a request for the API, without credential. */
export function requestHeaders(request: HttpRequest, route: Route, publicUrl: string, content: boolean): Headers | Reply {
  if (request.headers('content-type').length > 1)
    return json(400, { error: 'invalid_request', error_description: 'content-type is there more than once', rule: 'BFF-43' })
  // What `Connection` names is meant for us alone.
  const ours = new Set(request.headers('connection').flatMap((line) => line.split(',').map((name) => name.trim().toLowerCase())))
  const headers = new Headers()
  for (const name of [...PASSED, ...route.requestHeaders]) {
    if (ours.has(name) || headers.has(name) || (!content && ABOUT_CONTENT.test(name))) continue
    for (const value of request.headers(name)) headers.append(name, value)
  }
  // Compression saves nothing on the way to an API nearby, and would hold back the events of a stream.
  headers.set('accept-encoding', 'identity')
  if (route.api.forwarded === true) headers.set('forwarded', forwarded(request.clientAddress, publicUrl))
  return headers
}

/** RFC 7239 §4, §6: IPv6 in brackets and quotes. */
function forwarded(address: string, publicUrl: string): string {
  const { protocol, host } = new URL(publicUrl)
  const node = address === '' ? 'unknown' : address.includes(':') ? `"[${address.replace(/%.*/, '')}]"` : address
  return `for=${node};host="${host}";proto=${protocol.slice(0, -1)}`
}
