import { json, type Reply } from '@holdfast/protocol/http'
import type { Route } from './routes.ts'

/** RFC 3986 §3.3: what a path may have, `%` with two digits only. Backslashes, control characters and `"<>[]^{|}` are none of it. */
const PATH = /^(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*$/
const QUERY = /^[\x21\x22\x24-\x7e]*$/
const ENCODED = /%[0-9A-Fa-f]{2}/
/** Over `%252e` is nothing but an attempt. */
const MOST_DECODINGS = 3
/** What decoders and file systems cut off a segment, around dots. */
const DOTS = /^\s*\.[.\s]*$/
// oxlint-disable-next-line no-control-regex
const SEPARATOR = /[/\\\x00-\x1f\x7f]/

/**
 * Where a request goes: below the route's upstream, whoever decodes the path how often on the way (BFF-41). What one
 * program takes for a name and another for a way up is refused, not cleaned: the answer says which rule it broke.
 *
 * @param rest the path after that of the route, as it came
 */
export function targetOf({ origin, base }: Route, rest: string, query: string): URL | Reply {
  const fault = faultOf(rest)
  if (fault !== undefined) return refused(fault)
  if (!QUERY.test(query)) return refused('the query has a character that must be percent-encoded')
  const expected = base + rest || '/'
  const url = URL.parse(`${origin}${expected}${query === '' ? '' : `?${query}`}`)
  // After all rules: what the parser of URLs reads otherwise than we do does not leave the house.
  if (url === null || url.origin !== origin || url.pathname !== expected || url.username !== '' || url.hash !== '')
    return refused('the path is not read the same by all programs')
  return url
}

function faultOf(rest: string): string | undefined {
  if (!PATH.test(rest)) return 'the path has a character that must be percent-encoded'
  // The first is empty: a slash stands before it. So may the last be.
  const segments = rest.split('/').slice(1)
  if (segments.slice(0, -1).includes('')) return 'the path has an empty segment'
  for (const segment of segments) {
    let text = segment
    for (let decodings = 0; ; decodings++) {
      const fault = faultOfSegment(text)
      if (fault !== undefined) return fault
      if (!ENCODED.test(text)) break
      if (decodings === MOST_DECODINGS) return 'the path is percent-encoded too often'
      const decoded = decode(text)
      if (decoded === undefined) return 'the path has percent-encoded bytes that are not UTF-8'
      text = decoded
    }
  }
  return undefined
}

/** Also as programs read it that take `／` for `/` (NFKC), or that cut `;parameters` off. */
function faultOfSegment(segment: string): string | undefined {
  const folded = segment.normalize('NFKC')
  if (SEPARATOR.test(folded)) return 'the path has an encoded slash, backslash or control character'
  if (DOTS.test(folded) || DOTS.test(folded.split(';')[0] ?? '')) return 'the path has a segment of dots'
  return undefined
}

/** `%` without two digits stays: it is what became of `%25`. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll(/%(?![0-9A-Fa-f]{2})/g, '%25'))
  } catch {
    return undefined
  }
}

function refused(description: string): Reply {
  return json(400, { error: 'invalid_request', error_description: description, rule: 'BFF-41' })
}
