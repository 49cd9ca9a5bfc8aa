import type { Handler, HttpRequest, Reply } from '@holdfast/protocol/http'
import { appendedWellKnown, insertedWellKnown } from '@holdfast/protocol/metadata'
import { OAuthError } from '@holdfast/protocol/oauth-error'
import { StoreUnavailable } from '@holdfast/store'
import type { AuthorizationServer } from './authorization-server.ts'
import { ClientKeysUnavailable } from './keys/encrypted.ts'
import { tokenError } from './endpoints/answer.ts'
import { type Answer, type Endpoint, METHODS_OF_HTTP, type MethodOfHttp } from './endpoints/endpoint.ts'
import { DISCOVERY, ENDPOINTS } from './endpoints/index.ts'
import { errorPage } from './endpoints/page.ts'
import { ToldFault } from './endpoints/telling.ts'

interface Route {
  readonly endpoint: Endpoint
  readonly page: boolean
}

/** An exact-path map; only interaction pages and assets have something below their path. */
export function route(as: AuthorizationServer, wanted: (endpoint: Endpoint) => boolean = () => true): Handler {
  const base = new URL(as.issuer).pathname.replace(/\/$/, '')
  const exact: Map<string, Route> = new Map()
  const below: [string, Route][] = []
  for (const endpoint of [...ENDPOINTS, ...wellKnown(as.issuer)]) {
    if (endpoint.when?.(as) === false || !wanted(endpoint)) continue
    const found: Route = { endpoint, page: endpoint.page ?? endpoint.cors === 'never' }
    const path = endpoint.path.startsWith('/.well-known') || endpoint.path.includes('/.well-known/') ? endpoint.path : base + endpoint.path
    if (path.endsWith('/*')) below.push([path.slice(0, -1), found])
    else exact.set(path, found)
  }
  const transport = as.origin.startsWith('https:') && !as.development ? TRANSPORT : {}
  return async (request) => {
    const found = exact.get(request.path) ?? below.find(([prefix]) => request.path.startsWith(prefix))?.[1]
    if (found === undefined)
      return {
        status: 404,
        headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...transport },
        body: 'not found',
      }
    const reply = await answered(as, request, found)
    const cors = found.endpoint.cors === 'any' ? CORS : {}
    return { ...reply, headers: { ...reply.headers, ...cors, ...transport } }
  }
}

/** The metadata document in every place where a client may look (MCP-02): inserted and appended, for both names. */
function wellKnown(issuer: string): readonly Endpoint[] {
  const places = new Set([
    insertedWellKnown(issuer, 'oauth-authorization-server'),
    insertedWellKnown(issuer, 'openid-configuration'),
    appendedWellKnown(issuer, 'openid-configuration'),
  ])
  return [...places].map((place) => ({ path: new URL(place).pathname, methods: { GET: DISCOVERY }, cors: 'any', metadata: undefined }))
}

/** FAPI 2.0 §5.2.3: who came once over TLS is not led back to http by the network. `localhost` of a developer is spared. */
const TRANSPORT: Reply['headers'] = { 'strict-transport-security': 'max-age=31536000' }

/** Works without cookies, so any origin may ask (OA-44); what DPoP clients in browsers must read is exposed (DPOP-45). */
const CORS: Reply['headers'] = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'DPoP-Nonce, WWW-Authenticate' }

async function answered(as: AuthorizationServer, request: HttpRequest, { endpoint, page }: Route): Promise<Reply> {
  const { methods } = endpoint
  if (request.method === 'OPTIONS' && endpoint.cors === 'any') {
    const headers = {
      'access-control-allow-methods': Object.keys(methods).join(', '),
      'access-control-allow-headers': 'DPoP, Authorization, Content-Type',
      'access-control-max-age': '600',
    }
    return { status: 204, headers, body: '' }
  }
  const { method } = request
  const answer: Answer | undefined = METHODS_OF_HTTP.some((one) => one === method) ? methods[method as MethodOfHttp] : undefined
  if (answer === undefined)
    return {
      status: 405,
      headers: { allow: Object.keys(methods).join(', '), 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
      body: 'method not allowed',
    }
  try {
    return await answer(as, request)
  } catch (fault) {
    return faulted(as, request, page, fault)
  }
}

/** Caught once, here: an outage is 503 and says so, a bug is 500 and says nothing. */
async function faulted(as: AuthorizationServer, request: HttpRequest, page: boolean, thrown: unknown): Promise<Reply> {
  const fault = thrown instanceof ToldFault ? thrown.cause : thrown
  const outage =
    fault instanceof StoreUnavailable ||
    (fault instanceof Error && (fault.name === 'OutcomeUnknown' || fault.name === 'MemoryFull' || fault.name === 'Overloaded'))
  const unreachable = fault instanceof ClientKeysUnavailable
  as.log.error(
    outage ? 'the store or the memory cannot be used' : unreachable ? 'the keys of a client cannot be fetched' : 'a request failed',
    {
      path: request.path,
      fault: fault instanceof Error ? (fault.stack ?? fault.message) : String(fault),
    },
  )
  const error = outage
    ? new OAuthError('temporarily_unavailable', 'the server cannot store anything at the moment: try again')
    : unreachable
      ? new OAuthError('temporarily_unavailable', 'the answer cannot be encrypted: jwks_uri of the client cannot be fetched')
      : new OAuthError('server_error', 'something went wrong here')
  if (thrown instanceof ToldFault) {
    try {
      return await thrown.reply(error)
    } catch (untold) {
      // What cannot be signed or encrypted is not said in the open instead: a page of ours is the answer.
      as.log.error('a client cannot be told of a fault', { path: request.path, fault: String(untold) })
    }
  }
  if (!page) return tokenError(request, error)
  return errorPage(
    as,
    request,
    error,
    'This does not work at the moment',
    'The fault is on our side, and nothing was lost. Try again in a moment.',
    outage || unreachable ? 503 : 500,
  )
}
