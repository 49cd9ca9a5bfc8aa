import { type HttpRequest, json, type Reply } from '@holdfast/protocol/http'

/**
 * What every request of a page carries to the session endpoint, to sign-out and to APIs: a header that no form, link or image of
 * another site can set. A script of another origin could only after a CORS preflight, which is never answered here
 * (draft-ietf-oauth-browser-based-apps §6.1.3.3.2).
 */
export const CSRF_HEADER = 'x-holdfast-csrf'
export const CSRF_VALUE = '1'

/**
 * Whether a request that the session cookie lets in comes from our own pages. Asked of every one, GET and POST without a body
 * included: `SameSite` alone would let in a sibling sub-domain, which is the same site and another origin (BFF-31).
 *
 * @param publicUrl the origin that browsers have in their address bar
 */
export function checkCsrf(request: HttpRequest, publicUrl: string): Reply | undefined {
  const headers = request.headers(CSRF_HEADER)
  if (headers.length !== 1 || headers[0] !== CSRF_VALUE)
    return refused('BFF-32', `the header ${CSRF_HEADER} is missing: send "${CSRF_HEADER}: ${CSRF_VALUE}" with every request of the page`)
  return checkOrigin(request, publicUrl, false)
}

/** A WebSocket cannot have a header of ours, and CORS does not hold for it: the origin must be told, and be ours (RFC 6455 §10.2). */
export function checkCsrfOfUpgrade(request: HttpRequest, publicUrl: string): Reply | undefined {
  return checkOrigin(request, publicUrl, true)
}

/** Two headers that scripts cannot forge, where the browser sends them: programs and old browsers send neither. */
export function checkOrigin(request: HttpRequest, publicUrl: string, needed: boolean): Reply | undefined {
  const origins = request.headers('origin')
  if ((needed && origins.length === 0) || origins.some((origin) => origin !== publicUrl))
    return refused('BFF-34', `the header Origin is not ${publicUrl}: only pages of this origin may send requests here`)
  if (request.headers('sec-fetch-site').some((site) => site !== 'same-origin'))
    return refused('BFF-34', `the header Sec-Fetch-Site is not same-origin: only pages of ${publicUrl} may send requests here`)
  return undefined
}

function refused(rule: string, description: string): Reply {
  return json(403, { error: 'csrf', error_description: description, rule })
}
