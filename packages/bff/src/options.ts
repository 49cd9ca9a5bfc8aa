import type { Clock, Seconds } from '@holdfast/protocol/time'
import type { Store } from '@holdfast/store'
import type { BffRecords } from './records.ts'

/** One backend for one web application: one origin, one client of one authorization server. */
export interface BffOptions {
  /** The origin that browsers have in their address bar, such as `https://shop.example`: never taken from `Host`. */
  readonly publicUrl: string
  /** The authorization server's issuer, exactly as its metadata has it. */
  readonly issuer: string
  readonly client: BffClient
  /** What is asked for at sign-in. It has `openid`. @default openid */
  readonly scope?: string
  /** Secrets of at least 32 bytes that cookies and stored tokens are encrypted under: the first for new ones, the others are still read. */
  readonly secrets: readonly [BffSecret, ...BffSecret[]]
  /** Where sessions are: an opened store with `bffKinds`, or `cookie` for a deployment without one. @default in this process */
  readonly sessions?: Store<BffRecords> | 'cookie'
  readonly lifetime?: SessionLifetime
  /** What pages may call, and where it is. First match by longest path wins. */
  readonly apis?: readonly ApiRoute[]
  /** Where the endpoints are: `/bff/login`, `/bff/callback`, `/bff/session`, `/bff/logout`, `/bff/backchannel-logout`. @default /bff */
  readonly basePath?: string
  /** Where people are after sign-in and sign-out when nothing else was said: a path. @default / */
  readonly home?: string
  readonly cookie?: CookieOptions
  /** Claims of the ID token and userinfo that pages may see at the session endpoint. @default sub, name, preferred_username, picture, email, email_verified, locale */
  readonly claims?: readonly string[]
  /** Requests without PAR, or without DPoP, for an authorization server that lacks them. Each weakens. */
  readonly unsafeWithoutPar?: boolean
  readonly unsafeWithoutDpop?: boolean
  readonly fetch?: typeof fetch
  readonly clock?: Clock
  /** Waits for another process that renews the same session, and before a proof that an API refused is made anew. @default setTimeout */
  readonly sleep?: (milliseconds: number) => Promise<void>
  /** What an operator should hear of: one plain object each, without tokens. @default a line of JSON to stderr */
  readonly onEvent?: (event: BffEvent) => void
}

/** How this backend proves to the authorization server who it is: by a key (RFC 7523), or by a secret where a server has nothing else. */
export type BffClient =
  | { readonly clientId: string; readonly privateJwk: JsonWebKey & { readonly kid?: string } }
  | { readonly clientId: string; readonly unsafeSecret: string }

export interface BffSecret {
  readonly id: string
  readonly value: string
}

export interface SessionLifetime {
  /** Without a request of its browser. @default 1800 */
  readonly idle?: Seconds
  /** After the sign-in, whatever happens. @default 28800 */
  readonly absolute?: Seconds
}

export interface CookieOptions {
  /** Begins with `__Host-` on https. @default __Host-Http-holdfast-bff, and holdfast-bff on http://localhost */
  readonly name?: string
  /** `Lax` where other sites link into pages that need the session at once. @default Strict */
  readonly sameSite?: 'Strict' | 'Lax'
}

/** One API behind the backend (draft-ietf-oauth-browser-based-apps §6.1.3.6): a path here, and a fixed place there. */
export interface ApiRoute {
  /** Such as `/api/orders`: that path, and everything below it. */
  readonly path: string
  /** Such as `https://orders.internal/v1`: takes the place of `path`. Never taken from a request. */
  readonly upstream: string
  /** @default GET, HEAD, POST, PUT, PATCH, DELETE */
  readonly methods?: readonly string[]
  /** The API's identifier: its token is for it alone (RFC 8707). @default the origin of upstream with its path */
  readonly resource?: string
  /** How that token is had: asked of the refresh token, or exchanged for the one of sign-in (RFC 8693). @default resource */
  readonly by?: 'resource' | 'token-exchange'
  /** Scopes of that token. @default what was granted */
  readonly scope?: string
  /** What a request without a session meets: 401, or the API without a token. @default refuse */
  readonly anonymous?: 'refuse' | 'pass'
  /** Until the API's answer must have begun. @default 30 */
  readonly timeout?: Seconds
  /** The most bytes of a request's body. @default 10 MiB */
  readonly mostBytes?: number
  /** Whether WebSockets may be opened there. @default false */
  readonly webSocket?: boolean
  /** Headers of pages that the API gets, beside those that every API may have (`accept`, `content-type`, `if-match`, `idempotency-key`, …). */
  readonly requestHeaders?: readonly string[]
  /** Tells the API the browser's address, in `Forwarded` (RFC 7239): to it all people come from one. @default false */
  readonly forwarded?: boolean
  /** For an upstream of `http://` that is not this machine: whoever listens on that network reads tokens and answers. @default false */
  readonly unsafeHttp?: boolean
  /** Headers of the API's answer that are dropped in any case are `set-cookie` and hop-by-hop ones; with this `set-cookie` stays. @default false */
  readonly unsafeUpstreamCookies?: boolean
}

export interface BffEvent {
  readonly type: string
  readonly [member: string]: unknown
}
