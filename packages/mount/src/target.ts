/** The two parts of a request's target that a handler sees, as received: nothing is decoded or normalised. */
export interface Target {
  readonly path: string
  readonly query: string
}

/**
 * Splits a request target (RFC 9112 §3.2). A server must take the absolute form too: its origin is dropped,
 * since the public origin is configuration. `*` and anything else without a path is `/`. A fragment, which
 * no client should send, is cut.
 */
export function splitTarget(target: string): Target {
  let start = 0
  if (target.charCodeAt(0) !== SLASH) {
    const scheme = target.indexOf('://')
    const rest = scheme === -1 ? -1 : target.slice(scheme + 3).search(/[/?#]/)
    start = rest === -1 ? target.length : scheme + 3 + rest
  }
  const hash = target.indexOf('#', start)
  const end = hash === -1 ? target.length : hash
  const mark = target.indexOf('?', start)
  const split = mark === -1 || mark > end ? end : mark
  return { path: target.slice(start, split) || '/', query: target.slice(split + 1, end) }
}

const SLASH = 47
