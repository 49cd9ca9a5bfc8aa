import { type HttpRequest, json, type Reply } from '@holdfast/protocol/http'
import { isFromHere } from './loopback.ts'
import type { Trace } from './trace.ts'

/** Where the trace is told, below the issuer's origin. */
export const TRACE_PATH = '/explorer/trace'

/**
 * `GET /explorer/trace/{id}`: what was checked of one request. `GET /explorer/trace?after=n`: the requests since then.
 *
 * Told to this machine alone, to nobody who came by another name than the issuer's (a name of a stranger that leads here would make its
 * page one of ours), and to no page of another origin.
 *
 * @returns undefined for another path
 */
export function traceEndpoint(trace: Trace, issuer: string): (request: HttpRequest) => Reply | undefined {
  const { host, origin } = new URL(issuer)
  return (request) => {
    if (request.path !== TRACE_PATH && !request.path.startsWith(`${TRACE_PATH}/`)) return undefined
    const stranger = strangerFault(request, host, origin)
    if (stranger !== undefined) return json(403, { error: 'access_denied', error_description: stranger })
    if (request.method !== 'GET') return { ...json(405, { error: 'invalid_request' }), headers: { ...json(405, {}).headers, allow: 'GET' } }
    if (request.path === TRACE_PATH) {
      const after = new URLSearchParams(request.query).get('after') ?? '0'
      if (!/^\d{1,16}$/.test(after)) return json(400, { error: 'invalid_request', error_description: 'after must be a whole number' })
      return json(200, { last: trace.last, requests: trace.after(Number(after)) })
    }
    const entry = trace.find(request.path.slice(TRACE_PATH.length + 1))
    return entry === undefined
      ? json(404, { error: 'not_found', error_description: 'this request was not noted, or is too long ago' })
      : json(200, { findings: entry.findings })
  }
}

function strangerFault(request: HttpRequest, host: string, origin: string): string | undefined {
  if (!isFromHere(request)) return 'the trace is told on this machine only'
  const [named, ...more] = request.headers('host')
  if (named !== host || more.length > 0) return `the trace is told at ${host} only`
  if (request.headers('origin').some((one) => one !== origin)) return 'the trace is told to the explorer only'
  const [site = 'same-origin'] = request.headers('sec-fetch-site')
  return site === 'same-origin' || site === 'none' ? undefined : 'the trace is told to the explorer only'
}
