import type { Exchange, LaneId } from '../model.ts'
import type { Scene } from '../scene.ts'
import type { TracedRequest } from '../trace.ts'
import { front, isPage, pageWords } from './visit.ts'

/** A request that others sent each other, and who they are. */
export interface Overheard {
  readonly from: LaneId
  readonly to: LaneId
  readonly traced: TracedRequest
}

/**
 * Who sent what of a page, its backend, the server and the API: by where it arrived, and by what was under way there. A backend asks
 * others while it answers somebody, so a request within another is its receiver's. What is nobody's of them is left out.
 */
export function overhear({ world, sent }: Scene, requests: readonly TracedRequest[]): readonly Overheard[] {
  const lanes = new Map<string, LaneId>()
  for (const [lane, url] of [['server', world.issuer] as const, ['client', world.bff] as const, ['api', world.api] as const])
    if (url !== undefined) lanes.set(new URL(url).origin, lane)
  const laneOf = (one: TracedRequest): LaneId | undefined => lanes.get(new URL(one.request.url).origin)
  return requests
    .filter(({ id }) => !sent.has(id))
    .toSorted((a, b) => a.began - b.began)
    .flatMap((traced): readonly Overheard[] => {
      const to = laneOf(traced)
      const within = requests.filter(({ began, n }) => began < traced.began && n > traced.n).toSorted((a, b) => b.began - a.began)[0]
      const asker = within === undefined ? undefined : laneOf(within)
      if (to === 'client' && traced.request.url.endsWith('/backchannel-logout')) return [{ from: 'server', to, traced }]
      if (to === undefined || to === asker || isForEverybody(traced)) return []
      if (asker !== undefined && !isOfBrowser(traced)) return [{ from: asker, to, traced }]
      return to === 'api' || (to === 'server' ? !isPage(traced) : isDecoration(traced)) ? [] : [{ from: 'browser', to, traced }]
    })
}

/** Fetch Metadata §2.3: what browsers say of each request, and programs do not. */
function isOfBrowser({ request: { headers } }: TracedRequest): boolean {
  return headers.some(([name]) => name === 'sec-fetch-site')
}

/** Metadata and keys: whoever asks first gets them, and keeps them for the next. They say nothing about this step. */
function isForEverybody({ request: { method, url } }: TracedRequest): boolean {
  return method === 'GET' && /\/(?:\.well-known\/[\w-]+|jwks)$/.test(new URL(url).pathname)
}

/** Styles and scripts: what a page is made of is no part of a flow. */
function isDecoration({ response: { headers } }: TracedRequest): boolean {
  return headers.some(([name, value]) => name.toLowerCase() === 'content-type' && /^text\/(?:css|javascript|plain)/.test(value))
}

/** Shows them as they took place. */
export function showOverheard(scene: Scene, overheard: readonly Overheard[]): void {
  for (const { from, to, traced } of overheard) {
    const { at, took, request, response, findings } = traced
    scene.add({ ...front(scene, at), from, to, ...wordsOf(from, to, traced), request, response, findings, took })
  }
}

type Words = Pick<Exchange, 'title' | 'standard'>
const words = (title: string, standard: string): Words => ({ title, standard })

function wordsOf(from: LaneId, to: LaneId, traced: TracedRequest): Words {
  const { request, response } = traced
  const { pathname, searchParams } = new URL(request.url)
  if (to === 'api') return words('The backend calls the API with a token and a proof', 'RFC 9449 §7.1')
  if (to === 'client') return atBackend(request.method, pathname)
  if (from !== 'browser') return atServer(new URLSearchParams(request.body))
  if (searchParams.has('request_uri')) return words('The browser carries a reference to the request', 'RFC 9126 §4')
  if (searchParams.has('post_logout_redirect_uri'))
    return words('The browser asks to be signed out', 'OpenID Connect RP-Initiated Logout §2')
  return pageWords(request.method, response.status)
}

function atBackend(method: string, path: string): Words {
  const [, last = ''] = /^\/bff\/([a-z-]+)$/.exec(path) ?? []
  if (last === 'logout') return method === 'POST' ? ENDPOINTS['sign-out'] : ENDPOINTS['logout']
  if (Object.hasOwn(ENDPOINTS, last)) return ENDPOINTS[last as keyof typeof ENDPOINTS]
  return path === '/' ? ENDPOINTS['page'] : words('The page calls the API through its backend', 'OAuth for Browser-Based Apps §6.1.3.6')
}

const ENDPOINTS = {
  session: words('The page asks who is signed in', 'OAuth for Browser-Based Apps §6.1.2.1'),
  login: words('The browser goes to the backend to sign in', 'OAuth for Browser-Based Apps §6.1.2.1'),
  callback: words('The browser brings the answer to the backend', 'OAuth 2.1 §4.1.2'),
  'sign-out': words('The page asks to be signed out', 'OAuth for Browser-Based Apps §6.1.2.1'),
  logout: words('The browser goes on, to be signed out at the server too', 'OpenID Connect RP-Initiated Logout §2'),
  'backchannel-logout': words('The server tells the backend that she has signed out', 'OpenID Connect Back-Channel Logout §2.5'),
  page: words('The browser loads the page', 'OAuth for Browser-Based Apps §6.1'),
} satisfies Readonly<Record<string, Words>>

function atServer(form: URLSearchParams): Words {
  if (form.has('response_type')) return words('The backend hands in its request', 'RFC 9126 §2.1')
  if (form.get('grant_type') === 'authorization_code') return words('The backend exchanges the code', 'OAuth 2.1 §4.1.3')
  if (form.get('grant_type') === 'refresh_token') return words('The backend gets a token for this API', 'RFC 8707 §2.2')
  if (form.has('token')) return words('The backend takes its tokens back', 'RFC 7009 §2.1')
  return words('The backend asks who she is', 'OpenID Connect Core §5.3')
}
