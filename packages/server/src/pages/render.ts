import type { Reply } from '@holdfast/protocol/http'
import type { VNode } from 'preact'
import { renderToString } from 'preact-render-to-string'

export interface PageOptions {
  readonly status: number
  /**
   * CSP sources that a form of this page may end at, redirects included; `formActionSource` makes one of a
   * validated redirect URI. Empty: the page has no form.
   */
  readonly formAction: readonly string[]
  /** The page runs a script of ours, from `/assets`. Default: none runs. */
  readonly script?: boolean
  /** CSP sources of what the page shows in frames. Default: nothing. */
  readonly frames?: readonly string[]
  /** Such as `set-cookie` and `retry-after`. They add to the strict headers and cannot weaken them. */
  readonly headers?: Reply['headers']
}

/** A page whose form ends at this server. */
export const SELF = "'self'"

/**
 * The one place where pages become HTML, so that there is none without these headers. Framing is forbidden
 * twice, for browsers that know only the older header (RFC 9700 §4.16); nothing is cached, since every page
 * holds a form token or says something about a person.
 */
export function renderPage(page: VNode, { status, formAction, script = false, frames = [], headers = {} }: PageOptions): Reply {
  return {
    status,
    headers: { ...headers, ...STRICT, 'content-security-policy': contentSecurityPolicy(formAction, script, frames) },
    body: `<!doctype html>${renderToString(page)}`,
  }
}

/**
 * The one page that others may frame, and all that it has is a script: there is nothing on it to see, to press or to send
 * (Session Management §3.2). It is the same for everybody, so browsers may keep it a while.
 */
export function renderFrame(page: VNode): Reply {
  const { 'x-frame-options': _denied, 'cross-origin-opener-policy': _alone, ...strict } = STRICT
  return {
    status: 200,
    headers: {
      ...strict,
      'cache-control': 'public, max-age=300',
      'cross-origin-resource-policy': 'cross-origin',
      'content-security-policy': "default-src 'none'; script-src 'self'; form-action 'none'; base-uri 'none'",
    },
    body: `<!doctype html>${renderToString(page)}`,
  }
}

const STRICT: Reply['headers'] = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  // No page that opened this one may keep a handle on it, and follow where it goes.
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
}

const SOURCE = /^(?:'self'|[a-z][a-z0-9+.-]*:(?:\/\/[a-z0-9.-]+(?::(?:\d{1,5}|\*))?)?)$/

/** @throws when a source is none: a space or a semicolon in it would be another directive, and only a bug puts it there */
function contentSecurityPolicy(formAction: readonly string[], script: boolean, frames: readonly string[]): string {
  for (const source of [...formAction, ...frames])
    if (!SOURCE.test(source)) throw new TypeError(`not a CSP source: ${JSON.stringify(source)}`)
  return [
    "default-src 'none'",
    ...(script ? ["script-src 'self'"] : []),
    "style-src 'self'",
    "img-src 'self' data:",
    ...(frames.length === 0 ? [] : [`frame-src ${frames.join(' ')}`]),
    `form-action ${formAction.length === 0 ? "'none'" : formAction.join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ')
}

/**
 * A redirect URI as a CSP source (design §6): its origin, or its scheme where there is no origin. CSP has no
 * grammar for an IPv6 address, and a source a browser cannot read matches nothing: the redirect to
 * `http://[::1]:port` would be blocked. There the scheme stands alone; the redirect URI itself is exact as ever.
 */
export function formActionSource(redirectUri: string): string {
  const url = new URL(redirectUri)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return url.protocol
  return url.hostname.startsWith('[') ? url.protocol : url.origin
}
