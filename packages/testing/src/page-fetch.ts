import { toFetch } from '@holdfast/mount/fetch'
import type { CookieJar } from './cookies.ts'
import type { Line } from './exchange.ts'
import { refererLine, secFetchSite, siteOf } from './fetch-metadata.ts'
import type { Internet } from './internet.ts'
import type { Page } from './page.ts'

/** Where a script's request comes from. */
export interface Script {
  readonly internet: Internet
  readonly page: Page
  readonly cookies: CookieJar
  readonly from: string
}

const SIMPLE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST'])
const SIMPLE_HEADERS: ReadonlySet<string> = new Set(['accept', 'accept-language', 'content-language'])
const SIMPLE_TYPE = /^(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\s*(;|$)/i

/** `fetch` of a script (Fetch §4), without redirects: one is answered as it came. */
export async function fetchFrom(script: Script, input: string | URL, init: RequestInit): Promise<Response> {
  const { internet, page, cookies, from } = script
  const url = new URL(input, page.url)
  const request = new Request(url, init)
  const crossOrigin = url.origin !== page.url.origin
  if (crossOrigin && init.mode === 'same-origin')
    throw new TypeError('fetch failed', { cause: new Error(`${url.origin} is another origin`) })
  const withCookies = init.credentials === 'include' || (init.credentials !== 'omit' && !crossOrigin)
  const own = [...request.headers].filter(([name]) => !name.startsWith('sec-') && name !== 'cookie' && name !== 'origin')
  const metadata: Line[] = [
    ['Host', url.host],
    ...refererLine(page.initiator, url),
    ['Sec-Fetch-Site', secFetchSite(page.url, [url])],
    ['Sec-Fetch-Mode', init.mode ?? 'cors'],
    ['Sec-Fetch-Dest', 'empty'],
  ]
  const origin: readonly Line[] = crossOrigin || !['GET', 'HEAD'].includes(request.method) ? [['Origin', page.url.origin]] : []
  if (crossOrigin)
    await preflight(
      script,
      url,
      request.method,
      own.map(([name, value]): Line => [name, value]),
      [...metadata, ...origin],
      withCookies,
    )
  const body = new Uint8Array(await request.arrayBuffer())
  const headers: Line[] = [...metadata, ...origin, ...own]
  if (body.byteLength > 0) headers.push(['Content-Length', String(body.byteLength)])
  const cookie = withCookies ? cookies.header(url, { sameSite: siteOf(page.url) === siteOf(url), safeNavigation: false }) : undefined
  if (cookie !== undefined) headers.push(['Cookie', cookie])
  const reply = await internet.send(url.href, { method: request.method, headers, body, from })
  const response = await toFetch(() => Promise.resolve(reply))(new Request(url, { method: request.method === 'HEAD' ? 'HEAD' : 'GET' }))
  // The cookies of a response count even where the script may not read it.
  if (withCookies) for (const line of response.headers.getSetCookie()) cookies.set(url.href, line)
  response.headers.delete('set-cookie')
  if (crossOrigin) checkSharing(response.headers, page.url.origin, withCookies)
  return Object.defineProperty(response, 'url', { value: url.href })
}

/** Fetch §4.8: asks first for a method or a header that a form could not send. */
async function preflight(
  script: Script,
  url: URL,
  method: string,
  own: readonly Line[],
  metadata: readonly Line[],
  withCookies: boolean,
): Promise<void> {
  const unusual = own
    .filter(([name, value]) => !SIMPLE_HEADERS.has(name) && !(name === 'content-type' && SIMPLE_TYPE.test(value)))
    .map(([name]) => name)
  if (SIMPLE_METHODS.has(method) && unusual.length === 0) return
  const asked: Line[] = [
    ['Access-Control-Request-Method', method],
    ...(unusual.length > 0 ? [['Access-Control-Request-Headers', unusual.join(',')] as const] : []),
  ]
  const reply = await script.internet.send(url.href, { method: 'OPTIONS', headers: [...metadata, ...asked], from: script.from })
  const headers = (await toFetch(() => Promise.resolve(reply))(new Request(url))).headers
  const denied = (what: string): TypeError =>
    new TypeError('fetch failed', { cause: new Error(`the preflight of ${url.href} does not allow ${what}`) })
  if (reply.status < 200 || reply.status > 299) throw denied(`anything: it is ${reply.status}`)
  checkSharing(headers, script.page.url.origin, withCookies)
  const listed = (name: string): readonly string[] => (headers.get(name) ?? '').split(',').map((one) => one.trim().toLowerCase())
  const allows = (list: readonly string[], one: string): boolean =>
    list.includes(one.toLowerCase()) || (!withCookies && list.includes('*') && one !== 'authorization')
  if (!SIMPLE_METHODS.has(method) && !allows(listed('access-control-allow-methods'), method)) throw denied(method)
  const refused = unusual.find((name) => !allows(listed('access-control-allow-headers'), name))
  if (refused !== undefined) throw denied(refused)
}

/** Fetch §4.10, the CORS check. */
function checkSharing(headers: Headers, origin: string, withCookies: boolean): void {
  const allowed = headers.get('access-control-allow-origin')
  const shared = withCookies
    ? allowed === origin && headers.get('access-control-allow-credentials') === 'true'
    : allowed === '*' || allowed === origin
  if (!shared)
    throw new TypeError('fetch failed', { cause: new Error(`CORS: access-control-allow-origin is ${allowed ?? 'absent'} for ${origin}`) })
}
