import type { Access, Guard, GuardOptions, Need, Verdict } from '@holdfast/guard'
import type { ClientCertificate, Handler, HttpRequest, Reply } from '@holdfast/protocol/http'

/** The APIs that the list is sent to. Nothing here needs Node: every runtime builds them from this file. */

export const START = 1_800_000_000
export const ISSUER = 'https://as.example'
const OTHER_ISSUER = 'https://second.example'
export const ORIGIN = 'https://api.example'
export const RESOURCE = 'https://api.example/api'
/** Of DPoP nonces, as bytes. */
export const NONCE_SECRET: readonly number[] = Array.from({ length: 32 }, (_, index) => index)

/** What the issuer publishes and knows; with it a runtime needs no network. */
export interface IssuerState {
  readonly keys: readonly object[]
  readonly otherKeys: readonly object[]
  /** Answers of introspection by token: a text is sent as it is, with the content type `text/html`. */
  readonly tokens: Readonly<Record<string, object | string>>
}

type CreateGuard = (options: GuardOptions) => Guard
type Check = (request: HttpRequest) => Promise<Verdict>

function isRevoked(jti: unknown): boolean {
  if (jti === 'fault') throw new Error('the list of what was revoked cannot be read')
  return jti === 'revoked'
}

const INTROSPECTION = { clientId: 'api', clientSecret: 'a secret of the API' }

/** The first segment of a path below `/api` is the API. */
const OPTIONS: Readonly<Record<string, Partial<GuardOptions>>> = {
  accounts: { scopes: ['accounts:read', 'accounts:write'] },
  nonce: { nonceSecret: Uint8Array.from(NONCE_SECRET) },
  dpop: { dpopRequired: true, resource: 'https://api.example/dpop', metadataAtRoot: true },
  bound: { bindingRequired: true, certificateBoundTokens: true, resource: 'https://api.example/bound' },
  narrow: { tokenAlgorithms: ['ES256'], dpopAlgorithms: ['ES256'] },
  public: { publicUrl: ['https://public.example', 'https://mtls.public.example'] },
  opaque: { introspection: INTROSPECTION },
  asked: { introspection: { ...INTROSPECTION, tokens: 'all' } },
  away: { jwksUri: 'https://nowhere.example/jwks' },
  several: { issuer: [ISSUER, OTHER_ISSUER] },
  tree: { scopeImplies: { everything: ['accounts'], accounts: ['accounts:read'] } },
  listed: { realm: 'accounts', revoked: ({ claims }) => isRevoked(claims['jti']) },
  behind: { publicPath: '/v1' },
  mute: { introspection: { ...INTROSPECTION, endpoint: 'https://nowhere.example/introspect' } },
}

/** What routes below an API need; the others need a good token and nothing else. */
const NEEDS: Readonly<Record<string, Need>> = {
  '/api/accounts/read': { scopes: ['accounts:read'] },
  '/api/accounts/write': { scopes: ['accounts:write'] },
  '/api/accounts/both': { scopes: ['accounts:read', 'accounts:write'] },
  '/api/accounts/mfa': { acr: ['urn:x:mfa', 'urn:x:hw'] },
  '/api/accounts/recent': { maxAge: 300 },
  '/api/accounts/now': { maxAge: 0 },
  '/api/accounts/pay': { acr: ['urn:x:mfa'], maxAge: 300, scopes: ['accounts:write'] },
  '/api/accounts/transfer': {
    details: (granted) => granted.some((one) => one.type === 'transfer' && (one['most'] as number) >= 100),
  },
  '/api/tree/read': { scopes: ['accounts:read'] },
  '/api/tree/any': { anyScope: ['accounts:read', 'accounts:write'] },
  '/api/opaque/mfa': { acr: ['urn:x:mfa'] },
  '/api/opaque/write': { scopes: ['accounts:write'] },
}

export interface Apis {
  /** In front of everything below `/api`. */
  readonly check: Check
  /** Answers everything else: the metadata of the APIs (RFC 9728 §3). */
  readonly handler: Handler
}

/** @param createGuard that of the runtime */
export function openApis(createGuard: CreateGuard, issuer: IssuerState): Apis {
  // A memory that began long before the first request knows all proofs of the last minute; that of `young` does not.
  const clock = { time: START - 1000, now: () => clock.time }
  const open = (options: Partial<GuardOptions> = {}): Guard =>
    createGuard({ issuer: ISSUER, resource: RESOURCE, clock, fetch: issuerFetch(issuer), ...options })
  const guards = new Map(Object.entries(OPTIONS).map(([name, options]) => [name, open(options)]))
  clock.time = START
  guards.set('young', open())
  return {
    check(request) {
      const guard = guards.get(request.path.split('/')[2] ?? '')
      if (guard === undefined) throw new Error(`no API has the path ${request.path}`)
      return guard.check(request, NEEDS[request.path])
    },
    handler: (request) => Promise.resolve(metadataOf([...guards.values()], request)),
  }
}

function metadataOf(guards: readonly Guard[], request: HttpRequest): Reply {
  for (const guard of guards) {
    const reply = guard.metadata(request)
    if (reply !== undefined) return reply
  }
  return { status: 404, headers: { 'content-type': 'application/json' }, body: '{"error":"not_found"}' }
}

/** What a protected route answers: what it was told of its caller. Frameworks name the type of a text in their own way, so here it is told. */
export function routeBody(method: string, access: Access): string {
  const { claims: _claims, ...told } = access
  return JSON.stringify({ method, ...told })
}
export const ROUTE_TYPE = 'application/json; charset=utf-8'

export function routeResponse(request: Request, access: Access): Response {
  const body = routeBody(request.method, access)
  const length = String(new TextEncoder().encode(body).length)
  return new Response(request.method === 'HEAD' ? null : body, { headers: { 'content-type': ROUTE_TYPE, 'content-length': length } })
}

/** What a platform that ends mutual TLS tells a `fetch` function, here from `Client-Cert` (RFC 9440), as the mounts on Node read it. */
export function platformCertificate(request: Request): ClientCertificate | undefined {
  const [, text] = /^:([\w+/=]+):$/.exec(request.headers.get('client-cert') ?? '') ?? []
  if (text === undefined) return undefined
  const der = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  return der[0] === 0x30 ? { der, authorized: false } : undefined
}

function issuerFetch({ keys, otherKeys, tokens }: IssuerState): typeof fetch {
  const answer = (url: string, body: string): Response => {
    if (url === `${ISSUER}/jwks`) return Response.json({ keys })
    if (url === `${OTHER_ISSUER}/jwks`) return Response.json({ keys: otherKeys })
    if (url === `${OTHER_ISSUER}/.well-known/oauth-authorization-server`)
      return Response.json({ issuer: OTHER_ISSUER, jwks_uri: `${OTHER_ISSUER}/jwks` })
    if (url === `${ISSUER}/.well-known/oauth-authorization-server`)
      return Response.json({ issuer: ISSUER, jwks_uri: `${ISSUER}/jwks`, introspection_endpoint: `${ISSUER}/introspect` })
    if (url !== `${ISSUER}/introspect`) throw new TypeError(`${url} does not answer`)
    const known = tokens[new URLSearchParams(body).get('token') ?? ''] ?? { active: false }
    return typeof known === 'string' ? new Response(known, { headers: { 'content-type': 'text/html' } }) : Response.json(known)
  }
  return (async (url: string, init?: RequestInit) => answer(url, typeof init?.body === 'string' ? init.body : '')) as typeof fetch
}
