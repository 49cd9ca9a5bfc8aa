import type { ApiRoute } from '../options.ts'
import { isForbiddenRequestHeader } from './page-headers.ts'

/** One API as the proxy uses it: everything that can be wrong with it was found at the start. */
export interface Route {
  readonly api: ApiRoute
  readonly path: string
  /** Where requests go, and nowhere else (BFF-40). */
  readonly origin: string
  /** The upstream's path, without a slash at its end: empty for the root. */
  readonly base: string
  readonly methods: ReadonlySet<string>
  readonly requestHeaders: readonly Lowercase<string>[]
  readonly milliseconds: number
  readonly mostBytes: number
}

/** The longest path first. */
export type RouteTable = readonly Route[]

/** A name that is misspelt would leave its rule out without a word. */
const OPTIONS: ReadonlySet<string> = new Set<keyof ApiRoute>([
  'anonymous',
  'by',
  'forwarded',
  'methods',
  'mostBytes',
  'path',
  'requestHeaders',
  'resource',
  'scope',
  'timeout',
  'unsafeHttp',
  'unsafeUpstreamCookies',
  'upstream',
  'webSocket',
])
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']
/** These show or open what is behind a proxy; `fetch` sends none of them either. */
const NEVER: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK'])
const METHOD = /^[A-Z][A-Z-]*$/
const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/
/** Segments that no decoder reads as anything else. */
const PATH = /^(?:\/[A-Za-z0-9._~-]+)+$/
const DOTS = /\/\.{1,2}(?:\/|$)/
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/
const MEBIBYTES = 1024 * 1024
/** As long as Node's `fetch` waits for an answer. */
const LONGEST_TIMEOUT = 300

/** @throws {TypeError} names the option and its rule */
export function compileRoutes(apis: readonly ApiRoute[]): RouteTable {
  const routes = apis.map((api, i) => compile(api, `apis[${i}]`))
  routes.forEach(({ path }, i) => {
    const first = routes.findIndex((other) => other.path === path)
    if (first < i) throw new TypeError(`apis[${i}].path: ${path} is that of apis[${first}] too`)
  })
  return routes.sort((a, b) => b.path.length - a.path.length)
}

/** The route of a path as it came: whole segments, nothing decoded. What a decoder would make one of ours is not ours (BFF-40). */
export function matchRoute(table: RouteTable, path: string): { readonly route: Route; readonly rest: string } | undefined {
  const route = table.find((one) => path.startsWith(one.path) && (path.length === one.path.length || path[one.path.length] === '/'))
  return route === undefined ? undefined : { route, rest: path.slice(route.path.length) }
}

function compile(api: ApiRoute, at: string): Route {
  const check = (good: boolean, option: keyof ApiRoute, rule: string): void => {
    if (!good) throw new TypeError(`${at}.${option}: ${JSON.stringify(api[option])} ${rule}`)
  }
  const unknown = Object.keys(api).find((name) => !OPTIONS.has(name))
  if (unknown !== undefined) throw new TypeError(`${at}.${unknown}: is no option`)
  check(
    PATH.test(api.path) && !DOTS.test(api.path),
    'path',
    'must be segments of A-Z a-z 0-9 . _ ~ -, such as /api/orders, without a slash at its end',
  )
  const upstream = URL.parse(api.upstream)
  check(upstream !== null && /^https?:$/.test(upstream.protocol), 'upstream', 'must be an absolute URL of https')
  const { origin, pathname, protocol, hostname, username, password, search, hash } = upstream as URL
  check(username === '' && password === '', 'upstream', 'must not have a user or a password')
  check(search === '' && hash === '' && !/[?#]/.test(api.upstream), 'upstream', 'must not have a query or a fragment')
  const base = pathname === '/' ? '' : pathname
  check(base === '' || PATH.test(base), 'upstream', 'must have a path like that of path, without a slash at its end')
  check(
    api.upstream.replace(/\/$/, '') === origin + base || api.upstream === origin + base,
    'upstream',
    `must be written as ${origin}${base}`,
  )
  check(
    protocol === 'https:' || LOOPBACK.test(hostname) || api.unsafeHttp === true,
    'upstream',
    'must be https, or on this machine, or unsafeHttp',
  )
  const methods = api.methods ?? METHODS
  check(methods.length > 0 && methods.every((method) => METHOD.test(method)), 'methods', 'must be names such as GET')
  check(!methods.some((method) => NEVER.has(method)), 'methods', 'must not have CONNECT, TRACE or TRACK')
  check(!methods.includes('HEAD') || methods.includes('GET'), 'methods', 'must have GET with HEAD, which comes as GET')
  const headers = (api.requestHeaders ?? []).map((name) => name.toLowerCase() as Lowercase<string>)
  check(
    headers.every((name) => NAME.test(name)),
    'requestHeaders',
    'must be names of headers',
  )
  const forbidden = headers.find(isForbiddenRequestHeader)
  check(forbidden === undefined, 'requestHeaders', `must not have ${forbidden}, which is not the page's to say`)
  const { timeout = 30, mostBytes = 10 * MEBIBYTES } = api
  check(timeout > 0 && timeout <= LONGEST_TIMEOUT, 'timeout', `must be more than 0 and at most ${LONGEST_TIMEOUT} seconds`)
  check(Number.isSafeInteger(mostBytes) && mostBytes >= 0, 'mostBytes', 'must be a number of bytes')
  return { api, path: api.path, origin, base, methods: new Set(methods), requestHeaders: headers, milliseconds: timeout * 1000, mostBytes }
}
