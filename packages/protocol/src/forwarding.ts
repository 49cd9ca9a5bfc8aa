/**
 * What a proxy may hand on, and what not: rules for whoever stands before a server that reads requests in its own way.
 * Two readings of one request are how a check at the door is passed by.
 */

/** For one connection, and never handed on (RFC 9110 §7.6.1, §11.7). */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

export type HeaderLine = readonly [name: string, value: string]

/** Lines without those for one connection: the known ones in whatever spelling, and those that `Connection` names. What a proxy adds is added after, or a client could name it away. */
export function endToEnd(lines: readonly HeaderLine[]): readonly HeaderLine[] {
  const named = new Set<string>()
  for (const [name, value] of lines)
    if (name.toLowerCase() === 'connection') for (const one of value.split(',')) named.add(one.trim().toLowerCase())
  return lines.filter(([name]) => {
    const lower = name.toLowerCase()
    return !HOP_BY_HOP.has(looseName(name)) && !named.has(lower)
  })
}

/**
 * One spelling for names that a server may take for one another: CGI, WSGI and their like make `HTTP_X_A` of `x-a`, `x_a` and,
 * some of them, `x.a`.
 */
export function looseName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '-')
}

/** By these a proxy speaks to a server about whom it stands for, what was asked, and in whose name: a client's own are dropped. */
const OF_PROXIES =
  /^(?:forwarded|x-forwarded(?:-.*)?|x-real-ip|(?:true|x|x-cluster|fastly)-client-ip|cf-connecting-ip|x-original-.*|x-rewrite-ur[il]|x-host|x-http-host-override|(?:x-)?remote-user|client-cert(?:-chain)?)$/
/** CGI makes `HTTP_PROXY` of it, by which programs send their own requests over whatever host stands there (CVE-2016-5385). */
const OF_CGI = 'proxy'
/** Servers that obey these do another thing than the one that was checked. */
const OF_ANOTHER_METHOD = /^x-(?:http-)?method(?:-override)?$/

/** Whether a header of a client is dropped by a proxy, in whatever spelling: it would be taken for the proxy's own word, or change what is asked. */
export function speaksForProxy(name: string): boolean {
  const loose = looseName(name)
  return OF_PROXIES.test(loose) || OF_ANOTHER_METHOD.test(loose) || loose === OF_CGI
}

/** Visible ASCII without backslash, `?` and `#`, and whole escapes only. */
const PATH = /^\/(?:[\x21\x22\x24\x26-\x3e\x40-\x5b\x5d-\x7e]|%[0-9A-Fa-f]{2})*$/
/** Slash, backslash, control characters, and an escape in an escape, for who decodes twice. */
const HIDDEN = /%(?:2f|5c|[01][0-9a-f]|7f|25[0-9a-f]{2})/i

/**
 * Why servers would not agree which path this is: such a path is refused, since what was checked may not be what is answered.
 *
 * @param path as received, without the query
 * @returns undefined for a path that has one reading
 */
export function pathFault(path: string): string | undefined {
  if (!PATH.test(path)) return 'the path has characters that a path has not (RFC 3986 §3.3)'
  if (HIDDEN.test(path)) return 'the path has an encoded slash, backslash, control character or percent sign'
  let decoded: string
  try {
    decoded = decodeURIComponent(path).normalize('NFKC')
  } catch {
    return 'the path is not UTF-8'
  }
  // Some servers make ASCII of wide letters. Then too it must not have become another path.
  if (/[\\\p{Cc}]|%[0-9A-Fa-f]{2}/u.test(decoded) || decoded.split('/').length !== path.split('/').length)
    return 'the path has a character that reads as a slash'
  const segments = decoded.split('/').slice(1)
  if (segments.slice(0, -1).includes('')) return 'the path has an empty segment'
  // `..;x` is `..` to servers that cut parameters off first, `..?x` to those that decode first, `.. ` to file systems that cut
  // spaces and dots off.
  if (segments.some((segment) => /^\s*\.[.\s]*(?:[;?#]|$)/.test(segment))) return 'the path has a segment of dots'
  return undefined
}

/**
 * A path as forgiving servers might read it: escapes and wide letters read, parameters (`;x`), letter case and what stands behind
 * `?` left out, and the segments of which nothing is left: `/a/;/b` is `/a//b` to Tomcat, and so `/a/b`. Once more without an
 * extension. Where one of these leads to another rule, nobody knows which one holds.
 *
 * @param path without a fault
 */
export function looseReadings(path: string): readonly [string, string] {
  const [read = ''] = decodeURIComponent(path).normalize('NFKC').toLowerCase().split(/[?#]/)
  const segments = read
    .split('/')
    .map((segment) => bare(segment.replace(/;.*$/s, '')))
    .filter((segment) => segment !== '')
  const last = segments.pop() ?? ''
  const folder = segments.map((segment) => `/${segment}`).join('')
  return [`${folder}/${last}`, `${folder}/${bare(last.replace(/(?<=.)\.[^.]*$/s, ''))}`]
}

/** Without the spaces and dots that file systems cut off. By hand: a pattern would look at each run of them again from each of its places. */
function bare(segment: string): string {
  let end = segment.length
  while (end > 0 && (segment[end - 1] === '.' || segment[end - 1] === ' ')) end--
  return segment.slice(0, end).trim()
}
