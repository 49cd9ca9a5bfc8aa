import { type HttpRequest, json, type Reply } from '@holdfast/protocol/http'
import type { NamedCheck } from '@holdfast/protocol/witness'
import { firstReason } from './checks.ts'

/**
 * What every request of a page carries to the session endpoint, to sign-out and to APIs: a header that no form, link or image of
 * another site can set. A script of another origin could only after a CORS preflight, which is never answered here
 * (draft-ietf-oauth-browser-based-apps §6.1.3.3.2).
 */
export const CSRF_HEADER = 'x-holdfast-csrf'
export const CSRF_VALUE = '1'

interface Sent {
  readonly request: HttpRequest
  /** The origin that browsers have in their address bar. */
  readonly publicUrl: string
  /** Whether the origin must be told. */
  readonly needed: boolean
}

export const headerChecks: readonly NamedCheck<Sent, string>[] = [{ name: 'csrf header', rule: 'BFF-32', check: checkHeader }]

/** Two headers that scripts cannot forge, where the browser sends them: programs and old browsers send neither. */
export const originChecks: readonly NamedCheck<Sent, string>[] = [
  { name: 'Origin', rule: 'BFF-34', check: checkOwnOrigin },
  { name: 'Fetch Metadata', rule: 'BFF-34', check: checkOwnSite },
]

function checkHeader({ request }: Sent): string | undefined {
  const headers = request.headers(CSRF_HEADER)
  return headers.length === 1 && headers[0] === CSRF_VALUE
    ? undefined
    : `the header ${CSRF_HEADER} is missing: send "${CSRF_HEADER}: ${CSRF_VALUE}" with every request of the page`
}

function checkOwnOrigin({ request, publicUrl, needed }: Sent): string | undefined {
  const origins = request.headers('origin')
  return (needed && origins.length === 0) || origins.some((origin) => origin !== publicUrl)
    ? `the header Origin is not ${publicUrl}: only pages of this origin may send requests here`
    : undefined
}

function checkOwnSite({ request, publicUrl }: Sent): string | undefined {
  return request.headers('sec-fetch-site').some((site) => site !== 'same-origin')
    ? `the header Sec-Fetch-Site is not same-origin: only pages of ${publicUrl} may send requests here`
    : undefined
}

/**
 * Whether a request that the session cookie lets in comes from our own pages. Asked of every one, GET and POST without a body
 * included: `SameSite` alone would let in a sibling sub-domain, which is the same site and another origin (BFF-31).
 *
 * @param publicUrl the origin that browsers have in their address bar
 */
export function checkCsrf(request: HttpRequest, publicUrl: string): Reply | undefined {
  return refusedBy(headerChecks, { request, publicUrl, needed: false }) ?? checkOrigin(request, publicUrl, false)
}

/** A WebSocket cannot have a header of ours, and CORS does not hold for it: the origin must be told, and be ours (RFC 6455 §10.2). */
export function checkCsrfOfUpgrade(request: HttpRequest, publicUrl: string): Reply | undefined {
  return checkOrigin(request, publicUrl, true)
}

export function checkOrigin(request: HttpRequest, publicUrl: string, needed: boolean): Reply | undefined {
  return refusedBy(originChecks, { request, publicUrl, needed })
}

function refusedBy(checks: readonly NamedCheck<Sent, string>[], sent: Sent): Reply | undefined {
  const refusal = firstReason('request', checks, sent, sent.request.witness)
  return refusal && json(403, { error: 'csrf', error_description: refusal.reason, rule: refusal.rule })
}
